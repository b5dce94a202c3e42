"""A pooled connection whose server went away is never handed out; one that lives is handed out unasked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from mangping import db
from mangping_api.wiring import Context
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection as Adapted
from sqlalchemy.ext.asyncio import AsyncEngine


@pytest.fixture
async def pool(context: Context) -> AsyncIterator[AsyncEngine]:
    made = db.engine(context.settings.database_url, name="tests", pool_size=3)
    yield made
    await made.dispose()


async def process(pool: AsyncEngine) -> int:
    """The server process behind the connection that is handed out now."""
    async with pool.begin() as tx:
        return int((await tx.execute(text("select pg_backend_pid()"))).scalar_one())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The connections that were asked whether they live."""
    found: list[Any] = []
    ping: Any = Adapted.ping

    def asking(one: Any) -> None:
        found.append(one)
        ping(one)

    monkeypatch.setattr(Adapted, "ping", asking)
    return found


async def test_a_connection_in_use_is_not_asked(pool: AsyncEngine, asked: list[Any]) -> None:
    assert len({await process(pool) for _ in range(5)}) == 1
    assert asked == []


async def test_one_that_the_server_hung_up_is_replaced_unasked(
    context: Context, pool: AsyncEngine, asked: list[Any]
) -> None:
    dead = await process(pool)
    async with context.db.begin() as tx:
        assert (await tx.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": dead})).scalar_one() is True
    await asyncio.sleep(0.1)
    assert await process(pool) != dead
    assert asked == []


async def test_one_that_rested_is_asked_and_replaced_when_it_is_silent(
    pool: AsyncEngine, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_RESTED", -1.0)
    first = await process(pool)
    assert await process(pool) == first
    assert len(asked) == 1

    def silent(_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as gone:
        gone.setattr(Adapted, "ping", silent)
        assert await process(pool) != first
