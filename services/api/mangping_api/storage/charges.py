"""Charges and their lines, one line an application."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import Row, ScalarSelect, case, func, insert, select, update

from mangping_api.domain.charge import Charge, Line, State
from mangping_api.tables import applications, charge_lines, charges, people

_lines = charge_lines


async def add(tx: Tx, charge: Charge, lines: Sequence[Line]) -> None:
    await tx.execute(insert(charges).values(**_row(charge)))
    await tx.execute(insert(_lines), [{"charge_id": charge.id, **asdict(line)} for line in lines])


async def save(tx: Tx, charge: Charge) -> None:
    await tx.execute(update(charges).where(charges.c.id == charge.id).values(**_row(charge)))


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Charge | None:
    query = select(charges).where(charges.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _charge(row) if row else None


async def lines(tx: Tx, id: UUID) -> list[Line]:
    rows = await tx.execute(select(_lines).where(_lines.c.charge_id == id).order_by(_lines.c.application_id))
    return [_line(row) for row in rows]


async def of_application(tx: Tx, application: UUID, *, lock: bool = False) -> Charge | None:
    mine = select(_lines.c.charge_id).where(_lines.c.application_id == application)
    query = select(charges).where(charges.c.id.in_(mine))
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _charge(row) if row else None


async def charged(tx: Tx, applications: Collection[UUID]) -> list[UUID]:
    """Those of these applications that have a charge."""
    query = select(_lines.c.application_id).where(_lines.c.application_id.in_(applications))
    return sorted((await tx.execute(query)).scalars())


async def lapsed(tx: Tx, id: UUID, application: UUID, was: str | None) -> None:
    """Where this application stood when the charge expired; None once it stands there again."""
    mine = (_lines.c.charge_id == id) & (_lines.c.application_id == application)
    await tx.execute(update(_lines).where(mine).values(lapsed_from=was))


async def claim_due(tx: Tx, *, at: datetime, hold: timedelta, limit: int) -> list[Charge]:
    """Those to be ordered or asked about, put off by `hold` in case this process dies."""
    due = (
        select(charges.c.id).where(charges.c.ask_at <= at).order_by(charges.c.ask_at, charges.c.id).limit(limit)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    taken = update(charges).where(charges.c.id.in_(due.scalar_subquery())).values(ask_at=at + hold)
    return [_charge(row) for row in await tx.execute(taken.returning(charges))]


async def account(tx: Tx, person: UUID) -> str:
    """The subject of a registered person."""
    return str((await tx.execute(select(people.c.account).where(people.c.id == person))).scalar_one())


@cache
def beside() -> dict[str, ScalarSelect[Any]]:
    """Subqueries that `applications.whole` takes along, for `charge.facts`."""
    mine, others = _lines.alias("mine"), _lines.alias("others")
    listed = select(func.jsonb_agg(others.c.application_id)).where(others.c.charge_id == mine.c.charge_id)
    roster = case((charges.c.unit.is_not(None), listed.scalar_subquery()), else_=func.jsonb_build_array())
    told = func.jsonb_build_object(
        "state", charges.c.state, "channel", charges.c.channel, "received_at", charges.c.received_at, "fen", mine.c.fen,
        "roster", roster,
    )  # fmt: skip
    found = select(told).select_from(mine.join(charges, charges.c.id == mine.c.charge_id))
    where = mine.c.application_id == applications.c.id
    return {"charge": found.where(where).correlate(applications).scalar_subquery()}


def _row(charge: Charge) -> dict[str, Any]:
    return {**asdict(charge), "due_trace": list(charge.due_trace)}


def _charge(row: Row[Any]) -> Charge:
    return Charge(**{**row._mapping, "state": State(row.state), "due_trace": tuple(row.due_trace)})


def _line(row: Row[Any]) -> Line:
    return Line(row.application_id, row.kind, row.level, row.fen, row.lapsed_from)
