"""The webhooks of one schema: endpoints, their secrets, what is owed to them and what became of it.

All methods run inside a transaction that a service opened, so that an event is owed in the one that made it true.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import MetaData, Row, Text, any_, bindparam, delete, func, insert, select, true, tuple_, update

from mangping.db import Tx
from mangping.vault import Keys
from mangping.webhooks import tables
from mangping.webhooks.signature import Secret
from mangping.webhooks.transport import Outcome

Place = tuple[datetime, UUID]


class Standing(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # by its owner
    GONE = "gone"  # it answered 410


class State(StrEnum):
    OWED = "owed"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Endpoint:
    id: UUID
    owner: str
    url: str
    events: tuple[str, ...]
    state: Standing
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    id: UUID
    endpoint_id: UUID
    message_id: UUID
    type: str
    state: State
    tries: int
    next_at: datetime | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    number: int
    at: datetime
    status: int | None
    error: str | None
    ms: int


@dataclass(frozen=True, slots=True)
class Owed:
    """One message on its way: what to post where."""

    id: UUID
    endpoint_id: UUID
    url: str
    message_id: UUID
    body: str
    tries: int


class Store:
    """Adds its tables to `metadata`, where alembic finds them."""

    def __init__(self, metadata: MetaData) -> None:
        self.endpoints = tables.endpoints(metadata)
        self.secrets = tables.secrets(metadata, self.endpoints)
        self.messages = tables.messages(metadata)
        self.deliveries = tables.deliveries(metadata, self.endpoints, self.messages)
        self.attempts = tables.attempts(metadata, self.deliveries)
        e = self.endpoints
        wanted = bindparam("type", type_=Text) == any_(e.c.events)
        # Takes `type`. Held: an endpoint that is being paused or removed is so before or after what is owed here.
        self.asked = select(e.c.id).where(e.c.state == Standing.ACTIVE, wanted).with_for_update(read=True)

    async def owe(self, tx: Tx, type: str, data: Mapping[str, Any], *, at: datetime) -> int:
        """Owe this event to every active endpoint that asked for it; to how many. `data` are ids, states and times."""
        asked = (await tx.execute(self.asked, {"type": type})).scalars().all()
        await self.owe_to(tx, asked, type, data, at=at)
        return len(asked)

    async def owe_to(self, tx: Tx, asked: Sequence[UUID], type: str, data: Mapping[str, Any], *, at: datetime) -> None:
        """The same to endpoints that `asked` found in this transaction."""
        if asked:
            told = {"type": type, "timestamp": at.isoformat(), "data": dict(data)}
            body, id = json.dumps(told, ensure_ascii=False, separators=(",", ":")), uuid4()
            await tx.execute(insert(self.messages).values(id=id, type=type, body=body, created_at=at))
            rows = [
                {
                    "id": uuid4(), "endpoint_id": endpoint, "message_id": id, "state": State.OWED, "tries": 0,
                    "next_at": at, "created_at": at,
                }
                for endpoint in asked
            ]  # fmt: skip
            await tx.execute(insert(self.deliveries), rows)

    async def claim(self, tx: Tx, *, at: datetime, until: datetime, limit: int, each: int) -> list[Owed]:
        """Up to `limit` that are due, `each` of one endpoint so that a slow one holds up nobody, for one sender until
        `until`: the sender that died leaves them to another."""
        e, d, m = self.endpoints, self.deliveries, self.messages
        due = (
            select(d.c.id, d.c.next_at).where(d.c.endpoint_id == e.c.id, d.c.state == State.OWED, d.c.next_at <= at)
            .order_by(d.c.next_at).limit(each).with_for_update(skip_locked=True, of=d).lateral("due")
        )  # fmt: skip
        mine = select(due.c.id).select_from(e.join(due, true())).where(e.c.state == Standing.ACTIVE).limit(limit)
        ids = (await tx.execute(mine)).scalars().all()
        if not ids:
            return []
        await tx.execute(update(d).where(d.c.id.in_(ids)).values(next_at=until))
        whole = select(d.c.id, d.c.endpoint_id, e.c.url, d.c.message_id, m.c.body, d.c.tries)
        rows = await tx.execute(whole.select_from(d.join(e).join(m)).where(d.c.id.in_(ids)))
        return [Owed(*row) for row in rows]

    async def keys_of(self, tx: Tx, keys: Keys, endpoint: UUID, *, at: datetime) -> list[Secret]:
        """The secrets that sign now, newest first."""
        s = self.secrets
        valid = s.c.ends_at.is_(None) | (s.c.ends_at > at)
        query = select(s.c.id, s.c.sealed).where(s.c.endpoint_id == endpoint, valid)
        rows = await tx.execute(query.order_by(s.c.created_at.desc(), s.c.id))
        return [Secret.read(keys.open(_about(row.id), row.sealed)) for row in rows]

    async def record(self, tx: Tx, delivery: UUID, outcome: Outcome, *, at: datetime) -> None:
        """One attempt more of a delivery whose row is locked."""
        a = self.attempts
        last = select(func.coalesce(func.max(a.c.number), 0) + 1).where(a.c.delivery_id == delivery)
        told = {"at": at, "status": outcome.status, "error": outcome.error, "ms": outcome.ms}
        await tx.execute(insert(a).values(delivery_id=delivery, number=last.scalar_subquery(), **told))

    async def stand(
        self, tx: Tx, delivery: UUID, state: State, *, tries: int, next_at: datetime | None, at: datetime
    ) -> None:
        d = self.deliveries
        ended = None if state is State.OWED else at
        told = {"state": state, "tries": tries, "next_at": next_at, "finished_at": ended}
        await tx.execute(update(d).where(d.c.id == delivery).values(**told))

    async def disable(self, tx: Tx, endpoint: Endpoint, state: Standing, *, at: datetime) -> None:
        """The row is locked. Whatever it is still owed is dead, and may be started anew once it is active again."""
        d = self.deliveries
        await self.save(tx, replace(endpoint, state=state, version=endpoint.version + 1))
        owed = (d.c.endpoint_id == endpoint.id) & (d.c.state == State.OWED)
        await tx.execute(update(d).where(owed).values(state=State.DEAD, next_at=None, finished_at=at))

    async def find_delivery(self, tx: Tx, id: UUID, *, lock: bool = False) -> tuple[Delivery, str] | None:
        """With the owner of its endpoint."""
        d, e, m = self.deliveries, self.endpoints, self.messages
        query = select(d, m.c.type, e.c.owner).select_from(d.join(e).join(m)).where(d.c.id == id)
        row = (await tx.execute(query.with_for_update(of=d) if lock else query)).one_or_none()
        return (_delivery(row), row.owner) if row else None

    async def deliveries_of(
        self, tx: Tx, owner: str, *, endpoint: UUID | None, state: State | None, after: Place | None, limit: int
    ) -> list[Delivery]:
        """Newest first."""
        d, e, m = self.deliveries, self.endpoints, self.messages
        query = select(d, m.c.type).select_from(d.join(e).join(m)).where(e.c.owner == owner)
        if endpoint is not None:
            query = query.where(e.c.id == endpoint)
        if state is not None:
            query = query.where(d.c.state == state)
        if after is not None:
            query = query.where(tuple_(d.c.created_at, d.c.id) < after)
        rows = await tx.execute(query.order_by(d.c.created_at.desc(), d.c.id.desc()).limit(limit))
        return [_delivery(row) for row in rows]

    async def attempts_of(self, tx: Tx, delivery: UUID) -> list[Attempt]:
        a = self.attempts
        query = select(a.c.number, a.c.at, a.c.status, a.c.error, a.c.ms).where(a.c.delivery_id == delivery)
        return [Attempt(*row) for row in await tx.execute(query.order_by(a.c.number))]

    async def add(self, tx: Tx, endpoint: Endpoint) -> None:
        await tx.execute(insert(self.endpoints).values(**_row(endpoint)))

    async def save(self, tx: Tx, endpoint: Endpoint) -> None:
        e = self.endpoints
        await tx.execute(update(e).where(e.c.id == endpoint.id).values(**_row(endpoint)))

    async def find(self, tx: Tx, id: UUID, *, lock: bool = False) -> Endpoint | None:
        query = select(self.endpoints).where(self.endpoints.c.id == id)
        row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
        return _endpoint(row) if row else None

    async def of_owner(self, tx: Tx, owner: str, *, after: Place | None, limit: int) -> list[Endpoint]:
        """Newest first."""
        e = self.endpoints
        query = select(e).where(e.c.owner == owner)
        if after is not None:
            query = query.where(tuple_(e.c.created_at, e.c.id) < after)
        rows = await tx.execute(query.order_by(e.c.created_at.desc(), e.c.id.desc()).limit(limit))
        return [_endpoint(row) for row in rows]

    async def remove(self, tx: Tx, id: UUID) -> None:
        """With its secrets and all that was owed to it."""
        await tx.execute(delete(self.endpoints).where(self.endpoints.c.id == id))

    async def add_secret(
        self, tx: Tx, keys: Keys, endpoint: UUID, secret: Secret, *, at: datetime, older_end: datetime
    ) -> UUID:
        """The secret that signs from now on; those before it sign beside it until `older_end` at most."""
        s, id = self.secrets, uuid4()
        still = (s.c.endpoint_id == endpoint) & (s.c.ends_at.is_(None) | (s.c.ends_at > older_end))
        await tx.execute(update(s).where(still).values(ends_at=older_end))
        sealed = keys.seal(_about(id), secret.text())
        await tx.execute(insert(s).values(id=id, endpoint_id=endpoint, sealed=sealed, created_at=at))
        return id

    async def secret(self, tx: Tx, keys: Keys, id: UUID) -> Secret | None:
        s = self.secrets
        sealed = (await tx.execute(select(s.c.sealed).where(s.c.id == id))).scalar_one_or_none()
        return Secret.read(keys.open(_about(id), sealed)) if sealed is not None else None

    async def reseal(self, tx: Tx, keys: Keys) -> int:
        """Every secret that an older key sealed, anew under the current one; how many."""
        s, mark = self.secrets, keys.current.encode() + b"\0"
        older = func.substring(s.c.sealed, 1, len(mark)) != mark
        rows = (await tx.execute(select(s.c.id, s.c.sealed).where(older).with_for_update(skip_locked=True))).all()
        for row in rows:
            again = keys.seal(_about(row.id), keys.open(_about(row.id), row.sealed))
            await tx.execute(update(s).where(s.c.id == row.id).values(sealed=again))
        return len(rows)

    async def forget(self, tx: Tx, *, before: datetime) -> int:
        """Drop messages older than `before` with their deliveries, and secrets that ended by then; how many messages."""
        m, s = self.messages, self.secrets
        await tx.execute(delete(s).where(s.c.ends_at < before))
        return (await tx.execute(delete(m).where(m.c.created_at < before))).rowcount


def _about(id: UUID) -> str:
    return f"webhook_secrets.sealed/{id}"


def _row(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id, "owner": endpoint.owner, "url": endpoint.url, "events": list(endpoint.events),
        "state": endpoint.state, "version": endpoint.version, "created_at": endpoint.created_at,
    }  # fmt: skip


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(row.id, row.owner, row.url, tuple(row.events), Standing(row.state), row.version, row.created_at)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.id, row.endpoint_id, row.message_id, row.type, State(row.state), row.tries, row.next_at, row.created_at,
        row.finished_at,
    )  # fmt: skip
