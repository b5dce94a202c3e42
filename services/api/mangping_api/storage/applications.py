"""Applications, their sealed sections, and what the audit chain tells of them."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.application import HANDED_IN, LIVE, Application, Section, State
from mangping_api.domain.facts import BESIDE
from mangping_api.domain.organisation import Organisation
from mangping_api.domain.person import Person
from mangping_api.storage.people import person_of
from mangping_api.tables import application_sections, ledger, organisations, people, programmes
from mangping_api.tables import applications as _table

_sections = application_sections
_FIELDS = tuple(one.name for one in fields(Application))
_ONE = select(_table).where(_table.c.id == bindparam("id"))
_LOCKED = _ONE.with_for_update()
_LISTS = ("line", "reviewers", "passed")


@dataclass(frozen=True, slots=True)
class Whole:
    """An application with whose it is, where they work, how many others of the same year and level this person
    submitted to whichever committee, what was saved of its form, and what else was asked for beside it."""

    application: Application
    person: Person
    unit: Organisation
    same_level_same_year: int
    sections: tuple[Section, ...]
    beside: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def form(self) -> dict[str, Any]:
        """What was saved, field by field, of all sections of the form."""
        filled = (section for section in self.sections if section.key not in BESIDE)
        return {key: value for section in filled for key, value in section.content.items()}


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    event: str
    actor: str
    facts: Mapping[str, Any]


async def add(tx: Tx, application: Application) -> bool:
    """False when this person has a live application in this programme."""
    row = upsert(_table).values(**row_of(application))
    return (await tx.execute(row.on_conflict_do_nothing())).rowcount == 1


async def save(tx: Tx, application: Application) -> None:
    await tx.execute(update(_table).where(_table.c.id == application.id).values(**row_of(application)))


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Application | None:
    row = (await tx.execute(_LOCKED if lock else _ONE, {"id": id})).mappings().one_or_none()
    return application_of(dict(row)) if row else None


async def whole(
    tx: Tx, keys: Keys, id: UUID, *, lock: bool = False, beside: Mapping[str, ScalarSelect[Any]] | None = None
) -> Whole | None:
    """In one query, with the subqueries `beside` it. A lock, on the application alone, is taken before: what others wrote
    beside it while one waited is then seen too."""
    if lock:
        await find(tx, id, lock=True)
    query = _whole(tuple((beside or {}).items()))
    row = (await tx.execute(query, {"id": id})).mappings().one_or_none()
    if row is None:
        return None
    of = {
        table.name: {c.name: row[f"{table.name}_{c.name}"] for c in table.c}
        for table in (_table, people, organisations)
    }
    unit = of["organisations"]
    place = Organisation(
        unit["id"], tuple(unit["line"]), unit["name"], tuple(unit["former_names"]), unit["kind"], unit["region"],
        unit["facts"] or {},
    )  # fmt: skip
    saved = tuple(
        Section(one["section"], one["version"], _opened(keys, id, one["section"], b64decode(one["content"])))
        for one in row["saved"] or ()
    )
    more = {name: row[name] for name in beside or {}}
    return Whole(application_of(of["applications"]), person_of(keys, of["people"]), place, row["others"], saved, more)


@lru_cache(maxsize=16)
def _whole(beside: tuple[tuple[str, ScalarSelect[Any]], ...]) -> Select[Any]:
    """Takes `id`. Made once for the same subqueries: to make so long a query takes longer than to ask it."""
    told = [
        column.label(f"{table.name}_{column.name}")
        for table in (_table, people, organisations)
        for column in table.c
    ]  # fmt: skip
    joined = _table.join(people, people.c.id == _table.c.person)
    joined = joined.join(organisations, organisations.c.id == _table.c.unit)
    return (
        select(*told, _others().label("others"), _saved().label("saved"))
        .add_columns(*(one.label(name) for name, one in beside))
        .select_from(joined).where(_table.c.id == bindparam("id"))
    )  # fmt: skip


def _others() -> ScalarSelect[int]:
    other = _table.alias("other")
    same = (other.c.person == _table.c.person) & (other.c.year == _table.c.year) & (other.c.level == _table.c.level)
    submitted = (other.c.id != _table.c.id) & other.c.state.in_(HANDED_IN)
    return select(func.count()).where(same, submitted).correlate(_table).scalar_subquery()


def _saved() -> ScalarSelect[Any]:
    content = func.encode(_sections.c.content, "base64")
    one = func.jsonb_build_object(
        "section", _sections.c.section, "version", _sections.c.version, "content", content
    )  # fmt: skip
    mine = select(func.jsonb_agg(one)).where(_sections.c.application_id == _table.c.id)
    return mine.correlate(_table).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is cut down to; None cuts nothing."""

    programme: UUID | None = None
    kind: str | None = None
    level: str | None = None
    unit: UUID | None = None
    state: State | None = None
    person: UUID | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        asked = {name: getattr(self, name) for name in ("programme", "kind", "level", "unit", "state", "person")}
        return [_table.c[name] == value for name, value in asked.items() if value is not None]


async def newest(
    tx: Tx, *, person: UUID, officer_at: Collection[UUID], wanted: Wanted, after: Place | None, limit: int
) -> list[Application]:
    """One's own, and those handed in below the organisations where one is an officer, or that lay on their desks;
    newest first."""
    below = [
        or_(_table.c.line.contains([id]), _table.c.reviewers.contains([id])) & _table.c.submitted_at.is_not(None)
        for id in officer_at
    ]
    query = select(_table).where(or_(_table.c.person == person, *below), *wanted.conditions())
    if after is not None:
        query = query.where(tuple_(_table.c.created_at, _table.c.id) < after)
    rows = await tx.execute(query.order_by(_table.c.created_at.desc(), _table.c.id.desc()).limit(limit))
    return [application_of(dict(row)) for row in rows.mappings()]


async def used_up(tx: Tx, person: UUID, programme: UUID) -> bool:
    """Whether this person's application of the year came to its end in this programme, under any version of its pack:
    after a return, or by the office."""
    given_up = _table.c.state.in_((State.ABANDONED, State.LAPSED)) & _table.c.returned_at.is_not(None)
    ended = or_(_table.c.state.in_((State.NOT_ACCEPTED, State.DISQUALIFIED, State.VOID)), given_up)
    query = select(_table.c.id).where(*_before(person, programme), ended).limit(1)
    return (await tx.execute(query)).one_or_none() is not None


async def counted(tx: Tx, person: UUID, programme: UUID) -> tuple[int, int]:
    """How many submissions of this person count in this programme, under any version of its pack: at all tiers, and at
    the committee. Each application counts on from the one before, so the most is all."""
    most = (func.coalesce(func.max(one), 0) for one in (_table.c.submissions, _table.c.committee_submissions))
    everywhere, at_committee = (await tx.execute(select(*most).where(*_before(person, programme)))).one()
    return everywhere, at_committee


def _before(person: UUID, programme: UUID) -> tuple[ColumnElement[bool], ...]:
    """What this person applied for in this programme before; it is of one year."""
    other = programmes.alias("same")
    same = select(other.c.id).join(programmes, programmes.c.pack == other.c.pack).where(programmes.c.id == programme)
    return _table.c.person == person, _table.c.programme.in_(same)


async def live(tx: Tx, person: UUID, *, lock: bool = False) -> list[Application]:
    """A person's applications that have not come to their end, in the order in which they are locked."""
    query = select(_table).where(_table.c.person == person, _table.c.state.in_(LIVE)).order_by(_table.c.id)
    rows = await tx.execute(query.with_for_update() if lock else query)
    return [application_of(dict(row)) for row in rows.mappings()]


async def alone(tx: Tx, person: UUID, *, holding: UUID | None = None) -> None:
    """Submissions of one person go one after the other, whatever the application; the one in hand is locked with it."""
    gate = func.pg_advisory_xact_lock(func.hashtextextended(f"applicant:{person}", 0))
    if holding is None:
        await tx.execute(select(gate))
        return
    passed = select(gate.label("passed")).cte("gate")
    held = select(_table.c.id).select_from(_table.join(passed, true())).where(_table.c.id == holding)
    await tx.execute(held.with_for_update(of=_table))


async def section(tx: Tx, keys: Keys, id: UUID, key: str) -> Section:
    """Version 0 and empty when nothing was saved."""
    query = select(_sections).where(_sections.c.application_id == id, _sections.c.section == key)
    row = (await tx.execute(query)).one_or_none()
    return Section(key, row.version, _opened(keys, id, key, row.content)) if row else Section(key, 0)


async def save_section(tx: Tx, keys: Keys, id: UUID, section: Section, at: datetime) -> None:
    text = json.dumps(dict(section.content), ensure_ascii=False)
    held = {"version": section.version, "content": keys.seal(_about(id, section.key), text), "saved_at": at}
    row = upsert(_sections).values(application_id=id, section=section.key, **held)
    await tx.execute(row.on_conflict_do_update(index_elements=["application_id", "section"], set_=held))


async def events(tx: Tx, id: UUID) -> list[Event]:
    """What the audit chain tells of an application, oldest first."""
    table = ledger.audit
    rows = await tx.execute(select(table).where(table.c.stream == stream(id)).order_by(table.c.seq))
    return [Event(row.at, row.event, row.actor, row.facts) for row in rows]


def stream(id: UUID) -> str:
    return f"application:{id}"


def _opened(keys: Keys, id: UUID, key: str, sealed: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(keys.open(_about(id, key), sealed))
    return content


def _about(id: UUID, key: str) -> str:
    return f"application_sections.content/{id}/{key}"


def row_of(application: Application) -> dict[str, Any]:
    row = {name: getattr(application, name) for name in _FIELDS}
    return row | {name: list(row[name]) for name in _LISTS} | {"stated": dict(application.stated)}


def application_of(row: Mapping[str, Any]) -> Application:
    told = {name: row[name] for name in _FIELDS}
    return Application(**told | {name: tuple(row[name]) for name in _LISTS} | {"state": State(row["state"])})
