"""Complaint cases. Who complains, of what, and how it was decided is sealed."""

from __future__ import annotations

import json
from collections.abc import Collection
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy import Row, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.integrity import Complaint
from mangping_api.storage.relations import related
from mangping_api.tables import complaints as _table


async def keep(tx: Tx, keys: Keys, complaint: Complaint, by: UUID) -> None:
    """As taken in, or as decided."""
    decided = complaint.state == "decided"
    words = json.dumps(dict(complaint.content), ensure_ascii=False)
    row = {
        "application_id": complaint.application, "line": list(complaint.line), "channel": complaint.channel,
        "subject": complaint.subject, "content": keys.seal(_about("content", complaint.id), words),
        "state": complaint.state, "conclusion": complaint.conclusion, "basis": list(complaint.basis),
        "decision": keys.seal(_about("decision", complaint.id), complaint.decision) if decided else None,
        "received_at": complaint.received_at, "decided_at": complaint.decided_at,
    }  # fmt: skip
    row |= {"decided_by": by} if decided else {"received_by": by}
    if decided:
        await tx.execute(update(_table).where(_table.c.id == complaint.id).values(**row))
    else:
        await tx.execute(upsert(_table).values(id=complaint.id, **row))


async def find(tx: Tx, keys: Keys, id: UUID, *, lock: bool = False) -> Complaint | None:
    query = select(_table).where(_table.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _complaint(keys, row) if row else None


async def oldest(
    tx: Tx, keys: Keys, reader: UUID, *, under: Collection[UUID], state: str | None, after: Place | None, limit: int
) -> list[Complaint]:
    """Those below any of these organisations, oldest first, but none about an application that `reader` is related to."""
    below = or_(*(_table.c.line.contains([id]) for id in under))
    query = select(_table).where(below, ~related(reader, _table.c.application_id))
    if state is not None:
        query = query.where(_table.c.state == state)
    if after is not None:
        query = query.where(tuple_(_table.c.received_at, _table.c.id) > after)
    rows = await tx.execute(query.order_by(_table.c.received_at, _table.c.id).limit(limit))
    return [_complaint(keys, row) for row in rows]


async def open_beside(tx: Tx, application: UUID, complaint: UUID) -> bool:
    """Whether another inquiry into this application is still open."""
    query = select(_table.c.id).where(
        _table.c.application_id == application, _table.c.state == "open", _table.c.id != complaint
    )
    return (await tx.execute(query.limit(1))).one_or_none() is not None


def _complaint(keys: Keys, row: Row[tuple[object, ...]]) -> Complaint:
    held = row._mapping
    id = held["id"]
    return Complaint(
        id, held["application_id"], tuple(held["line"]), held["channel"], held["subject"],
        json.loads(keys.open(_about("content", id), held["content"])), held["received_at"], held["state"],
        held["conclusion"], tuple(held["basis"] or ()),
        keys.open(_about("decision", id), held["decision"]) if held["decision"] else "", held["decided_at"],
    )  # fmt: skip


def _about(column: str, id: UUID) -> str:
    return f"complaints.{column}/{id}"
