"""How units stand: pledges, what was filed about them, and counts by state and tier in one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy import Integer, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.application import State
from mangping_api.storage.deliberations import reason_of
from mangping_api.storage.duties import INELIGIBLE
from mangping_api.tables import (
    applications,
    hand_ins,
    organisations,
    people,
    recommendations,
    returns,
    teaching_loads,
    unit_matters,
    unit_pledges,
)

Kind = Literal["explanation", "rectification", "bulletin", "suspension"]


@dataclass(frozen=True, slots=True)
class Matter:
    id: UUID
    unit: UUID
    programme: UUID
    kind: Kind
    year: int
    words: str = field(repr=False)
    organisation: UUID
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """One unit's applications of a programme: how many by state and by tier, returned how often, not eligible."""

    unit: UUID
    name: str
    applicants: int
    ineligible: int
    returned: int
    states: Mapping[str, int]
    tiers: Mapping[str, int]

    @property
    def percent(self) -> int:
        """Whole percent of those not eligible, rounded down: thresholds are compared with the counts themselves."""
        return self.ineligible * 100 // self.applicants if self.applicants else 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line of a unit's list: an applicant, where they stand, and why."""

    application: UUID
    name: bytes | None = field(repr=False)
    person: UUID
    kind: str
    level: str
    state: State
    agrees: bool | None
    rank: int | None
    tied: bool | None
    reason: str | None = field(repr=False)


async def pledge(tx: Tx, unit: UUID, programme: UUID, by: UUID, at: datetime) -> bool:
    """False when somebody pledged already."""
    row = {"unit": unit, "programme": programme, "pledged_by": by, "pledged_at": at}
    return (await tx.execute(upsert(unit_pledges).values(**row).on_conflict_do_nothing())).rowcount == 1


async def add_matter(tx: Tx, keys: Keys, matter: Matter, by: UUID) -> None:
    row = {
        "id": matter.id, "unit": matter.unit, "programme": matter.programme, "kind": matter.kind, "year": matter.year,
        "words": keys.seal(f"unit_matters.words/{matter.id}", matter.words), "organisation": matter.organisation,
        "recorded_at": matter.recorded_at, "recorded_by": by,
    }  # fmt: skip
    await tx.execute(insert(unit_matters).values(**row))


async def matters(tx: Tx, keys: Keys, unit: UUID, programme: UUID) -> list[Matter]:
    """Oldest first."""
    here = (unit_matters.c.unit == unit) & (unit_matters.c.programme == programme)
    rows = await tx.execute(select(unit_matters).where(here).order_by(unit_matters.c.recorded_at, unit_matters.c.id))
    return [
        Matter(
            row.id, row.unit, row.programme, row.kind, row.year,
            keys.open(f"unit_matters.words/{row.id}", row.words), row.organisation, row.recorded_at,
        )
        for row in rows
    ]  # fmt: skip


async def counted(tx: Tx, above: UUID, programme: UUID) -> list[Counted]:
    """Every unit below an organisation with applications handed in, by name; one pass over them."""
    returned = (
        select(returns.c.application_id, func.count().label("times"))
        .join(applications, applications.c.id == returns.c.application_id)
        .where(applications.c.programme == programme)
        .group_by(returns.c.application_id)
        .subquery()
    )
    ineligible = applications.c.state.in_(INELIGIBLE).cast(Integer)
    each = (
        select(
            applications.c.unit, applications.c.state, applications.c.tier, func.count().label("number"),
            func.sum(ineligible).label("ineligible"),
            func.coalesce(func.sum(returned.c.times), 0).label("returned"),
        )
        .select_from(applications.outerjoin(returned, returned.c.application_id == applications.c.id))
        .where(
            applications.c.programme == programme, applications.c.line.contains([above]),
            applications.c.submitted_at.is_not(None),
        )
        .group_by(applications.c.unit, applications.c.state, applications.c.tier)
        .subquery()
    )  # fmt: skip
    query = select(each, organisations.c.name).join(organisations, organisations.c.id == each.c.unit)
    found: dict[UUID, list[Any]] = {}
    for row in await tx.execute(query.order_by(organisations.c.name, each.c.unit)):
        found.setdefault(row.unit, []).append(row)
    return [_counted(unit, rows) for unit, rows in found.items()]


def _counted(unit: UUID, rows: list[Any]) -> Counted:
    states: dict[str, int] = {}
    tiers: dict[str, int] = {}
    for row in rows:
        states[row.state] = states.get(row.state, 0) + row.number
        if row.state == State.SUBMITTED:
            tiers[row.tier] = tiers.get(row.tier, 0) + row.number
    total, ineligible, returned = (
        sum(int(getattr(row, n)) for row in rows) for n in ("number", "ineligible", "returned")
    )
    return Counted(unit, rows[0].name, total, ineligible, returned, states, tiers)


async def ranking(tx: Tx, keys: Keys, unit: UUID, programme: UUID) -> list[Ranked]:
    """A unit's applicants who handed in, ranked ones first; names still sealed."""
    joined = applications.join(people, people.c.id == applications.c.person).outerjoin(
        recommendations, recommendations.c.application_id == applications.c.id
    )
    r = recommendations.c
    query = (
        select(
            applications.c.id, people.c.name, people.c.id.label("person"), applications.c.kind, applications.c.level,
            applications.c.state, r.agrees, r.rank, r.tied, r.reason,
        )
        .select_from(joined)
        .where(
            applications.c.unit == unit, applications.c.programme == programme,
            applications.c.submitted_at.is_not(None),
        )
        .order_by(r.rank.nulls_last(), applications.c.submitted_at, applications.c.id)
    )  # fmt: skip
    return [
        Ranked(
            row.id, row.name, row.person, row.kind, row.level, State(row.state), row.agrees, row.rank, row.tied,
            reason_of(keys, row.id, row.reason),
        )
        for row in await tx.execute(query)
    ]  # fmt: skip


async def keep_teaching(
    tx: Tx, keys: Keys, application: UUID, content: Mapping[str, Any], by: UUID, at: datetime
) -> int:
    """In place of what was recorded before; its version."""
    sealed = keys.seal(f"teaching_loads.content/{application}", json.dumps(content, ensure_ascii=False))
    row = {"content": sealed, "recorded_at": at, "recorded_by": by}
    made = upsert(teaching_loads).values(application_id=application, version=1, **row)
    again = made.on_conflict_do_update(
        index_elements=["application_id"], set_={**row, "version": teaching_loads.c.version + 1}
    )
    version: int = (await tx.execute(again.returning(teaching_loads.c.version))).scalar_one()
    return version


async def keep_hand_in(
    tx: Tx, keys: Keys, application: UUID, content: Mapping[str, Any], organisation: UUID, by: UUID, at: datetime
) -> None:
    """In place of what was received before."""
    sealed = keys.seal(f"hand_ins.content/{application}", json.dumps(content, ensure_ascii=False))
    row = {"content": sealed, "organisation": organisation, "received_at": at, "received_by": by}
    made = upsert(hand_ins).values(application_id=application, **row)
    await tx.execute(made.on_conflict_do_update(index_elements=["application_id"], set_=row))
