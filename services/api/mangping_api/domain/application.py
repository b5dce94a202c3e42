"""An application: where it stands, who may do what with it from there, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from mangping.machine import Edge, Machine

from mangping_api.domain.access import Thing


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"  # under review, at the tier named beside it
    RETURNED = "returned"  # to be put right and submitted again
    ACCEPTED = "accepted"  # 已接收材料: the last tier has passed it
    ABANDONED = "abandoned"  # given up, or held to be (视为放弃申报)
    LAPSED = "lapsed"  # its time ran out, at the applicant's own risk
    NOT_ACCEPTED = "not_accepted"  # 不予受理, 本年度不再受理
    DISQUALIFIED = "disqualified"  # 取消申报资格
    VOID = "void"  # 无效: several applications of the same level in one year


class Act(StrEnum):
    SUBMIT = "submit"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take_back"  # a correction that was handed in: its clock runs on
    ABANDON = "abandon"
    SIGN = "sign"  # one body of the tier
    PASS = "pass"  # to the next tier
    ACCEPT = "accept"  # the last tier
    RETURN = "return"
    EXHAUST = "exhaust"  # the return after the last submission that a notice grants
    REFUSE = "refuse"
    LAPSE = "lapse"
    FORFEIT = "forfeit"
    CLOSE = "close"
    DISQUALIFY = "disqualify"
    ANNUL = "annul"
    LEAVE_UNPAID = "leave_unpaid"
    CLOSE_UNPAID = "close_unpaid"
    PAY_AFTER_ALL = "pay_after_all"  # money that came in time was heard of late


class Party(StrEnum):
    APPLICANT = "applicant"
    REVIEWER = "reviewer"  # an officer at the desk of a body of the tier
    AUTHORITY = "authority"  # who decides on fraud and on applications of the same year
    FEES = "fees"
    CLOCK = "clock"


_S, _A, _P = State, Act, Party
EDGES: dict[tuple[State, Act], Edge[State, Party]] = {
    (_S.DRAFT, _A.SUBMIT): Edge(_S.SUBMITTED, "application.submitted", _P.APPLICANT),
    (_S.DRAFT, _A.ABANDON): Edge(_S.ABANDONED, "application.abandoned", _P.APPLICANT),
    (_S.DRAFT, _A.LAPSE): Edge(_S.LAPSED, "application.lapsed", _P.CLOCK),
    (_S.SUBMITTED, _A.WITHDRAW): Edge(_S.DRAFT, "application.withdrawn", _P.APPLICANT),
    (_S.SUBMITTED, _A.TAKE_BACK): Edge(_S.RETURNED, "application.withdrawn", _P.APPLICANT),
    (_S.SUBMITTED, _A.SIGN): Edge(_S.SUBMITTED, "application.signed", _P.REVIEWER),
    (_S.SUBMITTED, _A.PASS): Edge(_S.SUBMITTED, "application.passed", _P.REVIEWER),
    (_S.SUBMITTED, _A.ACCEPT): Edge(_S.ACCEPTED, "application.accepted", _P.REVIEWER),
    (_S.SUBMITTED, _A.RETURN): Edge(_S.RETURNED, "application.returned", _P.REVIEWER),
    (_S.SUBMITTED, _A.EXHAUST): Edge(_S.NOT_ACCEPTED, "application.not_accepted", _P.REVIEWER),
    (_S.SUBMITTED, _A.REFUSE): Edge(_S.NOT_ACCEPTED, "application.not_accepted", _P.REVIEWER),
    (_S.SUBMITTED, _A.FORFEIT): Edge(_S.ABANDONED, "application.abandoned", _P.CLOCK),  # it did not arrive in time
    (_S.SUBMITTED, _A.CLOSE): Edge(_S.NOT_ACCEPTED, "application.not_accepted", _P.CLOCK),
    (_S.RETURNED, _A.RESUBMIT): Edge(_S.SUBMITTED, "application.resubmitted", _P.APPLICANT),
    (_S.RETURNED, _A.ABANDON): Edge(_S.ABANDONED, "application.abandoned", _P.APPLICANT),
    (_S.RETURNED, _A.LAPSE): Edge(_S.LAPSED, "application.lapsed", _P.CLOCK),
    (_S.RETURNED, _A.FORFEIT): Edge(_S.ABANDONED, "application.abandoned", _P.CLOCK),
    (_S.RETURNED, _A.CLOSE): Edge(_S.NOT_ACCEPTED, "application.not_accepted", _P.CLOCK),
    (_S.ACCEPTED, _A.LEAVE_UNPAID): Edge(_S.ABANDONED, "application.abandoned", _P.FEES),
    (_S.ACCEPTED, _A.CLOSE_UNPAID): Edge(_S.NOT_ACCEPTED, "application.not_accepted", _P.FEES),
    (_S.ABANDONED, _A.PAY_AFTER_ALL): Edge(_S.ACCEPTED, "application.accepted_again", _P.FEES),
    (_S.NOT_ACCEPTED, _A.PAY_AFTER_ALL): Edge(_S.ACCEPTED, "application.accepted_again", _P.FEES),
    **{
        (state, act): Edge(to, event, _P.AUTHORITY)
        for act, to, event in (
            (_A.DISQUALIFY, _S.DISQUALIFIED, "application.disqualified"), (_A.ANNUL, _S.VOID, "application.voided"),
        )
        for state in (_S.SUBMITTED, _S.RETURNED, _S.ACCEPTED)
    },
}  # fmt: skip
MACHINE: Machine[State, Act, Party] = Machine("application", "申报", State.DRAFT, EDGES)
OPEN = (State.DRAFT, State.RETURNED)  # in the applicant's hands, to be changed
HANDED_IN = (State.SUBMITTED, State.RETURNED, State.ACCEPTED)
LIVE = (State.DRAFT, *HANDED_IN)


@dataclass(frozen=True, slots=True)
class Application:
    """`line` are the organisations above the unit, from the root down, and the unit. `stated` is what the applicant
    chose beside kind and level: specialty, path, committee, held_level."""

    id: UUID
    person: UUID
    unit: UUID
    line: tuple[UUID, ...]
    programme: UUID
    year: int
    kind: str
    level: str
    stated: Mapping[str, str]
    state: State
    submissions: int
    created_at: datetime
    submitted_at: datetime | None = None
    masks_changed_at: datetime | None = None  # an attachment or its masking
    rechecked_at: datetime | None = None  # the applicant looked over every page
    revision: int = 0  # counts every hand-in, whether or not the notice counts it
    tier: str = ""  # the key of the pack's tier at which it lies, or lay last
    reviewers: tuple[UUID, ...] = ()  # organisations beside the line at whose desks it lay
    passed: tuple[str, ...] = ()  # acts of the pack by which tiers have passed it, at least once
    committee_submissions: int = 0
    arrived_at: datetime | None = None  # first, at the committee
    returned_at: datetime | None = None  # last
    correct_until: datetime | None = None  # as the officer set it
    changed_at: datetime | None = None  # last handed in with something changed since the time before
    suspended_at: datetime | None = None  # while an inquiry is open
    held_since: datetime | None = None  # the last inquiry that is over, from its beginning
    held_until: datetime | None = None  # to its end

    def thing(self) -> Thing:
        """As policies see it. Once submitted it stays known to officers, also while it is back in its applicant's hands."""
        return Thing(self.person, (*self.line, *self.reviewers), handed_in=self.submitted_at is not None)


@dataclass(frozen=True, slots=True)
class Section:
    """`version` counts its saves from 1; 0 says that nothing was saved yet."""

    key: str
    version: int
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)
