"""`python -m deploy.simulators.mail`: everything from the environment, ready when it says so on its first line.

MAIL_FOLDER   where mails are kept (one SQLite file: what was accepted survives a kill)
MAIL_SMTP     host:port where mail is taken, without TLS, from loopback
MAIL_HTTP     host:port of the page
MAIL_TOKEN    what the control interface asks for

GET / shows the mails. /control/switches (GET, PUT) and /control/messages need the token.
A mail that comes again under its Message-ID is counted, not kept twice.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import escape
from pathlib import Path
from typing import Annotated, Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.simulators.bank.pages import HEADERS
from deploy.simulators.serving import address, until_ended

_SCHEMA = """
create table if not exists messages (
    message_id text primary key, sender text not null, address text not null, title text not null, text text not null,
    accepted_at text not null, times integer not null default 1);
create table if not exists settings (name text primary key, value text not null);
"""
_STYLE = """:root{color-scheme:light dark}body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;
max-width:34rem;margin:0 auto;padding:1.5rem 1rem}li{list-style:none;border:1px solid #8886;border-radius:12px;
padding:.8rem 1rem;margin:.7rem 0;overflow-wrap:anywhere}ul{padding:0}small{opacity:.75}"""


class Switches(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    refuse: bool = False  # 550: no such mailbox
    busy: bool = False  # 451: come again
    drop_answers: Annotated[int, Field(ge=0, le=1000)] = 0  # so many are kept, and then the line is cut


class Mails:
    """What was taken, and how the server behaves."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "mail.sqlite3", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.executescript(_SCHEMA)

    def switches(self) -> Switches:
        row = self._db.execute("select value from settings where name = 'switches'").fetchone()
        return Switches.model_validate_json(row[0] if row else "{}")

    def set_switches(self, switches: Switches) -> None:
        self._db.execute("insert or replace into settings values ('switches', ?)", (switches.model_dump_json(),))

    def take(self, sender: str, to: str, content: bytes) -> None:
        mail = message_from_bytes(content, policy=policy.default)
        body = mail.get_body(("plain",))
        self._db.execute(
            "insert into messages (message_id, sender, address, title, text, accepted_at) values (?, ?, ?, ?, ?, ?) "
            "on conflict (message_id) do update set times = times + 1",
            (
                str(mail["Message-ID"]), sender, to, str(mail["Subject"]),
                str(body.get_content()).strip() if body else "", datetime.now(UTC).isoformat(),
            ),
        )  # fmt: skip

    def all(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._db.execute("select * from messages order by rowid desc limit 500")]


class Door:
    """What aiosmtpd asks at each command."""

    def __init__(self, mails: Mails) -> None:
        self._mails = mails

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        switches = self._mails.switches()
        if switches.refuse:
            return "550 no such mailbox"
        if switches.busy:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self._mails.take(envelope.mail_from or "", ", ".join(envelope.rcpt_tos), content)
        if (switches := self._mails.switches()).drop_answers:
            self._mails.set_switches(switches.model_copy(update={"drop_answers": switches.drop_answers - 1}))
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 taken"


def build(mails: Mails, token: str) -> Starlette:
    async def inbox(_: Request) -> Response:
        shown = "".join(
            f"<li><small>→ {escape(one['address'])} · {escape(one['accepted_at'][:19])}Z</small><br>"
            f"<b>{escape(one['title'])}</b><br>{escape(one['text'])}</li>"
            for one in mails.all()
        )
        return HTMLResponse(
            f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>模拟邮箱</title><style>{_STYLE}</style>'
            f"<h1>模拟邮箱</h1><ul>{shown or '<li>暂无邮件</li>'}</ul></html>",
            headers=HEADERS,
        )

    async def switches(request: Request) -> Response:
        if request.method == "PUT":
            mails.set_switches(Switches.model_validate_json(await request.body()))
        return JSONResponse(mails.switches().model_dump())

    async def sent(_: Request) -> Response:
        return JSONResponse(mails.all())

    return Starlette(routes=[
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


async def take_mail(mails: Mails, host: str, port: int) -> None:
    """For ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Door(mails), enable_SMTPUTF8=True, hostname="localhost"), host, port)
    async with server:
        await server.serve_forever()


async def run(env: Mapping[str, str]) -> None:
    mails = Mails(Path(env["MAIL_FOLDER"]))
    app, http = build(mails, env["MAIL_TOKEN"]), env["MAIL_HTTP"]
    await until_ended(app, http, f"http://{http}", take_mail(mails, *address(env["MAIL_SMTP"])))


if __name__ == "__main__":
    asyncio.run(run(os.environ))
