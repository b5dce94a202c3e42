"""The table of the payment notice: every state, act and role; and money in any order of events."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from mangping.clock import BEIJING
from mangping.errors import Refused
from mangping_fees.domain.notice import (
    CREDITED,
    EDGES,
    MACHINE,
    OPEN,
    PAYABLE,
    Act,
    Doubt,
    Notice,
    Role,
    State,
    judge,
)  # fmt: skip
from mangping_fees.domain.payment import Channel, Confirmation

START = datetime(2024, 9, 10, 9, tzinfo=BEIJING)
DUE = datetime(2024, 9, 14, tzinfo=BEIJING)
CHANNELS = (Channel.QR, Channel.COUNTER, Channel.MOBILE_BANK)
NOTICE = Notice(
    UUID(int=1), UUID(int=2), "p", "450300", 2024, "B1", "U1", "某单位", CHANNELS, State.NOTIFIED, 38000, UUID(int=3),
    "sub:a", START, None, due_at=DUE,
)  # fmt: skip
WORD = Confirmation("e1", "450300", "1234567890123456", "T1", 38000, Channel.QR, START, "U1")


def test_every_state_act_and_role_is_allowed_or_refused_as_the_table_says() -> None:
    for state, act, role in product(State, Act, Role):
        edge = EDGES.get((state, act))
        if edge is not None and role in edge.roles:
            assert MACHINE.decide(state, act, role) is edge
        else:
            with pytest.raises(Refused) as refused:
                MACHINE.decide(state, act, role)
            assert refused.value.status == (409 if edge is None else 403)


def test_every_state_can_be_reached_and_only_these_are_final() -> None:
    assert MACHINE.reachable() == frozenset(State)
    assert {state for state in State if not any(at is state for at, _ in EDGES)} == {State.VOIDED, State.REFUNDED}


def test_a_state_is_open_credited_or_over() -> None:
    assert frozenset(State) - OPEN - CREDITED == {State.EXPIRED, State.VOIDED}
    assert not OPEN & CREDITED
    assert not PAYABLE - OPEN


@pytest.mark.parametrize(
    ("state", "change", "doubt"),
    [
        (State.NOTIFIED, {}, None),
        (State.ISSUED, {}, None),
        (State.EXPIRED, {"paid_at": DUE - timedelta(microseconds=1)}, None),
        (State.EXPIRED, {"paid_at": DUE}, Doubt.LATE),
        (State.NOTIFIED, {"paid_at": DUE}, Doubt.LATE),
        (State.VOIDING, {}, None),
        (State.VOIDED, {}, Doubt.VOID),
        (State.DRAFT, {}, Doubt.VOID),
        (State.PAID, {}, Doubt.SECOND),
        (State.RECEIPTED, {"amount_fen": 1}, Doubt.SECOND),
        (State.REFUNDED, {}, Doubt.SECOND),
        (State.NOTIFIED, {"amount_fen": 37999}, Doubt.SHORT),
        (State.NOTIFIED, {"amount_fen": 38001}, Doubt.OVER),
        (State.NOTIFIED, {"channel": Channel.TRANSFER}, Doubt.CHANNEL),
        (State.NOTIFIED, {"unit_code": "U2"}, Doubt.UNIT),
        (State.NOTIFIED, {"unit_code": None}, None),
    ],
)
def test_what_is_credit_and_what_is_suspense(state: State, change: dict[str, Any], doubt: Doubt | None) -> None:
    word = replace(WORD, **change)
    assert judge(replace(NOTICE, state=state), word) is doubt


class Life(RuleBasedStateMachine):
    """One notice under any order of events; deliveries, failures and money may come twice and late."""

    def __init__(self) -> None:
        super().__init__()
        self.notice = replace(NOTICE, state=State.DRAFT, due_at=None)
        self.credit: list[Confirmation] = []
        self.suspense: list[Confirmation] = []
        self.seen: set[str] = set()

    def take(self, act: Act, role: Role) -> None:
        if MACHINE.may(self.notice.state, act):
            self.notice = replace(self.notice, state=MACHINE.decide(self.notice.state, act, role).to)

    @rule(
        act=st.sampled_from(
            [
                (Act.ISSUE, Role.GATEWAY), (Act.OPEN_PAGE, Role.GATEWAY), (Act.FAIL, Role.GATEWAY),
                (Act.RESUME, Role.CLOCK), (Act.VOID, Role.CASHIER), (Act.CONFIRM_VOID, Role.GATEWAY),
                (Act.RECONCILE, Role.CLOCK), (Act.RECEIPT, Role.GATEWAY),
            ]
        )
    )  # fmt: skip
    def anything(self, act: tuple[Act, Role]) -> None:
        self.take(*act)

    @precondition(lambda self: self.notice.due_at is None)
    @rule()
    def received(self) -> None:
        if MACHINE.may(self.notice.state, Act.RECEIVE):
            self.take(Act.RECEIVE, Role.COURIER)
            self.notice = replace(self.notice, due_at=DUE)

    @precondition(lambda self: self.notice.due_at is not None)
    @rule()
    def falls_due(self) -> None:
        self.take(Act.PASS_DUE, Role.CLOCK)

    @rule()
    def lapses(self) -> None:
        self.take(Act.LAPSE, Role.CLOCK)

    @rule(
        number=st.integers(1, 4),
        amount=st.sampled_from([38000, 38000, 20000]),
        paid_at=st.sampled_from([START, DUE - timedelta(seconds=1), DUE]),
    )
    def money(self, number: int, amount: int, paid_at: datetime) -> None:
        if self.notice.state is State.DRAFT or f"T{number}" in self.seen:  # the inbox knows it, or no code is out yet
            return
        self.seen.add(f"T{number}")
        word = replace(WORD, bank_trans_no=f"T{number}", amount_fen=amount, paid_at=paid_at)
        if judge(self.notice, word) is None:
            self.take(Act.PAY, Role.GATEWAY)
            self.credit.append(word)
        else:
            self.suspense.append(word)

    @invariant()
    def one_credit_at_most_and_only_when_paid(self) -> None:
        assert len(self.credit) == (self.notice.state in CREDITED)

    @invariant()
    def nothing_is_lost(self) -> None:
        assert {word.bank_trans_no for word in [*self.credit, *self.suspense]} == self.seen

    @invariant()
    def who_paid_in_time_is_not_abandoned(self) -> None:
        if self.notice.state is State.EXPIRED:
            assert [w for w in self.suspense if w.amount_fen == 38000 and w.paid_at < DUE] == []


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None, derandomize=True)
