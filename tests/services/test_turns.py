"""Scans go to the workers in turns: a pile of one owner delays nobody else, and a batch no single scan."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from mangping.relay import relay_once
from mangping_api.domain.redaction_job import Job, Order, State
from mangping_api.services.submission import Item
from mangping_api.storage import turns
from mangping_api.tables import ledger
from mangping_api.tables import redaction_jobs as jobs
from mangping_api.wiring import Context, Factory
from sqlalchemy import select, update

from tests.services.making import SOMEONE, answered, job_of, submitted, upload

AHEAD = 4


async def release(context: Context, at_once: int = AHEAD) -> list[str]:
    """One round of the relay; whose scans left, in order."""
    before = await waiting(context)
    turn = partial(turns.turn, ahead=at_once)
    await relay_once(context.db, ledger, context.queue, context.now, turn=turn)
    after = await waiting(context)
    return sorted(owner for id, owner in before.items() if id not in after)


async def waiting(context: Context) -> dict[UUID, str]:
    joined = select(jobs.c.id, jobs.c.owner).join(ledger.outbox, ledger.outbox.c.message_id == jobs.c.attempt_id)
    async with context.db.begin() as tx:
        return {row.id: row.owner for row in await tx.execute(joined)}


async def under_way(context: Context) -> list[Job]:
    left = set(await waiting(context))
    async with context.db.begin() as tx:
        queued = (
            await tx.execute(select(jobs.c.id).where(jobs.c.state == State.QUEUED).order_by(jobs.c.created_at))
        ).scalars()
        ids = [id for id in queued if id not in left]
    return [await job_of(context, id) for id in ids]


async def finish(context: Context, job: Job) -> None:
    await Factory(context).redaction_jobs().record(await answered(context, job))


async def test_a_hundred_at_once_wait_and_the_next_one_goes_before_them(context: Context) -> None:
    for _ in range(20):
        await submitted(context, owner="many")
    assert await release(context) == ["many"] * AHEAD
    assert await release(context) == []
    await submitted(context, owner="one")
    await submitted(context, owner="other")
    assert await release(context) == []  # no room yet
    first, second, *_ = await under_way(context)
    await finish(context, first)
    assert await release(context) == ["one"]
    await finish(context, second)
    assert await release(context) == ["other"]
    for job in await under_way(context):
        await finish(context, job)
    assert await release(context) == ["many"] * AHEAD
    assert len(await waiting(context)) == 12


async def test_applicants_who_come_together_take_turns(context: Context) -> None:
    await clear(context)
    for owner in ("a", "b", "c"):
        for _ in range(6):
            await submitted(context, owner=owner)
    assert await release(context, 6) == ["a", "a", "b", "b", "c", "c"]
    for job in await under_way(context):
        await finish(context, job)
    assert await release(context, 3) == ["a", "b", "c"]


async def test_a_batch_never_delays_a_single_scan_of_the_same_owner(context: Context) -> None:
    await clear(context)
    items = [Item(source := await upload(context), SOMEONE, str(source)) for _ in range(8)]
    batch = (
        Factory(context).submission().many("client:integrator", None, Order(), items, lambda id, n, at: {"id": str(id)})
    )
    await batch
    assert len(await release(context)) == AHEAD
    single = await submitted(context)
    first, *_ = await under_way(context)
    await finish(context, first)
    await release(context)
    assert single.id not in await waiting(context)


async def test_a_job_let_go_leaves_nothing_behind_in_the_outbox(context: Context) -> None:
    await clear(context)
    kept = [await submitted(context, owner="many") for _ in range(AHEAD + 1)]
    await release(context)
    await Factory(context).redaction_jobs().erase("many", kept[-1].id)
    await release(context)
    assert await waiting(context) == {}


async def clear(context: Context) -> None:
    """Nothing under way, nothing waiting."""
    async with context.db.begin() as tx:
        await tx.execute(ledger.outbox.delete())
        await tx.execute(update(jobs).values(state=State.ERASED, attempt_id=jobs.c.id))
