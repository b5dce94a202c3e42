"""Documents on their way in, piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import Row, delete, insert, select, update

from mangping_api.domain.attachment import Slot
from mangping_api.domain.transfer import Transfer
from mangping_api.tables import transfers as _table


async def add(tx: Tx, transfer: Transfer) -> None:
    await tx.execute(insert(_table).values(**_row(transfer)))


async def save(tx: Tx, transfer: Transfer) -> None:
    await tx.execute(update(_table).where(_table.c.id == transfer.id).values(**_row(transfer)))


async def drop(tx: Tx, id: UUID) -> None:
    await tx.execute(delete(_table).where(_table.c.id == id))


async def drop_old(tx: Tx, *, before: datetime) -> int:
    """Those whose pieces were swept out meanwhile."""
    return (await tx.execute(delete(_table).where(_table.c.created_at < before))).rowcount


async def find(tx: Tx, application: UUID, id: UUID, *, lock: bool = False) -> Transfer | None:
    query = select(_table).where(_table.c.application_id == application, _table.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _transfer(row) if row else None


async def same(tx: Tx, application: UUID, slot: Slot, digests: Sequence[str], size: int) -> Transfer | None:
    """The one that is under way for this content in this place."""
    query = select(_table).where(
        _table.c.application_id == application, _table.c.slot == asdict(slot), _table.c.digest.in_(digests),
        _table.c.size == size,
    )  # fmt: skip
    row = (await tx.execute(query.order_by(_table.c.created_at, _table.c.id).limit(1))).one_or_none()
    return _transfer(row) if row else None


async def count(tx: Tx, application: UUID) -> int:
    return len((await tx.execute(select(_table.c.id).where(_table.c.application_id == application))).all())


def _row(transfer: Transfer) -> dict[str, Any]:
    return {
        "id": transfer.id, "application_id": transfer.application, "slot": asdict(transfer.slot),
        "digest": transfer.digest, "size": transfer.size, "received": transfer.received,
        "parts": list(transfer.parts), "created_at": transfer.created_at,
    }  # fmt: skip


def _transfer(row: Row[Any]) -> Transfer:
    return Transfer(
        row.id, row.application_id, Slot(**row.slot), row.digest, row.size, row.received, tuple(row.parts),
        row.created_at,
    )  # fmt: skip
