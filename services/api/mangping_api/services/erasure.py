"""What is no longer needed leaves the vault: jobs let go, jobs past their retention, uploads nobody used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from mangping.clock import Now
from mangping.contracts import QUEUES, RedactScan, manifest_id, page_id
from mangping.queue import Queue, Standing
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.redaction_job import Act, Job, decide
from mangping_api.services.redaction_jobs import RedactionJobs
from mangping_api.storage import objects, redaction_jobs
from mangping_api.tables import ledger

_LIMIT = 50
_KEYS_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Erasure:
    db: AsyncEngine
    vault: Vault
    queue: Queue
    now: Now
    jobs: RedactionJobs
    retention: timedelta
    unused: timedelta

    async def sweep(self) -> None:
        """One round. An interrupted one is taken up by the next: an object is forgotten only after it is gone."""
        await self._expire()
        async with self.db.begin() as tx:
            going = await redaction_jobs.to_erase(tx, limit=_LIMIT)
        if going:
            standing = await self.queue.standing(QUEUES[RedactScan], [job.attempt_id for job in going])
            for job in going:
                if standing[job.attempt_id] is not Standing.RUNNING:  # it would write after us
                    await self._erase(job)
        await self._drop_unused()

    async def _expire(self) -> None:
        async with self.db.begin() as tx:
            await ledger.forget_keys(tx, before=self.now() - _KEYS_KEPT)
            old = await redaction_jobs.expired(tx, before=self.now() - self.retention, limit=_LIMIT)
        for id in old:
            await self.jobs.expire(id)

    async def _erase(self, job: Job) -> None:
        inputs = [id for id in (job.source, job.identity) if id is not None]
        async with self.db.begin() as tx:
            await objects.lock(tx, inputs)
            shared = await redaction_jobs.shared(tx, job)
            inputs = [id for id in inputs if id not in shared]
            await objects.close(tx, inputs)
        for id in [*inputs, manifest_id(job.renditions), *await self._pages(job.renditions)]:
            await self.vault.erase(id)
        async with self.db.begin() as tx:
            present = await redaction_jobs.find(tx, job.id, lock=True)
            if present is None or present.attempt_id != job.attempt_id:
                return  # something was written since: the next round sweeps again
            edge = decide(present.state, Act.FINISH_ERASING)
            await redaction_jobs.drop_pages(tx, job.id)
            await objects.forget(tx, inputs)
            await redaction_jobs.save(tx, replace(present, state=edge.to))
            await ledger.record(tx, f"redaction_job:{job.id}", edge.event, actor="clock", at=self.now())

    async def _pages(self, renditions: UUID) -> list[UUID]:
        """Every sealed page, last one first: what an interrupted sweep leaves is again found from page 1 on."""
        sealed: list[UUID] = []
        while await self.vault.holds(id := page_id(renditions, len(sealed) + 1)):
            sealed.append(id)
        return sealed[::-1]

    async def _drop_unused(self) -> None:
        async with self.db.begin() as tx:
            old = await objects.close_unused(tx, before=self.now() - self.unused, limit=_LIMIT)
        for id in old:
            await self.vault.erase(id)
        async with self.db.begin() as tx:
            await objects.forget(tx, old)
