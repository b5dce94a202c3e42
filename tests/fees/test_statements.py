"""Daily files: none holds up another, and the newest of a day is the one that counts, in whatever order they are read."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from mangping_fees.tables import ledger
from mangping_fees.wiring import Context, Factory
from sqlalchemy import text

from tests.fees.bank import Clock, statement, upload

FINANCE = "finance"


async def states(fees: Context, *ids: str) -> list[str]:
    async with fees.db.begin() as tx:
        rows = (await tx.execute(text("select id::text, state from fees.statements"))).all()
    found = {row.id: row.state for row in rows}
    return [found[id] for id in ids]


def file(day: str, region: str) -> bytes:
    """Without lines; the region makes the bytes its own."""
    return statement(FINANCE, day, [], region)


async def test_files_that_cannot_be_read_hold_up_none_behind_them(fees: Context, clock: Clock) -> None:
    gone = []
    for number in range(12):
        id, _ = await upload(fees, file("2024-01-01", f"11{number:04d}"))
        await fees.vault.erase(UUID(id))
        gone.append(id)
        clock.forward(seconds=1)
    broken, _ = await upload(fees, b"no daily file at all\n")
    clock.forward(seconds=1)
    whole, _ = await upload(fees, file("2024-01-02", "110000"))
    assert await Factory(fees).statements().sweep() == 14
    assert await states(fees, *gone, broken, whole) == ["received"] * 12 + ["refused", "taken"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_the_newer_file_of_a_day_counts_whichever_is_read_first(
    fees: Context, clock: Clock, order: tuple[int, int]
) -> None:
    day = f"2024-02-0{order[0] + 1}"
    ids = []
    for tail in (b"", b"\n"):  # the second one is a file of its own, with the same in it
        id, _ = await upload(fees, file(day, "120000").rstrip(b"\n") + tail)
        ids.append(UUID(id))
        clock.forward(seconds=1)
    service = Factory(fees).statements()
    waiting = {one.id: one for one in await service.newest(after=None, limit=99)}
    for number in order:
        await service._take(waiting[ids[number]])
    assert await states(fees, *map(str, ids)) == ["superseded", "taken"]


async def test_two_files_of_a_day_read_at_once_leave_the_newer_one(fees: Context, clock: Clock) -> None:
    for round_ in range(5):
        ids = []
        for tail in (b"", b"\n"):
            id, _ = await upload(fees, file(f"2024-03-0{round_ + 1}", "130000").rstrip(b"\n") + tail)
            ids.append(id)
            clock.forward(seconds=1)
        await asyncio.gather(*(Factory(fees).statements().sweep() for _ in range(3)))
        assert await states(fees, *ids) == ["superseded", "taken"]
    async with fees.db.begin() as tx:
        streams = [name for name in await ledger.streams(tx) if name.startswith("statement:")]
        assert [name for name in streams if await ledger.verify(tx, name) is not None] == []
