"""Answers that are overdue: ask the queue first, the vault second, and only then the worker again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mangping.clock import Now
from mangping.contracts import QUEUES, RedactScan, ScanRedacted, manifest_id
from mangping.queue import Queue, Standing
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.services.redaction_jobs import RedactionJobs
from mangping_api.storage import redaction_jobs as storage

_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Deadlines:
    db: AsyncEngine
    vault: Vault
    queue: Queue
    now: Now
    patience: timedelta
    jobs: RedactionJobs

    async def sweep(self) -> int:
        """How many lost attempts were dealt with. Raises Transient when the queue cannot be asked."""
        async with self.db.begin() as tx:
            overdue = await storage.overdue(tx, at=self.now(), limit=_LIMIT)
        if not overdue:
            return 0
        standing = await self.queue.standing(QUEUES[RedactScan], [job.attempt_id for job in overdue])
        lost = [job for job in overdue if standing[job.attempt_id] is Standing.LOST]
        async with self.db.begin() as tx:
            alive = [id for id, stands in standing.items() if stands is not Standing.LOST]
            await storage.extend(tx, alive, due_at=self.now() + self.patience)
        for job in lost:
            manifest = manifest_id(job.renditions)
            if await self.vault.holds(manifest):  # the work was done, only the word of it got lost
                await self.jobs.record(ScanRedacted(job_id=job.id, manifest=manifest))
            else:
                await self.jobs.resend(job)
        return len(lost)
