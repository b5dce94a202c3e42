"""Batches: many jobs asked for at once, and how far they have come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import func, insert, select

from mangping_api.domain.redaction_job import State
from mangping_api.tables import redaction_batches, redaction_jobs


@dataclass(frozen=True, slots=True)
class Progress:
    """A batch and its jobs counted by state; `verified` and `needs_human` count finished jobs."""

    id: UUID
    total: int
    created_at: datetime
    states: dict[State, int]
    verified: int
    needs_human: int


async def add(tx: Tx, id: UUID, owner: str, total: int, at: datetime) -> None:
    await tx.execute(insert(redaction_batches).values(id=id, owner=owner, total=total, created_at=at))


async def progress(tx: Tx, owner: str, id: UUID) -> Progress | None:
    """None when there is no such batch of this owner."""
    batches, jobs = redaction_batches, redaction_jobs
    batch = (await tx.execute(select(batches).where(batches.c.id == id, batches.c.owner == owner))).one_or_none()
    if batch is None:
        return None
    doubtful = func.count().filter(func.cardinality(jobs.c.needs_human) > 0)
    verified = func.count().filter(jobs.c.verified)
    counted = select(jobs.c.state, func.count().label("jobs"), verified.label("verified"), doubtful.label("doubtful"))
    rows = (await tx.execute(counted.where(jobs.c.batch_id == id).group_by(jobs.c.state))).all()
    states = dict.fromkeys(State, 0) | {State(row.state): row.jobs for row in rows}
    return Progress(
        id, batch.total, batch.created_at, states, sum(row.verified for row in rows), sum(row.doubtful for row in rows)
    )
