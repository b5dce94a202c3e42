"""The front door: routers, guard, health, and a lifespan that refuses a stale schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from mangping import web
from mangping.webhooks import routes as webhooks
from sqlalchemy import text

from mangping_fees.auth import POLICIES, SIGNED, guard
from mangping_fees.handlers import books, callbacks, my_notices, notices, refunds
from mangping_fees.settings import Settings
from mangping_fees.wiring import Context

_DESCRIPTION = """Non-tax payment notices (非税收入缴款通知书) of professional-title review, from issue to receipt.

All amounts are whole fen. Whatever fails answers `application/problem+json` with a stable `code`."""


def build(settings: Settings | None = None, *, context: Context | None = None) -> FastAPI:
    """The app. Without settings it can only describe itself (openapi)."""
    held: dict[str, Context] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        assert settings is not None
        opened = context or Context.open(settings, name="mangping-fees")
        try:
            await opened.check_schema()
            held["context"] = app.state.context = opened
            yield
        finally:
            await opened.close()

    async def postgres() -> None:
        async with held["context"].db.connect() as connection:
            await connection.execute(text("select 1"))

    app = web.build(
        title="mangping fees", version="1", description=_DESCRIPTION, guard=guard, lifespan=lifespan,
        routers=[notices.router, my_notices.router, refunds.router, books.router, callbacks.router, webhooks.router],
        checks={"postgres": postgres, "schema": lambda: held["context"].check_schema()},
        max_body=settings.max_statement_bytes if settings else 1,
    )  # fmt: skip
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: each operation with the scope that POLICIES asks for."""
    return web.described(app, scopes=POLICIES, no_token=SIGNED)
