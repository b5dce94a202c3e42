"""What was sent to whoever must pay, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from sqlalchemy import Row, insert, select, tuple_, update

from mangping_fees.domain.delivery import Delivery, Purpose, Way
from mangping_fees.domain.notice import PAYABLE
from mangping_fees.tables import deliveries, notices

_deliveries = deliveries


async def add(tx: Tx, made: Sequence[Delivery]) -> None:
    await tx.execute(insert(_deliveries), [asdict(delivery) for delivery in made])


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Delivery | None:
    query = select(_deliveries).where(_deliveries.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _delivery(row) if row else None


async def save(tx: Tx, delivery: Delivery) -> None:
    await tx.execute(update(_deliveries).where(_deliveries.c.id == delivery.id).values(**asdict(delivery)))


async def of_notice(tx: Tx, notice_id: UUID) -> list[Delivery]:
    query = select(_deliveries).where(_deliveries.c.notice_id == notice_id)
    return [_delivery(row) for row in await tx.execute(query.order_by(_deliveries.c.created_at, _deliveries.c.id))]


async def unheard(tx: Tx, *, after: Place | None, limit: int) -> list[Delivery]:
    """What failed for good, oldest first, of notices that can be paid and that nobody is known to have received."""
    query = select(_deliveries).select_from(_deliveries.join(notices))
    query = query.where(
        notices.c.state.in_(PAYABLE), notices.c.received_at.is_(None), _deliveries.c.error.is_not(None),
        _deliveries.c.next_at.is_(None),
    )  # fmt: skip
    if after is not None:
        query = query.where(tuple_(_deliveries.c.created_at, _deliveries.c.id) > after)
    return [
        _delivery(row)
        for row in await tx.execute(query.order_by(_deliveries.c.created_at, _deliveries.c.id).limit(limit))
    ]


async def claim_due(tx: Tx, *, at: datetime, hold: timedelta, limit: int) -> list[Delivery]:
    """Those to be sent now, put off by `hold` in case the sender dies."""
    due = (
        select(_deliveries.c.id).where(_deliveries.c.next_at <= at).order_by(_deliveries.c.next_at).limit(limit)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    taken = update(_deliveries).where(_deliveries.c.id.in_(due.scalar_subquery())).values(next_at=at + hold)
    return [_delivery(row) for row in await tx.execute(taken.returning(_deliveries))]


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{**row._mapping, "channel": Way(row.channel), "purpose": Purpose(row.purpose)})
