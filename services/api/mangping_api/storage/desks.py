"""The queue: what lies open at the desks of an organisation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from sqlalchemy import ColumnElement, Select, cast, func, literal_column, or_, select, true, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import Uuid

from mangping_api.domain.application import Application
from mangping_api.domain.review import Desk
from mangping_api.storage.applications import Wanted, application_of, stream
from mangping_api.tables import applications, desks, ledger

Claimed = Literal["me", "others", "nobody"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a queue is cut down to; None cuts nothing."""

    wanted: Wanted
    tier: str | None = None
    overdue: bool | None = None
    claimed: Claimed | None = None
    person: UUID | None = None  # who "me" is


@dataclass(frozen=True, slots=True)
class Waiting:
    desk: Desk
    application: Application


async def queue(
    tx: Tx, places: Collection[UUID], asked: Asked, *, at: datetime, after: Place | None, limit: int
) -> list[Waiting]:
    """As fast with a million files as with ten: one index scan for each organisation, merged; of one school or person,
    their applications and where those lie."""
    conditions = _conditions(asked, at)
    if after is not None:
        conditions.append(tuple_(desks.c.ranked_at, desks.c.application_id) > after)
    wanted = asked.wanted.conditions()
    few = asked.wanted.unit is not None or asked.wanted.person is not None
    query = _of_few(places, wanted, conditions) if few else _of_many(places, wanted, conditions, limit)
    rows = await tx.execute(query.order_by("desk_ranked_at", "desk_application_id").limit(limit))
    return [Waiting(_desk(dict(row)), application_of(dict(row))) for row in rows.mappings()]


_DESK = [column.label(f"desk_{column.name}") for column in desks.c]
_Conditions = list[ColumnElement[bool]]


def _of_many(places: Collection[UUID], wanted: _Conditions, conditions: _Conditions, limit: int) -> Select[Any]:
    own = select(func.unnest(cast(sorted(places), postgresql.ARRAY(Uuid))).label("organisation")).subquery("own")
    each = (
        select(*_DESK, *applications.c)
        .select_from(desks.join(applications, applications.c.id == desks.c.application_id))
        .where(desks.c.organisation_id == own.c.organisation, desks.c.closed_at.is_(None), *wanted, *conditions)
        .order_by(desks.c.ranked_at, desks.c.application_id).limit(limit)
    ).lateral("waiting")  # fmt: skip
    return select(each).select_from(own.join(each, true()))


def _of_few(places: Collection[UUID], wanted: _Conditions, conditions: _Conditions) -> Select[Any]:
    """The offset, which stands in the statement itself, holds the planner to this order: their applications, the desks of
    each by its key, and only then whose they are. It takes the queue of any organisation for a short one."""
    here = (desks.c.application_id == applications.c.id) & desks.c.closed_at.is_(None)
    lying = select(*_DESK).where(here, *conditions).offset(literal_column("0"))
    theirs = lying.correlate(applications).lateral("theirs")
    query = select(theirs, *applications.c).select_from(applications.join(theirs, true()))
    return query.where(theirs.c.desk_organisation_id.in_(places), *wanted)


def _conditions(asked: Asked, at: datetime) -> _Conditions:
    found: _Conditions = []
    if asked.tier is not None:
        found.append(desks.c.tier == asked.tier)
    if asked.overdue is not None:
        # Told by what the index is ordered by: what has no end is ranked years after everything that has one.
        found.append(desks.c.ranked_at <= at if asked.overdue else desks.c.ranked_at > at)
    held = func.coalesce(desks.c.claimed_until > at, False)
    if asked.claimed == "me":
        found.append(held & (desks.c.claimed_by == asked.person))
    elif asked.claimed == "others":
        found.append(held & (desks.c.claimed_by != asked.person))
    elif asked.claimed == "nobody":
        found.append(or_(desks.c.claimed_by.is_(None), ~held))
    return found


async def record_recusal(tx: Tx, application: UUID, actor: str, at: datetime) -> None:
    await ledger.record(tx, stream(application), "application.reviewer_recused", actor=actor, at=at)


def _desk(row: Mapping[str, object]) -> Desk:
    told = {name: row[f"desk_{name}"] for name in ("tier", "body", "since", "due_at", "closed_at", "claimed_by")}
    return Desk(**told, organisation=row["desk_organisation_id"], claimed_until=row["desk_claimed_until"])  # type: ignore[arg-type]
