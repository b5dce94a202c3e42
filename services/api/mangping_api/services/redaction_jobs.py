"""What becomes of an order: looking at it, taking in the worker's answer, asking again, letting it go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from mangping.clock import Now
from mangping.contracts import Manifest, ManifestPage, ScanRedacted, manifest_id
from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import Refused
from mangping.faults import crash_at
from mangping.parcel import image_of
from mangping.vault import Damaged, Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.redaction_job import (
    LOST_TOO_OFTEN,
    VISIBLE,
    Act,
    Job,
    State,
    backoff,
    decide,
    verdict,
)  # fmt: skip
from mangping_api.services.once import Answer, Once
from mangping_api.storage import redaction_jobs as storage
from mangping_api.tables import ledger

_WORKER = "redaction-worker"
_CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class RedactionJobs:
    db: AsyncEngine
    vault: Vault
    now: Now
    patience: timedelta
    max_attempts: int
    first_backoff: float  # seconds
    once: Once

    async def find(self, owner: str, id: UUID) -> tuple[Job, list[ManifestPage]]:
        """The job and its pages. Refused (404) when it is not there for this owner."""
        async with self.db.begin() as tx:
            job = await _mine(tx, owner, id)
            return job, await storage.pages(tx, id)

    async def newest(
        self, owner: str, *, after: Place | None, limit: int, batch: UUID | None, state: State | None
    ) -> list[Job]:
        async with self.db.begin() as tx:
            return await storage.newest(tx, owner, after=after, limit=limit, batch=batch, state=state)

    async def rendition(self, owner: str, id: UUID, page: int) -> tuple[Job, ManifestPage, AsyncIterator[bytes]]:
        """The rendition of one page (from 1), its image as a stream. Refused (404) when there is none (yet)."""
        async with self.db.begin() as tx:
            job = await _mine(tx, owner, id)
            found = await storage.page(tx, id, page)
        if found is None:
            raise Refused("rendition.unknown", "该页没有遮盖件。", "请先查询任务状态与页数。", status=404)
        return job, found, image_of(self.vault.stream(found.rendition))

    async def record(self, message: ScanRedacted) -> None:
        """Take in the worker's answer, once. The message only points; what counts is what the manifest seals."""
        manifest = Manifest.model_validate_json(await self.vault.get(message.manifest))
        crash_at("record.opened")
        async with self.db.begin() as tx:
            at = self.now()
            if not await ledger.receive(tx, _WORKER, str(message.manifest), at=at):
                return
            job = await storage.find(tx, message.job_id, lock=True)
            if job is None or manifest_id(job.renditions) != message.manifest or manifest.job_id != job.id:
                raise Damaged(str(message.manifest))
            await self._take_in(tx, job, manifest)
        crash_at("record.committed")

    async def resend(self, lost: Job) -> None:
        """The attempt was lost: owe a fresh one, later each time, or give up and call an officer."""
        async with self.db.begin() as tx:
            job = await storage.find(tx, lost.id, lock=True)
            if job is None or job.state is not State.QUEUED or job.attempt_id != lost.attempt_id:
                return
            if job.attempt < self.max_attempts:
                await self._ask_again(tx, job, Act.RESEND, job.attempt + 1, _CLOCK)
                return
            edge, at = decide(job.state, Act.GIVE_UP), self.now()
            await storage.save(tx, replace(job, state=edge.to, finished_at=at, needs_human=(LOST_TOO_OFTEN,)))
            await ledger.record(tx, _stream(job), edge.event, actor=_CLOCK, at=at, facts={"attempts": job.attempt})

    async def retry(self, owner: str, key: str | None, id: UUID, view: Callable[[Job], Any]) -> Answer:
        """An officer has looked at a failed job: try it again from the first attempt. `view` makes the answer's body."""

        async def act(tx: Tx, at: datetime) -> Answer:
            return 202, view(await self._ask_again(tx, await _mine(tx, owner, id, lock=True), Act.RETRY, 1, owner))

        return await self.once.run(owner, key, ("retry_redaction_job", id), act)

    async def erase(self, owner: str, id: UUID) -> None:
        """Gone for the caller at once; its objects are swept out soon after."""
        async with self.db.begin() as tx:
            await self._let_go(tx, await _mine(tx, owner, id, lock=True), owner)

    async def expire(self, id: UUID) -> None:
        """The same at the end of its retention."""
        async with self.db.begin() as tx:
            job = await storage.find(tx, id, lock=True)
            if job is not None and job.state in VISIBLE:
                await self._let_go(tx, job, _CLOCK)

    async def _take_in(self, tx: Tx, job: Job, manifest: Manifest) -> None:
        at = self.now()
        edge = decide(job.state, Act.REFUSE if manifest.refused else Act.COMPLETE)
        if edge.to is State.ERASING:  # a fresh attempt id tells the sweep that something was written since it looked
            await storage.save(tx, replace(job, state=edge.to, attempt_id=uuid4()))
        else:
            verified, needs_human = verdict(manifest.pages)
            done = replace(
                job, state=edge.to, finished_at=at, verified=verified and not manifest.refused,
                needs_human=needs_human, refusal=manifest.refused,
            )  # fmt: skip
            await storage.save(tx, done)
            await storage.add_pages(tx, job.id, manifest.pages)
        facts = {"pages": len(manifest.pages), "code": manifest.refused.code if manifest.refused else None}
        await ledger.record(tx, _stream(job), edge.event, actor=_WORKER, at=at, facts=facts)

    async def _ask_again(self, tx: Tx, job: Job, act: Act, attempt: int, actor: str) -> Job:
        edge, at = decide(job.state, act), self.now()
        start = at + backoff(attempt - 1, self.first_backoff) if attempt > 1 else at
        again = replace(
            job, state=edge.to, attempt=attempt, attempt_id=uuid4(), finished_at=None, needs_human=()
        )  # fmt: skip
        await storage.save(tx, again, due_at=start + self.patience)
        await ledger.post(tx, {again.attempt_id: again.message()}, at=at, not_before=start)
        await ledger.record(tx, _stream(job), edge.event, actor=actor, at=at, facts={"attempt": attempt})
        return again

    async def _let_go(self, tx: Tx, job: Job, actor: str) -> None:
        edge, at = decide(job.state, Act.ERASE), self.now()
        await storage.save(tx, replace(job, state=edge.to, finished_at=job.finished_at or at))
        await ledger.record(tx, _stream(job), edge.event, actor=actor, at=at)


async def _mine(tx: Tx, owner: str, id: UUID, *, lock: bool = False) -> Job:
    """Another owner's job, an erased one and one that never was are all the same to the caller."""
    job = await storage.find(tx, id, lock=lock)
    if job is None or job.owner != owner or job.state not in VISIBLE:
        raise Refused("redaction_job.unknown", "没有这个任务。", "请检查任务编号。", status=404)
    return job


def _stream(job: Job) -> str:
    return f"redaction_job:{job.id}"
