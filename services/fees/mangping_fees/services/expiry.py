"""Notices past their due instant: asked about once more, and ended only when the books of the last day are closed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mangping.clock import Now
from mangping.faults import crash_at
from mangping.sweeping import sparing_others
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain import notice as table
from mangping_fees.domain.notice import Act, Notice, Role, State
from mangping_fees.domain.reconciliation import books_needed
from mangping_fees.gateways.base import Absent, Paid, Unpaid, Voided
from mangping_fees.services import telling
from mangping_fees.services.issuing import Issuing, ref
from mangping_fees.services.telling import stream, tell
from mangping_fees.storage import notices, reconciliations
from mangping_fees.tables import ledger

_log = logging.getLogger("mangping.fees.expiry")
_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Expiry:
    db: AsyncEngine
    now: Now
    issuing: Issuing
    grace_days: int

    async def sweep(self) -> int:
        """Everything that has fallen due since the last round; returns how many."""
        async with self.db.begin() as tx:
            due = await notices.fallen_due(tx, at=self.now(), limit=_LIMIT)
        for id in due:
            with sparing_others(_log, "expiry.held_up", notice_id=id):
                await self._pass_due(id)
        return len(due)

    async def _pass_due(self, id: UUID) -> None:
        async with self.db.begin() as tx:
            notice, at = await notices.find(tx, id, lock=True), self.now()
            if notice is None or notice.due_at is None or notice.due_at > at or notice.state not in table.PAYABLE:
                return
            expiring, event = table.act(notice, Act.PASS_DUE, Role.CLOCK, step_at=at)
            await notices.save(tx, expiring)
            await ledger.record(tx, stream(notice), event, actor="clock", at=at)

    async def lapse(self, found: Notice) -> None:
        """One step of an expiring notice. Without closed books, or without an answer, it stays as it is."""
        assert found.due_at is not None
        if not await self._books_closed(found, found.due_at):
            return
        match await self.issuing.gateway(found).query(ref(found)):
            case Paid(_, confirmations):
                await self.issuing.settle(confirmations)
            case Unpaid() | Absent() | Voided():
                pass
            case _:
                return
        crash_at("expiry.queried")
        async with self.db.begin() as tx:
            notice, at = await notices.find(tx, found.id, lock=True), self.now()
            if notice is None or notice.state is not State.EXPIRING or notice.pay_code is None:
                return
            if await reconciliations.in_doubt(tx, notice.region_code, notice.pay_code):
                return  # some book knows money for this code: a person must say what it is
            expired, event = table.act(notice, Act.LAPSE, Role.CLOCK, step_at=None)
            await notices.save(tx, expired)
            await tell(tx, telling.expired(expired, await telling.applications(tx, notice)), at)
            await ledger.record(tx, stream(notice), event, actor="clock", at=at)
        crash_at("expiry.committed")

    async def _books_closed(self, notice: Notice, due_at: datetime) -> bool:
        days = books_needed(due_at, self.grace_days)
        async with self.db.begin() as tx:
            return await reconciliations.closed_days(tx, notice.region_code, days) == set(days)
