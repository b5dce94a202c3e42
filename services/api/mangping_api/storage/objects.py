"""What lies in the vault for a job: scans that were uploaded, identities that came with an order."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, exists, insert, or_, select, update

from mangping_api.domain.redaction_job import State
from mangping_api.tables import objects, redaction_jobs

_LIVE = tuple(state for state in State if state is not State.ERASED)


async def reserve(tx: Tx, ids: Collection[UUID], owner: str, kind: Literal["scan", "identity"], at: datetime) -> None:
    """The ids are ours before a byte is sealed: a writer that dies midway leaves nothing that the sweep cannot find."""
    row = {"owner": owner, "kind": kind, "state": "receiving", "size": 0, "created_at": at}
    if ids:
        await tx.execute(insert(objects), [{"id": id, **row} for id in ids])


async def mark_stored(tx: Tx, id: UUID, size: int) -> None:
    await tx.execute(update(objects).where(objects.c.id == id).values(state="stored", size=size))


async def owned(tx: Tx, owner: str, ids: Collection[UUID]) -> set[UUID]:
    """Those of `ids` that this owner uploaded to the end, locked against the sweep until the transaction ends."""
    stored = (objects.c.owner == owner) & (objects.c.kind == "scan") & (objects.c.state == "stored")
    mine = select(objects.c.id).where(objects.c.id == any_(bindparam("ids", list(ids), ARRAY(Uuid))), stored)
    return set((await tx.execute(mine.order_by(objects.c.id).with_for_update(read=True))).scalars())


async def take_unused(tx: Tx, *, before: datetime, limit: int) -> list[UUID]:
    """Up to `limit` objects older than `before` that serve no job, closed to new jobs from now on."""
    jobs = redaction_jobs
    serving = exists().where(
        or_(jobs.c.source == objects.c.id, jobs.c.identity == objects.c.id), jobs.c.state.in_(_LIVE)
    )
    unused = select(objects.c.id).where(objects.c.created_at < before, ~serving).limit(limit)
    free = unused.with_for_update(skip_locked=True).scalar_subquery()
    closed = update(objects).where(objects.c.id.in_(free)).values(state="receiving")
    return list((await tx.execute(closed.returning(objects.c.id))).scalars())


async def forget(tx: Tx, ids: Collection[UUID]) -> None:
    await tx.execute(delete(objects).where(objects.c.id.in_(ids)))
