"""The worker's answer is taken in once; what is lost is asked for again; what is let go disappears."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlparse
from uuid import UUID, uuid4

import pytest
from mangping.contracts import QUEUES, RedactScan, Refusal, manifest_id, page_id
from mangping.errors import Refused
from mangping.queue import Standing
from mangping.relay import relay_once
from mangping.vault import Damaged
from mangping_api.domain.redaction_job import LOST_TOO_OFTEN, Job, State
from mangping_api.storage import redaction_jobs as storage
from mangping_api.tables import ledger, redaction_jobs
from mangping_api.wiring import Context, Factory
from redis.asyncio import Redis
from sqlalchemy import delete, func, select, update

from tests.services.making import OWNER, Clock, answered, job_of, submitted, upload


@pytest.fixture(autouse=True)
async def nothing_owed(context: Context, env: dict[str, str]) -> None:
    """Jobs of earlier tests are none of this one's business."""
    async with context.db.begin() as tx:
        await tx.execute(delete(ledger.outbox))
        await tx.execute(update(redaction_jobs).values(due_at=None, state="erased"))
    async with Redis.from_url(env["VALKEY_URL"]) as valkey:
        await valkey.flushdb()


async def received(context: Context) -> int:
    async with context.db.begin() as tx:
        return (await tx.execute(select(func.count()).select_from(ledger.inbox))).scalar_one()


async def relayed(context: Context) -> int:
    return await relay_once(context.db, ledger, context.queue, context.now)


def files(context_env: dict[str, str]) -> int:
    return sum(file.is_file() for file in Path(urlparse(context_env["OBJECT_STORE_URL"]).path).rglob("bodies/*/*"))


async def test_an_answer_is_recorded_exactly_once(context: Context) -> None:
    job, before = await submitted(context), await received(context)
    message = await answered(context, job, pages=2)
    jobs = Factory(context).redaction_jobs()
    await asyncio.gather(*(jobs.record(message) for _ in range(5)))
    done, pages = await jobs.find(OWNER, job.id)
    assert (done.state, done.verified, done.needs_human, done.attempt) == (State.DONE, True, (), 1)
    assert [page.rendition for page in pages] == [page_id(job.renditions, n) for n in (1, 2)]
    assert await received(context) - before == 1
    async with context.db.begin() as tx:
        assert await ledger.verify(tx, f"redaction_job:{job.id}") is None


async def test_one_doubtful_page_makes_the_job_doubtful(context: Context) -> None:
    job = await submitted(context)
    await (
        Factory(context)
        .redaction_jobs()
        .record(await answered(context, job, verified=False, needs_human=["not_clear", "seal_faint"]))
    )
    done = await job_of(context, job.id)
    assert (done.state, done.verified, done.needs_human) == (State.DONE, False, ("not_clear", "seal_faint"))


async def test_a_refusal_is_never_verified_even_when_pages_came_first(context: Context) -> None:
    job, refusal = (
        await submitted(context),
        Refusal(code="scan.truncated", message="图片不完整。", remedy="请重扫。"),
    )
    await Factory(context).redaction_jobs().record(await answered(context, job, refused=refusal))
    done = await job_of(context, job.id)
    assert (done.state, done.verified, done.refusal) == (State.REFUSED, False, refusal)


async def test_an_answer_for_another_job_is_not_believed(context: Context) -> None:
    job, other = await submitted(context), await submitted(context)
    message = await answered(context, other)
    with pytest.raises(Damaged):
        await Factory(context).redaction_jobs().record(message.model_copy(update={"job_id": job.id}))
    assert [(await job_of(context, id)).state for id in (job.id, other.id)] == [State.QUEUED, State.QUEUED]


async def test_a_rendition_is_the_picture_without_its_record(context: Context) -> None:
    job = await submitted(context)
    jobs = Factory(context).redaction_jobs()
    await jobs.record(await answered(context, job, pages=2))
    _, page, chunks = await jobs.rendition(OWNER, job.id, 2)
    assert (page.page, b"".join([chunk async for chunk in chunks])) == (2, b"image 2")
    for owner, number in [(OWNER, 3), ("client:other", 1)]:
        with pytest.raises(Refused) as refused:
            await jobs.rendition(owner, job.id, number)
        assert refused.value.status == 404


async def test_pages_of_the_list_hold_every_job_once(context: Context) -> None:
    made = [(await submitted(context, owner="client:lister")).id for _ in range(7)]
    jobs, seen, after = Factory(context).redaction_jobs(), list[UUID](), None
    while batch := await jobs.newest("client:lister", after=after, limit=3, batch=None, state=None):
        seen += [job.id for job in batch]
        after = (batch[-1].created_at, batch[-1].id)
    assert seen == made[::-1]


class TestDeadlines:
    @pytest.fixture
    def clock(self, context: Context) -> Clock:
        return Clock(context)

    async def overdue(self, clock: Clock) -> int:
        clock.ahead += timedelta(hours=2)
        return await Factory(clock.context()).deadlines().sweep()

    async def test_what_has_not_left_the_outbox_is_not_lost(self, context: Context, clock: Clock) -> None:
        job = await submitted(context)
        assert await self.overdue(clock) == 0
        assert (await job_of(context, job.id)).attempt_id == job.attempt_id

    async def test_a_long_queue_is_not_a_lost_message(self, context: Context, clock: Clock) -> None:
        job = await submitted(context)
        assert await relayed(context) == 1
        assert [await self.overdue(clock), await self.overdue(clock)] == [0, 0]
        assert (await job_of(context, job.id)).attempt == 1

    async def test_a_lost_message_is_owed_again_under_a_fresh_id(
        self, context: Context, clock: Clock, env: dict[str, str]
    ) -> None:
        job = await submitted(context)
        await relayed(context)
        async with Redis.from_url(env["VALKEY_URL"]) as valkey:
            await valkey.flushdb()
        assert await self.overdue(clock) == 1
        again = await job_of(context, job.id)
        assert (again.state, again.attempt, again.attempt_id == job.attempt_id) == (State.QUEUED, 2, False)
        assert await relayed(context) == 0  # not before its backoff
        assert await relayed(clock.context()) == 0
        clock.ahead += timedelta(minutes=1)
        assert await relayed(clock.context()) == 1
        standing = await context.queue.standing(QUEUES[RedactScan], [again.attempt_id])
        assert standing == {again.attempt_id: Standing.WAITING}

    async def test_a_lost_answer_is_found_in_the_vault(
        self, context: Context, clock: Clock, env: dict[str, str]
    ) -> None:
        job = await submitted(context)
        await relayed(context)
        await answered(context, job)
        async with Redis.from_url(env["VALKEY_URL"]) as valkey:
            await valkey.flushdb()
        assert await self.overdue(clock) == 1
        done = await job_of(context, job.id)
        assert (done.state, done.attempt) == (State.DONE, 1)

    async def test_a_scan_that_is_lost_every_time_ends_before_an_officer_and_can_be_retried(
        self, context: Context, clock: Clock, env: dict[str, str]
    ) -> None:
        job = await submitted(context)
        for attempt in range(1, context.settings.max_attempts + 1):
            assert (await job_of(context, job.id)).attempt == attempt
            clock.ahead += timedelta(hours=2)
            await relayed(clock.context())
            async with Redis.from_url(env["VALKEY_URL"]) as valkey:
                await valkey.flushdb()
            assert await self.overdue(clock) == 1
        failed = await job_of(context, job.id)
        assert (failed.state, failed.needs_human, failed.verified) == (State.FAILED, (LOST_TOO_OFTEN,), False)
        assert await self.overdue(clock) == 0
        jobs = Factory(context).redaction_jobs()
        answers = [await jobs.retry(OWNER, "again", job.id, lambda one: {"attempt": one.attempt}) for _ in range(2)]
        assert answers == [(202, {"attempt": 1})] * 2
        retried = await job_of(context, job.id)
        assert (retried.state, retried.attempt, retried.needs_human) == (State.QUEUED, 1, ())

    async def test_an_answer_that_comes_after_giving_up_still_counts(self, context: Context) -> None:
        job = await submitted(context)
        async with context.db.begin() as tx:
            await tx.execute(update(redaction_jobs).where(redaction_jobs.c.id == job.id).values(state="failed"))
        await Factory(context).redaction_jobs().record(await answered(context, job))
        assert (await job_of(context, job.id)).state is State.DONE


class TestErasure:
    async def swept(self, context: Context, job: Job) -> State:
        await Factory(context).erasure().sweep()
        return (await job_of(context, job.id)).state

    async def test_an_erased_job_is_gone_at_once_and_its_objects_soon(
        self, context: Context, env: dict[str, str]
    ) -> None:
        before = files(env)
        job, jobs = await submitted(context), Factory(context).redaction_jobs()
        await jobs.record(await answered(context, job, pages=3))
        assert files(env) - before == 6  # scan, identity, three renditions, manifest
        await jobs.erase(OWNER, job.id)
        with pytest.raises(Refused):
            await jobs.find(OWNER, job.id)
        assert await self.swept(context, job) is State.ERASED
        assert files(env) == before
        async with context.db.begin() as tx:
            assert await storage.pages(tx, job.id) == []

    async def test_what_a_busy_worker_wrote_after_the_sweep_is_swept_too(
        self, context: Context, env: dict[str, str]
    ) -> None:
        before, job = files(env), await submitted(context)
        jobs = Factory(context).redaction_jobs()
        await jobs.erase(OWNER, job.id)
        assert await self.swept(context, job) is State.ERASED
        await jobs.record(await answered(context, job, pages=2))
        assert (await job_of(context, job.id)).state is State.ERASING
        assert await self.swept(context, job) is State.ERASED
        assert files(env) == before

    async def test_an_interrupted_sweep_finds_the_rest(self, context: Context, env: dict[str, str]) -> None:
        before, job = files(env), await submitted(context)
        jobs = Factory(context).redaction_jobs()
        await jobs.record(await answered(context, job, pages=3))
        await jobs.erase(OWNER, job.id)
        for id in (manifest_id(job.renditions), page_id(job.renditions, 3)):  # pages go last one first
            await context.vault.erase(id)
        assert await self.swept(context, job) is State.ERASED
        assert files(env) == before

    async def test_jobs_past_their_retention_and_unused_uploads_go(self, context: Context) -> None:
        clock, job, unused = Clock(context), await submitted(context), await upload(context)
        await Factory(context).redaction_jobs().record(await answered(context, job))
        clock.ahead = timedelta(days=31)
        assert await self.swept(clock.context(), job) is State.ERASED
        ids = [unused, job.source, job.identity or uuid4(), manifest_id(job.renditions), page_id(job.renditions, 1)]
        assert [await context.vault.holds(id) for id in ids] == [False] * 5

    async def test_a_scan_that_another_job_needs_stays(self, context: Context) -> None:
        first = await submitted(context)
        second = await submitted(context)
        async with context.db.begin() as tx:
            mine = update(redaction_jobs).where(redaction_jobs.c.id == second.id)
            await tx.execute(mine.values(source=first.source))
        await Factory(context).redaction_jobs().erase(OWNER, first.id)
        assert await self.swept(context, first) is State.ERASED
        assert [await context.vault.holds(first.source), await context.vault.holds(first.identity or uuid4())] == [
            True, False,
        ]  # fmt: skip
