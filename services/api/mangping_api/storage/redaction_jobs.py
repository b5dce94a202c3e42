"""Redaction jobs and their pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.contracts import ManifestPage, MaskBox, PageRecord, Refusal
from mangping.cursor import Place
from mangping.db import Tx
from sqlalchemy import Row, delete, exists, insert, or_, select, tuple_, update

from mangping_api.domain.redaction_job import VISIBLE, Job, Order, State
from mangping_api.tables import attachments, ledger, redaction_jobs, redaction_pages
from mangping_api.tables.redaction import ERASING, OUTSIDE, RETAINED

_jobs, _pages = redaction_jobs, redaction_pages
_MASKS = ("drawn", "removed")


async def add(tx: Tx, jobs: Sequence[Job], *, due_at: datetime) -> None:
    await tx.execute(insert(_jobs), [{**_row(job), "due_at": due_at} for job in jobs])


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Job | None:
    query = select(_jobs).where(_jobs.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return job_of(row) if row else None


async def save(tx: Tx, job: Job, *, due_at: datetime | None = None) -> None:
    await tx.execute(update(_jobs).where(_jobs.c.id == job.id).values(**_row(job), due_at=due_at))


async def newest(
    tx: Tx, owner: str, *, after: Place | None, limit: int, batch: UUID | None, state: State | None
) -> list[Job]:
    """Of an owner outside of applications, newest first; `after` is where the last page ended."""
    query = select(_jobs).where(OUTSIDE, _jobs.c.owner == owner, _jobs.c.state.in_([state] if state else VISIBLE))
    if batch is not None:
        query = query.where(_jobs.c.batch_id == batch)
    if after is not None:
        query = query.where(tuple_(_jobs.c.created_at, _jobs.c.id) < after)
    rows = await tx.execute(query.order_by(_jobs.c.created_at.desc(), _jobs.c.id.desc()).limit(limit))
    return [job_of(row) for row in rows]


async def add_pages(tx: Tx, job_id: UUID, pages: Sequence[ManifestPage]) -> None:
    rows = [
        {
            "job_id": job_id, "page": page.page, "rendition": page.rendition, "verified": page.record.verified,
            "record": page.record.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        }
        for page in pages
    ]  # fmt: skip
    if rows:
        await tx.execute(insert(_pages), rows)


async def pages(tx: Tx, job_id: UUID) -> list[ManifestPage]:
    rows = await tx.execute(select(_pages).where(_pages.c.job_id == job_id).order_by(_pages.c.page))
    return [_page(row) for row in rows]


async def page(tx: Tx, job_id: UUID, number: int) -> ManifestPage | None:
    row = (await tx.execute(select(_pages).where(_pages.c.job_id == job_id, _pages.c.page == number))).one_or_none()
    return _page(row) if row else None


async def drop_pages(tx: Tx, job_id: UUID) -> None:
    await tx.execute(delete(_pages).where(_pages.c.job_id == job_id))


async def overdue(tx: Tx, *, at: datetime, limit: int) -> list[Job]:
    """Jobs whose answer is due and whose present attempt has left the outbox."""
    unsent = exists().where(ledger.outbox.c.message_id == _jobs.c.attempt_id)
    due = select(_jobs).where(_jobs.c.state == State.QUEUED, _jobs.c.due_at <= at, ~unsent)
    return [job_of(row) for row in await tx.execute(due.order_by(_jobs.c.due_at).limit(limit))]


async def extend(tx: Tx, attempt_ids: Collection[UUID], *, due_at: datetime) -> None:
    """These attempts are waiting or being worked on: ask again at `due_at`."""
    await tx.execute(update(_jobs).where(_jobs.c.attempt_id.in_(attempt_ids)).values(due_at=due_at))


async def expired(tx: Tx, *, before: datetime, limit: int) -> list[UUID]:
    """Finished before `before` and still holding objects; what an application needs stays."""
    needed = exists().where(attachments.c.job_id == _jobs.c.id)
    old = select(_jobs.c.id).where(RETAINED, _jobs.c.finished_at < before, ~needed)
    return list((await tx.execute(old.limit(limit))).scalars())


async def to_erase(tx: Tx, *, limit: int) -> list[Job]:
    return [job_of(row) for row in await tx.execute(select(_jobs).where(ERASING).limit(limit))]


async def shared(tx: Tx, job: Job) -> set[UUID]:
    """Those of the job's source and identity that another job still needs."""
    mine = [id for id in (job.source, job.identity) if id is not None]
    needed = select(_jobs.c.source, _jobs.c.identity).where(
        _jobs.c.id != job.id, _jobs.c.state.in_(VISIBLE), or_(_jobs.c.source.in_(mine), _jobs.c.identity.in_(mine))
    )
    return {id for row in await tx.execute(needed) for id in row if id in mine}


def _row(job: Job) -> dict[str, Any]:
    return {
        "id": job.id, "owner": job.owner, "batch_id": job.batch_id, "state": job.state, "source": job.source,
        "identity": job.identity, "renditions": job.renditions, "classes": list(job.order.classes),
        "third_parties": job.order.third_parties, "image_format": job.order.image_format, "attempt": job.attempt,
        "attempt_id": job.attempt_id, "created_at": job.created_at, "finished_at": job.finished_at,
        "verified": job.verified, "needs_human": list(job.needs_human),
        "refusal": job.refusal.model_dump() if job.refusal else None,
        "masks": {name: [box.model_dump() for box in getattr(job, name)] for name in _MASKS} if _by_hand(job) else None,
    }  # fmt: skip


def job_of(row: Row[Any]) -> Job:
    return Job(
        id=row.id, owner=row.owner, batch_id=row.batch_id, state=State(row.state), source=row.source,
        identity=row.identity, renditions=row.renditions,
        order=Order(tuple(row.classes), row.third_parties, row.image_format), attempt=row.attempt,
        attempt_id=row.attempt_id, created_at=row.created_at, finished_at=row.finished_at, verified=row.verified,
        needs_human=tuple(row.needs_human), refusal=Refusal(**row.refusal) if row.refusal else None,
        **{name: tuple(MaskBox.model_validate(box) for box in (row.masks or {}).get(name, ())) for name in _MASKS},
    )  # fmt: skip


def _by_hand(job: Job) -> bool:
    return bool(job.drawn or job.removed)


def _page(row: Row[Any]) -> ManifestPage:
    return ManifestPage(page=row.page, rendition=row.rendition, record=PageRecord.model_validate(row.record))
