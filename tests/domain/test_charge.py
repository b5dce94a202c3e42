"""The table of a charge, and answers of the fees service in any order, as often as the queue likes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.clock import BEIJING
from mangping.contracts import FeeCancelled, FeeExpired, FeeIssued, FeeNotified, FeeRefunded, FeeRefused, FeeSettled
from mangping.errors import Refused
from mangping_api.domain.charge import EDGES, MACHINE, Act, Answer, Charge, Party, State, hear, next_asking

NOON = datetime(2024, 9, 10, 12, tzinfo=BEIJING)
DUE: dict[str, Any] = {"due_at": NOON + timedelta(days=3), "due_rule": "GL-87", "due_trace": ("第3日",)}
ID: dict[str, Any] = {"order_id": UUID(int=1), "applications": (UUID(int=2),)}
ANSWERS: dict[str, Answer] = {
    "issued": FeeIssued(**ID, amount_fen=38000, notice_id=UUID(int=3), pay_url="http://pay.example/1"),
    "refused": FeeRefused(**ID, code="fee.no_standard"),
    "notified": FeeNotified(**ID, received_at=NOON, **DUE),
    "paid": FeeSettled(**ID, amount_fen=38000, paid_at=NOON, channel="qr"),
    "expired": FeeExpired(**ID, due_at=DUE["due_at"]),
    "refunded": FeeRefunded(**ID, amount_fen=38000),
}  # fmt: skip
ORDERED = Charge(UUID(int=1), UUID(int=4), None, "sub:a", UUID(int=5), State.ORDERED, 38000, NOON, NOON)


def test_every_state_act_and_party_is_allowed_or_refused_as_the_table_says() -> None:
    for state, act, party in product(State, Act, Party):
        edge = EDGES.get((state, act))
        if edge is not None and party in edge.roles:
            assert MACHINE.decide(state, act, party) is edge
        else:
            with pytest.raises(Refused):
                MACHINE.decide(state, act, party)
    assert MACHINE.reachable() == frozenset(State)


@given(st.lists(st.sampled_from(sorted(ANSWERS)), max_size=12))
def test_money_wins_and_nothing_else_makes_a_charge_paid(names: list[str]) -> None:
    charge, told = ORDERED, set[str]()
    for name in names:
        charge, _ = hear(charge, ANSWERS[name])
        told.add(name)
        assert hear(charge, ANSWERS[name]) == (charge, None)  # the same again changes nothing
    last = "refunded" if "refunded" in told else "paid" if "paid" in told else "expired" if "expired" in told else ""
    expected = {"refunded": State.REFUNDED, "paid": State.PAID, "expired": State.EXPIRED}.get(last)
    if expected is not None:
        assert charge.state is expected
    else:
        assert charge.state in {State.ORDERED, State.REFUSED, State.ISSUED, State.NOTIFIED}
    if "issued" in told:
        assert (charge.pay_url, charge.notice_id) == ("http://pay.example/1", UUID(int=3))
    if "notified" in told:
        assert (charge.received_at, charge.due_rule, charge.due_trace) == (NOON, "GL-87", ("第3日",))
    if "paid" in told:
        assert (charge.paid_at, charge.channel) == (NOON, "qr")


@given(st.lists(st.sampled_from([*sorted(ANSWERS), "cancelled"]), max_size=12))
def test_a_charge_that_is_called_back_is_never_paid_or_open_again(names: list[str]) -> None:
    word = FeeCancelled(order_id=UUID(int=1), outcome="withdrawn")
    charge, ended = replace(ORDERED, state=State.CANCELLING), False
    for name in names:
        charge, _ = hear(charge, word if name == "cancelled" else ANSWERS[name])
        ended |= name == "refunded"
        assert charge.state in ({State.REFUNDED} if ended else {State.CANCELLING, State.CANCELLED})
    assert (charge.paid_at is not None) == ("paid" in names)


@given(st.sampled_from(State), st.integers(0, 600))
def test_asking_slows_down_and_ends_where_nothing_can_follow(state: State, asks: int) -> None:
    found = next_asking(Charge(**{**_fields(ORDERED), "state": state, "asks": asks}), NOON, timedelta(seconds=60))
    if state in (State.DUE, State.REFUNDED) or asks >= 500:
        assert found is None
    else:
        assert found is not None
        assert timedelta(seconds=60) <= found - NOON <= timedelta(days=10)


def _fields(charge: Charge) -> dict[str, Any]:
    return {name: getattr(charge, name) for name in Charge.__slots__}
