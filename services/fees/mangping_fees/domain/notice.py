"""缴款通知书: where it stands, which acts lead on from there, and whether a payment is credit or suspense."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from mangping.machine import Edge, Machine

from mangping_fees.domain.payment import Channel, Confirmation


class State(StrEnum):
    DRAFT = "draft"  # reserved; the gateway owes a pay code
    DECLINED = "declined"  # the gateway said no; the cashier must look
    ISSUED = "issued"  # has a pay code; not yet received
    NOTIFIED = "notified"  # received: the clock runs
    PAYING = "paying"  # somebody opened the pay page
    FAILED = "failed"  # 扣款不成功: nothing was paid
    EXPIRING = "expiring"  # past due; query, then wait for the books of that day
    EXPIRED = "expired"
    VOIDING = "voiding"  # being taken back; the gateway owes an answer
    VOIDED = "voided"
    PAID = "paid"
    RECONCILED = "reconciled"  # our book, finance's and the agent's agree
    RECEIPTED = "receipted"
    REFUNDED = "refunded"


class Act(StrEnum):
    ISSUE = "issue"
    DECLINE = "decline"
    RETRY = "retry"
    RECEIVE = "receive"
    OPEN_PAGE = "open_page"
    FAIL = "fail"
    RESUME = "resume"
    PASS_DUE = "pass_due"
    LAPSE = "lapse"
    VOID = "void"
    CONFIRM_VOID = "confirm_void"
    PAY = "pay"
    RECONCILE = "reconcile"
    RECEIPT = "receipt"
    REFUND = "refund"


class Role(StrEnum):
    API = "api"  # the order's side
    GATEWAY = "gateway"
    COURIER = "courier"  # whoever delivers messages
    APPLICANT = "applicant"
    CASHIER = "cashier"
    CLOCK = "clock"


_E = Edge[State, Role]
_PAYABLE = (State.ISSUED, State.NOTIFIED, State.PAYING, State.FAILED)
_TOLD = (Role.COURIER, Role.APPLICANT)

EDGES: dict[tuple[State, Act], Edge[State, Role]] = {
    (State.DRAFT, Act.ISSUE): _E(State.ISSUED, "notice.issued", Role.GATEWAY),
    (State.DRAFT, Act.DECLINE): _E(State.DECLINED, "notice.declined", Role.GATEWAY),
    (State.DECLINED, Act.RETRY): _E(State.DRAFT, "notice.retried", Role.CASHIER),
    (State.ISSUED, Act.RECEIVE): _E(State.NOTIFIED, "notice.received", _TOLD),
    # Whoever opened the pay page or tried to pay has seen the notice, but only a delivery starts the clock.
    (State.NOTIFIED, Act.RECEIVE): _E(State.NOTIFIED, "notice.received", _TOLD),
    (State.PAYING, Act.RECEIVE): _E(State.PAYING, "notice.received", _TOLD),
    (State.FAILED, Act.RECEIVE): _E(State.FAILED, "notice.received", _TOLD),
    (State.ISSUED, Act.OPEN_PAGE): _E(State.PAYING, "notice.pay_page_opened", Role.GATEWAY),
    (State.NOTIFIED, Act.OPEN_PAGE): _E(State.PAYING, "notice.pay_page_opened", Role.GATEWAY),
    **{(at, Act.FAIL): _E(State.FAILED, "notice.deduction_failed", Role.GATEWAY) for at in _PAYABLE},
    (State.FAILED, Act.RESUME): _E(State.NOTIFIED, "notice.resumed", Role.CLOCK),
    **{(at, Act.PASS_DUE): _E(State.EXPIRING, "notice.fell_due", Role.CLOCK) for at in _PAYABLE},
    (State.EXPIRING, Act.LAPSE): _E(State.EXPIRED, "notice.expired", Role.CLOCK),
    **{
        (at, Act.VOID): _E(State.VOIDING, "notice.void_asked", (Role.API, Role.CASHIER))
        for at in (State.DRAFT, *_PAYABLE, State.EXPIRING)
    },
    (State.DECLINED, Act.VOID): _E(State.VOIDED, "notice.voided", (Role.API, Role.CASHIER)),
    (State.VOIDING, Act.CONFIRM_VOID): _E(State.VOIDED, "notice.voided", Role.GATEWAY),
    # Money in time wins over whatever was said later; whether it is in time is for `judge` to say.
    **{
        (at, Act.PAY): _E(State.PAID, "notice.paid", Role.GATEWAY)
        for at in (*_PAYABLE, State.EXPIRING, State.EXPIRED, State.VOIDING)
    },
    (State.PAID, Act.RECONCILE): _E(State.RECONCILED, "notice.reconciled", Role.CLOCK),
    (State.RECONCILED, Act.RECEIPT): _E(State.RECEIPTED, "notice.receipted", Role.GATEWAY),
    # What goes back must first be known to have come.
    (State.RECONCILED, Act.REFUND): _E(State.REFUNDED, "notice.refunded", Role.CASHIER),
    (State.RECEIPTED, Act.REFUND): _E(State.REFUNDED, "notice.refunded", Role.CASHIER),
}
MACHINE = Machine("notice", "缴款通知书", State.DRAFT, EDGES)

PAYABLE = frozenset(_PAYABLE)
CREDITED = frozenset({State.PAID, State.RECONCILED, State.RECEIPTED, State.REFUNDED})
OPEN = frozenset({State.DRAFT, State.DECLINED, *_PAYABLE, State.EXPIRING, State.VOIDING})


class Doubt(StrEnum):
    """Why money is not credit. All of it waits in suspense for a refund or a person."""

    UNKNOWN_CODE = "unknown_code"
    CHANNEL = "channel"  # a direct transfer, or a channel that the notice does not allow
    UNIT = "unit"
    SHORT = "short"  # partial payment: 一次性交清
    OVER = "over"
    VOID = "void"
    LATE = "late"
    SECOND = "second"  # the same code through two channels: the first wins


@dataclass(frozen=True, slots=True)
class Line:
    """What the notice charges for one application."""

    application_id: UUID
    item: str
    attempt: int
    kind: str
    level: str
    project_code: str
    name: str
    unit: str
    basis: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Notice:
    """`payer` is a vault id; nothing here names a person. What the tariff said when it was ordered stays with it.

    `due_at` is exclusive, None until the clock starts. `asked_at` is when the gateway may first have heard of it:
    from then on it is queried before it is asked again. `step_at` is when the worker looks at it next.
    """

    id: UUID
    order_id: UUID
    programme: str
    region_code: str
    year: int
    bill_no: str
    unit_code: str
    unit_name: str
    channels: tuple[Channel, ...]
    state: State
    amount_fen: int
    payer: UUID
    applicant: str
    created_at: datetime
    step_at: datetime | None
    tries: int = 0
    version: int = 1
    replaces: UUID | None = None
    asked_at: datetime | None = None
    pay_code: str | None = None
    pay_url: str | None = None
    issued_at: datetime | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None
    due_rule: str | None = None
    due_trace: tuple[str, ...] = ()
    paid_at: datetime | None = None
    decline_code: str | None = None


def act(notice: Notice, what: Act, role: Role, **change: Any) -> tuple[Notice, str]:
    """(the notice after this act, the event that tells of it). Every act is a new version. Refused by the table."""
    edge = MACHINE.decide(notice.state, what, role)
    return replace(notice, state=edge.to, version=notice.version + 1, tries=0, **change), edge.event


def judge(notice: Notice, word: Confirmation) -> Doubt | None:
    """None when this payment pays the notice, else why it goes to suspense. Compare before anything is settled."""
    if word.channel not in notice.channels:
        return Doubt.CHANNEL
    if word.unit_code is not None and word.unit_code != notice.unit_code:
        return Doubt.UNIT
    if notice.state in CREDITED:
        return Doubt.SECOND
    if not MACHINE.may(notice.state, Act.PAY):
        return Doubt.VOID
    if word.amount_fen != notice.amount_fen:
        return Doubt.SHORT if word.amount_fen < notice.amount_fen else Doubt.OVER
    if notice.due_at is not None and word.paid_at >= notice.due_at:
        return Doubt.LATE
    return None


def backoff(tries: int, first: float) -> timedelta:
    """How long to wait before looking again, in steps that double, ten minutes at most."""
    return timedelta(seconds=min(first * 2 ** min(tries, 20), 600))
