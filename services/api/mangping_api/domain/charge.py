"""A charge: what one application, or a unit's list, is to pay, and what the fees service has told of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from mangping.contracts import (
    FeeCancelled,
    FeeExpired,
    FeeIssued,
    FeeNotified,
    FeeRefunded,
    FeeRefused,
    FeeSettled,
)
from mangping.machine import Edge, Machine
from mangping.policy import Policy
from mangping.policy.pack import Fee


class State(StrEnum):
    DUE = "due"  # to be ordered; the payer's contact is sealed first
    ORDERED = "ordered"  # the fees service owes an answer
    REFUSED = "refused"  # it cannot be billed; an officer must look
    ISSUED = "issued"  # there is a notice
    NOTIFIED = "notified"  # it was received: the clock runs
    PAID = "paid"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    CANCELLING = "cancelling"  # called back; the fees service owes an answer
    CANCELLED = "cancelled"


class Act(StrEnum):
    ORDER = "order"
    REFUSE = "refuse"
    ISSUE = "issue"
    NOTIFY = "notify"
    SETTLE = "settle"
    EXPIRE = "expire"
    REFUND = "refund"
    CANCEL = "cancel"
    CONFIRM_CANCEL = "confirm_cancel"


class Party(StrEnum):
    OFFICE = "office"  # who ended the application
    CLOCK = "clock"
    FEES = "fees"


_E = Edge[State, Party]
_UNPAID = (State.ORDERED, State.REFUSED, State.ISSUED, State.NOTIFIED)
# Answers may come in any order: each leads on from wherever it makes sense, and elsewhere changes nothing.
EDGES: dict[tuple[State, Act], Edge[State, Party]] = {
    (State.DUE, Act.ORDER): _E(State.ORDERED, "charge.ordered", Party.CLOCK),
    (State.ORDERED, Act.REFUSE): _E(State.REFUSED, "charge.refused", Party.FEES),
    **{(at, Act.ISSUE): _E(State.ISSUED, "charge.issued", Party.FEES) for at in (State.ORDERED, State.REFUSED)},
    **{(at, Act.NOTIFY): _E(State.NOTIFIED, "charge.notified", Party.FEES) for at in _UNPAID[:3]},
    # Money that came in time wins over everything that was said before.
    **{
        (at, Act.SETTLE): _E(State.PAID, "charge.paid", Party.FEES)
        for at in (*_UNPAID, State.EXPIRED)
    },
    **{(at, Act.EXPIRE): _E(State.EXPIRED, "charge.expired", Party.FEES) for at in _UNPAID},
    **{
        (at, Act.REFUND): _E(State.REFUNDED, "charge.refunded", Party.FEES)
        for at in (*_UNPAID, State.EXPIRED, State.PAID, State.CANCELLING, State.CANCELLED)
    },
    (State.DUE, Act.CANCEL): _E(State.CANCELLED, "charge.cancelled", Party.OFFICE),
    **{
        (at, Act.CANCEL): _E(State.CANCELLING, "charge.cancel_asked", Party.OFFICE)
        for at in (*_UNPAID, State.PAID)
    },
    (State.CANCELLING, Act.CONFIRM_CANCEL): _E(State.CANCELLED, "charge.cancelled", Party.FEES),
    # It was on its way while the notice was taken back: this goes back, too.
    (State.CANCELLED, Act.SETTLE): _E(State.CANCELLING, "charge.paid_though_cancelled", Party.FEES),
}  # fmt: skip
MACHINE: Machine[State, Act, Party] = Machine("charge", "缴费", State.DUE, EDGES)
Answer = FeeIssued | FeeRefused | FeeNotified | FeeSettled | FeeExpired | FeeRefunded | FeeCancelled
# How long an answer may be missing before the fees service is asked again, in units of the setting. A lost queue loses
# nothing: whatever state it left behind is asked about, and everything known is told again.
_PATIENCE: dict[State, int] = {
    State.ORDERED: 1, State.REFUSED: 60, State.ISSUED: 10, State.NOTIFIED: 10, State.PAID: 1440, State.EXPIRED: 1440,
    State.CANCELLING: 1, State.CANCELLED: 1440,
}  # fmt: skip
_MOST_ASKED = 500
# How the notices call the channels; the first that a pack allows is meant.
CHANNELS: dict[str, tuple[str, ...]] = {
    "counter": ("银行柜面", "银行"), "qr": ("二维码聚合支付", "扫码"), "mobile_bank": ("手机银行", "银行"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """What one application pays. `lapsed_from` is where it stood when the charge expired."""

    application_id: UUID
    kind: str
    level: str
    fen: int
    lapsed_from: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """`id` is the order's. `unit` pays for its list; None: the applicant pays. `applicant` is the payer's subject, who
    may see the notice; `payer` the vault id of their contact. `due_at` is exclusive."""

    id: UUID
    programme: UUID
    unit: UUID | None
    applicant: str
    payer: UUID
    state: State
    amount_fen: int
    created_at: datetime
    ask_at: datetime | None
    asks: int = 0
    notice_id: UUID | None = None
    pay_url: str | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None
    due_rule: str | None = None
    due_trace: tuple[str, ...] = ()
    paid_at: datetime | None = None
    channel: str | None = None
    refusal: str | None = None


def price(policy: Policy, kind: str, level: str) -> Fee | None:
    """What this kind and level pays; None when the notice asks for nothing."""
    fees = policy.pack.fees
    return next((one for one in fees.table if (one.kind, one.level) == (kind, level)), None) if fees else None


def gate_open(policy: Policy, state: str) -> bool:
    """Whether the notice lets an application in this state, in its own words, be paid for."""
    fees = policy.pack.fees
    return fees is not None and (fees.gate is None or fees.gate.state == state)


def by_unit(policy: Policy) -> bool:
    """Whether the unit pays for a list (BZ-47)."""
    return policy.pack.fees is not None and policy.pack.fees.roster is not None


def hear(charge: Charge, answer: Answer) -> tuple[Charge, str | None]:
    """(the charge after this answer, the event that tells of a move; None when it stays where it is)."""
    act, told = _said(answer)
    known = {name: value for name, value in told.items() if value not in (None, ())}
    if not MACHINE.may(charge.state, act):
        return replace(charge, **{name: value for name, value in known.items() if not getattr(charge, name)}), None
    edge = MACHINE.decide(charge.state, act, Party.FEES)
    return replace(charge, state=edge.to, asks=0, **known), edge.event


def _said(answer: Answer) -> tuple[Act, dict[str, Any]]:
    match answer:
        case FeeIssued():
            due = {"due_at": answer.due_at, "due_rule": answer.due_rule, "due_trace": answer.due_trace}
            return Act.ISSUE, {"notice_id": answer.notice_id, "pay_url": answer.pay_url, **due}
        case FeeRefused():
            return Act.REFUSE, {"refusal": answer.code}
        case FeeNotified():
            due = {"due_at": answer.due_at, "due_rule": answer.due_rule, "due_trace": answer.due_trace}
            return Act.NOTIFY, {"received_at": answer.received_at, **due}
        case FeeSettled():
            return Act.SETTLE, {"paid_at": answer.paid_at, "channel": answer.channel}
        case FeeExpired():
            return Act.EXPIRE, {}
        case FeeRefunded():
            return Act.REFUND, {}
        case FeeCancelled():
            return Act.CONFIRM_CANCEL, {}


def next_asking(charge: Charge, now: datetime, patience: timedelta) -> datetime | None:
    """When to ask about it again; None when nothing more can follow."""
    if (units := _PATIENCE.get(charge.state)) is None or charge.asks >= _MOST_ASKED:
        return None
    return now + patience * (units * min(1 << charge.asks, 10))


def facts(policy: Policy, told: Mapping[str, Any]) -> dict[str, Any]:
    """`payment.*` as packs ask for it. `told`: state, channel, received_at, fen of the application's own line, and roster,
    the applications of the list where the unit pays."""
    fees, words = policy.pack.fees, CHANNELS.get(told["channel"] or "", ())
    allowed = fees.channels.allowed if fees and fees.channels else ()
    known: dict[str, Any] = {"part": False, "failed": False, "roster": told["roster"]}
    if told["received_at"] is not None:
        known["notified_at"] = told["received_at"]
    if told["state"] == State.PAID:
        known["amount_fen"] = told["fen"]
        known["channel"] = next((word for word in words if word in allowed), words[0] if words else "")
    return known
