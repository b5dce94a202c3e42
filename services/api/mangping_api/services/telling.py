"""Telling people and integrators: events out of the outbox, deliveries by the couriers, reminders before deadlines end.

Everything owed lies in the database. A courier is called with no transaction open, under a key that makes a repetition
none; whoever dies in between leaves a claim that runs out.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mangping.clock import Now
from mangping.contracts import QUEUES, ApplicationEvent
from mangping.couriers.base import Accepted, Courier, Unclear, Undeliverable, Way
from mangping.db import Tx
from mangping.errors import Refused
from mangping.faults import crash_at
from mangping.logs import describe
from mangping.sweeping import sparing_others
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.application import State
from mangping_api.domain.deadline import ARRIVAL
from mangping_api.domain.notification import (
    ARRIVING,
    REMIND_HOURS,
    REMINDER,
    REPORT_WITHIN,
    Delivery,
    Notification,
    Words,
    stands,
)
from mangping_api.domain.public import PUBLIC
from mangping_api.services import contacts
from mangping_api.services.notifications import notify
from mangping_api.storage import applications as rooms
from mangping_api.storage import notifications as storage
from mangping_api.storage import webhooks
from mangping_api.tables import ledger
from mangping_api.tables.messages import hooks

_log = logging.getLogger("mangping.api.telling")
_LIMIT = 20  # sent side by side
_REMINDED = 50
_HOLD = timedelta(seconds=60)
_ANSWER = 30  # seconds for a courier's word; less than the hold
_PUT_OFF = timedelta(seconds=30)
_ROUND = 1000  # events a round; then the worker may end, if it was asked to
_MAX_TRIES = 8


@dataclass(frozen=True, slots=True)
class Telling:
    db: AsyncEngine
    keys: Keys
    now: Now
    courier: Courier

    async def hear(self) -> int:
        """Every event that is owed: to the inbox, the couriers and the webhooks, and out of the outbox, in one
        transaction each; how many. What fails waits, and holds up none of the others."""
        for count in range(_ROUND):
            async with self.db.begin() as tx:
                at = self.now()
                if (posted := await ledger.next_of(tx, QUEUES[ApplicationEvent], at=at)) is None:
                    return count
                try:
                    async with tx.begin_nested():
                        await self._tell(tx, ApplicationEvent.model_validate(posted.body))
                    await ledger.settle(tx, [posted.message_id])
                except Exception as error:
                    await ledger.put_off(tx, posted.message_id, until=at + _PUT_OFF)
                    facts = {"message": posted.message_id, "error": describe(error)}
                    _log.warning("event.held_up", extra={"facts": facts})
                crash_at("telling.told")
            crash_at("telling.committed")
        return _ROUND

    async def sweep(self) -> int:
        """Send what is owed now, and give up waiting for reports that do not come; how many were looked at."""
        async with self.db.begin() as tx:
            owed = await storage.claim_due(tx, at=self.now(), hold=_HOLD, limit=_LIMIT)
        crash_at("telling.claimed")
        async with asyncio.TaskGroup() as group:  # side by side: the slowest answer comes before the hold ends
            for delivery in owed:
                group.create_task(self._try(delivery))
        return len(owed)

    async def _try(self, delivery: Delivery) -> None:
        with sparing_others(_log, "delivery.held_up", delivery=delivery.id):  # its hold ends by itself
            await self._send(delivery)

    async def remind(self) -> int:
        """Whoever a deadline nears on which the clock acts; once at each distance."""
        count = 0
        for hours in REMIND_HOURS:
            async with self.db.begin() as tx:
                at = self.now()
                for id, kind, due_at in await storage.take_nearing(tx, at=at, hours=hours, limit=_REMINDED):
                    application, facts = await rooms.find(tx, id), {"due_at": due_at, "hours": hours}
                    if application is None or (kind == ARRIVAL and application.state is not State.SUBMITTED):
                        continue  # in the applicant's hands another deadline tells of what they have to do
                    count += await notify(tx, application, ARRIVING if kind == ARRIVAL else REMINDER, facts, at)
        return count

    async def delivered(self, id: UUID, at: datetime) -> None:
        """The provider reports that it arrived, perhaps after we gave up waiting. Refused (404) for what is not ours."""
        async with self.db.begin() as tx:
            notification, delivery = await _ours(tx, id)
            if delivery.delivered_at is None:
                await _record(tx, notification, replace(delivery, delivered_at=at, next_at=None, error=None))

    async def failed(self, id: UUID, code: str) -> None:
        """The provider reports that it will not arrive."""
        async with self.db.begin() as tx:
            notification, delivery = await _ours(tx, id)
            if delivery.delivered_at is None:
                await _record(tx, notification, replace(delivery, error=code, next_at=None))

    async def _tell(self, tx: Tx, event: ApplicationEvent) -> None:
        application = await rooms.find(tx, event.application_id)
        assert application is not None  # nothing erases one while it is spoken of
        facts: dict[str, Any] = {"tier": event.tier_title} if event.tier_title else {}
        await notify(tx, application, event.event, facts | _due(event), event.at)
        data = {
            "application": str(application.id), "programme": str(application.programme), "tier": event.tier,
            "state": application.state, "submission": event.submission, **{name: due.isoformat() for name, due in _due(event).items()},
        }  # fmt: skip
        if event.event in PUBLIC:
            asked = await webhooks.hearing(tx, event.event, application.thing().line)
            await hooks.owe_to(tx, asked, event.event, data, at=event.at)

    async def _send(self, delivery: Delivery) -> None:
        if delivery.sent_at is not None:  # no report has come in time
            return await self._done(delivery, error="no_report")
        async with self.db.begin() as tx:
            notification = await storage.find(tx, delivery.notification_id)
            assert notification is not None
            reach = await contacts.of_application(tx, self.keys, notification.application_id)
        address = reach.mobile if delivery.way is Way.SMS else reach.email
        if notification.read_at is not None:
            return await self._done(delivery, error="read_in_inbox")
        if not address:
            return await self._done(delivery, error="no_address")
        words = notification.words()
        answer = await self._handed_over(delivery, address, words)
        crash_at("telling.sent")
        at = self.now()
        match answer:
            case Accepted(provider_id, reported):
                arrived = None if reported else at
                wait = at + REPORT_WITHIN if reported else None
                await self._done(delivery, next_at=wait, provider_id=provider_id, sent_at=at, delivered_at=arrived)
            case Undeliverable(code):
                await self._done(delivery, error=code)
            case Unclear():
                tries = delivery.tries + 1
                next_at = at + _wait(tries) if tries < _MAX_TRIES else None
                await self._done(delivery, tries=tries, next_at=next_at, error=None if next_at else "gave_up")
        return None

    async def _handed_over(self, delivery: Delivery, address: str, words: Words) -> Accepted | Undeliverable | Unclear:
        try:
            async with asyncio.timeout(_ANSWER):
                return await self.courier.send(delivery.id, delivery.way, address, words.text, title=words.title)
        except TimeoutError:  # perhaps it went out: the courier knows it by its key when it is tried again
            return Unclear()

    async def _done(self, delivery: Delivery, *, next_at: datetime | None = None, **change: Any) -> None:
        async with self.db.begin() as tx:
            notification, present = await _ours(tx, delivery.id)
            if present.delivered_at is None and present.next_at is not None:  # no report was quicker
                await _record(tx, notification, replace(present, next_at=next_at, **change))


async def _ours(tx: Tx, id: UUID) -> tuple[Notification, Delivery]:
    """The notification's row is locked; the delivery is read after that."""
    delivery = await storage.delivery(tx, id)
    notification = await storage.find(tx, delivery.notification_id, lock=True) if delivery else None
    delivery = await storage.delivery(tx, id)
    if notification is None or delivery is None:
        raise Refused("delivery.unknown", "没有这条发送记录。", "请检查回执中的编号。", status=404)
    return notification, delivery


async def _record(tx: Tx, notification: Notification, delivery: Delivery) -> None:
    await storage.save_delivery(tx, delivery)
    standing = stands(notification, await storage.deliveries(tx, notification.id))
    if standing is not notification.standing:
        await storage.save(tx, replace(notification, standing=standing))


def _due(event: ApplicationEvent) -> dict[str, datetime]:
    return {"due_at": event.due_at} if event.due_at is not None else {}


def _wait(tries: int) -> timedelta:
    """10 s, doubling, at most an hour."""
    return min(timedelta(seconds=10 * 2 ** (tries - 1)), timedelta(hours=1))
