"""Webhooks of a schema of their own, in a database of their own, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from mangping import db
from mangping.ledger import Ledger
from mangping.vault import Keys
from mangping.webhooks.endpoints import Webhooks
from mangping.webhooks.sender import Sender
from mangping.webhooks.store import Delivery, State, Store
from mangping.webhooks.transport import HttpPost, Outcome, Post
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.conftest import NewEnv

metadata = db.metadata("hooks")
ledger, store = Ledger(metadata), Store(metadata)
CATALOGUE = {"thing.made": "made", "thing.broken": "broken"}
OWNER, OTHER = "client:one", "client:two"


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2024, 9, 10, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **period: float) -> None:
        self.at += timedelta(**period)


@dataclass
class House:
    """`webhooks` is what owners ask of, `sender` what the worker runs."""

    engine: AsyncEngine
    keys: Keys
    clock: Clock = field(default_factory=Clock)

    @property
    def webhooks(self) -> Webhooks:
        return Webhooks(self.engine, self.keys, self.clock, store, ledger, CATALOGUE, local=True)

    def sender(self, post: Post | None = None) -> Sender:
        return Sender(self.engine, self.keys, self.clock, store, ledger, post or HttpPost(local=True, seconds=5))

    async def make(self, type: str = "thing.made", **data: Any) -> int:
        async with self.engine.begin() as tx:
            return await store.owe(tx, type, data, at=self.clock())

    async def deliveries(self, state: State | None = None, endpoint: UUID | None = None) -> list[Delivery]:
        return await self.webhooks.deliveries(OWNER, endpoint=endpoint, state=state, after=None, limit=100)


@dataclass
class Answering:
    """A post that answers at once, without a network."""

    status: int | None = 204
    posted: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, url: str, headers: Any, body: bytes) -> Outcome:
        self.posted.append((url, dict(headers), body))
        return Outcome(self.status, None if self.status else "timeout", 1)


@pytest.fixture(scope="module")
def hooks_env(new_env: NewEnv) -> dict[str, str]:
    return new_env(migrated=False)


@pytest.fixture
async def house(hooks_env: dict[str, str]) -> AsyncIterator[House]:
    """Empty tables each time."""
    engine = db.engine(hooks_env["DATABASE_URL"], name="tests")
    async with engine.begin() as tx:
        await tx.execute(text("drop schema if exists hooks cascade"))
        await tx.execute(text("create schema hooks"))
        await tx.run_sync(metadata.create_all)
    yield House(engine, Keys.parse(hooks_env["VAULT_KEYS"]))
    await engine.dispose()
