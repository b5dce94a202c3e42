"""A payment that was heard of, and sending it back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from mangping_fees.domain.money_in import Payment
from mangping_fees.domain.notice import Doubt
from mangping_fees.domain.payment import Channel
from mangping_fees.domain.refund import Refund, State
from mangping_fees.wire import Fen, In, Next, Out


class PaymentOut(Out):
    id: UUID
    notice: UUID | None
    pay_code: str
    bank_trans_no: str
    amount_fen: Fen
    channel: Channel
    paid_at: datetime
    heard_at: datetime
    doubt: Annotated[Doubt | None, Field(description="why it lies in suspense; null for credit")]
    books_of: Annotated[date | None, Field(description="the day whose three books agree about it")]

    @classmethod
    def of(cls, payment: Payment) -> PaymentOut:
        return cls(
            id=payment.id, notice=payment.notice_id, pay_code=payment.pay_code, bank_trans_no=payment.bank_trans_no,
            amount_fen=payment.amount_fen, channel=payment.channel, paid_at=payment.paid_at,
            heard_at=payment.heard_at, doubt=payment.doubt, books_of=payment.books_of,
        )  # fmt: skip


class PaymentsOut(Out):
    items: tuple[PaymentOut, ...]
    next: Next


class RefundIn(In):
    """Send a payment back: credit of a reconciled notice, or money in suspense."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"payment": "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d", "reason": "second_payment"}]
        }
    )
    payment: UUID
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,39}$", description="a stable word, no free text")]


class FinishIn(In):
    reference: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$", description="the treasury's number")]


class RefundOut(Out):
    id: UUID
    payment: UUID
    amount_fen: Fen
    reason: str
    state: State
    version: int
    requested_by: str
    requested_at: datetime
    approvers: tuple[str, ...]
    reference: str | None

    @classmethod
    def of(cls, refund: Refund) -> RefundOut:
        return cls(
            id=refund.id, payment=refund.payment_id, amount_fen=refund.amount_fen, reason=refund.reason,
            state=refund.state, version=refund.version, requested_by=refund.requested_by,
            requested_at=refund.requested_at, approvers=refund.approvers, reference=refund.reference,
        )  # fmt: skip


class RefundsOut(Out):
    items: tuple[RefundOut, ...]
    next: Next
