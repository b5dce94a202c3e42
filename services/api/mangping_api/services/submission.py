"""Orders come in: one scan or a batch of them, once per Idempotency-Key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from mangping.clock import Now
from mangping.contracts import SealedIdentity
from mangping.db import Tx
from mangping.errors import Refused, Transient
from mangping.faults import crash_at
from mangping.ledger import Kept
from mangping.once import reused
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.redaction_job import Job, Order, State
from mangping_api.storage import objects, redaction_batches, redaction_jobs
from mangping_api.tables import ledger

_SEALING = 16  # identities sealed side by side
Answer = tuple[int, dict[str, Any]]  # status and body
_Places = Mapping[SealedIdentity, UUID]


@dataclass(frozen=True, slots=True)
class Item:
    """One scan of an order. `fingerprint` is what makes the same scan the same: its reference, or its SHA-256."""

    source: UUID
    identity: SealedIdentity
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Submission:
    db: AsyncEngine
    vault: Vault
    now: Now
    patience: timedelta

    async def one(self, owner: str, key: str | None, order: Order, item: Item, view: Callable[[Job], Any]) -> Answer:
        """A job for one scan; `view` makes the answer's body."""

        async def place(tx: Tx, places: _Places, at: datetime) -> Answer:
            [job] = await self._owe(tx, owner, order, [item], places, None, at)
            facts = {"job": str(job.id), "source": str(job.source)}
            await ledger.record(
                tx, f"redaction_job:{job.id}", "redaction_job.submitted", actor=owner, at=at, facts=facts
            )
            return 202, view(job)

        return await self._once(owner, key, "job", order, [item], place)

    async def many(
        self,
        owner: str,
        key: str | None,
        order: Order,
        items: Sequence[Item],
        view: Callable[[UUID, int, datetime], Any],
    ) -> Answer:
        """A batch: all of its jobs are owed, or none."""

        async def place(tx: Tx, places: _Places, at: datetime) -> Answer:
            batch = uuid4()
            await redaction_batches.add(tx, batch, owner, len(items), at)
            await self._owe(tx, owner, order, items, places, batch, at)
            stream, facts = f"redaction_batch:{batch}", {"total": len(items)}
            await ledger.record(tx, stream, "redaction_batch.submitted", actor=owner, at=at, facts=facts)
            return 202, view(batch, len(items), at)

        return await self._once(owner, key, "batch", order, items, place)

    async def _once(
        self, owner: str, key: str | None, kind: str, order: Order, items: Sequence[Item], place: Callable[..., Any]
    ) -> Answer:
        content = _canonical(kind, order, items)
        places = {identity: uuid4() for identity in {item.identity for item in items} if identity != SealedIdentity()}
        async with self.db.begin() as tx:
            if key and (kept := await ledger.kept(tx, owner, key)):
                return self._replay(kept, content)
            await objects.reserve(tx, list(places.values()), owner, "identity", self.now())
        await self._seal(places)
        crash_at("submit.sealed")
        async with self.db.begin() as tx:
            at = self.now()
            if key and (kept := await ledger.take_key(tx, owner, key, self.vault.keys.digest(content), at=at)):
                return self._replay(kept, content)
            status, body = await place(tx, places, at)
            if key:
                await ledger.keep(tx, owner, key, status=status, body=body)
        crash_at("submit.committed")
        return status, body

    def _replay(self, kept: Kept, content: bytes) -> Answer:
        if not self.vault.keys.matches(kept.digest, content):
            raise reused()
        return kept.status, kept.body

    async def _seal(self, places: _Places) -> None:
        gate = asyncio.Semaphore(_SEALING)

        async def seal(identity: SealedIdentity, id: UUID) -> None:
            async with gate:
                await self.vault.put_new(id, identity.model_dump_json().encode())

        async with asyncio.TaskGroup() as group:
            for identity, id in places.items():
                group.create_task(seal(identity, id))

    async def _owe(
        self, tx: Tx, owner: str, order: Order, items: Sequence[Item], places: _Places, batch: UUID | None, at: datetime
    ) -> list[Job]:
        """The jobs, and in the same transaction the messages that ask for them."""
        await _take(tx, owner, {item.source for item in items}, set(places.values()))
        jobs = [
            Job(
                id=uuid4(), owner=owner, batch_id=batch, state=State.QUEUED, source=item.source,
                identity=places.get(item.identity), renditions=uuid4(), order=order, attempt=1, attempt_id=uuid4(),
                created_at=at,
            )
            for item in items
        ]  # fmt: skip
        await redaction_jobs.add(tx, jobs, due_at=at + self.patience)
        await ledger.post(tx, {job.attempt_id: job.message() for job in jobs}, at=at, not_before=at)
        return jobs


async def _take(tx: Tx, owner: str, sources: set[UUID], identities: set[UUID]) -> None:
    """From now on these serve a job, and the sweep of the unused passes them by."""
    if await objects.use(tx, owner, sources, "scan") != sources:
        raise Refused("object.unknown", "引用的文件不存在或已过期。", "请先用 POST /v1/objects 上传，再引用返回的 id。")
    if await objects.use(tx, owner, identities, "identity") != identities:
        raise Transient("identity.swept")  # only a request that hung for a day


def _canonical(kind: str, order: Order, items: Sequence[Item]) -> bytes:
    told = {
        "kind": kind,
        "order": {**asdict(order), "classes": sorted(order.classes)},
        "items": [(item.fingerprint, item.identity.model_dump()) for item in items],
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
