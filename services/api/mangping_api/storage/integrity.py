"""The integrity register. A person is found by the digest of their ID number, under whichever of our keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy import Row, func, insert, select, update

from mangping_api.domain.integrity import Entry, Subject
from mangping_api.storage.people import id_number_digests
from mangping_api.tables import integrity_entries as _table


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry with everything that was written down about it."""

    entry: Entry
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    subject: Subject
    basis: tuple[str, ...]
    words: str = field(repr=False)
    ban: str | None
    programme: UUID | None
    application: UUID | None
    complaint: UUID | None
    organisation: UUID
    looked_back: tuple[Mapping[str, Any], ...]
    entered_at: datetime
    entered_by: UUID
    appeal: str = field(default="", repr=False)
    appealed_at: datetime | None = None
    answer: str = field(default="", repr=False)
    answered_at: datetime | None = None


async def add(tx: Tx, keys: Keys, found: Finding) -> None:
    entry, id = found.entry, found.entry.id
    who = json.dumps({"name": found.name, "id_number": found.id_number}, ensure_ascii=False)
    row = {
        "id": id, "id_number_digests": id_number_digests(keys, found.id_number),
        "who": keys.seal(_about("who", id), who), "subject": found.subject, "cause": entry.cause,
        "basis": list(found.basis), "words": keys.seal(_about("words", id), found.words), "effect": entry.effect,
        "ban": found.ban, "programme": found.programme, "application_id": found.application,
        "complaint_id": found.complaint, "organisation": found.organisation, "decided_on": entry.decided_on,
        "until": entry.until, "looked_back": [dict(one) for one in found.looked_back], "entered_at": found.entered_at,
        "entered_by": found.entered_by,
    }  # fmt: skip
    await tx.execute(insert(_table).values(**row))


async def find(tx: Tx, keys: Keys, id: UUID, *, lock: bool = False) -> Finding | None:
    query = select(_table).where(_table.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _finding(keys, row) if row else None


async def of_number(tx: Tx, keys: Keys, id_number: str) -> list[Finding]:
    """Everything about one person, oldest first."""
    mine = _table.c.id_number_digests.overlap(id_number_digests(keys, id_number))
    rows = await tx.execute(select(_table).where(mine).order_by(_table.c.entered_at, _table.c.id))
    return [_finding(keys, row) for row in rows]


async def appeal(tx: Tx, keys: Keys, id: UUID, words: str, at: datetime) -> None:
    row = {"appeal": keys.seal(_about("appeal", id), words), "appealed_at": at}
    await tx.execute(update(_table).where(_table.c.id == id).values(**row))


async def answer(tx: Tx, keys: Keys, id: UUID, words: str, at: datetime, *, lifted: bool) -> None:
    row = {"appeal_answer": keys.seal(_about("answer", id), words), "answered_at": at, "lifted": lifted}
    await tx.execute(update(_table).where(_table.c.id == id).values(**row))


async def recognise(tx: Tx, keys: Keys, id_number: str) -> None:
    """Whoever registers under this number is known by it from now on, whichever of our keys was the current one."""
    digests = id_number_digests(keys, id_number)
    mine = _table.c.id_number_digests.overlap(digests)
    await tx.execute(update(_table).where(mine).values(id_number_digests=digests))


async def forget_older(tx: Tx, keys: Keys) -> int:
    """Entries known by the current key lose their digests under others; of how many. For when every person lies under
    the current key."""
    held = select(_table.c.id, _table.c.id_number_digests).where(func.cardinality(_table.c.id_number_digests) > 1)
    count, mark = 0, f"{keys.current}:"
    for row in (await tx.execute(held.with_for_update())).all():
        if current := [one for one in row.id_number_digests if one.startswith(mark)]:
            await tx.execute(update(_table).where(_table.c.id == row.id).values(id_number_digests=current))
            count += 1
    return count


def _finding(keys: Keys, row: Row[Any]) -> Finding:
    id, who = row.id, json.loads(keys.open(_about("who", row.id), row.who))
    return Finding(
        Entry(id, row.effect, row.cause, row.decided_on, row.until, row.lifted), who["name"], who["id_number"],
        row.subject, tuple(row.basis), keys.open(_about("words", id), row.words), row.ban, row.programme,
        row.application_id, row.complaint_id, row.organisation, tuple(row.looked_back), row.entered_at,
        row.entered_by, keys.open(_about("appeal", id), row.appeal) if row.appeal else "", row.appealed_at,
        keys.open(_about("answer", id), row.appeal_answer) if row.appeal_answer else "", row.answered_at,
    )  # fmt: skip


def _about(column: str, id: UUID) -> str:
    return f"integrity_entries.{column}/{id}"
