"""A payment notice as its payer and the cashier see it: lines, deliveries, payments, receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from mangping_fees.domain.delivery import Delivery, Purpose, Way
from mangping_fees.domain.notice import Notice, State
from mangping_fees.domain.payment import Channel
from mangping_fees.services.notices import Whole
from mangping_fees.shapes.payments import PaymentOut
from mangping_fees.storage.receipts import Receipt
from mangping_fees.wire import Fen, In, Next, Out


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


class DeliveryReportIn(In):
    """What became of one message, by the key it was handed over under."""

    key: UUID
    status: Literal["delivered", "failed"]
    at: AwareDatetime
    code: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,40}$")] = "undelivered"


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


class NoticesOut(Out):
    items: tuple[NoticeSummary, ...]
    next: Next


class UndeliveredListOut(Out):
    items: tuple[UndeliveredOut, ...]
    next: Next
