"""`python -m deploy.simulators.sms`: everything from the environment, ready when it says so on its first line.

SMS_FOLDER         where messages are kept (one SQLite file: what was accepted survives a kill)
SMS_HTTP           host:port
SMS_SENDERS        JSON list of who hands messages over: [{"token", "report_url", "report_token"}, …]

A sender shows its token: POST / {"key", "channel", "to", "text"} -> 202 {"id"}, 422 for a dead address. Reports go to its
`report_url` (none when empty) with `report_token` as a bearer token: POST {"key", "status": "delivered" | "failed", "at",
"code"}. GET / shows the inbox. /control/switches (GET, PUT) and /control/messages need the first sender's token.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import sqlite3
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.simulators.bank.pages import HEADERS
from deploy.simulators.serving import until_ended

_SCHEMA = """
create table if not exists messages (
    key text primary key, id text not null, channel text not null, address text not null, text text not null,
    accepted_at text not null, due real not null, status text not null, reported integer not null default 0,
    sender integer not null default 0);
create table if not exists settings (name text primary key, value text not null);
"""
_STYLE = """:root{color-scheme:light dark}body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;
max-width:34rem;margin:0 auto;padding:1.5rem 1rem}li{list-style:none;border:1px solid #8886;border-radius:12px;
padding:.8rem 1rem;margin:.7rem 0;overflow-wrap:anywhere}ul{padding:0}small{opacity:.75}"""


class Switches(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    delay_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 0  # before the report
    undeliverable: bool = False  # accepted, then reported as failed
    refuse: bool = False  # 422: no such number
    silent: bool = False  # accepted, never reported
    drop_answers: Annotated[int, Field(ge=0, le=1000)] = 0  # so many are accepted, and answered 503


class Sender(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    token: str
    report_url: str = ""
    report_token: str = ""


SENDERS: TypeAdapter[tuple[Sender, ...]] = TypeAdapter(tuple[Sender, ...])


class Handed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: uuid.UUID
    channel: Literal["sms", "email"]
    to: Annotated[str, Field(min_length=3, max_length=254)]
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class Messages:
    """The provider's memory."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "sms.sqlite3", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.executescript(_SCHEMA)

    def switches(self) -> Switches:
        row = self._db.execute("select value from settings where name = 'switches'").fetchone()
        return Switches.model_validate_json(row[0] if row else "{}")

    def set_switches(self, switches: Switches) -> None:
        self._db.execute("insert or replace into settings values ('switches', ?)", (switches.model_dump_json(),))

    def accept(self, handed: Handed, sender: int) -> str:
        """The provider's id; the same one when this key was accepted before. `sender` is who handed it over."""
        s = self.switches()
        status = "silent" if s.silent else "failed" if s.undeliverable else "delivered"
        self._db.execute(
            "insert or ignore into messages (key, id, channel, address, text, accepted_at, due, status, sender) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                str(handed.key), uuid.uuid4().hex, handed.channel, handed.to, handed.text,
                datetime.now(UTC).isoformat(), time.time() + s.delay_ms / 1000, status, sender,
            ),
        )  # fmt: skip
        return str(self._db.execute("select id from messages where key = ?", (str(handed.key),)).fetchone()[0])

    def all(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._db.execute("select * from messages order by rowid desc limit 500")]

    def unreported(self) -> list[dict[str, Any]]:
        found = self._db.execute(
            "select * from messages where reported = 0 and status <> 'silent' and due <= ? order by due limit 32",
            (time.time(),),
        )
        return [dict(row) for row in found]

    def reported(self, key: str) -> None:
        self._db.execute("update messages set reported = 1 where key = ?", (key,))

    def later(self, key: str) -> None:
        self._db.execute("update messages set due = ? where key = ?", (time.time() + 0.5, key))


def build(messages: Messages, senders: Sequence[Sender]) -> Starlette:
    token = senders[0].token

    async def hand_over(request: Request) -> Response:
        shown = request.headers.get("authorization", "").encode()
        known = [hmac.compare_digest(shown, f"Bearer {sender.token}".encode()) for sender in senders]
        if not any(known):
            return JSONResponse({"code": "no_token"}, 401)
        try:
            handed = Handed.model_validate_json(await request.body())
        except ValidationError:
            return JSONResponse({"code": "unreadable"}, 400)
        switches = messages.switches()
        if switches.refuse:
            return JSONResponse({"code": "no_such_address"}, 422)
        number = messages.accept(handed, known.index(True))
        if switches.drop_answers:
            messages.set_switches(switches.model_copy(update={"drop_answers": switches.drop_answers - 1}))
            return JSONResponse({"code": "lost"}, 503)
        return JSONResponse({"id": number}, 202)

    async def inbox(_: Request) -> Response:
        shown = "".join(
            f"<li><small>{'短信' if one['channel'] == 'sms' else '邮件'} → {escape(one['address'])} · "
            f"{escape(one['accepted_at'][:19])}Z</small><br>{escape(one['text'])}</li>"
            for one in messages.all()
        )
        return HTMLResponse(
            f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>模拟短信与邮件</title><style>{_STYLE}</style>'
            f"<h1>模拟短信与邮件</h1><ul>{shown or '<li>暂无消息</li>'}</ul></html>",
            headers=HEADERS,
        )

    async def switches(request: Request) -> Response:
        if request.method == "PUT":
            messages.set_switches(Switches.model_validate_json(await request.body()))
        return JSONResponse(messages.switches().model_dump())

    async def sent(_: Request) -> Response:
        return JSONResponse(messages.all())

    return Starlette(routes=[
        Route("/", hand_over, methods=["POST"]),
        Route("/", inbox),
        Route("/control/switches", _guarded(switches, token), methods=["GET", "PUT"]),
        Route("/control/messages", _guarded(sent, token)),
    ])  # fmt: skip


def _guarded(act: Callable[[Request], Awaitable[Response]], token: str) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
            return JSONResponse({"code": "no_token"}, 401)
        try:
            return await act(request)
        except ValidationError:
            return JSONResponse({"code": "unreadable"}, 400)

    return guarded


async def report(messages: Messages, senders: Sequence[Sender]) -> None:
    """For ever: tell each sender what became of its messages, again until it is taken."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
        while True:
            for one in messages.unreported():
                sender = senders[one["sender"]]
                told = {"key": one["key"], "status": one["status"], "at": datetime.now(UTC).isoformat()}
                if one["status"] == "failed":
                    told["code"] = "not_reached"
                headers = {"Authorization": f"Bearer {sender.report_token}"}
                with contextlib.suppress(httpx.HTTPError):
                    if (
                        not sender.report_url
                        or (await http.post(sender.report_url, json=told, headers=headers)).is_success
                    ):
                        messages.reported(one["key"])
                        continue
                messages.later(one["key"])
            await asyncio.sleep(0.05)


async def run(env: Mapping[str, str]) -> None:
    messages, senders = Messages(Path(env["SMS_FOLDER"])), SENDERS.validate_json(env["SMS_SENDERS"])
    app, http = build(messages, senders), env["SMS_HTTP"]
    await until_ended(app, http, f"http://{http}", report(messages, senders))


if __name__ == "__main__":
    asyncio.run(run(os.environ))
