"""Refunds, at most one open or finished one a payment."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_fees.domain.refund import Refund, State
from mangping_fees.tables import refunds

_refunds = refunds


async def add(tx: Tx, refund: Refund) -> bool:
    """False when the payment has a refund that was not rejected."""
    row = upsert(_refunds).values(**_row(refund)).on_conflict_do_nothing()
    return (await tx.execute(row)).rowcount == 1


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Refund | None:
    query = select(_refunds).where(_refunds.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _refund(row) if row else None


async def of_payment(tx: Tx, payment_id: UUID) -> Refund | None:
    query = select(_refunds).where(_refunds.c.payment_id == payment_id, _refunds.c.state != State.REJECTED)
    row = (await tx.execute(query)).one_or_none()
    return _refund(row) if row else None


async def save(tx: Tx, refund: Refund) -> None:
    await tx.execute(update(_refunds).where(_refunds.c.id == refund.id).values(**_row(refund)))


async def newest(tx: Tx, *, after: Place | None, limit: int, state: State | None) -> list[Refund]:
    query = select(_refunds)
    if state is not None:
        query = query.where(_refunds.c.state == state)
    if after is not None:
        query = query.where(tuple_(_refunds.c.requested_at, _refunds.c.id) < after)
    rows = await tx.execute(query.order_by(_refunds.c.requested_at.desc(), _refunds.c.id.desc()).limit(limit))
    return [_refund(row) for row in rows]


def _row(refund: Refund) -> dict[str, Any]:
    return {**asdict(refund), "approvers": list(refund.approvers)}


def _refund(row: Row[Any]) -> Refund:
    return Refund(**{**row._mapping, "state": State(row.state), "approvers": tuple(row.approvers)})
