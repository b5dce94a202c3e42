"""Lists of journals that administrators load: risks, and catalogues of core journals by edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.journal import Journal, Kind
from mangping_api.tables import journal_lists, journals


@dataclass(frozen=True, slots=True)
class JournalList:
    id: UUID
    kind: Kind
    name: str
    edition: str
    journals: int
    loaded_at: datetime


async def add(tx: Tx, made: JournalList, lines: Sequence[Journal], by: UUID) -> bool:
    """False when this edition is loaded already."""
    row = {
        "id": made.id, "kind": made.kind, "name": made.name, "edition": made.edition, "journals": made.journals,
        "loaded_at": made.loaded_at, "loaded_by": by,
    }  # fmt: skip
    if (await tx.execute(upsert(journal_lists).values(**row).on_conflict_do_nothing())).rowcount == 0:
        return False
    marked = {mark: line for line in lines for mark in line.marks()}
    rows = [
        {"list_id": made.id, "mark": mark, "title": line.title, "reason": line.reason} for mark, line in marked.items()
    ]
    if rows:
        await tx.execute(insert(journals), rows)
    return True


async def lists(tx: Tx) -> list[JournalList]:
    """Newest first."""
    rows = await tx.execute(select(journal_lists).order_by(journal_lists.c.loaded_at.desc(), journal_lists.c.id))
    return [JournalList(row.id, row.kind, row.name, row.edition, row.journals, row.loaded_at) for row in rows]


async def named(tx: Tx, marks: Sequence[str]) -> list[tuple[JournalList, Journal]]:
    """Where any of these marks stands, for people to check by hand."""
    query = (
        select(journal_lists, journals.c.title, journals.c.reason)
        .join(journals, journals.c.list_id == journal_lists.c.id)
        .where(journals.c.mark.in_(marks))
        .order_by(journal_lists.c.loaded_at.desc(), journal_lists.c.id, journals.c.mark)
    )
    found: dict[tuple[UUID, str], tuple[JournalList, Journal]] = {}
    for row in await tx.execute(query):
        made = JournalList(row.id, row.kind, row.name, row.edition, row.journals, row.loaded_at)
        found.setdefault((row.id, row.title), (made, Journal(row.title, reason=row.reason)))
    return list(found.values())
