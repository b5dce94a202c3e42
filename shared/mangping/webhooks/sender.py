"""Sends what is owed: claimed in one transaction, posted with none open, recorded in another.

A sender that dies anywhere in between leaves its claim to run out; the same message then goes out again under the same
webhook-id, which is how receivers know it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from mangping.clock import Now
from mangping.faults import crash_at
from mangping.ledger import Ledger
from mangping.sweeping import sparing_others
from mangping.vault import Keys
from mangping.webhooks.schedule import again_at
from mangping.webhooks.signature import Secret, sign
from mangping.webhooks.store import Owed, Standing, State, Store
from mangping.webhooks.transport import Outcome, Post

_log = logging.getLogger("mangping.webhooks")
_AT_ONCE, _EACH, _ROUNDS = 32, 8, 20
_KEPT = timedelta(days=30)


def message_name(id: UUID) -> str:
    """The webhook-id: the same at every attempt, at every endpoint."""
    return f"msg_{id.hex}"


@dataclass(frozen=True, slots=True)
class Sender:
    """`hold` must outlast a post; after it, what a dead sender had claimed is free."""

    db: AsyncEngine
    keys: Keys
    now: Now
    store: Store
    ledger: Ledger
    post: Post
    hold: timedelta = timedelta(seconds=60)

    async def sweep(self) -> int:
        """Everything that is due now; how many were posted."""
        total = 0
        for _ in range(_ROUNDS):  # then the worker may end, if it was asked to
            if not (owed := await self._claim()):
                break
            crash_at("webhook.claimed")
            async with asyncio.TaskGroup() as group:
                for one, secrets in owed:
                    group.create_task(self._send(one, secrets))
            total += len(owed)
        return total

    async def forget(self) -> int:
        """Messages are kept for 30 days, delivered or dead; secrets lie under the current key of the settings."""
        async with self.db.begin() as tx:
            await self.store.reseal(tx, self.keys)
            return await self.store.forget(tx, before=self.now() - _KEPT)

    async def _claim(self) -> list[tuple[Owed, list[Secret]]]:
        async with self.db.begin() as tx:
            at = self.now()
            owed = await self.store.claim(tx, at=at, until=at + self.hold, limit=_AT_ONCE, each=_EACH)
            endpoints = {one.endpoint_id for one in owed}
            secrets = {id: await self.store.keys_of(tx, self.keys, id, at=at) for id in endpoints}
        return [(one, secrets[one.endpoint_id]) for one in owed]

    async def _send(self, owed: Owed, secrets: Sequence[Secret]) -> None:
        """What fails here is told and tried again when its claim ends; it never holds up the others."""
        with sparing_others(_log, "webhook.held_up", delivery=owed.id):
            body = owed.body.encode()
            headers = sign(secrets, message_name(owed.message_id), self.now(), body)
            outcome = await self.post(owed.url, headers, body)
            crash_at("webhook.posted")
            await self._record(owed, outcome)
            crash_at("webhook.recorded")

    async def _record(self, owed: Owed, outcome: Outcome) -> None:
        async with self.db.begin() as tx:
            endpoint = await self.store.find(tx, owed.endpoint_id, lock=outcome.gone)
            found = await self.store.find_delivery(tx, owed.id, lock=True)
            if endpoint is None or found is None:  # removed meanwhile
                return
            at, (delivery, _) = self.now(), found
            await self.store.record(tx, owed.id, outcome, at=at)
            if delivery.state is not State.OWED or delivery.tries != owed.tries:
                return  # started anew, or another sender was quicker
            tries = owed.tries + 1
            if outcome.delivered:
                await self.store.stand(tx, owed.id, State.DELIVERED, tries=tries, next_at=None, at=at)
                return
            next_at = None if outcome.gone else again_at(tries, at)
            state = State.OWED if next_at else State.DEAD
            await self.store.stand(tx, owed.id, state, tries=tries, next_at=next_at, at=at)
            if outcome.gone:
                await self.store.disable(tx, endpoint, Standing.GONE, at=at)
                await self.ledger.record(tx, f"webhook:{endpoint.id}", "webhook.gone", actor="receiver", at=at)
