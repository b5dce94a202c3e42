"""Daily files and the verdicts of three books; refunds by two people; amounts in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping import money
from mangping.clock import BEIJING
from mangping.errors import Refused
from mangping_fees.domain import refund, statement
from mangping_fees.domain.payment import Channel
from mangping_fees.domain.reconciliation import Entry, Item, Verdict, books_needed, verdict
from mangping_fees.domain.statement import LineStatus

DAY = date(2024, 9, 10)
NOON = datetime(2024, 9, 10, 12, tzinfo=BEIJING)
E = Entry("123", 38000, NOON, Channel.QR)
LATE = replace(E, paid_at=datetime(2024, 9, 10, 23, 30, tzinfo=BEIJING))
REVERSED = replace(E, status=LineStatus.REVERSED)
GOOD = [
    "H|1|agent|2024-09-10|450300|2|38000",
    "D|123|T1|38000|2024-09-10T12:00:00+08:00|qr|paid",
    "D|124|T2|22000|2024-09-10T12:00:01+08:00|counter|reversed",
    "T|2|38000",
]


@pytest.mark.parametrize(
    ("ours", "finance", "agent", "expected"),
    [
        (E, E, E, Verdict.MATCH),
        (None, E, E, Verdict.MISSING_HERE),
        (None, None, E, Verdict.MISSING_HERE),
        (E, None, E, Verdict.MISSING_THERE),
        (E, None, None, Verdict.MISSING_THERE),
        (LATE, None, None, Verdict.CUT_OFF),
        (None, LATE, LATE, Verdict.CUT_OFF),
        (LATE, LATE, LATE, Verdict.MATCH),
        (E, replace(E, amount_fen=1), E, Verdict.AMOUNT),
        (E, E, replace(E, pay_code="9"), Verdict.AMOUNT),
        (E, E, REVERSED, Verdict.STATUS),
        (None, REVERSED, REVERSED, Verdict.STATUS),
    ],
)
def test_verdicts(ours: Entry | None, finance: Entry | None, agent: Entry | None, expected: Verdict) -> None:
    assert verdict(Item("T1", ours, finance, agent), DAY) is expected


def test_the_books_of_the_last_day_are_needed() -> None:
    due = datetime(2024, 9, 13, tzinfo=BEIJING)  # 24:00 of the twelfth
    assert books_needed(due, 0) == (date(2024, 9, 12),)
    assert books_needed(due, 1) == (date(2024, 9, 12), date(2024, 9, 13))
    assert books_needed(due + timedelta(hours=18), 0) == (date(2024, 9, 13),)


def test_a_daily_file_is_read_line_by_line() -> None:
    told = statement.head(GOOD[0])
    lines = list(statement.lines(told, (f"{line}\n" for line in GOOD[1:])))
    assert (told.count, told.sum_fen, lines) == (2, 38000, [f"{line[2:]}\n" for line in GOOD[1:3]])


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "H|2|agent|2024-09-10|450300|2|38000"), (0, "H|1|friend|2024-09-10|450300|2|38000"),
        (0, "H|1|agent|2024-09-10|450300|3|38000"), (0, "H|1|agent|2024-09-10|450300|2|38001"),
        (1, "D|123|T1|380.00|2024-09-10T12:00:00+08:00|qr|paid"), (1, "D|123|T1|38000|2024-09-10T12:00:00|qr|paid"),
        (1, "D|12 3|T1|38000|2024-09-10T12:00:00+08:00|qr|paid"), (1, "D|123|T1|³|2024-09-10T12:00:00+08:00|qr|paid"),
        (1, "D|123|T1|38000|2024-09-31T12:00:00+08:00|qr|paid"), (1, "D|123|T1|38000|2024-09-10T12:00:00+08:00|cash|paid"),
        (1, "D|123|T1|38000|2024-09-10T12:00:00+08:00|qr|paid|x"), (1, "D|123|T\\1|38000|2024-09-10T12:00:00+08:00|qr|paid"),
        (1, "D|123|T1|999999999999999|2024-09-10T12:00:00+08:00|qr|paid"),
        (1, "D|123|T1|38000|2024-09-10T12:00:00+23:59|qr|paid"),
        (2, "T|2|38000"), (3, "T|2|0"), (3, "D|125|T3|0|2024-09-10T12:00:01+08:00|counter|reversed"),
    ],
)  # fmt: skip
def test_a_daily_file_that_does_not_add_up_is_refused(number: int, text: str) -> None:
    held = [text if at == number else line for at, line in enumerate(GOOD)]
    with pytest.raises(Refused) as refused:
        list(statement.lines(statement.head(held[0]), held[1:]))
    assert refused.value.code in {"statement.unreadable", "statement.totals"}


def test_a_refund_needs_two_people_who_did_not_ask_for_it() -> None:
    asked = refund.Refund(UUID(int=1), UUID(int=2), 1, "second", refund.State.REQUESTED, "a", NOON)
    refund.other_person(asked, "b")
    for actor in ("a", "c"):
        with pytest.raises(Refused):
            refund.other_person(replace(asked, approvers=("c",)), actor)
    assert refund.MACHINE.reachable() == frozenset(refund.State)
    for state, act, role in product(refund.State, refund.Act, refund.Role):
        edge = refund.EDGES.get((state, act))
        if edge is None or role not in edge.roles:
            with pytest.raises(Refused):
                refund.MACHINE.decide(state, act, role)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (38000, "叁佰捌拾元整"), (10000, "壹佰元整"), (0, "零元整"), (5, "伍分"), (70, "柒角整"),
        (100_005_05, "壹拾万零伍元零伍分"), (10_000_000_100, "壹亿零壹元整"), (1_010_00, "壹仟零壹拾元整"),
        (123_45, "壹佰贰拾叁元肆角伍分"),
    ],
)  # fmt: skip
def test_amounts_in_capitals(fen: int, text: str) -> None:
    assert money.capitals(fen) == text


@given(st.integers(0, 10**13))
def test_yuan_and_back(amount: int) -> None:
    assert money.fen(money.yuan(amount)) == amount


@pytest.mark.parametrize("text", ["380.000", "-1", "1e3", "٣", "", "01", "1."])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="yuan"):
        money.fen(text)


def test_money_is_never_a_float() -> None:
    assert money.total([1, 2]) == 3
    with pytest.raises(TypeError):
        money.total([1, 2.0])  # type: ignore[list-item]
