"""Issued papers: what was printed, under which code, and the digest of its bytes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import Row, insert, select

from mangping_api.domain.paper import Kind, Paper
from mangping_api.tables import papers as _table


async def add(tx: Tx, paper: Paper) -> None:
    row = asdict(paper)
    await tx.execute(insert(_table).values(application_id=row.pop("application"), **row))


async def newest(tx: Tx, application: UUID, kind: Kind) -> Paper | None:
    query = select(_table).where(_table.c.application_id == application, _table.c.kind == kind)
    return _paper((await tx.execute(query.order_by(_table.c.issued_at.desc(), _table.c.id).limit(1))).one_or_none())


async def of(tx: Tx, application: UUID) -> list[Paper]:
    """Newest first."""
    query = select(_table).where(_table.c.application_id == application)
    rows = await tx.execute(query.order_by(_table.c.issued_at.desc(), _table.c.id))
    return [paper for row in rows if (paper := _paper(row)) is not None]


async def find(tx: Tx, id: UUID) -> Paper | None:
    return _paper((await tx.execute(select(_table).where(_table.c.id == id))).one_or_none())


async def of_code(tx: Tx, code: str) -> Paper | None:
    return _paper((await tx.execute(select(_table).where(_table.c.code == code))).one_or_none())


def _paper(row: Row[Any] | None) -> Paper | None:
    if row is None:
        return None
    told = {**row._mapping, "application": row.application_id, "kind": Kind(row.kind)}
    told.pop("application_id")
    return Paper(**told)
