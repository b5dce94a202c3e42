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
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulators.inbox import Memory, control, page
from deploy.simulators.serving import until_ended

_SCHEMA = """
create table if not exists messages (
    key text primary key, id text not null, channel text not null, address text not null, text text not null,
    accepted_at text not null, due real not null, status text not null, reported integer not null default 0,
    sender integer not null default 0);
"""


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


class Messages(Memory[Switches]):
    """The provider's memory."""

    def accept(self, handed: Handed, sender: int) -> str:
        """The provider's id; the same one when this key was accepted before. `sender` is who handed it over."""
        s = self.switches()
        status = "silent" if s.silent else "failed" if s.undeliverable else "delivered"
        self.db.execute(
            "insert or ignore into messages (key, id, channel, address, text, accepted_at, due, status, sender) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                str(handed.key), uuid.uuid4().hex, handed.channel, handed.to, handed.text,
                datetime.now(UTC).isoformat(), time.time() + s.delay_ms / 1000, status, sender,
            ),
        )  # fmt: skip
        return str(self.db.execute("select id from messages where key = ?", (str(handed.key),)).fetchone()[0])

    def unreported(self) -> list[dict[str, Any]]:
        found = self.db.execute(
            "select * from messages where reported = 0 and status <> 'silent' and due <= ? order by due limit 32",
            (time.time(),),
        )
        return [dict(row) for row in found]

    def reported(self, key: str) -> None:
        self.db.execute("update messages set reported = 1 where key = ?", (key,))

    def later(self, key: str) -> None:
        self.db.execute("update messages set due = ? where key = ?", (time.time() + 0.5, key))


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
        return page("模拟短信与邮件", "暂无消息", (
            f"<small>{'短信' if one['channel'] == 'sms' else '邮件'} → {escape(one['address'])} · "
            f"{escape(one['accepted_at'][:19])}Z</small><br>{escape(one['text'])}"
            for one in messages.all()
        ))  # fmt: skip

    return Starlette(routes=[
        Route("/", hand_over, methods=["POST"]),
        Route("/", inbox),
        *control(messages, token),
    ])  # fmt: skip


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
    messages, senders = (
        Messages(Path(env["SMS_FOLDER"]) / "sms.sqlite3", _SCHEMA, Switches),
        SENDERS.validate_json(env["SMS_SENDERS"]),
    )
    app, http = build(messages, senders), env["SMS_HTTP"]
    await until_ended(app, http, f"http://{http}", report(messages, senders))


if __name__ == "__main__":
    asyncio.run(run(os.environ))
