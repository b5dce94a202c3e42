"""Word of money and of the pay page comes in: every bank transaction once, credit only when all of it is right.

Implements the gateways' `Sink`. The notice's row is locked before anything is judged, so two words for one notice are
taken one after the other, whatever door they came through.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from mangping.clock import Now
from mangping.contracts import FeeSettled
from mangping.db import FAULTS, Tx, begun
from mangping.errors import Transient
from mangping.faults import crash_at
from mangping.ledger import entry, owed
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain import notice as table
from mangping_fees.domain.money_in import Payment
from mangping_fees.domain.notice import Act, Doubt, Notice, Role, judge
from mangping_fees.domain.payment import Confirmation, DeductionFailed, GatewayEvent
from mangping_fees.domain.refund import Refund
from mangping_fees.domain.refund import State as RefundState
from mangping_fees.services import telling
from mangping_fees.services.telling import stream
from mangping_fees.storage import credits, notices, payments, refunds
from mangping_fees.storage.credits import Beside
from mangping_fees.tables import hooks, ledger

_CLOCK = "clock"
_PAID = telling.PUBLIC[FeeSettled]


@dataclass(frozen=True, slots=True)
class Settlement:
    db: AsyncEngine
    now: Now

    async def take(self, event: GatewayEvent) -> None:
        """Recorded for good when this returns. Raises Transient when the database cannot be reached."""
        try:
            async with begun(self.db) as tx:
                await self._take(tx, event)
        except FAULTS as error:
            raise Transient("settlement.held_up") from error
        crash_at("settlement.committed")

    async def _take(self, tx: Tx, event: GatewayEvent) -> None:
        at = self.now()
        notice = await notices.paid_for(tx, event.region_code, event.pay_code)
        if notice is None:  # perhaps it is being given its code this very moment
            await payments.hold_code(tx, event.region_code, event.pay_code)
            notice = await notices.paid_for(tx, event.region_code, event.pay_code)
        if isinstance(event, Confirmation):
            await self._money(tx, notice, event, at)
        elif await ledger.receive(tx, _source(event), event.event_id, at=at):
            await _follow(tx, notice, Act.FAIL if isinstance(event, DeductionFailed) else Act.OPEN_PAGE, at)

    async def _money(self, tx: Tx, notice: Notice | None, word: Confirmation, at: datetime) -> None:
        doubt = judge(notice, word) if notice else Doubt.UNKNOWN_CODE
        payment = Payment(
            uuid4(), word.region_code, word.bank_trans_no, word.pay_code, notice.id if notice else None,
            word.amount_fen, word.channel, word.paid_at, at, doubt,
        )  # fmt: skip
        whose = stream(notice) if notice else ""
        heard = await credits.hear(tx, _source(word), word.event_id, payment, whose, _PAID)
        if not heard.word:
            return
        if not heard.payment:
            await _compare(tx, word, at)
        elif doubt is None and notice is not None:
            await self._credit(tx, notice, payment, heard.beside, at)
        else:
            await self._suspend(tx, payment, at)

    async def _credit(self, tx: Tx, notice: Notice, payment: Payment, beside: Beside, at: datetime) -> None:
        paid, event = table.act(notice, Act.PAY, Role.GATEWAY, paid_at=payment.paid_at, step_at=None)
        message = telling.settled(paid, beside.applications, payment.paid_at, payment.channel)
        facts = {"payment": str(payment.id), "amount_fen": payment.amount_fen, "from": notice.state}
        told = entry(beside.last, stream(notice), event, actor="gateway", at=at, facts=facts)
        await credits.credit(tx, paid, owed(uuid4(), message, at=at, not_before=at), told)
        await hooks.owe_to(tx, beside.asked, _PAID, telling.public(paid, message), at=at)

    async def _suspend(self, tx: Tx, payment: Payment, at: datetime) -> None:
        """Never credit. What can only go back is put into the refund queue at once; an unknown code may yet be ours."""
        assert payment.doubt is not None
        facts = {"payment": str(payment.id), "amount_fen": payment.amount_fen, "doubt": payment.doubt}
        await ledger.record(tx, _stream(payment), "payment.suspended", actor="gateway", at=at, facts=facts)
        if payment.doubt is not Doubt.UNKNOWN_CODE and payment.amount_fen > 0:
            asked = Refund(
                uuid4(), payment.id, payment.amount_fen, payment.doubt, RefundState.REQUESTED, _CLOCK, at
            )  # fmt: skip
            if await refunds.add(tx, asked):  # unless a person has asked for it already
                await ledger.record(tx, f"refund:{asked.id}", "refund.requested", actor=_CLOCK, at=at, facts=facts)

    async def claim(self, tx: Tx, notice: Notice, at: datetime) -> None:
        """The notice has just got its pay code: money for it may have come before. The row is locked by the caller."""
        assert notice.pay_code is not None
        for held in await payments.unclaimed(tx, notice.region_code, notice.pay_code):
            present = await notices.find(tx, notice.id)
            assert present is not None
            doubt = judge(present, _word(held))
            await payments.assign(tx, held.id, notice.id, doubt)
            found = Payment(
                held.id, held.region_code, held.bank_trans_no, held.pay_code, notice.id, held.amount_fen, held.channel,
                held.paid_at, held.heard_at, doubt, held.books_of,
            )  # fmt: skip
            if doubt is None:
                if (refund := await refunds.of_payment(tx, held.id)) is not None:
                    # A person has already begun to send it back: it stays in suspense.
                    await payments.assign(tx, held.id, notice.id, Doubt.UNKNOWN_CODE)
                    facts = {"refund": str(refund.id)}
                    await ledger.record(tx, stream(notice), "payment.left", actor=_CLOCK, at=at, facts=facts)
                    continue
                beside = await credits.beside(tx, notice.id, stream(notice), _PAID)
                await self._credit(tx, present, found, beside, at)
            else:
                await self._suspend(tx, found, at)


def _source(event: GatewayEvent) -> str:
    return f"gateway:{event.region_code}"


def _stream(payment: Payment) -> str:
    return f"payment:{payment.id}"


def _word(held: Payment) -> Confirmation:
    return Confirmation(
        "", held.region_code, held.pay_code, held.bank_trans_no, held.amount_fen, held.channel, held.paid_at
    )


async def _compare(tx: Tx, word: Confirmation, at: datetime) -> None:
    """A bank transaction that is known: nothing is posted again, but a contradiction is put on record."""
    known = await payments.known(tx, word.region_code, word.bank_trans_no)
    assert known is not None
    if (known.pay_code, known.amount_fen) != (word.pay_code, word.amount_fen):
        facts = {"amount_fen": known.amount_fen, "told_fen": word.amount_fen}
        await ledger.record(tx, _stream(known), "payment.contradicted", actor="gateway", at=at, facts=facts)


async def _follow(tx: Tx, notice: Notice | None, what: Act, at: datetime) -> None:
    """Informational acts: where the table has no such edge (late, repeated, out of order), nothing happens."""
    if notice is None or not table.MACHINE.may(notice.state, what) or (what, notice.state) == (Act.FAIL, "failed"):
        return
    step_at = at if what is Act.FAIL else notice.step_at
    moved, event = table.act(notice, what, Role.GATEWAY, step_at=step_at)
    await notices.save(tx, moved)
    await ledger.record(tx, stream(notice), event, actor="gateway", at=at)
