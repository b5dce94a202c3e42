"""退付: money goes back after two different people have approved, neither of whom asked for it.

Its subject is one payment: credit of a notice, or money in suspense. Hence a table of its own beside the notice's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from mangping.errors import Refused
from mangping.machine import Edge, Machine


class State(StrEnum):
    REQUESTED = "requested"
    APPROVED_ONCE = "approved_once"
    APPROVED = "approved"
    REFUNDED = "refunded"
    REJECTED = "rejected"


class Act(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    FINISH = "finish"


class Role(StrEnum):
    APPROVER = "approver"
    CASHIER = "cashier"


_E = Edge[State, Role]
EDGES: dict[tuple[State, Act], Edge[State, Role]] = {
    (State.REQUESTED, Act.APPROVE): _E(State.APPROVED_ONCE, "refund.approved_once", Role.APPROVER),
    (State.APPROVED_ONCE, Act.APPROVE): _E(State.APPROVED, "refund.approved", Role.APPROVER),
    (State.REQUESTED, Act.REJECT): _E(State.REJECTED, "refund.rejected", Role.APPROVER),
    (State.APPROVED_ONCE, Act.REJECT): _E(State.REJECTED, "refund.rejected", Role.APPROVER),
    (State.APPROVED, Act.FINISH): _E(State.REFUNDED, "refund.finished", Role.CASHIER),
}
MACHINE = Machine("refund", "退付申请", State.REQUESTED, EDGES)
OPEN = frozenset({State.REQUESTED, State.APPROVED_ONCE, State.APPROVED})


@dataclass(frozen=True, slots=True)
class Refund:
    id: UUID
    payment_id: UUID
    amount_fen: int
    reason: str
    state: State
    requested_by: str
    requested_at: datetime
    version: int = 1
    approvers: tuple[str, ...] = ()
    reference: str | None = None  # the treasury's number of the transfer back


def other_person(refund: Refund, actor: str) -> None:
    """Refused (403) when this person asked for the refund or has approved it already."""
    if actor == refund.requested_by or actor in refund.approvers:
        raise Refused(
            "refund.same_person", "申请人本人和已审批人不得再次审批。", "请由另一名有权人员审批。", status=403
        )
