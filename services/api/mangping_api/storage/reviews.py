"""What was done to an application at the tiers. It is only ever added to; what was written there is sealed."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from mangping.contracts import MaskBox
from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy import FromClause, ScalarSelect, delete, func, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.application import Application, Section
from mangping_api.domain.review import (
    Binding,
    Defect,
    Desk,
    Dossier,
    HandedIn,
    Item,
    Returned,
    Signed,
    SignOff,
    Verdict,
)
from mangping_api.storage.applications import application_of, row_of
from mangping_api.tables import applications, desks, recusals, returns, sign_offs, submissions, tier_bodies, verdicts

# By the order in which they were written, one after the other under the lock of their application: two may have begun
# at the same instant.
_PARTS: dict[str, tuple[FromClause, tuple[str, ...]]] = {
    "desks": (desks, ("since", "tier", "body")), "verdicts": (verdicts, ("seq",)), "sign_offs": (sign_offs, ("seq",)),
    "returns": (returns, ("seq",)), "recusals": (recusals, ("at", "person_id")),
}  # fmt: skip
_BOUND = (tier_bodies.c.tier, tier_bodies.c.body, tier_bodies.c.organisation_id)


@cache
def beside() -> dict[str, ScalarSelect[Any]]:
    """Subqueries that `applications.whole` takes along, for `dossier`."""
    parts = {name: _rows(table, order) for name, (table, order) in _PARTS.items()}
    told = func.jsonb_build_object(
        "revision", submissions.c.revision, "at", submissions.c.at, "items", submissions.c["items"]
    )
    every = select(func.jsonb_agg(aggregate_order_by(told, submissions.c.revision)))
    mine = submissions.c.application_id == applications.c.id
    parts["handed_in"] = every.where(mine).correlate(applications).scalar_subquery()
    own = tier_bodies.c.programme_id == applications.c.programme
    bound = select(func.jsonb_agg(aggregate_order_by(func.to_jsonb(literal_column(tier_bodies.name)), *_BOUND)))
    parts["bindings"] = bound.select_from(tier_bodies).where(own).correlate(applications).scalar_subquery()
    return parts


def _rows(table: FromClause, order: tuple[str, ...]) -> ScalarSelect[Any]:
    own = table.alias(f"own_{table.name}")  # type: ignore[attr-defined]
    rows = select(
        func.jsonb_agg(aggregate_order_by(func.to_jsonb(literal_column(own.name)), *(own.c[name] for name in order)))
    )
    rows = rows.select_from(own).where(own.c.application_id == applications.c.id)
    return rows.correlate(applications).scalar_subquery()


def dossier(keys: Keys, id: UUID, found: Mapping[str, Any]) -> Dossier:
    """From what `beside` asked for."""
    return Dossier(
        tuple(_desk(row) for row in found["desks"] or ()),
        tuple(_verdict(keys, id, row) for row in found["verdicts"] or ()),
        tuple(_sign_off(keys, id, row) for row in found["sign_offs"] or ()),
        tuple(_returned(keys, id, row) for row in found["returns"] or ()),
        tuple(_handed_in(row) for row in found["handed_in"] or ()),
        frozenset(UUID(row["person_id"]) for row in found["recusals"] or ()),
        tuple(Binding(row["tier"], row["body"], UUID(row["organisation_id"])) for row in found["bindings"] or ()),
    )


async def find(tx: Tx, keys: Keys, id: UUID) -> Dossier:
    """Of an application that is known to be there."""
    parts = beside()
    query = select(*(one.label(name) for name, one in parts.items())).select_from(applications)
    row = (await tx.execute(query.where(applications.c.id == id))).mappings().one()
    return dossier(keys, id, dict(row))


@cache
def before() -> dict[str, ScalarSelect[Any]]:
    """The same for `sections_before`."""
    last_but_one = (submissions.c.application_id == applications.c.id) & (
        submissions.c.revision == applications.c.revision - 1
    )
    sealed = select(func.encode(submissions.c.sections, "base64")).where(last_but_one)
    return {"before": sealed.correlate(applications).scalar_subquery()}


def sections_before(keys: Keys, id: UUID, found: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """{"section.<key>": content} as handed in the time before last; empty when there was none."""
    sealed = found["before"]
    told = json.loads(keys.open(_about("submissions", id), b64decode(sealed))) if sealed else {}
    return {f"section.{key}": content for key, content in told.items()}


async def hand_in(
    tx: Tx, keys: Keys, application: Application, now: HandedIn, sections: Iterable[Section], opened: Iterable[Desk]
) -> None:
    """The application as it stands, what was handed in, and the desks of its tier, in one statement."""
    content = json.dumps({one.key: dict(one.content) for one in sections}, ensure_ascii=False)
    kept = insert(submissions).values(
        application_id=application.id, revision=now.revision, at=now.at, items=[asdict(one) for one in now.items],
        sections=keys.seal(_about("submissions", application.id), content),
    )  # fmt: skip
    moved = update(applications).where(applications.c.id == application.id).values(**row_of(application))
    moved = moved.add_cte(kept.cte("kept"))
    rows = [_desk_row(application.id, one) for one in opened]
    if rows:
        moved = moved.add_cte(_opening(rows).cte("opened"))
    await tx.execute(moved)


async def open_desks(tx: Tx, application: UUID, opened: Iterable[Desk]) -> None:
    rows = [_desk_row(application, one) for one in opened]
    if rows:
        await tx.execute(_opening(rows))


def _opening(rows: list[dict[str, Any]]) -> Any:
    made = upsert(desks).values(rows)
    again = {name: made.excluded[name] for name in rows[0] if name not in ("application_id", "tier", "body")}
    return made.on_conflict_do_update(index_elements=["application_id", "tier", "body"], set_=again)


async def close_desks(tx: Tx, application: UUID, at: datetime) -> None:
    """It lies nowhere any more; whoever held it lets go."""
    here = (desks.c.application_id == application) & desks.c.closed_at.is_(None)
    await tx.execute(update(desks).where(here).values(closed_at=at, claimed_by=None, claimed_until=None))


async def lying(tx: Tx, programme: UUID) -> list[tuple[Application, tuple[Desk, ...]]]:
    """The applications of a programme that lie at desks, with these; locked, in the order of their ids."""
    here = select(desks.c.application_id).where(desks.c.closed_at.is_(None))
    query = select(applications).where(applications.c.programme == programme, applications.c.id.in_(here))
    held = await tx.execute(query.order_by(applications.c.id).with_for_update())
    found = [application_of(dict(row)) for row in held.mappings()]
    ids = [one.id for one in found]
    open_ = select(func.to_jsonb(literal_column(desks.name)))
    rows = await tx.execute(
        open_.select_from(desks).where(desks.c.application_id.in_(ids), desks.c.closed_at.is_(None))
        .order_by(desks.c.application_id, desks.c.body)
    )  # fmt: skip
    own: dict[UUID, list[Desk]] = {}
    for row in rows.scalars():
        own.setdefault(UUID(row["application_id"]), []).append(_desk(row))
    return [(one, tuple(own[one.id])) for one in found if one.id in own]


async def claim(tx: Tx, application: UUID, desk: Desk, person: UUID | None, until: datetime | None) -> None:
    here = (desks.c.application_id == application) & (desks.c.tier == desk.tier) & (desks.c.body == desk.body)
    await tx.execute(update(desks).where(here).values(claimed_by=person, claimed_until=until))


async def add_verdict(tx: Tx, keys: Keys, application: UUID, verdict: Verdict) -> None:
    sealed = None if verdict.defect is None else keys.seal(_about("verdicts", application), _written(verdict.defect))
    row = {"item": verdict.item, "seen": verdict.seen, "defect": sealed}
    await tx.execute(insert(verdicts).values(**_signed_row(application, verdict.signed), **row))


async def add_sign_off(tx: Tx, keys: Keys, application: UUID, done: SignOff) -> None:
    texts = keys.seal(_about("sign_offs", application), json.dumps(dict(done.texts), ensure_ascii=False))
    row = {"agree": done.agree, "seen": done.seen, "texts": texts, "attested": list(done.attested)}
    await tx.execute(insert(sign_offs).values(**_signed_row(application, done.signed), **row))


async def add_return(tx: Tx, keys: Keys, application: UUID, done: Returned) -> None:
    words = json.dumps([json.loads(_written(one)) for one in done.defects], ensure_ascii=False)
    row = {
        "outcome": done.outcome, "correct_until": done.correct_until,
        "defects": keys.seal(_about("returns", application), words),
    }  # fmt: skip
    await tx.execute(insert(returns).values(**_signed_row(application, done.signed), **row))


async def recuse(tx: Tx, application: UUID, person: UUID, at: datetime) -> None:
    row = upsert(recusals).values(application_id=application, person_id=person, at=at)
    await tx.execute(row.on_conflict_do_nothing())


async def bodies(tx: Tx, programme: UUID) -> tuple[Binding, ...]:
    query = select(tier_bodies).where(tier_bodies.c.programme_id == programme)
    rows = await tx.execute(query.order_by(*_BOUND))
    return tuple(Binding(row.tier, row.body, row.organisation_id) for row in rows)


async def bind(tx: Tx, programme: UUID, bindings: Iterable[Binding]) -> None:
    """In place of what was bound before."""
    await tx.execute(delete(tier_bodies).where(tier_bodies.c.programme_id == programme))
    rows = [
        {"programme_id": programme, "tier": one.tier, "body": one.body, "organisation_id": one.organisation}
        for one in bindings
    ]
    if rows:
        await tx.execute(insert(tier_bodies), rows)


def _about(table: str, id: UUID) -> str:
    return f"{table}/{id}"


def _signed_row(application: UUID, signed: Signed) -> dict[str, Any]:
    return {
        "id": uuid4(), "application_id": application, "tier": signed.tier, "body": signed.body,
        "organisation_id": signed.organisation, "by": signed.by, "at": signed.at, "revision": signed.revision,
    }  # fmt: skip


def _desk_row(application: UUID, desk: Desk) -> dict[str, Any]:
    return {
        "application_id": application, "tier": desk.tier, "body": desk.body, "organisation_id": desk.organisation,
        "since": desk.since, "due_at": desk.due_at, "ranked_at": desk.ranked_at, "closed_at": None,
        "claimed_by": desk.claimed_by, "claimed_until": desk.claimed_until,
    }  # fmt: skip


def _written(defect: Defect) -> str:
    told = asdict(defect) | {"boxes": [box.model_dump(mode="json") for box in defect.boxes]}
    return json.dumps(told, ensure_ascii=False)


def _defect(told: Mapping[str, Any]) -> Defect:
    boxes = tuple(MaskBox.model_validate(box) for box in told["boxes"])
    asks_for = tuple(told["asks_for"]) if told["asks_for"] else None
    return Defect(**{**told, "boxes": boxes, "asks_for": asks_for})


def _signed(row: Mapping[str, Any]) -> Signed:
    return Signed(
        row["tier"], row["body"], UUID(row["organisation_id"]), UUID(row["by"]), _at(row["at"]), row["revision"]
    )


def _verdict(keys: Keys, id: UUID, row: Mapping[str, Any]) -> Verdict:
    sealed = row["defect"]
    defect = None if sealed is None else _defect(json.loads(keys.open(_about("verdicts", id), _bytes(sealed))))
    return Verdict(_signed(row), row["item"], row["seen"], defect)


def _sign_off(keys: Keys, id: UUID, row: Mapping[str, Any]) -> SignOff:
    texts = json.loads(keys.open(_about("sign_offs", id), _bytes(row["texts"])))
    return SignOff(_signed(row), row["agree"], row["seen"], texts, tuple(row["attested"]))


def _returned(keys: Keys, id: UUID, row: Mapping[str, Any]) -> Returned:
    told = json.loads(keys.open(_about("returns", id), _bytes(row["defects"])))
    until = row["correct_until"]
    return Returned(_signed(row), row["outcome"], until and _at(until), tuple(_defect(one) for one in told))


def _handed_in(row: Mapping[str, Any]) -> HandedIn:
    return HandedIn(row["revision"], _at(row["at"]), _items(row["items"]))


def _items(told: Iterable[Mapping[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(one["key"], one["title"], one["digest"], one.get("by", "applicant")) for one in told)


def _desk(row: Mapping[str, Any]) -> Desk:
    due, closed, until = (row[name] and _at(row[name]) for name in ("due_at", "closed_at", "claimed_until"))
    by = row["claimed_by"] and UUID(row["claimed_by"])
    organisation = UUID(row["organisation_id"])
    return Desk(row["tier"], row["body"], organisation, _at(row["since"]), due, closed, by, until)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _bytes(text: str) -> bytes:
    """As PostgreSQL writes bytea in JSON."""
    return bytes.fromhex(text.removeprefix("\\x"))
