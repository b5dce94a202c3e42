"""Endpoints as their owners see them: registered, changed, given new secrets, and what was delivered to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from mangping.clock import Now
from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import Refused
from mangping.ledger import Ledger
from mangping.once import Act, Answer, Once
from mangping.vault import Keys
from mangping.webhooks import address
from mangping.webhooks.address import Forbidden, Resolve, resolve_name
from mangping.webhooks.signature import Secret
from mangping.webhooks.store import Attempt, Delivery, Endpoint, Standing, State, Store

MAX_ENDPOINTS = 20
Admit = Callable[[Tx, str], Awaitable[None]]  # raises Refused for an owner who would hear of nothing


async def anyone(tx: Tx, owner: str) -> None:
    """Every caller with the scope."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """One service's. `catalogue` is {type: what it tells}; an owner knows their own endpoints and nobody else's."""

    db: AsyncEngine
    keys: Keys
    now: Now
    store: Store
    ledger: Ledger
    catalogue: Mapping[str, str]
    local: bool = False
    resolve: Resolve = resolve_name
    admit: Admit = anyone

    async def register(self, owner: str, key: str | None, url: str, events: Sequence[str]) -> tuple[Endpoint, Secret]:
        """The endpoint, and its secret for this once; Refused (422) for a place where nothing is sent, (403) as
        `admit` says, (409) for too many. The same key again gives the same secret, as long as it is there."""
        await self._judge(url, events)

        async def act(tx: Tx, at: datetime) -> Answer:
            await self.admit(tx, owner)
            held = await self.store.of_owner(tx, owner, after=None, limit=MAX_ENDPOINTS)
            if len(held) == MAX_ENDPOINTS:
                raise Refused("webhook.too_many", "登记的回调地址已达上限。", "请先删除不用的回调地址。", status=409)
            made = Endpoint(uuid4(), owner, url, tuple(dict.fromkeys(events)), Standing.ACTIVE, 1, at)
            await self.store.add(tx, made)
            secret = await self.store.add_secret(tx, self.keys, made.id, Secret.new(), at=at, older_end=at)
            await self._record(tx, made, "webhook.registered", owner, at)
            return 201, {"id": str(made.id), "secret": str(secret)}

        return await self._with_secret(owner, key, ("register_webhook", url, tuple(events)), act)

    async def renew_secret(self, owner: str, key: str | None, id: UUID, overlap: timedelta) -> tuple[Endpoint, Secret]:
        """A secret that signs from now on; those before it sign beside it for `overlap`."""

        async def act(tx: Tx, at: datetime) -> Answer:
            endpoint = await self._mine(tx, owner, id, lock=True)
            secret = await self.store.add_secret(
                tx, self.keys, id, Secret.new(), at=at, older_end=at + overlap
            )  # fmt: skip
            await self._record(tx, endpoint, "webhook.secret_renewed", owner, at)
            return 201, {"id": str(id), "secret": str(secret)}

        return await self._with_secret(owner, key, ("renew_webhook_secret", id, overlap), act)

    async def change(
        self, owner: str, id: UUID, version: int, *, url: str, events: Sequence[str], active: bool
    ) -> Endpoint:
        """Refused (412) when it is no longer at `version`. Paused: what it is owed is dead, and nothing more is owed."""
        await self._judge(url, events)
        async with self.db.begin() as tx:
            endpoint, at = await self._mine(tx, owner, id, lock=True), self.now()
            if endpoint.version != version:
                raise Refused("webhook.changed", "该回调地址已在别处修改。", "请重新读取后再修改。", status=412)
            changed = replace(endpoint, url=url, events=tuple(dict.fromkeys(events)))
            if active:
                changed = replace(changed, state=Standing.ACTIVE, version=version + 1)
                await self.store.save(tx, changed)
            else:
                await self.store.disable(tx, changed, Standing.PAUSED, at=at)
            await self._record(tx, changed, "webhook.changed", owner, at)
            return await self._mine(tx, owner, id)

    async def remove(self, owner: str, id: UUID) -> None:
        """Removing what is not there is no error: it may be a repetition."""
        async with self.db.begin() as tx:
            endpoint = await self.store.find(tx, id, lock=True)
            if endpoint is not None and endpoint.owner == owner:
                await self.store.remove(tx, id)
                await self._record(tx, endpoint, "webhook.removed", owner, self.now())

    async def find(self, owner: str, id: UUID) -> Endpoint:
        async with self.db.begin() as tx:
            return await self._mine(tx, owner, id)

    async def newest(self, owner: str, *, after: Place | None, limit: int) -> list[Endpoint]:
        async with self.db.begin() as tx:
            return await self.store.of_owner(tx, owner, after=after, limit=limit)

    async def deliveries(
        self, owner: str, *, endpoint: UUID | None, state: State | None, after: Place | None, limit: int
    ) -> list[Delivery]:
        async with self.db.begin() as tx:
            return await self.store.deliveries_of(
                tx, owner, endpoint=endpoint, state=state, after=after, limit=limit
            )  # fmt: skip

    async def delivery(self, owner: str, id: UUID) -> tuple[Delivery, list[Attempt]]:
        async with self.db.begin() as tx:
            return await self._delivery(tx, owner, id), await self.store.attempts_of(tx, id)

    async def redeliver(self, owner: str, key: str | None, id: UUID) -> Delivery:
        """From the start of the schedule, under the same webhook-id. Refused (409) when its endpoint is not active."""

        async def act(tx: Tx, at: datetime) -> Answer:
            delivery = await self._delivery(tx, owner, id, lock=True)
            endpoint = await self._mine(tx, owner, delivery.endpoint_id)
            if endpoint.state is not Standing.ACTIVE:
                message, remedy = "该回调地址已停用，不能重新投递。", "请先重新启用回调地址。"
                raise Refused("webhook.not_active", message, remedy, status=409)
            await self.store.stand(tx, id, State.OWED, tries=0, next_at=at, at=at)
            return 202, {"id": str(id)}

        await Once(self.db, self.keys, self.now, self.ledger).run(owner, key, ("redeliver_webhook", id), act)
        return (await self.delivery(owner, id))[0]

    async def _with_secret(
        self, owner: str, key: str | None, request: tuple[object, ...], act: Act
    ) -> tuple[Endpoint, Secret]:
        """The kept answer names the secret only: what is in clear is opened anew for each repetition."""
        once = Once(self.db, self.keys, self.now, self.ledger)
        _, made = await once.run(owner, key, request, act)
        async with self.db.begin() as tx:
            endpoint = await self._mine(tx, owner, UUID(made["id"]))
            if (secret := await self.store.secret(tx, self.keys, UUID(made["secret"]))) is None:
                raise unknown()
        return endpoint, secret

    async def _judge(self, url: str, events: Sequence[str]) -> None:
        place = address.read(url, local=self.local)
        if not set(events) <= set(self.catalogue):
            raise Refused("webhook.event", "没有这种事件。", "请对照事件目录填写。")
        try:
            await address.judge(place, local=self.local, resolve=self.resolve)
        except Forbidden as fault:
            raise address.unreachable(fault) from None

    async def _mine(self, tx: Tx, owner: str, id: UUID, *, lock: bool = False) -> Endpoint:
        found = await self.store.find(tx, id, lock=lock)
        if found is None or found.owner != owner:
            raise unknown()
        return found

    async def _delivery(self, tx: Tx, owner: str, id: UUID, *, lock: bool = False) -> Delivery:
        found = await self.store.find_delivery(tx, id, lock=lock)
        if found is None or found[1] != owner:
            raise Refused("webhook.delivery_unknown", "没有这次投递。", "请检查投递编号。", status=404)
        return found[0]

    async def _record(self, tx: Tx, endpoint: Endpoint, event: str, owner: str, at: datetime) -> None:
        """The URL stays out of the chain: integrators put keys into theirs."""
        facts = {"events": list(endpoint.events)}
        await self.ledger.record(tx, f"webhook:{endpoint.id}", event, actor=owner, at=at, facts=facts)


def unknown() -> Refused:
    return Refused("webhook.unknown", "没有这个回调地址。", "请检查编号。", status=404)
