"""Telling whoever must pay, and starting the clock when they were told: at delivery or opening, never at a failed SMS."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from mangping.clock import BEIJING, Now, Unscheduled
from mangping.contracts import SealedPayer
from mangping.couriers.base import Accepted, Courier, Unclear, Undeliverable
from mangping.db import Tx
from mangping.errors import Refused
from mangping.money import yuan
from mangping.sweeping import sparing_others
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain import notice as table
from mangping_fees.domain.delivery import REMINDERS, TITLE, Delivery, Purpose, Way, words
from mangping_fees.domain.notice import PAYABLE, Act, Notice, Role, State, backoff
from mangping_fees.services import telling
from mangping_fees.services.telling import stream, tell
from mangping_fees.storage import deliveries as storage
from mangping_fees.storage import notices
from mangping_fees.storage.tariffs import Tariffs
from mangping_fees.tables import ledger

_log = logging.getLogger("mangping.fees.deliveries")
_LIMIT = 20  # sent side by side
_MOST_UNDATED = 1000
_HOLD = timedelta(seconds=60)
_MAX_TRIES = 8


@dataclass(frozen=True, slots=True)
class Deliveries:
    db: AsyncEngine
    vault: Vault
    now: Now
    tariffs: Tariffs
    courier: Courier

    async def sweep(self) -> int:
        """Send what is owed now; returns how many were looked at."""
        async with self.db.begin() as tx:
            owed = await storage.claim_due(tx, at=self.now(), hold=_HOLD, limit=_LIMIT)
        async with asyncio.TaskGroup() as group:  # side by side: the slowest answer comes before the hold ends
            for delivery in owed:
                group.create_task(self._try(delivery))
        return len(owed)

    async def _try(self, delivery: Delivery) -> None:
        with sparing_others(_log, "delivery.held_up", delivery=delivery.id):  # its hold ends by itself
            await self._send(delivery)

    async def delivered(self, id: UUID, at: datetime) -> None:
        """The provider reports that it arrived. Refused (404) for what we never sent."""
        async with self.db.begin() as tx:
            delivery = await _ours(tx, id)
            notice = await notices.find(tx, delivery.notice_id, lock=True)
            delivery = await _ours(tx, id)
            if delivery.delivered_at is not None:
                return
            earliest = notice.issued_at if notice and notice.issued_at else at
            at = max(min(at, self.now()), earliest)
            await storage.save(tx, replace(delivery, delivered_at=at, next_at=None, error=None))
            if notice is not None and delivery.purpose is Purpose.ISSUED:
                await self._receive(tx, notice, at, Role.COURIER)

    async def failed(self, id: UUID, code: str) -> None:
        """The provider reports that it will not arrive: no clock starts; the cashier sees it in the list."""
        async with self.db.begin() as tx:
            delivery = await _ours(tx, id)
            if delivery.delivered_at is None:
                await storage.save(tx, replace(delivery, error=code, next_at=None))

    async def opened(self, notice_id: UUID, applicant: str) -> Notice:
        """The applicant has the notice before their eyes. Refused (404) when it is not theirs."""
        async with self.db.begin() as tx:
            notice = await notices.find(tx, notice_id, lock=True)
            if notice is None or notice.applicant != applicant:
                raise Refused("notice.unknown", "没有这份缴款通知书。", "请检查编号。", status=404)
            return await self._receive(tx, notice, self.now(), Role.APPLICANT)

    async def resume(self, found: Notice) -> None:
        """After a failed deduction: say so, and let them pay again until the same due instant."""
        async with self.db.begin() as tx:
            notice, at = await notices.find(tx, found.id, lock=True), self.now()
            if notice is None or notice.state is not State.FAILED:
                return
            resumed, event = table.act(notice, Act.RESUME, Role.CLOCK, step_at=None)
            await notices.save(tx, resumed)
            await storage.add(tx, [Delivery(uuid4(), notice.id, way, Purpose.FAILED, at, next_at=at) for way in Way])
            await ledger.record(tx, stream(notice), event, actor="clock", at=at)

    async def _receive(self, tx: Tx, notice: Notice, at: datetime, role: Role) -> Notice:
        """The earliest receipt starts the clock, once. The caller has locked the row."""
        if notice.received_at is not None or not table.MACHINE.may(notice.state, Act.RECEIVE):
            return notice
        due = self._due(notice, at)
        received, event = table.act(notice, Act.RECEIVE, role, received_at=at, **due)
        await notices.save(tx, received)
        facts = {"due_at": _text(received.due_at), "rule": received.due_rule, "trace": list(received.due_trace)}
        await ledger.record(tx, stream(notice), event, actor=role, at=self.now(), facts=facts)
        if received.due_at is not None:
            await self._told(tx, received, received.due_at)
        return received

    async def date(self) -> int:
        """Notices that were received before the days of their period could be counted: counted once they can be."""
        async with self.db.begin() as tx:
            waiting = await notices.undated(tx, limit=_MOST_UNDATED)
        still = 0
        for id in waiting:
            with sparing_others(_log, "dating.held_up", notice_id=id):
                still += not await self._date(id)
        if still:
            _log.warning("notices.undated", extra={"facts": {"count": still}})
        return len(waiting)

    async def _date(self, id: UUID) -> bool:
        """Whether nothing is left to count."""
        async with self.db.begin() as tx:
            notice = await notices.find(tx, id, lock=True)
            if notice is None or notice.received_at is None or notice.due_at is not None:
                return True
            dated = replace(notice, **self._due(notice, notice.received_at))
            if dated.due_at is None:
                return False
            await notices.save(tx, replace(dated, version=dated.version + 1))
            facts = {"due_at": _text(dated.due_at), "trace": list(dated.due_trace)}
            await ledger.record(tx, stream(notice), "notice.dated", actor="clock", at=self.now(), facts=facts)
            await self._told(tx, dated, dated.due_at)
            return True

    def _due(self, notice: Notice, received_at: datetime) -> dict[str, Any]:
        """Without an end while the days off of a year in it are not published; nobody expires meanwhile."""
        tariff = self.tariffs.of(notice.programme)
        try:
            ends = tariff.due.deadline(received_at, tariff.region)
        except Unscheduled as unknown:
            words = f"{unknown.year}年放假安排尚未公布，公布后计算截止时刻"
            return {"due_at": None, "due_rule": tariff.due.cite, "due_trace": (words,)}
        return {"due_at": ends.end, "due_rule": ends.rule, "due_trace": ends.trace}

    async def _told(self, tx: Tx, notice: Notice, due_at: datetime) -> None:
        """The api is told, and reminders are owed."""
        now = self.now()
        reminders = [
            Delivery(uuid4(), notice.id, way, purpose, now, next_at=due_at - before)
            for purpose, before in REMINDERS.items() for way in Way if due_at - before > now
        ]  # fmt: skip
        if reminders:
            await storage.add(tx, reminders)
        await tell(tx, telling.notified(notice, await telling.applications(tx, notice)), now)

    async def _send(self, delivery: Delivery) -> None:
        async with self.db.begin() as tx:
            notice = await notices.find(tx, delivery.notice_id)
        if notice is None or notice.state not in PAYABLE or notice.pay_url is None:
            return await self._done(delivery, error="no_longer_needed")
        payer = SealedPayer.model_validate_json(await self.vault.get(notice.payer))
        address = payer.mobile if delivery.channel is Way.SMS else payer.email
        if not address:
            return await self._done(delivery, error="no_address")
        due = notice.due_at.astimezone(BEIJING) if notice.due_at else None
        lapse = self.tariffs.of(notice.programme).due.lapse
        text = words(delivery.purpose, yuan(notice.amount_fen), notice.pay_url, due, lapse)
        answer = await self.courier.send(delivery.id, delivery.channel, address, text, title=TITLE)
        match answer:
            case Accepted(provider_id):
                await self._done(delivery, provider_id=provider_id, sent_at=self.now())
            case Undeliverable(code):
                await self._done(delivery, error=code)
            case Unclear():
                tries = delivery.tries + 1
                next_at = self.now() + backoff(tries, 10) if tries < _MAX_TRIES else None
                await self._done(delivery, tries=tries, next_at=next_at, error=None if next_at else "gave_up")
        return None

    async def _done(self, delivery: Delivery, *, next_at: datetime | None = None, **change: object) -> None:
        async with self.db.begin() as tx:
            present = await storage.find(tx, delivery.id, lock=True)
            if present is not None and present.delivered_at is None:
                await storage.save(tx, replace(present, next_at=next_at, **change))  # type: ignore[arg-type]


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


async def _ours(tx: Tx, id: UUID) -> Delivery:
    """Locked after its notice by whoever changes both: so the notice's row is taken first, then this is read again."""
    delivery = await storage.find(tx, id)
    if delivery is None:
        raise Refused("delivery.unknown", "没有这条发送记录。", "请检查回执中的编号。", status=404)
    return delivery
