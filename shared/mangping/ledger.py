"""Four tables that every service keeps in its own schema: outbox, inbox, idempotency keys, audit chain.

All methods run inside a transaction that the caller's service opened, so that state and ledger move together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping.contracts import QUEUES, STAYS, Message
from mangping.db import Tx

_START = b"\0" * 32  # what the first entry of a stream follows
_HOLD = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("stream", type_=Text), 0)))


@dataclass(frozen=True, slots=True)
class Posted:
    """A message on its way out; `message_id` is the queue's job id, so pushing it twice is one delivery."""

    message_id: UUID
    queue: str
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What an Idempotency-Key was used for, and what was answered then."""

    digest: str
    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Last:
    """Where a stream of the audit chain ends."""

    seq: int
    hash: bytes


class Ledger:
    """The ledger of one schema. Adds its tables to `metadata`, where alembic finds them."""

    def __init__(self, metadata: MetaData) -> None:
        self.outbox = _outbox(metadata)
        self.inbox = _inbox(metadata)
        self.keys = _idempotency_keys(metadata)
        self.audit = _audit(metadata)
        newest = select(self.audit.c.seq, self.audit.c.hash).where(self.audit.c.stream == bindparam("stream"))
        self.last = newest.order_by(self.audit.c.seq.desc()).limit(
            1
        )  # takes `stream`; read once nobody else can append

    async def post(self, tx: Tx, messages: Mapping[UUID, Message], *, at: datetime, not_before: datetime) -> None:
        """Owe these messages, each under its id. They leave after the commit, not before `not_before`."""
        rows = [owed(id, message, at=at, not_before=not_before) for id, message in messages.items()]
        if rows:
            await tx.execute(insert(self.outbox), rows[0] if len(rows) == 1 else rows)

    async def claim(
        self, tx: Tx, *, limit: int, at: datetime, until: datetime, among: ColumnElement[bool] | None = None
    ) -> list[Posted]:
        """Take up to `limit` owed messages (of those `among`) for one relay until `until`; another relay takes others."""
        box = self.outbox
        free = (
            select(box.c.id)
            .where(
                box.c.not_before <= at, func.coalesce(box.c.claimed_until, at) <= at, box.c.queue.not_in(STAYS),
                *(() if among is None else (among,)),
            )
            .order_by(box.c.id).limit(limit).with_for_update(skip_locked=True)
        )  # fmt: skip
        claimed = update(box).where(box.c.id.in_(free.scalar_subquery())).values(claimed_until=until)
        rows = await tx.execute(claimed.returning(box.c.id, box.c.message_id, box.c.queue, box.c.kind, box.c.body))
        return [Posted(row.message_id, row.queue, row.kind, row.body) for row in sorted(rows, key=lambda row: row.id)]

    async def next_of(self, tx: Tx, queue: str, *, at: datetime) -> Posted | None:
        """The oldest owed message of a queue in STAYS, locked: consumed and settled in this same transaction."""
        box = self.outbox
        due = select(box).where(box.c.queue == queue, box.c.not_before <= at)
        row = (await tx.execute(due.order_by(box.c.id).limit(1).with_for_update(skip_locked=True))).one_or_none()
        return Posted(row.message_id, row.queue, row.kind, row.body) if row else None

    async def put_off(self, tx: Tx, message_id: UUID, *, until: datetime) -> None:
        """Not now: its consumer failed."""
        await tx.execute(update(self.outbox).where(self.outbox.c.message_id == message_id).values(not_before=until))

    async def settle(self, tx: Tx, message_ids: Sequence[UUID]) -> None:
        """These were handed to the queue."""
        await tx.execute(delete(self.outbox).where(self.outbox.c.message_id.in_(message_ids)))

    async def receive(self, tx: Tx, source: str, external_id: str, *, at: datetime) -> bool:
        """True the first time this message of this source is seen; False ever after."""
        row = upsert(self.inbox).values(source=source, external_id=external_id, received_at=at)
        return (await tx.execute(row.on_conflict_do_nothing())).rowcount == 1

    async def received(self, tx: Tx, source: str, external_id: str) -> bool:
        """Whether this message of this source was seen before."""
        box = self.inbox
        seen = select(box.c.external_id).where(box.c.source == source, box.c.external_id == external_id)
        return (await tx.execute(seen)).first() is not None

    async def kept(self, tx: Tx, actor: str, key: str) -> Kept | None:
        """What this key was used for, if it was."""
        table = self.keys
        mine = (table.c.actor == actor) & (table.c.key == key)
        row = (await tx.execute(select(table.c.digest, table.c.status, table.c.body).where(mine))).one_or_none()
        return Kept(row.digest, row.status, row.body) if row else None

    async def take_key(self, tx: Tx, actor: str, key: str, digest: str, *, at: datetime) -> Kept | None:
        """None when the key is new (answer it with `keep`), else what it was used for.

        A second request with the same key waits here until the first one's transaction ends.
        """
        row = upsert(self.keys).values(actor=actor, key=key, digest=digest, status=0, body={}, created_at=at)
        if (await tx.execute(row.on_conflict_do_nothing())).rowcount == 1:
            return None
        return await self.kept(tx, actor, key)

    async def keep(self, tx: Tx, actor: str, key: str, *, status: int, body: Mapping[str, Any]) -> None:
        """The answer that a repetition of this key will get."""
        mine = (self.keys.c.actor == actor) & (self.keys.c.key == key)
        await tx.execute(update(self.keys).where(mine).values(status=status, body=dict(body)))

    async def forget_keys(self, tx: Tx, *, before: datetime) -> int:
        """Drop answers older than `before`."""
        return (await tx.execute(delete(self.keys).where(self.keys.c.created_at < before))).rowcount

    async def record(
        self, tx: Tx, stream: str, event: str, *, actor: str, at: datetime, facts: Mapping[str, Any] | None = None
    ) -> None:
        """Append to the chain of this stream. `facts` are JSON without floats, and hold no identity."""
        await tx.execute(_HOLD, {"stream": stream})
        row = (await tx.execute(self.last, {"stream": stream})).one_or_none()
        last = Last(row.seq, row.hash) if row else None
        await tx.execute(insert(self.audit), entry(last, stream, event, actor=actor, at=at, facts=facts))

    async def verify(self, tx: Tx, stream: str, known: Last | None = None) -> int | None:
        """The number of the first entry that was changed, dropped, moved or slipped in; None when the chain is whole.
        Only an end that was `known` before tells that its last entries are gone, or that all of it was written anew."""
        table = self.audit
        rows = await tx.execute(select(table).where(table.c.stream == stream).order_by(table.c.seq))
        prev, reached = _START, 0
        for expected, row in enumerate(rows.mappings(), start=1):
            told = {name: row[name] for name in ("stream", "seq", "at", "actor", "event", "facts")}
            if row["seq"] != expected or row["prev"] != prev or row["hash"] != _link(prev, told):
                return expected
            prev, reached = row["hash"], expected
            if known is not None and known.seq == expected and known.hash != prev:
                return expected
        return reached + 1 if known is not None and known.seq > reached else None

    async def ends(self, tx: Tx) -> dict[str, Last]:
        """Where each stream ends."""
        table = self.audit
        newest = select(table.c.stream, table.c.seq, table.c.hash).ext(distinct_on(table.c.stream))
        rows = await tx.execute(newest.order_by(table.c.stream, table.c.seq.desc()))
        return {row.stream: Last(row.seq, row.hash) for row in rows}

    async def streams(self, tx: Tx) -> list[str]:
        return list((await tx.execute(select(self.audit.c.stream).distinct().order_by(self.audit.c.stream))).scalars())


def owed(id: UUID, message: Message, *, at: datetime, not_before: datetime) -> dict[str, Any]:
    """A row of the outbox."""
    return {
        "message_id": id, "queue": QUEUES[type(message)], "kind": type(message).__name__,
        "body": message.model_dump(mode="json"), "created_at": at, "not_before": not_before,
    }  # fmt: skip


def entry(
    last: Last | None, stream: str, event: str, *, actor: str, at: datetime, facts: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The row of the audit chain that follows `last`. The key of the table refuses it when another entry came between."""
    seq, prev = (last.seq + 1, last.hash) if last else (1, _START)
    told = {"stream": stream, "seq": seq, "at": at, "actor": actor, "event": event, "facts": dict(facts or {})}
    return {**told, "prev": prev, "hash": _link(prev, told)}


def _link(prev: bytes, entry: Mapping[str, Any]) -> bytes:
    told = {**entry, "at": entry["at"].timestamp().hex()}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(prev + text.encode()).digest()


def _moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _outbox(metadata: MetaData) -> Table:
    return Table(
        "outbox", metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("message_id", Uuid, nullable=False, unique=True),
        Column("queue", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("body", JSONB, nullable=False),
        _moment("created_at"), _moment("not_before"), _moment("claimed_until", nullable=True),
        Index(None, "not_before", "id"),
    )  # fmt: skip


def _inbox(metadata: MetaData) -> Table:
    return Table(
        "inbox", metadata,
        Column("source", Text), Column("external_id", Text), _moment("received_at"),
        PrimaryKeyConstraint("source", "external_id"),
    )  # fmt: skip


def _idempotency_keys(metadata: MetaData) -> Table:
    return Table(
        "idempotency_keys", metadata,
        Column("actor", Text), Column("key", Text),
        Column("digest", Text, nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("body", JSON, nullable=False),
        _moment("created_at"),
        PrimaryKeyConstraint("actor", "key"),
        Index(None, "created_at"),
    )  # fmt: skip


def _audit(metadata: MetaData) -> Table:
    return Table(
        "audit", metadata,
        Column("stream", Text), Column("seq", BigInteger, autoincrement=False),
        _moment("at"),
        Column("actor", Text, nullable=False), Column("event", Text, nullable=False),
        Column("facts", JSONB, nullable=False),
        Column("prev", LargeBinary, nullable=False), Column("hash", LargeBinary, nullable=False),
        PrimaryKeyConstraint("stream", "seq"),
    )  # fmt: skip
