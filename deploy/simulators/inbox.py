"""What the simulators of people's telephones and mailboxes share: a memory that survives a kill, switches, a page."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.simulators.bank.pages import HEADERS

S = TypeVar("S", bound=BaseModel)
_SETTINGS = "create table if not exists settings (name text primary key, value text not null);"
_STYLE = """:root{color-scheme:light dark}body{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;
max-width:34rem;margin:0 auto;padding:1.5rem 1rem}li{list-style:none;border:1px solid #8886;border-radius:12px;
padding:.8rem 1rem;margin:.7rem 0;overflow-wrap:anywhere}ul{padding:0}small{opacity:.75}"""


class Memory(Generic[S]):
    """One SQLite file with a table `messages`, as `schema` makes it, and the switches beside it."""

    def __init__(self, file: Path, schema: str, switches: type[S]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._kind = switches
        self.db = sqlite3.connect(file, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("pragma journal_mode = wal")
        self.db.executescript(schema + _SETTINGS)

    def switches(self) -> S:
        row = self.db.execute("select value from settings where name = 'switches'").fetchone()
        return self._kind.model_validate_json(row[0] if row else "{}")

    def set_switches(self, switches: S) -> None:
        self.db.execute("insert or replace into settings values ('switches', ?)", (switches.model_dump_json(),))

    def read_switches(self, told: bytes) -> None:
        """As JSON. ValidationError for what is none of them."""
        self.set_switches(self._kind.model_validate_json(told))

    def all(self) -> list[dict[str, Any]]:
        """Newest first."""
        return [dict(row) for row in self.db.execute("select * from messages order by rowid desc limit 500")]


def control(memory: Memory[Any], token: str) -> list[Route]:
    """/control/switches (GET, PUT) and /control/messages, for who shows the token."""

    async def switches(request: Request) -> Response:
        if request.method == "PUT":
            memory.read_switches(await request.body())
        return JSONResponse(memory.switches().model_dump())

    async def sent(_: Request) -> Response:
        return JSONResponse(memory.all())

    return [
        Route("/control/switches", _guarded(switches, token), methods=["GET", "PUT"]),
        Route("/control/messages", _guarded(sent, token)),
    ]


def page(title: str, nothing: str, items: Iterable[str]) -> Response:
    """`items` are HTML; `nothing` is shown where there are none."""
    shown = "".join(f"<li>{item}</li>" for item in items)
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><ul>{shown or f'<li>{nothing}</li>'}</ul></html>",
        headers=HEADERS,
    )


def _guarded(act: Callable[[Request], Awaitable[Response]], token: str) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
            return JSONResponse({"code": "no_token"}, 401)
        try:
            return await act(request)
        except ValidationError:
            return JSONResponse({"code": "unreadable"}, 400)

    return guarded
