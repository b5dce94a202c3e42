"""What lies in the vault for a job: scans that were uploaded, identities that came with an order."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, delete, insert, select, update

from mangping_api.tables import objects

Kind = Literal["scan", "identity"]
# A scan counts once it has arrived to the end, and may serve several jobs; an identity belongs to its own order.
_USABLE = {"scan": ("stored", "used"), "identity": ("receiving",)}


async def reserve(tx: Tx, ids: Collection[UUID], owner: str, kind: Kind, at: datetime) -> None:
    """The ids are ours before a byte is sealed: a writer that dies midway leaves nothing that the sweep cannot find."""
    row = {"owner": owner, "kind": kind, "state": "receiving", "size": 0, "created_at": at}
    if ids:
        await tx.execute(insert(objects), [{"id": id, **row} for id in ids])


async def mark_stored(tx: Tx, id: UUID, size: int) -> None:
    await tx.execute(update(objects).where(objects.c.id == id).values(state="stored", size=size))


async def use(tx: Tx, owner: str, ids: Collection[UUID], kind: Kind) -> set[UUID]:
    """Those of `ids` that this owner may use in a job, marked as used."""
    usable = (objects.c.owner == owner) & (objects.c.kind == kind) & objects.c.state.in_(_USABLE[kind])
    mine = select(objects.c.id).where(_among(ids), usable).order_by(objects.c.id).with_for_update()
    found = set((await tx.execute(mine)).scalars())
    await tx.execute(update(objects).where(_among(found)).values(state="used"))
    return found


async def lock(tx: Tx, ids: Collection[UUID]) -> None:
    """No new job takes these until the transaction ends."""
    await tx.execute(select(objects.c.id).where(_among(ids)).order_by(objects.c.id).with_for_update())


async def close(tx: Tx, ids: Collection[UUID]) -> None:
    """No new job takes these ever."""
    await tx.execute(update(objects).where(_among(ids)).values(state="closed"))


async def close_unused(tx: Tx, *, before: datetime, limit: int) -> list[UUID]:
    """Up to `limit` objects older than `before` that no job took, closed from now on."""
    unused = select(objects.c.id).where(objects.c.created_at < before, objects.c.state != "used").limit(limit)
    free = unused.with_for_update(skip_locked=True).scalar_subquery()
    closed = update(objects).where(objects.c.id.in_(free)).values(state="closed")
    return list((await tx.execute(closed.returning(objects.c.id))).scalars())


async def forget(tx: Tx, ids: Collection[UUID]) -> None:
    await tx.execute(delete(objects).where(_among(ids)))


def _among(ids: Collection[UUID]) -> ColumnElement[bool]:
    """One array parameter, however many ids there are."""
    return objects.c.id == any_(bindparam("ids", list(ids), ARRAY(Uuid), unique=True))
