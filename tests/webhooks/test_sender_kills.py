"""A worker that dies between any two steps of a delivery loses none of them, and repeats under the same webhook-id."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from mangping import clock, db
from mangping.faults import VARIABLE
from mangping.vault import Keys
from mangping.webhooks.endpoints import Webhooks
from mangping.webhooks.signature import verify
from mangping.webhooks.store import State

from tests.conftest import ROOT, Env, NewEnv
from tests.webhooks.conftest import CATALOGUE, OWNER, ledger, metadata, store
from tests.webhooks.receiver import Receiver, receiving

STEPS = ("webhook.claimed", "webhook.posted", "webhook.recorded")
# What a service's worker does round after round, with claims of a second.
PROGRAM = """
import asyncio, os
from datetime import timedelta
from mangping import clock, db
from mangping.vault import Keys
from mangping.webhooks.sender import Sender
from mangping.webhooks.transport import HttpPost
from tests.webhooks.conftest import ledger, store

async def main():
    engine = db.engine(os.environ["DATABASE_URL"], name="sender")
    keys, post = Keys.parse(os.environ["VAULT_KEYS"]), HttpPost(local=True)
    sender = Sender(engine, keys, clock.now, store, ledger, post, timedelta(seconds=1))
    while True:
        await sender.sweep()
        await asyncio.sleep(0.05)

asyncio.run(main())
"""


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


async def test_every_step(new_env: NewEnv, receiver: Receiver) -> None:
    env = new_env(migrated=False)
    engine = db.engine(env["DATABASE_URL"], name="tests")
    async with engine.begin() as tx:
        await tx.exec_driver_sql("create schema hooks")
        await tx.run_sync(metadata.create_all)
    webhooks = Webhooks(engine, Keys.parse(env["VAULT_KEYS"]), clock.now, store, ledger, CATALOGUE, local=True)
    _, secret = await webhooks.register(OWNER, None, receiver.url, ["thing.made"])
    made = 0
    for step in STEPS:
        async with engine.begin() as tx:
            for _ in range(3):
                made += await store.owe(tx, "thing.made", {"number": made}, at=clock.now())
        assert await _ended(env, step) == 137, step
    sender = _started(env)
    async with asyncio.timeout(30):
        while await webhooks.deliveries(OWNER, endpoint=None, state=State.OWED, after=None, limit=9):
            await asyncio.sleep(0.05)
    sender.kill()
    sender.wait()
    found = await webhooks.deliveries(OWNER, endpoint=None, state=None, after=None, limit=99)
    await engine.dispose()
    assert [one.state for one in found] == [State.DELIVERED] * 9
    heard = [verify([secret], headers, body, clock.now()).id for headers, body in receiver.heard]
    assert set(heard) == {f"msg_{one.message_id.hex}" for one in found}
    assert len(heard) > len(set(heard)) == made == 9  # one was posted before its record was made: it came twice


async def _ended(env: Env, step: str) -> int:
    sender = _started(env, **{VARIABLE: step})
    return await asyncio.to_thread(sender.wait, 30)


def _started(env: Env, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM], env={**os.environ, **env, **more}, cwd=ROOT)


def test_the_steps_named_here_are_those_of_the_code() -> None:
    text = (ROOT / "shared/mangping/webhooks/sender.py").read_text("utf-8")
    assert [part.split('"')[1] for part in text.split("crash_at(")[1:]] == list(STEPS)
