"""Notifications and their deliveries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mangping.couriers.base import Way
from mangping.cursor import Place
from mangping.db import Tx
from sqlalchemy import Row, any_, exists, func, insert, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.deadline import ARRIVAL
from mangping_api.domain.deadline import Standing as Deadline
from mangping_api.domain.notification import Delivery, Handling, Notification, Standing
from mangping_api.tables import applications, deadlines
from mangping_api.tables.messages import notification_deliveries, notifications, reminders

_table, _deliveries = notifications, notification_deliveries


async def add(tx: Tx, made: Notification, deliveries: Sequence[Delivery]) -> None:
    await tx.execute(insert(_table).values(**asdict(made)))
    if deliveries:
        await tx.execute(insert(_deliveries), [asdict(one) for one in deliveries])


async def save(tx: Tx, notification: Notification) -> None:
    await tx.execute(update(_table).where(_table.c.id == notification.id).values(**asdict(notification)))


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Notification | None:
    query = select(_table).where(_table.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _notification(row) if row else None


async def newest(tx: Tx, person: UUID, *, unread: bool, after: Place | None, limit: int) -> list[Notification]:
    query = select(_table).where(_table.c.person == person)
    if unread:
        query = query.where(_table.c.read_at.is_(None))
    if after is not None:
        query = query.where(tuple_(_table.c.created_at, _table.c.id) < after)
    rows = await tx.execute(query.order_by(_table.c.created_at.desc(), _table.c.id.desc()).limit(limit))
    return [_notification(row) for row in rows]


async def unread(tx: Tx, person: UUID) -> int:
    mine = (_table.c.person == person) & _table.c.read_at.is_(None)
    return (await tx.execute(select(func.count()).select_from(_table).where(mine))).scalar_one()


async def reached(tx: Tx, application: UUID) -> dict[datetime, datetime]:
    """{when it happened: when its notice first reached the applicant}, opened in the inbox or delivered."""
    delivered = select(func.min(_deliveries.c.delivered_at)).where(_deliveries.c.notification_id == _table.c.id)
    first = func.least(_table.c.read_at, delivered.scalar_subquery()).label("first")  # null is none of them
    mine = select(_table.c.created_at, first).where(_table.c.application_id == application)
    return {row.created_at: row.first for row in await tx.execute(mine) if row.first is not None}


async def undelivered(
    tx: Tx, *, under: Collection[UUID], after: Place | None, limit: int
) -> list[tuple[Notification, list[Delivery]]]:
    """Oldest first, of applications that stand at or below one of `under`."""
    below = or_(*(literal(id) == any_(applications.c.line) for id in under)) if under else applications.c.id.is_(None)
    query = select(_table).select_from(_table.join(applications)).where(_table.c.standing == Standing.UNDELIVERED)
    if after is not None:
        query = query.where(tuple_(_table.c.created_at, _table.c.id) > after)
    rows = await tx.execute(query.where(below).order_by(_table.c.created_at, _table.c.id).limit(limit))
    found = [_notification(row) for row in rows]
    held = await _of(tx, [one.id for one in found])
    return [(one, [delivery for delivery in held if delivery.notification_id == one.id]) for one in found]


async def deliveries(tx: Tx, notification: UUID) -> list[Delivery]:
    return await _of(tx, [notification])


async def delivery(tx: Tx, id: UUID) -> Delivery | None:
    row = (await tx.execute(select(_deliveries).where(_deliveries.c.id == id))).one_or_none()
    return _delivery(row) if row else None


async def save_delivery(tx: Tx, one: Delivery) -> None:
    await tx.execute(update(_deliveries).where(_deliveries.c.id == one.id).values(**asdict(one)))


async def claim_due(tx: Tx, *, at: datetime, hold: timedelta, limit: int) -> list[Delivery]:
    """Those to be looked at now, put off by `hold` in case who looks dies."""
    table = _deliveries
    due = select(table.c.id).where(table.c.next_at <= at).order_by(table.c.next_at).limit(limit)
    ids = (await tx.execute(due.with_for_update(skip_locked=True))).scalars().all()
    taken = update(table).where(table.c.id.in_(ids)).values(next_at=at + hold)
    return [_delivery(row) for row in await tx.execute(taken.returning(table))] if ids else []


async def take_nearing(tx: Tx, *, at: datetime, hours: int, limit: int) -> list[tuple[UUID, str, datetime]]:
    """(application, kind, end) of running deadlines that end within so many hours and were not reminded of at that distance;
    marked as reminded of. A correction that began as near as that is let pass: its return has told of it."""
    table, before = deadlines, timedelta(hours=hours)
    told = exists().where(
        reminders.c.application_id == table.c.application_id, reminders.c.kind == table.c.kind,
        reminders.c.ends_at == table.c.ends_at, reminders.c.hours == hours,
    )  # fmt: skip
    in_time = table.c.started_at < table.c.ends_at - before
    near = (
        select(table.c.application_id, table.c.kind, table.c.ends_at)
        .where(
            table.c.state == Deadline.RUNNING, table.c.on_end.is_not(None), table.c.ends_at > at,
            table.c.ends_at <= at + before,
            or_(
                table.c.kind == ARRIVAL, table.c.kind.startswith("window."),
                table.c.kind.startswith("correction.") & in_time,
            ), ~told,
        )
        .order_by(table.c.ends_at).limit(limit)
    )  # fmt: skip
    found = (await tx.execute(near)).all()
    if not found:
        return []
    rows = [{**row._mapping, "hours": hours, "at": at} for row in found]
    marked = upsert(reminders).values(rows).on_conflict_do_nothing()
    taken = await tx.execute(marked.returning(reminders.c.application_id, reminders.c.kind, reminders.c.ends_at))
    return [(row.application_id, row.kind, row.ends_at) for row in taken]


async def _of(tx: Tx, ids: Collection[UUID]) -> list[Delivery]:
    query = select(_deliveries).where(_deliveries.c.notification_id.in_(ids))
    return [_delivery(row) for row in await tx.execute(query.order_by(_deliveries.c.way, _deliveries.c.id))]


def _notification(row: Row[Any]) -> Notification:
    told = {name: row._mapping[name] for name in Notification.__slots__}
    handling = Handling(row.handling) if row.handling else None
    return Notification(**{**told, "standing": Standing(row.standing), "handling": handling})


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{**row._mapping, "way": Way(row.way)})
