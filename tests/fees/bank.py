"""What stands at the outer walls of the fees service in these tests, and small pieces that they share."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from mangping.clock import BEIJING
from mangping.contracts import FeeLine, FeeOrder, SealedPayer
from mangping.couriers.base import Accepted, Unclear, Undeliverable
from mangping_fees.domain.delivery import Way
from mangping_fees.domain.notice import Notice
from mangping_fees.domain.payment import Channel, Confirmation
from mangping_fees.gateways.base import (
    Absent,
    BillOrder,
    BillRef,
    Declined,
    IssuedCode,
    Paid,
    PaymentStatus,
    ReceiptFile,
    ReceiptNumber,
    Unknown,
    Unpaid,
    Voided,
)  # fmt: skip
from mangping_fees.services.notices import Whole
from mangping_fees.tables import ledger
from mangping_fees.wiring import Context, Factory
from sqlalchemy import select

GL, BZ = "guilin-vice-senior-2024", "bazhou-technical-2024"
_codes = itertools.count(1)
T = TypeVar("T")


class Clock:
    """A clock that the test moves. Tuesday 2024-09-10, 09:00 in Beijing."""

    def __init__(self) -> None:
        self.at = datetime(2024, 9, 10, 9, tzinfo=BEIJING)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **period: float) -> None:
        self.at += timedelta(**period)


@dataclass
class Bank:
    """Behind the port: remembers bills by number. `mute` swallows that many answers after doing what was asked."""

    bills: dict[str, IssuedCode] = field(default_factory=dict)
    orders: list[BillOrder] = field(default_factory=list)
    paid: dict[str, list[Confirmation]] = field(default_factory=dict)
    voided: set[str] = field(default_factory=set)
    mute: int = 0
    decline: str | None = None

    async def issue(self, order: BillOrder) -> IssuedCode | Declined | Unknown:
        if self.decline or order.bill_no in self.voided:
            return Declined(self.decline or "18000")
        self.orders.append(order)
        code = f"{next(_codes):020d}"
        self.bills.setdefault(order.bill_no, IssuedCode(code, f"http://pay.example/qrcode?billId={code}"))
        return self._said(self.bills[order.bill_no])

    async def query(self, bill: BillRef) -> PaymentStatus:
        if self.mute:
            return self._said(Absent())
        if bill.bill_no in self.voided:
            return Voided()
        if (code := self.bills.get(bill.bill_no)) is None:
            return Absent()
        words = self.paid.get(code.pay_code)
        return Paid(code, tuple(words)) if words else Unpaid(code)

    async def void(self, bill: BillRef) -> Voided | Paid | Declined | Unknown:
        code = self.bills.get(bill.bill_no)
        if code and (words := self.paid.get(code.pay_code)):
            return Paid(code, tuple(words))
        self.voided.add(bill.bill_no)
        return self._said(Voided())

    async def issue_receipt(self, bill: BillRef) -> ReceiptNumber | Declined | Unknown:
        return self._said(ReceiptNumber("45010124", bill.bill_no[-10:], "a1b2c3"))

    async def fetch_receipt(self, receipt: ReceiptNumber) -> ReceiptFile | Declined | Unknown:
        return self._said(ReceiptFile(b"%PDF receipt " + receipt.number.encode()))

    def pay(self, notice: Notice, **change: Any) -> Confirmation:
        """The payer pays; the word of it is given back, and is what a query tells from now on."""
        number = f"T{next(_codes)}"
        told: dict[str, Any] = {
            "event_id": f"e-{number}", "region_code": notice.region_code, "pay_code": notice.pay_code,
            "bank_trans_no": number, "amount_fen": notice.amount_fen, "channel": Channel.QR,
            "paid_at": datetime(2024, 9, 10, 10, tzinfo=BEIJING),
        }  # fmt: skip
        word = Confirmation(**{**told, **change})
        self.paid.setdefault(word.pay_code, []).append(word)
        return word

    def _said(self, answer: T) -> T | Unknown:
        if self.mute:
            self.mute -= 1
            return Unknown("timeout")
        return answer


@dataclass
class Post:
    """The couriers: takes everything, or nothing for a way that is broken."""

    sent: list[tuple[UUID, Way, str, str]] = field(default_factory=list)
    broken: dict[Way, Undeliverable | Unclear] = field(default_factory=dict)

    async def send(
        self, key: UUID, way: Way, address: str, text: str, *, title: str = ""
    ) -> Accepted | Undeliverable | Unclear:
        if way in self.broken:
            return self.broken[way]
        self.sent.append((key, way, address, text))
        return Accepted(f"p-{key}")


async def ordered(context: Context, *, programme: str = GL, lines: Sequence[FeeLine] = (), **change: Any) -> FeeOrder:
    """An order as the api sends it, taken in."""
    payer = uuid4()
    someone = SealedPayer(name="测试甲", mobile="13800000000", email="someone@example.com")
    await context.vault.put_new(payer, someone.model_dump_json().encode())
    held = tuple(lines) or (line(),)
    told: dict[str, Any] = {
        "order_id": uuid4(), "programme": programme, "region": "CN-GX-GUILIN", "lines": held, "payer": payer,
        "applicant": "sub:someone", "accepted_at": context.now(), **change,
    }  # fmt: skip
    order = FeeOrder(**told)
    await Factory(context).orders().take(order)
    return order


def line(application: UUID | None = None, attempt: int = 1, kind: str = "评审", level: str = "副高级") -> FeeLine:
    return FeeLine(application_id=application or uuid4(), attempt=attempt, kind=kind, level=level)


async def notice_of(context: Context, order: FeeOrder) -> Notice:
    return (await whole_of(context, order)).notice


async def whole_of(context: Context, order: FeeOrder) -> Whole:
    found = Factory(context).notices()
    [notice] = await found.newest(after=None, limit=1, application=order.lines[0].application_id)
    return await found.find(notice.id)


async def steps(context: Context, clock: Clock, rounds: int = 4) -> None:
    """The worker's rounds, a few times."""
    make = Factory(context)
    for _ in range(rounds):
        await make.steps().sweep()
        await make.deliveries().sweep()
        await make.expiry().sweep()
        await make.statements().sweep()
        await make.reconciliation().sweep()
        await make.receipts().reconcile()
        clock.forward(seconds=1)


async def told(context: Context, order: FeeOrder) -> list[tuple[str, dict[str, Any]]]:
    """What the api is owed about this order, in order."""
    async with context.db.begin() as tx:
        rows = await tx.execute(select(ledger.outbox).order_by(ledger.outbox.c.id))
        return [(row.kind, row.body) for row in rows if row.body.get("order_id") == str(order.order_id)]


async def kinds(context: Context, order: FeeOrder) -> list[str]:
    return [kind for kind, _ in await told(context, order)]


def statement(source: str, day: str, words: Sequence[Confirmation], region: str = "450300") -> bytes:
    """A daily file."""
    total = sum(word.amount_fen for word in words)
    rows = [f"D|{w.pay_code}|{w.bank_trans_no}|{w.amount_fen}|{w.paid_at.isoformat()}|{w.channel}|paid" for w in words]
    head, tail = f"H|1|{source}|{day}|{region}|{len(words)}|{total}", f"T|{len(words)}|{total}"
    return "".join(f"{row}\n" for row in (head, *rows, tail)).encode()


async def upload(context: Context, content: bytes) -> tuple[str, bool]:
    async def chunks() -> Any:
        yield content

    kept, new = await Factory(context).statements().receive("client:cashier", chunks())
    return str(kept.id), new
