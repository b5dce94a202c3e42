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
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import escape
from pathlib import Path
from typing import Annotated

from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import BaseModel, ConfigDict, Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.simulators.inbox import Memory, control, page
from deploy.simulators.serving import address, until_ended

_SCHEMA = """
create table if not exists messages (
    message_id text primary key, sender text not null, address text not null, title text not null, text text not null,
    accepted_at text not null, times integer not null default 1);
"""


class Switches(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    refuse: bool = False  # 550: no such mailbox
    busy: bool = False  # 451: come again
    drop_answers: Annotated[int, Field(ge=0, le=1000)] = 0  # so many are kept, and then the line is cut


class Mails(Memory[Switches]):
    """What was taken, and how the server behaves."""

    def take(self, sender: str, to: str, content: bytes) -> None:
        mail = message_from_bytes(content, policy=policy.default)
        body = mail.get_body(("plain",))
        self.db.execute(
            "insert into messages (message_id, sender, address, title, text, accepted_at) values (?, ?, ?, ?, ?, ?) "
            "on conflict (message_id) do update set times = times + 1",
            (
                str(mail["Message-ID"]), sender, to, str(mail["Subject"]),
                str(body.get_content()).strip() if body else "", datetime.now(UTC).isoformat(),
            ),
        )  # fmt: skip


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
        return page("模拟邮箱", "暂无邮件", (
            f"<small>→ {escape(one['address'])} · {escape(one['accepted_at'][:19])}Z</small><br>"
            f"<b>{escape(one['title'])}</b><br>{escape(one['text'])}"
            for one in mails.all()
        ))  # fmt: skip

    return Starlette(routes=[
        Route("/", inbox),
        *control(mails, token),
    ])  # fmt: skip


async def take_mail(mails: Mails, host: str, port: int) -> None:
    """For ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Door(mails), enable_SMTPUTF8=True, hostname="localhost"), host, port)
    async with server:
        await server.serve_forever()


async def run(env: Mapping[str, str]) -> None:
    mails = Mails(Path(env["MAIL_FOLDER"]) / "mail.sqlite3", _SCHEMA, Switches)
    app, http = build(mails, env["MAIL_TOKEN"]), env["MAIL_HTTP"]
    await until_ended(app, http, f"http://{http}", take_mail(mails, *address(env["MAIL_SMTP"])))


if __name__ == "__main__":
    asyncio.run(run(os.environ))
