"""Programmes: versions of policy packs, never changed; and the catalogue of rules they cite."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from mangping.policy import Catalogue, Policy, load
from sqlalchemy import Row, func, insert, select, tuple_

from mangping_api.domain.programme import Programme
from mangping_api.tables import programmes as _table

_TOLD = [column for column in _table.c if column.name != "text"]
_FIELDS = tuple(field.name for field in fields(Programme))
_opened: dict[UUID, Policy] = {}  # a pack never changes, so what was read once stays true


@cache
def catalogue() -> Catalogue:
    """The rules that packs may cite. They lie inside an installed wheel, or beside the package in the source tree."""
    here = Path(__file__).parents[1]
    folder = next(place for place in (here / "policy", here.parent / "policy") if place.is_dir())
    return Catalogue.parse((folder / "rules.json").read_text("utf-8"))


async def add(tx: Tx, programme: Programme, text: str) -> None:
    row = {name: getattr(programme, name) for name in _FIELDS}
    await tx.execute(insert(_table).values(**row, text=text))


async def latest(tx: Tx, pack: str) -> Programme | None:
    """The newest version of a pack; whoever asks next waits until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"programme:{pack}", 0))))
    newest = select(*_TOLD).where(_table.c.pack == pack).order_by(_table.c.version.desc()).limit(1)
    row = (await tx.execute(newest)).one_or_none()
    return _programme(row) if row else None


async def find(tx: Tx, id: UUID) -> Programme | None:
    row = (await tx.execute(select(*_TOLD).where(_table.c.id == id))).one_or_none()
    return _programme(row) if row else None


async def policy(tx: Tx, id: UUID) -> Policy:
    """The pack of a programme that is known to be there, read once a process."""
    if (found := _opened.get(id)) is None:
        row = (await tx.execute(select(_table.c.pack, _table.c.text).where(_table.c.id == id))).one()
        found = _opened[id] = load(row.text, f"{row.pack}.yaml", catalogue())
    return found


async def newest(tx: Tx, *, pack: str | None, after: Place | None, limit: int) -> list[Programme]:
    query = select(*_TOLD)
    if pack is not None:
        query = query.where(_table.c.pack == pack)
    if after is not None:
        query = query.where(tuple_(_table.c.created_at, _table.c.id) < after)
    rows = await tx.execute(query.order_by(_table.c.created_at.desc(), _table.c.id.desc()).limit(limit))
    return [_programme(row) for row in rows]


def _programme(row: Row[Any]) -> Programme:
    return Programme(**{name: row._mapping[name] for name in _FIELDS})
