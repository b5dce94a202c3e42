"""What callers send and get: the shapes of the API, apart from what is stored. No shape has a field for a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from mangping_fees.domain.delivery import Delivery, Purpose, Way
from mangping_fees.domain.money_in import Payment
from mangping_fees.domain.notice import Doubt, Notice, State
from mangping_fees.domain.payment import Channel
from mangping_fees.domain.reconciliation import Verdict
from mangping_fees.domain.refund import Refund
from mangping_fees.domain.refund import State as RefundState
from mangping_fees.domain.statement import Source
from mangping_fees.services.notices import Whole
from mangping_fees.storage.payments import Books
from mangping_fees.storage.receipts import Receipt
from mangping_fees.storage.reconciliations import Difference, Run
from mangping_fees.storage.statements import Statement

Fen = Annotated[int, Field(description="fen (1/100 yuan)")]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


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


class ResolveIn(In):
    """How it ended. `confirmed`: finance says the money is there, so the payment is reconciled, and money that only a
    file had is taken in first; `next_day` and `no_fault` reconcile a payment that a book had not."""

    resolution: Literal["confirmed", "settled_by_hand", "refunded", "file_corrected", "next_day", "no_fault"]


class DeliveryReportIn(In):
    """What became of one message, by the key it was handed over under."""

    key: UUID
    status: Literal["delivered", "failed"]
    at: AwareDatetime
    code: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,40}$")] = "undelivered"


class Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class LineOut(Out):
    application: UUID
    item: str
    attempt: int
    kind: str
    level: str
    name: str
    unit: str
    basis: Annotated[str, Field(description="the legal basis of the charge")]
    amount_fen: Fen


class DeliveryOut(Out):
    id: UUID
    channel: Way
    purpose: Purpose
    sent_at: datetime | None
    delivered_at: datetime | None
    error: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryOut:
        return cls(
            id=delivery.id, channel=delivery.channel, purpose=delivery.purpose, sent_at=delivery.sent_at,
            delivered_at=delivery.delivered_at, error=delivery.error,
        )  # fmt: skip


class UndeliveredOut(DeliveryOut):
    """A task: whoever must pay was not told this way, and is not known to have been told by another."""

    notice: UUID
    created_at: datetime

    @classmethod
    def of_failed(cls, delivery: Delivery) -> UndeliveredOut:
        told = DeliveryOut.of(delivery).model_dump()
        return cls(**told, notice=delivery.notice_id, created_at=delivery.created_at)


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


class ReceiptOut(Out):
    code: Annotated[str, Field(description="票据代码")]
    number: Annotated[str, Field(description="票据号码")]
    check_code: Annotated[str, Field(description="校验码")]
    issued_at: datetime
    ready: Annotated[bool, Field(description="the file can be downloaded")]

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptOut:
        return cls(
            code=receipt.code, number=receipt.number, check_code=receipt.check_code, issued_at=receipt.issued_at,
            ready=receipt.stored_at is not None,
        )  # fmt: skip


class NoticeSummary(Out):
    id: UUID
    order: UUID
    programme: str
    state: State
    version: int
    bill_no: str
    unit: Annotated[str, Field(description="执收单位")]
    amount_fen: Fen
    pay_code: str | None
    pay_url: Annotated[str | None, Field(description="what the QR code carries")]
    created_at: datetime
    issued_at: datetime | None
    received_at: datetime | None
    due_at: Annotated[datetime | None, Field(description="exclusive; null until the notice was received")]
    paid_at: datetime | None
    decline_code: Annotated[str | None, Field(description="why the gateway said no")]

    @classmethod
    def of(cls, notice: Notice) -> NoticeSummary:
        return cls(**_summary(notice))


class NoticeOut(NoticeSummary):
    due_rule: Annotated[str | None, Field(description="the rule the period stands on")]
    due_trace: Annotated[tuple[str, ...], Field(description="how the period was counted, in Chinese")]
    channels: tuple[Channel, ...]
    lines: tuple[LineOut, ...]
    deliveries: tuple[DeliveryOut, ...]
    payments: tuple[PaymentOut, ...]
    receipt: ReceiptOut | None

    @classmethod
    def of_whole(cls, whole: Whole) -> NoticeOut:
        notice = whole.notice
        return cls(
            **_summary(notice), due_rule=notice.due_rule, due_trace=notice.due_trace, channels=notice.channels,
            lines=tuple(
                LineOut(
                    application=line.application_id, item=line.item, attempt=line.attempt, kind=line.kind,
                    level=line.level, name=line.name, unit=line.unit, basis=line.basis, amount_fen=line.amount_fen,
                )
                for line in whole.lines
            ),
            deliveries=tuple(DeliveryOut.of(one) for one in whole.deliveries),
            payments=tuple(PaymentOut.of(one) for one in whole.payments),
            receipt=ReceiptOut.of(whole.receipt) if whole.receipt else None,
        )  # fmt: skip


def _summary(notice: Notice) -> dict[str, object]:
    return {
        "id": notice.id, "order": notice.order_id, "programme": notice.programme, "state": notice.state,
        "version": notice.version, "bill_no": notice.bill_no, "unit": notice.unit_name,
        "amount_fen": notice.amount_fen, "pay_code": notice.pay_code, "pay_url": notice.pay_url,
        "created_at": notice.created_at, "issued_at": notice.issued_at, "received_at": notice.received_at,
        "due_at": notice.due_at, "paid_at": notice.paid_at, "decline_code": notice.decline_code,
    }  # fmt: skip


class RefundOut(Out):
    id: UUID
    payment: UUID
    amount_fen: Fen
    reason: str
    state: RefundState
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


class StatementOut(Out):
    id: UUID
    state: Literal["received", "taken", "refused", "superseded"]
    sha256: str
    received_at: datetime
    region_code: str | None
    day: date | None
    source: Source | None
    lines: int | None
    sum_fen: int | None
    refusal: Annotated[str | None, Field(description="the stable code of what is wrong with it")]

    @classmethod
    def of(cls, held: Statement) -> StatementOut:
        return cls(
            id=held.id, state=held.state, sha256=held.sha256, received_at=held.received_at,
            region_code=held.region_code, day=held.day, source=held.source, lines=held.lines, sum_fen=held.sum_fen,
            refusal=held.refusal,
        )  # fmt: skip


class BookOut(Out):
    count: int
    sum_fen: Fen


class ReconciliationOut(Out):
    id: UUID
    region_code: str
    day: date
    finance: UUID
    agent: UUID
    totals: Annotated[dict[str, BookOut], Field(description="by book: ours, finance, agent")]
    verdicts: Annotated[dict[Verdict, int], Field(description="lines by verdict")]
    closed_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> ReconciliationOut:
        return cls(
            id=run.id, region_code=run.region_code, day=run.day, finance=run.finance, agent=run.agent,
            totals={name: BookOut(**book) for name, book in run.totals.items()},
            verdicts={Verdict(name): count for name, count in run.verdicts.items()}, closed_at=run.closed_at,
        )  # fmt: skip


class DifferenceOut(Out):
    bank_trans_no: str
    verdict: Verdict
    pay_codes: tuple[str, ...]
    ours_fen: int | None
    finance_fen: int | None
    agent_fen: int | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolution: Annotated[
        str | None, Field(description="also matched_across, asked_there and superseded, which the clock says")
    ]
    waits_for: Annotated[date | None, Field(description="the neighbouring day whose books may have the rest of it")]
    other_run: Annotated[UUID | None, Field(description="the reconciliation where the clock found the rest of it")]

    @classmethod
    def of(cls, one: Difference) -> DifferenceOut:
        return cls(
            bank_trans_no=one.bank_trans_no, verdict=one.verdict, pay_codes=one.pay_codes, ours_fen=one.ours_fen,
            finance_fen=one.finance_fen, agent_fen=one.agent_fen, resolved_by=one.resolved_by,
            resolved_at=one.resolved_at, resolution=one.resolution, waits_for=one.waits_for, other_run=one.other_run,
        )  # fmt: skip


class BooksOut(Out):
    """All sums in fen at one moment. `whole`: bank = paid + suspense, and paid = receipted + receipt_owed."""

    bank: Fen
    paid: Fen
    suspense: Fen
    receipted: Fen
    receipt_owed: Fen
    refunded: Fen
    whole: bool

    @classmethod
    def of(cls, books: Books) -> BooksOut:
        return cls(
            bank=books.bank, paid=books.paid, suspense=books.suspense, receipted=books.receipted,
            receipt_owed=books.receipt_owed, refunded=books.refunded, whole=books.whole,
        )  # fmt: skip


_Next = Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class NoticesOut(Out):
    items: tuple[NoticeSummary, ...]
    next: _Next


class UndeliveredListOut(Out):
    items: tuple[UndeliveredOut, ...]
    next: _Next


class PaymentsOut(Out):
    items: tuple[PaymentOut, ...]
    next: _Next


class RefundsOut(Out):
    items: tuple[RefundOut, ...]
    next: _Next


class StatementsOut(Out):
    items: tuple[StatementOut, ...]
    next: _Next


class ReconciliationsOut(Out):
    items: tuple[ReconciliationOut, ...]


class DifferencesOut(Out):
    items: tuple[DifferenceOut, ...]
    next: _Next


class Problem(Out):
    """RFC 9457. `code` is stable; `title` and `remedy` are Chinese, for people."""

    type: str
    title: str
    status: int
    code: str
    remedy: str
    request_id: str
    errors: tuple[dict[str, str], ...] = ()
