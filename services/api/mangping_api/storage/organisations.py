"""The tree of organisations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from sqlalchemy import Row, func, insert, or_, select, tuple_, update

from mangping_api.domain.organisation import Organisation
from mangping_api.tables import organisations as _table


async def add(tx: Tx, organisation: Organisation, at: datetime) -> None:
    row = {
        "id": organisation.id, "line": list(organisation.line), "name": organisation.name,
        "former_names": list(organisation.former_names), "kind": organisation.kind, "region": organisation.region,
    }  # fmt: skip
    await tx.execute(insert(_table).values(**row, created_at=at))


async def state_facts(tx: Tx, id: UUID, facts: Mapping[str, Any]) -> None:
    await tx.execute(update(_table).where(_table.c.id == id).values(facts=dict(facts)))


async def credit_code_taken(tx: Tx, code: str, *, beside: UUID) -> bool:
    """Whether another organisation has this unified credit code; others who ask meanwhile wait."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"credit_code:{code}", 0))))
    query = select(_table.c.id).where(_table.c.facts["credit_code"].astext == code, _table.c.id != beside)
    return (await tx.execute(query.limit(1))).one_or_none() is not None


async def find(tx: Tx, id: UUID) -> Organisation | None:
    row = (await tx.execute(select(_table).where(_table.c.id == id))).one_or_none()
    return organisation_of(row) if row else None


async def names(tx: Tx, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = await tx.execute(select(_table.c.id, _table.c.name).where(_table.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


async def root_named(tx: Tx, name: str) -> Organisation | None:
    """The oldest organisation of this name that stands under nothing."""
    roots = select(_table).where(_table.c.name == name, func.cardinality(_table.c.line) == 1)
    row = (await tx.execute(roots.order_by(_table.c.created_at, _table.c.id).limit(1))).one_or_none()
    return organisation_of(row) if row else None


async def oldest(
    tx: Tx, *, under: Collection[UUID] | None, after: Place | None, limit: int
) -> list[tuple[Organisation, datetime]]:
    """Oldest first, those at or below one of `under` (None: all); `after` is where the last page ended."""
    query = select(_table)
    if under is not None:
        query = query.where(or_(*(_table.c.line.contains([id]) for id in under)) if under else _table.c.id.is_(None))
    if after is not None:
        query = query.where(tuple_(_table.c.created_at, _table.c.id) > after)
    rows = await tx.execute(query.order_by(_table.c.created_at, _table.c.id).limit(limit))
    return [(organisation_of(row), row.created_at) for row in rows]


def organisation_of(row: Row[Any]) -> Organisation:
    return Organisation(
        row.id, tuple(row.line), row.name, tuple(row.former_names), row.kind, row.region, row.facts or {}
    )
