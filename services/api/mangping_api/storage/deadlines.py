"""Deadlines: kept in the database, so that whatever was down meanwhile, none is forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from mangping.clock import Deadline
from mangping.db import Tx
from sqlalchemy import RowMapping, insert, or_, select, tuple_, update

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
    return [_running(row) for row in rows.mappings()]


async def stand(tx: Tx, application: UUID, standing: Standing, *kinds: str, was: Standing) -> None:
    """What the clock would have acted on is met, or runs again: of these kinds (one that ends with a dot
    stands for all that begin with it), or of all."""
    acting = (_table.c.application_id == application) & _table.c.on_end.is_not(None) & (_table.c.state == was)
    if kinds:
        named = (_table.c.kind.startswith(kind) if kind.endswith(".") else _table.c.kind == kind for kind in kinds)
        acting &= or_(*named)
    await tx.execute(update(_table).where(acting).values(state=standing))


async def take_due(tx: Tx, *, at: datetime, limit: int) -> list[tuple[UUID, Running]]:
    """Deadlines that have ended, marked as passed, their applications locked; what somebody else holds is left to the
    next round, so that nobody ever waits here. An inquiry stops the clock's hand."""
    owner = _table.join(applications, applications.c.id == _table.c.application_id)
    due = select(_table).select_from(owner).where(
        _table.c.state == Standing.RUNNING, _table.c.ends_at <= at, applications.c.suspended_at.is_(None)
    )  # fmt: skip
    rows = await tx.execute(
        due.order_by(_table.c.ends_at).limit(limit).with_for_update(of=[_table, applications], skip_locked=True)
    )
    found = [(row["application_id"], _running(row)) for row in rows.mappings()]
    keys = [(application, one.kind) for application, one in found]
    await tx.execute(
        update(_table).where(tuple_(_table.c.application_id, _table.c.kind).in_(keys)).values(state=Standing.PASSED)
    )
    return found


def _running(row: RowMapping) -> Running:
    counted = Deadline(
        row["rule"], row["started_at"], row["raw_end"], row["ends_at"], row["calendar"], tuple(row["trace"])
    )  # fmt: skip
    act = Act(row["on_end"]) if row["on_end"] else None
    return Running(row["kind"], row["title"], counted, act, Standing(row["state"]))
