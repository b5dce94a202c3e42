"""Outbox, inbox, idempotency keys and audit chain on the real Postgres."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mangping.contracts import ScanRedacted
from mangping_api.tables import ledger
from mangping_api.wiring import Context
from sqlalchemy import delete, update

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SOON, LATER = NOW + timedelta(seconds=15), NOW + timedelta(seconds=16)


async def owe(context: Context, count: int, *, not_before: datetime = NOW) -> list[str]:
    messages = {uuid4(): ScanRedacted(job_id=uuid4(), manifest=uuid4()) for _ in range(count)}
    async with context.db.begin() as tx:
        await ledger.post(tx, messages, at=NOW, not_before=not_before)
    return [str(id) for id in messages]


async def claim(context: Context, at: datetime = NOW, limit: int = 100) -> list[str]:
    async with context.db.begin() as tx:
        return [
            str(message.message_id) for message in await ledger.claim(tx, limit=limit, at=at, until=at + (SOON - NOW))
        ]


@pytest.fixture(autouse=True)
async def empty(context: Context) -> None:
    async with context.db.begin() as tx:
        for table in (ledger.outbox, ledger.audit, ledger.inbox, ledger.keys):
            await tx.execute(delete(table))


async def test_owed_messages_are_claimed_once_in_order_and_again_when_not_settled(context: Context) -> None:
    owed = await owe(context, 3)
    assert await claim(context) == owed
    assert await claim(context) == []
    async with context.db.begin() as tx:
        await ledger.settle(tx, [owed[1]])  # type: ignore[list-item]
    assert await claim(context, at=LATER) == [owed[0], owed[2]]


async def test_two_relays_never_claim_the_same(context: Context) -> None:
    owed = await owe(context, 100)
    taken = await asyncio.gather(*(claim(context, limit=10) for _ in range(10)))
    assert sorted(id for part in taken for id in part) == sorted(owed)


async def test_a_message_for_later_waits(context: Context) -> None:
    owed = await owe(context, 1, not_before=LATER)
    assert [await claim(context), await claim(context, at=LATER)] == [[], owed]


async def test_the_inbox_takes_a_message_of_a_source_once(context: Context) -> None:
    async def receive(source: str) -> bool:
        async with context.db.begin() as tx:
            return await ledger.receive(tx, source, "m1", at=NOW)

    assert sorted(await asyncio.gather(*(receive("a") for _ in range(5)))) == [False] * 4 + [True]
    assert await receive("b") is True


async def test_a_rolled_back_receipt_never_was(context: Context) -> None:
    async with context.db.connect() as tx:
        await ledger.receive(tx, "a", "m2", at=NOW)
        await tx.rollback()
    async with context.db.begin() as tx:
        assert await ledger.receive(tx, "a", "m2", at=NOW) is True


async def test_an_idempotency_key_keeps_its_answer_as_it_was(context: Context) -> None:
    async with context.db.begin() as tx:
        assert await ledger.take_key(tx, "me", "k", "digest", at=NOW) is None
        await ledger.keep(tx, "me", "k", status=202, body={"z": 1, "a": [2]})
    async with context.db.begin() as tx:
        kept = await ledger.take_key(tx, "me", "k", "other", at=NOW)
        assert kept is not None
        assert (kept.digest, kept.status, list(kept.body.items())) == ("digest", 202, [("z", 1), ("a", [2])])
        assert await ledger.take_key(tx, "you", "k", "digest", at=NOW) is None
        assert await ledger.forget_keys(tx, before=LATER) == 2


async def write_chain(context: Context, count: int) -> None:
    for number in range(count):
        async with context.db.begin() as tx:
            await ledger.record(tx, "s", "happened", actor="me", at=NOW, facts={"n": number, "说明": "无"})


async def test_a_chain_written_side_by_side_is_whole(context: Context) -> None:
    await asyncio.gather(*(write_chain(context, 5) for _ in range(4)))
    async with context.db.begin() as tx:
        assert await ledger.verify(tx, "s") is None
        assert await ledger.streams(tx) == ["s"]


@pytest.mark.parametrize(
    ("harm", "noticed_at"),
    [
        (update(ledger.audit).where(ledger.audit.c.seq == 2).values(facts={"n": 9}), 2),
        (update(ledger.audit).where(ledger.audit.c.seq == 3).values(at=LATER), 3),
        (update(ledger.audit).where(ledger.audit.c.seq == 1).values(hash=b"x" * 32), 1),
        (delete(ledger.audit).where(ledger.audit.c.seq == 2), 2),
        (delete(ledger.audit).where(ledger.audit.c.seq == 1), 1),
    ],
)
async def test_whoever_touches_a_chain_is_noticed(context: Context, harm, noticed_at: int) -> None:  # type: ignore[no-untyped-def]
    await write_chain(context, 4)
    async with context.db.begin() as tx:
        await tx.execute(harm)
        assert await ledger.verify(tx, "s") == noticed_at


async def test_whoever_puts_entries_in_another_order_is_noticed(context: Context) -> None:
    await write_chain(context, 4)
    async with context.db.begin() as tx:
        for was, now in ((2, 9), (3, 2), (9, 3)):
            await tx.execute(update(ledger.audit).where(ledger.audit.c.seq == was).values(seq=now))
        assert await ledger.verify(tx, "s") == 2


async def test_an_end_that_was_known_tells_of_what_is_gone_and_of_what_was_written_anew(context: Context) -> None:
    await write_chain(context, 4)
    async with context.db.begin() as tx:
        known = (await ledger.ends(tx))["s"]
    assert known.seq == 4
    await write_chain(context, 1)
    table = ledger.audit
    for gone, noticed_at in ((9, None), (5, None), (4, 4), (2, 2), (1, 1)):
        async with context.db.begin() as tx:
            await tx.execute(delete(table).where(table.c.seq >= gone))
            assert (await ledger.verify(tx, "s"), await ledger.verify(tx, "s", known)) == (None, noticed_at)
    await write_chain(context, 3)
    async with context.db.begin() as tx:
        await ledger.record(tx, "s", "never happened", actor="me", at=NOW)
    async with context.db.begin() as tx:
        assert (await ledger.verify(tx, "s"), await ledger.verify(tx, "s", known)) == (None, 4)
