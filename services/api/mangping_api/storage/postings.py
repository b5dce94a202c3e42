"""Postings, their photos and objections. What a page shows is sealed as it was posted."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.clock import Deadline
from mangping.cursor import Place
from mangping.db import Tx
from mangping.vault import Keys
from sqlalchemy import ColumnElement, RowMapping, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_api.domain.publicity import Line, Objection, Posting, Shown
from mangping_api.tables import applications, objections, posting_entries, posting_photos, postings


async def add(tx: Tx, keys: Keys, posting: Posting, page: Collection[Shown], by: UUID) -> None:
    counted = posting.counted
    plain = json.dumps([asdict(one) for one in page], ensure_ascii=False)
    row = {
        "id": posting.id, "unit": posting.unit, "programme": posting.programme, "line": list(posting.line),
        "kind": posting.kind, "place": posting.place, "storage_place": posting.storage_place,
        "audience": posting.audience, "contact": keys.seal(_contact(posting.id), posting.contact),
        "contents": list(posting.contents),
        "page": keys.seal(_page(posting.id), plain), "posted_at": posting.posted_at, "rule": counted.rule,
        "raw_end": counted.raw_end, "ends_at": counted.end, "calendar": counted.calendar,
        "trace": list(counted.trace), "posted_by": by,
    }  # fmt: skip
    await tx.execute(insert(postings).values(**row))
    entries = [{"posting_id": posting.id, "application_id": id} for id in posting.applications]
    await tx.execute(insert(posting_entries), entries)


async def find(tx: Tx, keys: Keys, id: UUID, *, lock: bool = False) -> Posting | None:
    query = _told().where(postings.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return _posting(keys, row) if row else None


async def page(tx: Tx, keys: Keys, id: UUID) -> tuple[Shown, ...]:
    """Of a posting that is known to be there."""
    sealed = (await tx.execute(select(postings.c.page).where(postings.c.id == id))).scalar_one()
    return tuple(
        Shown(
            one["name"], one["id_number"], one["what"],
            tuple(
                Line(line["title"], line["text"], tuple(line["head"]), tuple(tuple(row) for row in line["rows"]))
                for line in one["lines"]
            ),
        )
        for one in json.loads(keys.open(_page(id), sealed))
    )  # fmt: skip


async def reviewers(tx: Tx, id: UUID) -> dict[UUID, tuple[UUID, ...]]:
    """{application: organisations beside its unit's line at whose desks it lay} of those posted there."""
    owner = posting_entries.join(applications, applications.c.id == posting_entries.c.application_id)
    query = select(applications.c.id, applications.c.reviewers).select_from(owner)
    rows = await tx.execute(query.where(posting_entries.c.posting_id == id))
    return {row.id: tuple(row.reviewers) for row in rows}


async def newest(tx: Tx, keys: Keys, unit: UUID, *, after: Place | None, limit: int) -> list[Posting]:
    query = _told().where(postings.c.unit == unit)
    if after is not None:
        query = query.where(tuple_(postings.c.posted_at, postings.c.id) < after)
    rows = await tx.execute(query.order_by(postings.c.posted_at.desc(), postings.c.id.desc()).limit(limit))
    return [_posting(keys, row) for row in rows.mappings()]


async def withdraw(tx: Tx, id: UUID, at: datetime) -> None:
    await tx.execute(update(postings).where(postings.c.id == id).values(withdrawn_at=at))


async def certify(tx: Tx, id: UUID, certificate: Mapping[str, str], at: datetime) -> None:
    row = {"certificate": dict(certificate), "certified_at": at}
    await tx.execute(update(postings).where(postings.c.id == id).values(**row))


async def add_photos(tx: Tx, id: UUID, objects: Collection[UUID], at: datetime) -> None:
    rows = [{"posting_id": id, "object_id": one, "added_at": at} for one in sorted(objects)]
    await tx.execute(upsert(posting_photos).on_conflict_do_nothing(), rows)


async def photos(tx: Tx, id: UUID) -> list[UUID]:
    """In the order in which they were added."""
    query = select(posting_photos.c.object_id).where(posting_photos.c.posting_id == id)
    return list((await tx.execute(query.order_by(posting_photos.c.added_at, posting_photos.c.object_id))).scalars())


async def keep_objection(tx: Tx, keys: Keys, objection: Objection, by: UUID | None) -> None:
    """As received, or as settled by somebody."""
    content = {
        "name": objection.name, "contact": objection.contact, "words": objection.words, "handling": objection.handling,
    }  # fmt: skip
    row = {
        "posting_id": objection.posting, "application_id": objection.application, "channel": objection.channel,
        "state": objection.state, "received_at": objection.received_at, "settled_at": objection.settled_at,
        "settled_by": by, "content": keys.seal(_about(objection.id), json.dumps(content, ensure_ascii=False)),
    }  # fmt: skip
    made = upsert(objections).values(id=objection.id, **row)
    await tx.execute(made.on_conflict_do_update(index_elements=["id"], set_=row))


async def objections_of(tx: Tx, keys: Keys, posting: UUID) -> list[Objection]:
    """Oldest first."""
    query = select(objections).where(objections.c.posting_id == posting)
    rows = await tx.execute(query.order_by(objections.c.received_at, objections.c.id))
    return [
        Objection(
            row.id, row.posting_id, row.application_id, row.channel, received_at=row.received_at, state=row.state,
            settled_at=row.settled_at, **json.loads(keys.open(_about(row.id), row.content)),
        )
        for row in rows
    ]  # fmt: skip


def _told() -> Any:
    shown = func.count(posting_photos.c.object_id)
    counted: ColumnElement[int] = (
        select(shown).where(posting_photos.c.posting_id == postings.c.id).correlate(postings).scalar_subquery()
    )
    entered = (
        select(func.array_agg(aggregate_order_by(posting_entries.c.application_id, posting_entries.c.application_id)))
        .where(posting_entries.c.posting_id == postings.c.id)
        .correlate(postings)
        .scalar_subquery()
    )
    columns = [column for column in postings.c if column.name != "page"]
    return select(*columns, counted.label("photos"), entered.label("applications"))


def contact_of(keys: Keys, id: UUID, sealed: bytes) -> str:
    """To whom the public turns."""
    return keys.open(_contact(id), sealed)


def _posting(keys: Keys, row: RowMapping) -> Posting:
    counted = Deadline(
        row["rule"], row["posted_at"], row["raw_end"], row["ends_at"], row["calendar"], tuple(row["trace"])
    )  # fmt: skip
    return Posting(
        row["id"], row["unit"], row["programme"], tuple(row["line"]), row["kind"], row["place"], row["storage_place"],
        row["audience"], contact_of(keys, row["id"], row["contact"]), tuple(row["contents"]),
        tuple(row["applications"] or ()), row["posted_at"], counted, row["photos"],
        row["withdrawn_at"], row["certificate"], row["certified_at"],
    )  # fmt: skip


def _page(id: UUID) -> str:
    return f"postings.page/{id}"


def _contact(id: UUID) -> str:
    return f"postings.contact/{id}"


def _about(id: UUID) -> str:
    return f"objections.content/{id}"
