"""The port: what the fees service asks of whoever issues pay codes, and what it is told unasked.

Calls never run inside a transaction, and `bill_no` (ours, unique in a region and year) is the key of every one: a call
that is repeated must not make a second bill. A time-out or a broken connection is the result `Unknown`, never an
exception: whoever gets it asks `query` before it calls again. Exceptions are bugs only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from mangping_fees.domain.payment import Confirmation, GatewayEvent


@dataclass(frozen=True, slots=True)
class BillItem:
    """One line of a bill. `project_code` is the national 执收项目识别码, `standard` the charge standard's name."""

    project_code: str
    name: str
    amount_fen: int  # of the whole line
    quantity: int
    unit: str  # "人·次"
    standard: str


@dataclass(frozen=True, slots=True)
class Payer:
    """Opened from the vault for one call and held nowhere else; never logged."""

    name: str = field(repr=False)
    mobile: str = field(default="", repr=False)
    credit_code: str = field(default="", repr=False)  # 统一社会信用代码, when a unit pays


@dataclass(frozen=True, slots=True)
class BillOrder:
    """What a pay code is asked for. `amount_fen` is the sum of the items."""

    region_code: str  # 行政区划 (AdmDivCode), 6 digits
    year: int  # SetYear
    bill_no: str  # our number (PayNo), up to 20 characters
    bill_date: date
    unit_code: str  # 执收单位编码
    unit_name: str
    items: tuple[BillItem, ...]
    amount_fen: int
    payer: Payer
    effective_until: datetime | None = None  # 缴款书有效期, exclusive


@dataclass(frozen=True, slots=True)
class BillRef:
    """Which bill is meant. `pay_code` is None when no answer to `issue` ever came."""

    region_code: str
    year: int
    bill_no: str
    pay_code: str | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, or none that can be trusted: the thing may or may not have happened. `reason` is a stable code."""

    reason: str


@dataclass(frozen=True, slots=True)
class Declined:
    """A clear no. `code` is the gateway's own result code (18012, 99999 …); a person must look."""

    code: str


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """`pay_code` is opaque (16-30 digits by province); `pay_url` is what the QR code carries."""

    pay_code: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The gateway never heard of this bill: it may be issued."""


@dataclass(frozen=True, slots=True)
class Unpaid:
    code: IssuedCode


@dataclass(frozen=True, slots=True)
class Paid:
    """Every payment the gateway knows for the bill, first one first; more than one when two channels raced."""

    code: IssuedCode
    confirmations: tuple[Confirmation, ...]


@dataclass(frozen=True, slots=True)
class Voided:
    """Void now, or void already."""


@dataclass(frozen=True, slots=True)
class ReceiptNumber:
    """财政电子票据: 票据代码 (8 digits), 票据号码 (10 digits), 校验码 (6 characters)."""

    code: str
    number: str
    check_code: str


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    content: bytes  # PDF
    media_type: str = "application/pdf"


PaymentStatus = Absent | Unpaid | Paid | Voided | Unknown


class Gateway(Protocol):
    """One per region profile. Implementations bound every wait and every frame."""

    async def issue(self, order: BillOrder) -> IssuedCode | Declined | Unknown:
        """A pay code for this bill; the same code again when `bill_no` was issued before."""

    async def query(self, bill: BillRef) -> PaymentStatus:
        """How the bill stands there, looked up by `bill_no` (and by `pay_code` when known)."""

    async def void(self, bill: BillRef) -> Voided | Paid | Declined | Unknown:
        """Take the bill back. `Paid` when money was first: then nothing was voided. A number that was never heard of is
        voided too: a push that is still on its way must not make a bill of it any more."""

    async def issue_receipt(self, bill: BillRef) -> ReceiptNumber | Declined | Unknown:
        """The receipt of a paid bill; the same one again when it was issued before."""

    async def fetch_receipt(self, receipt: ReceiptNumber) -> ReceiptFile | Declined | Unknown:
        """The receipt as a file."""


class Sink(Protocol):
    """Where a gateway hands what it is told unasked, after it has checked who says so."""

    async def take(self, event: GatewayEvent) -> None:
        """Recorded for good when this returns, so only then acknowledge. Raises Transient: let the sender repeat it."""
