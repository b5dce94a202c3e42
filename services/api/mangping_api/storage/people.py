"""People and their roles. What names a person is sealed before it comes here and opened after it left."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.access import Grant, Role
from mangping_api.domain.person import Person
from mangping_api.tables import organisations, people, role_grants

# Asked with every request, so made once.
_STANDING = (
    select(people.c.id, role_grants.c.role, role_grants.c.organisation_id)
    .select_from(people.outerjoin(role_grants, role_grants.c.person_id == people.c.id))
    .where(people.c.account == bindparam("account"))
)
_SEALED = ("name", "former_names", "id_number", "phone", "facts")


async def add(tx: Tx, keys: Keys, person: Person, at: datetime) -> bool:
    """False when the account, or the ID number, is registered already."""
    row = upsert(people).values(**_row(keys, person), created_at=at)
    return (await tx.execute(row.on_conflict_do_nothing())).rowcount == 1


async def save(tx: Tx, keys: Keys, person: Person) -> None:
    await tx.execute(update(people).where(people.c.id == person.id).values(**_row(keys, person)))


async def find(tx: Tx, keys: Keys, id: UUID, *, lock: bool = False) -> Person | None:
    query = select(people).where(people.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return person_of(keys, dict(row._mapping)) if row else None


async def standing(tx: Tx, account: str) -> tuple[UUID, frozenset[Grant]] | None:
    """Who this account is and what they were granted, in one query; None when they never registered."""
    rows = (await tx.execute(_STANDING, {"account": account})).all()
    if not rows:
        return None
    return rows[0].id, frozenset(Grant(Role(row.role), row.organisation_id) for row in rows if row.role)


async def with_number(
    tx: Tx, keys: Keys, *, id_number: str | None, phone: str | None, under: Collection[UUID], limit: int
) -> list[Person]:
    """Those with this ID number and phone whose unit stands at or below one of `under`."""
    query = select(people).join(organisations, organisations.c.id == people.c.unit)
    query = query.where(organisations.c.line.overlap(list(under)))
    if id_number is not None:
        query = query.where(people.c.id_number_digest.in_(_digests(keys, "id_number", id_number)))
    if phone is not None:
        query = query.where(people.c.phone_digest.in_(_digests(keys, "phone", phone)))
    return [person_of(keys, dict(row._mapping)) for row in await tx.execute(query.order_by(people.c.id).limit(limit))]


async def names(tx: Tx, keys: Keys, ids: Collection[UUID]) -> dict[UUID, str]:
    """{id: name}; "" for whoever has registered none."""
    rows = await tx.execute(select(people.c.id, people.c.name).where(people.c.id.in_(ids)))
    return {row.id: keys.open(_about("name", row.id), row.name) if row.name else "" for row in rows}


async def taken(tx: Tx, keys: Keys, id_number: str) -> bool:
    """Whether somebody registered this ID number, under whichever of our keys; others who ask meanwhile wait."""
    digests = _digests(keys, "id_number", id_number)
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(sorted(digests)[0], 0))))
    found = select(people.c.id).where(people.c.id_number_digest.in_(digests)).limit(1)
    return (await tx.execute(found)).one_or_none() is not None


async def grant(tx: Tx, person: UUID, grant: Grant, at: datetime) -> bool:
    """False when they hold it already."""
    row = upsert(role_grants).values(
        person_id=person, role=grant.role, organisation_id=grant.organisation, granted_at=at
    )
    return (await tx.execute(row.on_conflict_do_nothing())).rowcount == 1


async def revoke(tx: Tx, person: UUID, grant: Grant) -> bool:
    """False when they did not hold it."""
    held = (role_grants.c.person_id == person) & (role_grants.c.role == grant.role)
    held &= role_grants.c.organisation_id == grant.organisation
    return (await tx.execute(delete(role_grants).where(held))).rowcount == 1


def _row(keys: Keys, person: Person) -> dict[str, Any]:
    clear = {
        "name": person.name, "id_number": person.id_number, "phone": person.phone,
        "former_names": json.dumps(person.former_names, ensure_ascii=False) if person.former_names else "",
        "facts": json.dumps(dict(person.facts), ensure_ascii=False) if person.facts else "",
    }  # fmt: skip
    sealed = {name: keys.seal(_about(name, person.id), text) if text else None for name, text in clear.items()}
    return {
        "id": person.id, "account": person.account, "unit": person.unit, **sealed, **digests(keys, clear),
    }  # fmt: skip


def digests(keys: Keys, clear: Mapping[str, str]) -> dict[str, str | None]:
    """By which a person with these numbers is found again."""
    found = {name: _digests(keys, name, clear[name])[0] if clear.get(name) else None for name in ("id_number", "phone")}
    return {f"{name}_digest": digest for name, digest in found.items()}


def person_of(keys: Keys, row: Mapping[str, Any]) -> Person:
    """`row` has the columns of `people` by their names."""
    id = row["id"]
    clear = {name: keys.open(_about(name, id), row[name]) if row[name] else "" for name in _SEALED}
    former = tuple(json.loads(clear.pop("former_names") or "[]"))
    facts = json.loads(clear.pop("facts") or "{}")
    return Person(id=id, account=row["account"], unit=row["unit"], former_names=former, facts=facts, **clear)


def name_of(keys: Keys, id: UUID, sealed: bytes | None) -> str:
    """A name that was read by itself."""
    return keys.open(_about("name", id), sealed) if sealed else ""


def id_number_digests(keys: Keys, id_number: str) -> list[str]:
    """What an ID number may be known by, one for each of our keys, the current one's first."""
    return _digests(keys, "id_number", id_number)


def _about(column: str, id: UUID) -> str:
    return f"people.{column}/{id}"


def _digests(keys: Keys, column: str, value: str) -> list[str]:
    """The column's name goes in, so that equal values of two columns do not look equal."""
    return keys.digests(f"people.{column}\0{value}".encode())
