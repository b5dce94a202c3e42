"""Deadlines: kept in the database, so that whatever was down meanwhile, none is forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from mangping.clock import Deadline
from mangping.db import Tx
from sqlalchemy import ColumnElement, ScalarSelect, delete, func, insert, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from mangping_api.domain.application import Act
from mangping_api.domain.deadline import Running, Standing
from mangping_api.tables import applications
from mangping_api.tables import deadlines as _table


async def add(tx: Tx, application: UUID, running: Iterable[Running]) -> None:
    rows = [
        {
            "application_id": application, "kind": one.kind, "title": one.title, "rule": one.counted.rule,
            "started_at": one.counted.started_at, "raw_end": one.counted.raw_end, "ends_at": one.counted.end,
            "calendar": one.counted.calendar, "trace": list(one.counted.trace), "on_end": one.on_end,
            "state": one.standing,
        }
        for one in running
    ]  # fmt: skip
    if rows:
        await tx.execute(insert(_table), rows)


async def of(tx: Tx, application: UUID) -> list[Running]:
    """Those of an application, by their ends."""
    rows = await tx.execute(
        select(_table).where(_table.c.application_id == application).order_by(_table.c.ends_at, _table.c.kind)
    )
    return [_running(dict(row)) for row in rows.mappings()]


@cache
def beside() -> dict[str, ScalarSelect[Any]]:
    """A subquery that `applications.whole` takes along, for `among`."""
    own = _table.alias("own_deadlines")
    rows = func.jsonb_agg(aggregate_order_by(func.to_jsonb(literal_column(own.name)), own.c.ends_at, own.c.kind))
    every = select(rows).select_from(own).where(own.c.application_id == applications.c.id)
    return {"deadlines": every.correlate(applications).scalar_subquery()}


def among(found: Mapping[str, Any]) -> list[Running]:
    """Those of an application, by their ends, from what `beside` asked for."""
    instants = ("started_at", "raw_end", "ends_at")
    told = found["deadlines"] or ()
    return [_running({**row, **{name: datetime.fromisoformat(row[name]) for name in instants}}) for row in told]


async def stand(tx: Tx, application: UUID, standing: Standing, *kinds: str, was: Standing) -> None:
    """What the clock would have acted on is met, or runs again: of these kinds (one that ends with a dot stands for all
    that begin with it). Of no kind: every one, also what is only shown, as the application has come to its end."""
    meant = (_table.c.application_id == application) & (_table.c.state == was)
    if kinds:
        named = (_table.c.kind.startswith(kind) if kind.endswith(".") else _table.c.kind == kind for kind in kinds)
        meant &= _table.c.on_end.is_not(None) & or_(*named)
    await tx.execute(update(_table).where(meant).values(state=standing))


async def put_off(tx: Tx, application: UUID, kind: str, end: datetime, why: str) -> None:
    """It ends later, and its trace says why."""
    own = (_table.c.application_id == application) & (_table.c.kind == kind)
    later = update(_table).where(own).values(ends_at=end, trace=func.array_append(_table.c.trace, why))
    await tx.execute(later)


async def show_again(tx: Tx, application: UUID) -> None:
    """It goes on after all: what is only shown runs again; what the clock would have acted on stays met."""
    shown = (_table.c.application_id == application) & _table.c.on_end.is_(None) & (_table.c.state == Standing.MET)
    await tx.execute(update(_table).where(shown).values(state=Standing.RUNNING))


class Due(NamedTuple):
    application: UUID
    kind: str


async def due(tx: Tx, *, at: datetime, limit: int) -> list[Due]:
    """Deadlines that have ended, the oldest first. An inquiry stops the clock's hand."""
    query = select(_table.c.application_id, _table.c.kind).select_from(_owned).where(*_ended(at))
    rows = await tx.execute(query.order_by(_table.c.ends_at).limit(limit))
    return [Due(row.application_id, row.kind) for row in rows]


async def take(tx: Tx, one: Due, *, at: datetime) -> Running | None:
    """It is passed now, its application locked. None when it was dealt with meanwhile, or somebody holds either: that is
    left to the next round, so that nobody ever waits here."""
    own = (_table.c.application_id == one.application) & (_table.c.kind == one.kind)
    query = select(_table).select_from(_owned).where(own, *_ended(at))
    locked = query.with_for_update(of=[_table, applications], skip_locked=True)
    row = (await tx.execute(locked)).mappings().one_or_none()
    if row is None:
        return None
    await tx.execute(update(_table).where(own).values(state=Standing.PASSED))
    return _running(dict(row))


_owned = _table.join(applications, applications.c.id == _table.c.application_id)


def _ended(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return _table.c.state == Standing.RUNNING, _table.c.ends_at <= at, applications.c.suspended_at.is_(None)


async def drop(tx: Tx, applications: Collection[UUID], kind: str) -> None:
    """What it was to end is no more: a posting was taken down."""
    await tx.execute(delete(_table).where(_table.c.application_id.in_(applications), _table.c.kind == kind))


def _running(row: Mapping[str, Any]) -> Running:
    counted = Deadline(
        row["rule"], row["started_at"], row["raw_end"], row["ends_at"], row["calendar"], tuple(row["trace"])
    )  # fmt: skip
    act = Act(row["on_end"]) if row["on_end"] else None
    return Running(row["kind"], row["title"], counted, act, Standing(row["state"]))
