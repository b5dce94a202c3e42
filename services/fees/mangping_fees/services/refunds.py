"""Money goes back: asked for, approved by two other people, and done by the treasury."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.clock import Now
from mangping.cursor import Place
from mangping.db import Tx
from mangping.errors import Refused
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain import notice as table
from mangping_fees.domain.money_in import Payment
from mangping_fees.domain.notice import Notice
from mangping_fees.domain.refund import MACHINE, Act, Refund, Role, State, other_person
from mangping_fees.services import telling
from mangping_fees.services.telling import stream, tell
from mangping_fees.storage import notices, payments
from mangping_fees.storage import refunds as storage
from mangping_fees.tables import ledger

_CALLED_BACK = "申报已被取消资格或者无效，请审核应否退付"


@dataclass(frozen=True, slots=True)
class Refunds:
    db: AsyncEngine
    now: Now

    async def newest(self, *, after: Place | None, limit: int, state: State | None) -> list[Refund]:
        async with self.db.begin() as tx:
            return await storage.newest(tx, after=after, limit=limit, state=state)

    async def suspense(self, *, after: Place | None, limit: int) -> list[Payment]:
        async with self.db.begin() as tx:
            return await payments.suspense(tx, after=after, limit=limit)

    async def request(self, tx: Tx, payment_id: UUID, reason: str, actor: str) -> Refund:
        """Refused: 404 for no such payment, 409 when it is being refunded already or its notice cannot let go of it."""
        payment, at = await payments.find(tx, payment_id, lock=True), self.now()
        if payment is None:
            raise Refused("payment.unknown", "没有这笔缴款。", "请检查编号。", status=404)
        if payment.doubt is None and payment.notice_id is not None:
            notice = await notices.find(tx, payment.notice_id)
            assert notice is not None
            table.MACHINE.decide(notice.state, table.Act.REFUND, table.Role.CASHIER)
        asked = Refund(uuid4(), payment.id, payment.amount_fen, reason, State.REQUESTED, actor, at)
        if not await storage.add(tx, asked):
            raise Refused("refund.exists", "该笔缴款已有退付申请。", "请在退付列表中查看。", status=409)
        facts = {"payment": str(payment.id), "amount_fen": payment.amount_fen}
        await ledger.record(tx, f"refund:{asked.id}", "refund.requested", actor=actor, at=at, facts=facts)
        return asked

    async def approve(self, id: UUID, actor: str) -> Refund:
        """Refused (403) for whoever asked for it or has approved it already."""
        async with self.db.begin() as tx:
            refund = await _locked(tx, id)
            edge = MACHINE.decide(refund.state, Act.APPROVE, Role.APPROVER)
            other_person(refund, actor)
            return await self._move(tx, refund, edge.to, edge.event, actor, approvers=(*refund.approvers, actor))

    async def reject(self, id: UUID, actor: str) -> Refund:
        async with self.db.begin() as tx:
            refund = await _locked(tx, id)
            edge = MACHINE.decide(refund.state, Act.REJECT, Role.APPROVER)
            return await self._move(tx, refund, edge.to, edge.event, actor)

    async def finish(self, tx: Tx, id: UUID, reference: str, actor: str) -> Refund:
        """The treasury has sent it. A notice whose credit went back is refunded, and the api is told."""
        refund = await _locked(tx, id)
        edge = MACHINE.decide(refund.state, Act.FINISH, Role.CASHIER)
        payment = await payments.find(tx, refund.payment_id, lock=True)
        assert payment is not None
        if payment.doubt is None and payment.notice_id is not None:
            await self._release(tx, payment.notice_id, actor)
        return await self._move(tx, refund, edge.to, edge.event, actor, reference=reference)

    async def _release(self, tx: Tx, notice_id: UUID, actor: str) -> None:
        notice, at = await notices.find(tx, notice_id, lock=True), self.now()
        assert notice is not None
        refunded, event = table.act(notice, table.Act.REFUND, table.Role.CASHIER, step_at=None)
        await notices.save(tx, refunded)
        await tell(tx, telling.refunded(refunded, await telling.applications(tx, notice)), at)
        await ledger.record(tx, stream(notice), event, actor=actor, at=at)

    async def _move(self, tx: Tx, refund: Refund, to: State, event: str, actor: str, **change: Any) -> Refund:
        moved = replace(refund, state=to, version=refund.version + 1, **change)
        await storage.save(tx, moved)
        await ledger.record(tx, f"refund:{refund.id}", event, actor=actor, at=self.now())
        return moved


async def put_up(tx: Tx, notice: Notice, at: datetime) -> None:
    """The credit of a notice whose application was disqualified or is void: whether it goes back is for two people to
    say, once it is known to have come. Nothing when it is asked for already."""
    credit = next(one for one in await payments.of_notice(tx, notice.id) if one.doubt is None)
    asked = Refund(uuid4(), credit.id, credit.amount_fen, _CALLED_BACK, State.REQUESTED, "api", at)
    if await storage.add(tx, asked):
        facts = {"payment": str(credit.id), "amount_fen": credit.amount_fen}
        await ledger.record(tx, f"refund:{asked.id}", "refund.requested", actor="api", at=at, facts=facts)


async def _locked(tx: Tx, id: UUID) -> Refund:
    if (refund := await storage.find(tx, id, lock=True)) is None:
        raise Refused("refund.unknown", "没有这份退付申请。", "请检查编号。", status=404)
    return refund
