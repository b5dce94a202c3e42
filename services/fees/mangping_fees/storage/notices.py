"""Notices and their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Straight, Tx
from sqlalchemy import Row, bindparam, func, insert, select, tuple_, update
from sqlalchemy import Sequence as Numbers

from mangping_fees.domain.notice import PAYABLE, Line, Notice, State
from mangping_fees.domain.payment import Channel
from mangping_fees.tables import SCHEMA, notice_lines, notices

_notices, _lines = notices, notice_lines
_numbers = Numbers("bill_numbers", schema=SCHEMA)
_UNDATED = _notices.c.received_at.is_not(None) & _notices.c.due_at.is_(None) & _notices.c.state.in_(sorted(PAYABLE))
_NAMES = tuple(field.name for field in fields(Notice))
_SAVE = update(_notices).where(_notices.c.id == bindparam("which"))
_PAID_FOR = Straight(
    select(_notices)
    .where(_notices.c.region_code == bindparam("region_code"), _notices.c.pay_code == bindparam("pay_code"))
    .with_for_update()
)
Claim = tuple[UUID, str, int]  # application, item, attempt


async def next_serial(tx: Tx) -> int:
    """Grows, never repeats; gaps are no fault."""
    return int((await tx.execute(select(_numbers.next_value()))).scalar_one())


async def add(tx: Tx, notice: Notice, serial: int, lines: Sequence[Line]) -> None:
    await tx.execute(insert(_notices), [{**row_of(notice), "serial": serial}])
    rows = [{**asdict(line), "notice_id": notice.id, "position": at, "current": True} for at, line in enumerate(lines)]
    await tx.execute(insert(_lines), rows)


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Notice | None:
    return await _one(tx, _notices.c.id == id, lock=lock)


async def paid_for(tx: Tx, region_code: str, pay_code: str) -> Notice | None:
    """The notice of this pay code, locked."""
    rows = await _PAID_FOR.rows(tx, {"region_code": region_code, "pay_code": pay_code})
    return _notice(rows[0]) if rows else None


async def of_order(tx: Tx, order_id: UUID) -> Notice | None:
    return await _one(tx, _notices.c.order_id == order_id, lock=False)


async def save(tx: Tx, notice: Notice) -> None:
    await tx.execute(_SAVE, {**row_of(notice), "which": notice.id})


async def lines(tx: Tx, id: UUID) -> list[Line]:
    rows = await tx.execute(select(_lines).where(_lines.c.notice_id == id).order_by(_lines.c.position))
    return [_line(row) for row in rows]


async def lock_applications(tx: Tx, applications: Collection[UUID]) -> None:
    """Two orders for the same application are taken one after the other."""
    for application in sorted(applications):
        await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"fee:{application}", 0))))


async def claims(tx: Tx, applications: Collection[UUID]) -> dict[Claim, UUID]:
    """Which attempts of these applications have a notice already."""
    rows = await tx.execute(
        select(_lines.c.application_id, _lines.c.item, _lines.c.attempt, _lines.c.notice_id).where(
            _lines.c.application_id.in_(applications)
        )
    )
    return {(row.application_id, row.item, row.attempt): row.notice_id for row in rows}


async def retire_lines(tx: Tx, id: UUID) -> None:
    """A later attempt takes their place."""
    await tx.execute(update(_lines).where(_lines.c.notice_id == id).values(current=False))


async def claim_due_steps(tx: Tx, *, at: datetime, hold: timedelta, limit: int) -> list[Notice]:
    """Notices that something is owed to, put off by `hold`: a worker that dies leaves them to the next."""
    due = (
        select(_notices.c.id).where(_notices.c.step_at <= at).order_by(_notices.c.step_at).limit(limit)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    taken = update(_notices).where(_notices.c.id.in_(due.scalar_subquery())).values(step_at=at + hold)
    return [_notice(dict(row)) for row in (await tx.execute(taken.returning(_notices))).mappings()]


async def fallen_due(tx: Tx, *, at: datetime, limit: int) -> list[UUID]:
    due = select(_notices.c.id).where(_notices.c.state.in_(sorted(PAYABLE)), _notices.c.due_at <= at)
    return list((await tx.execute(due.order_by(_notices.c.due_at).limit(limit))).scalars())


async def undated(tx: Tx, *, limit: int) -> list[UUID]:
    """Received, payable, and without an end: the calendar of a year in it is not published."""
    waiting = select(_notices.c.id).where(_UNDATED).order_by(_notices.c.received_at).limit(limit)
    return list((await tx.execute(waiting)).scalars())


async def newest(
    tx: Tx,
    *,
    after: Place | None,
    limit: int,
    applicant: str | None,
    state: State | None,
    application: UUID | None,
    undated: bool = False,
) -> list[Notice]:
    """Newest first; `after` is where the last page ended."""
    query = select(_notices)
    if applicant is not None:
        query = query.where(_notices.c.applicant == applicant)
    if state is not None:
        query = query.where(_notices.c.state == state)
    if application is not None:
        query = query.where(_notices.c.id.in_(select(_lines.c.notice_id).where(_lines.c.application_id == application)))
    if undated:
        query = query.where(_UNDATED)
    if after is not None:
        query = query.where(tuple_(_notices.c.created_at, _notices.c.id) < after)
    rows = await tx.execute(query.order_by(_notices.c.created_at.desc(), _notices.c.id.desc()).limit(limit))
    return [_notice(dict(row)) for row in rows.mappings()]


async def _one(tx: Tx, where: Any, *, lock: bool) -> Notice | None:
    query = select(_notices).where(where)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return _notice(dict(row)) if row else None


def row_of(notice: Notice) -> dict[str, Any]:
    row = {name: getattr(notice, name) for name in _NAMES}
    return {**row, "channels": list(notice.channels), "due_trace": list(notice.due_trace)}


def _notice(held: dict[str, Any]) -> Notice:
    del held["serial"]
    told = {"channels": tuple(Channel(name) for name in held["channels"]), "due_trace": tuple(held["due_trace"])}
    return Notice(**{**held, **told, "state": State(held["state"])})


def _line(row: Row[Any]) -> Line:
    return Line(
        row.application_id, row.item, row.attempt, row.kind, row.level, row.project_code, row.name, row.unit, row.basis,
        row.amount_fen,
    )  # fmt: skip
