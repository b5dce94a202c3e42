"""Paid around midnight: finance's file has it on the one day, the agent's on the other. Both days' books agree in the end."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mangping.clock import BEIJING
from mangping.contracts import FeeOrder
from mangping.errors import Refused
from mangping_fees.domain.notice import State
from mangping_fees.domain.payment import Channel, Confirmation
from mangping_fees.domain.reconciliation import Entry, Item, Resolution, Verdict, neighbour, stands
from mangping_fees.storage import reconciliations
from mangping_fees.storage.reconciliations import Difference, Run
from mangping_fees.tables import ledger
from mangping_fees.wiring import Context, Factory
from sqlalchemy import text

from tests.fees.bank import Bank, Clock, Post, notice_of, ordered, statement, steps, upload

SOURCES = ("finance", "agent")
ONE_DAY = timedelta(days=1)
_first_days = (date(2025, 1, 1) + timedelta(days=10 * n) for n in itertools.count())
Files = Mapping[tuple[str, date], Sequence[Confirmation]]


@pytest.fixture
def day() -> date:
    """A day that no other test reconciles, nor its neighbours."""
    return next(_first_days)


def near(midnight: date, minutes: float) -> datetime:
    """So many minutes after the beginning of this day."""
    return datetime.combine(midnight, time(0), BEIJING) + timedelta(minutes=minutes)


async def paid(
    fees: Context, bank: Bank, clock: Clock, at: datetime, *, heard: bool = True
) -> tuple[FeeOrder, Confirmation]:
    order = await ordered(fees)
    await Factory(fees).steps().sweep()
    word = bank.pay(await notice_of(fees, order), paid_at=at)
    if heard:
        await Factory(fees).settlement().take(word)
    return order, word


async def hand_in(fees: Context, clock: Clock, files: Files) -> None:
    """In this order, and the worker looks after each."""
    for (source, of), words in files.items():
        await upload(fees, statement(source, of.isoformat(), words))
        clock.forward(seconds=1)
        await Factory(fees).statements().sweep()
        await Factory(fees).reconciliation().sweep()
    await steps(fees, clock, 2)


async def runs_of(fees: Context, of: date) -> list[Run]:
    """The newest first."""
    return await Factory(fees).reconciliation().runs(day=of, limit=9)


async def rows_of(fees: Context, of: date) -> list[Difference]:
    [run, *_] = await runs_of(fees, of)
    return await Factory(fees).reconciliation().differences(run.id, after=None, limit=99, open_only=False)


async def books_of(fees: Context, word: Confirmation) -> date | None:
    async with fees.db.begin() as tx:
        query = text("select books_of from fees.payments where bank_trans_no = :number")
        found: date | None = (await tx.execute(query, {"number": word.bank_trans_no})).scalar_one()
        return found


async def in_doubt(fees: Context, word: Confirmation) -> bool:
    async with fees.db.begin() as tx:
        return await reconciliations.in_doubt(tx, word.region_code, word.pay_code)


def said(one: Difference) -> tuple[Verdict, str | None, UUID | None]:
    return one.verdict, one.resolution, one.other_run


def counts(run: Run) -> dict[str, int]:
    return {name: count for name, count in run.verdicts.items() if count}


@pytest.mark.parametrize("later_first", [False, True])
@pytest.mark.parametrize(("finance_late", "minutes"), [(False, -5), (True, -5), (False, 5), (True, 5)])
async def test_what_the_files_have_on_two_days_is_matched_and_receipted(
    fees: Context, bank: Bank, clock: Clock, day: date, finance_late: bool, minutes: int, later_first: bool
) -> None:
    after = day + ONE_DAY
    order, word = await paid(fees, bank, clock, near(after, minutes))
    of = {"finance": after if finance_late else day, "agent": day if finance_late else after}
    days = (after, day) if later_first else (day, after)
    files = {(source, one): [word] if of[source] == one else [] for one in days for source in SOURCES}
    await hand_in(fees, clock, dict(list(files.items())[:2]))
    [waiting] = await rows_of(fees, days[0])
    assert (said(waiting), waiting.waits_for) == ((Verdict.CUT_OFF, None, None), days[1])
    assert ((await notice_of(fees, order)).state, await in_doubt(fees, word)) == (State.PAID, True)

    await hand_in(fees, clock, dict(list(files.items())[2:]))
    [[first], [second]] = [await rows_of(fees, one) for one in (day, after)]
    [[before], [then]] = [await runs_of(fees, one) for one in (day, after)]
    assert said(first) == (Verdict.CUT_OFF, Resolution.MATCHED_ACROSS, then.id)
    assert said(second) == (Verdict.CUT_OFF, Resolution.MATCHED_ACROSS, before.id)
    assert (first.resolved_by, second.resolved_by, before.next_run) == ("clock", "clock", then.id)
    assert [counts(run) for run in (before, then)] == [{"cut_off": 1}, {"cut_off": 1}]
    assert (await books_of(fees, word), await in_doubt(fees, word)) == (of["finance"], False)
    assert (await notice_of(fees, order)).state is State.RECEIPTED
    assert (await Factory(fees).notices().books()).whole


@pytest.mark.parametrize("later_first", [False, True])
async def test_word_that_only_the_files_of_two_days_have_is_taken_in(
    fees: Context, bank: Bank, clock: Clock, day: date, later_first: bool
) -> None:
    after = day + ONE_DAY
    order, word = await paid(fees, bank, clock, near(after, -1), heard=False)
    del bank.paid[word.pay_code]
    days = (after, day) if later_first else (day, after)
    of = {"finance": day, "agent": after}
    await hand_in(
        fees, clock, {(source, one): [word] if of[source] == one else [] for one in days for source in SOURCES}
    )
    assert ((await notice_of(fees, order)).state, await books_of(fees, word)) == (State.RECEIPTED, day)
    [[before], [then]] = [await runs_of(fees, one) for one in (day, after)]
    assert [run.totals["ours"] for run in (before, then)] == [
        {"count": 1, "sum_fen": 38000}, {"count": 0, "sum_fen": 0}
    ]  # fmt: skip
    assert [one.ours_fen for of in (day, after) for one in await rows_of(fees, of)] == [38000, 38000]


@pytest.mark.parametrize("later_first", [False, True])
async def test_what_both_files_have_on_the_other_day_leaves_nothing_open(
    fees: Context, bank: Bank, clock: Clock, day: date, later_first: bool
) -> None:
    after = day + ONE_DAY
    order, word = await paid(fees, bank, clock, near(after, -1))
    days = (after, day) if later_first else (day, after)
    await hand_in(fees, clock, {(source, one): [word] if one == after else [] for one in days for source in SOURCES})
    [row], [then] = await rows_of(fees, day), await runs_of(fees, after)
    assert said(row) == (Verdict.CUT_OFF, Resolution.MATCHED_ACROSS, then.id)
    assert (await rows_of(fees, after), counts(then)) == ([], {"match": 1})
    assert (await notice_of(fees, order)).state is State.RECEIPTED


async def test_what_is_not_there_either_is_the_cashiers_who_ends_it(
    fees: Context, bank: Bank, clock: Clock, day: date
) -> None:
    after, make = day + ONE_DAY, Factory(fees)
    ours, word = await paid(fees, bank, clock, near(after, -1))
    theirs, unheard = await paid(fees, bank, clock, near(after, 1), heard=False)
    del bank.paid[unheard.pay_code]
    await hand_in(fees, clock, {("finance", day): [word], ("agent", day): [unheard]})
    [run] = await runs_of(fees, day)
    assert counts(run) == {"cut_off": 2}
    await hand_in(fees, clock, {(source, after): [] for source in SOURCES})
    [run] = await runs_of(fees, day)
    assert counts(run) == {"missing_here": 1, "missing_there": 1}
    found = {one.bank_trans_no: one.verdict for one in await rows_of(fees, day)}
    assert found == {word.bank_trans_no: Verdict.MISSING_THERE, unheard.bank_trans_no: Verdict.MISSING_HERE}
    assert [await in_doubt(fees, one) for one in (word, unheard)] == [True, True]

    await make.settlement().take(unheard)  # the cashier's act died after it, and is asked for again
    for one in (word, unheard):
        await make.reconciliation().resolve(run.id, one.bank_trans_no, Resolution.CONFIRMED, "client:cashier")
        with pytest.raises(Refused):
            await make.reconciliation().resolve(run.id, one.bank_trans_no, Resolution.CONFIRMED, "client:cashier")
    await steps(fees, clock, 2)
    assert [(await notice_of(fees, order)).state for order in (ours, theirs)] == [State.RECEIPTED] * 2
    assert [await books_of(fees, one) for one in (word, unheard)] == [day, day]
    assert (await make.notices().books()).whole


@pytest.mark.parametrize(
    ("resolution", "state"),
    [
        (Resolution.CONFIRMED, State.RECEIPTED), (Resolution.NEXT_DAY, State.RECEIPTED),
        (Resolution.NO_FAULT, State.RECEIPTED), (Resolution.SETTLED_BY_HAND, State.PAID),
        (Resolution.FILE_CORRECTED, State.PAID),
    ],
)  # fmt: skip
async def test_only_who_says_that_the_money_stands_reconciles_it(
    fees: Context, bank: Bank, clock: Clock, day: date, resolution: Resolution, state: State
) -> None:
    order, word = await paid(fees, bank, clock, near(day, 720))
    await hand_in(fees, clock, {("finance", day): [word], ("agent", day): []})
    [run] = await runs_of(fees, day)
    await Factory(fees).reconciliation().resolve(run.id, word.bank_trans_no, resolution, "client:cashier")
    await steps(fees, clock, 2)
    assert (await notice_of(fees, order)).state is state


async def test_money_that_only_one_file_has_is_taken_in_when_finance_confirms(
    fees: Context, bank: Bank, clock: Clock, day: date
) -> None:
    order, word = await paid(fees, bank, clock, near(day, 720), heard=False)
    del bank.paid[word.pay_code]
    await hand_in(fees, clock, {("finance", day): [], ("agent", day): [word]})
    [run] = await runs_of(fees, day)
    assert ((await notice_of(fees, order)).state, counts(run)) == (State.ISSUED, {"missing_here": 1})
    await Factory(fees).reconciliation().resolve(run.id, word.bank_trans_no, Resolution.CONFIRMED, "client:cashier")
    await steps(fees, clock, 2)
    assert (await notice_of(fees, order)).state is State.RECEIPTED


async def test_a_corrected_file_brings_the_missing_half_or_takes_it_away(
    fees: Context, bank: Bank, clock: Clock, day: date
) -> None:
    after = day + ONE_DAY
    order, word = await paid(fees, bank, clock, near(after, -1))
    _, other = await paid(fees, bank, clock, near(after, 720))
    first = {("finance", day): [word], ("agent", day): [], ("finance", after): [other], ("agent", after): [other]}
    await hand_in(fees, clock, first)
    assert [one.verdict for one in await rows_of(fees, day)] == [Verdict.MISSING_THERE]
    await hand_in(fees, clock, {("agent", after): [word, other]})
    [then, old], [before] = await runs_of(fees, after), await runs_of(fees, day)
    [row] = await rows_of(fees, day)
    assert (said(row), counts(before)) == ((Verdict.CUT_OFF, Resolution.MATCHED_ACROSS, then.id), {"cut_off": 1})
    assert (counts(then), old.id != then.id) == ({"match": 1, "cut_off": 1}, True)
    assert ((await notice_of(fees, order)).state, await books_of(fees, word)) == (State.RECEIPTED, day)

    await hand_in(fees, clock, {("agent", after): [word]})  # and now `other` is gone from it
    assert [await books_of(fees, one) for one in (word, other)] == [day, None]
    [newest, middle, _] = await runs_of(fees, after)
    assert counts(newest) == {"missing_there": 1, "cut_off": 1}
    closed = await Factory(fees).reconciliation().differences(middle.id, after=None, limit=9, open_only=False)
    assert [said(one) for one in closed] == [(Verdict.CUT_OFF, Resolution.SUPERSEDED, newest.id)]
    [row] = await rows_of(fees, day)
    assert said(row) == (Verdict.CUT_OFF, Resolution.MATCHED_ACROSS, newest.id)


async def test_a_corrected_file_that_drops_a_line_takes_it_out_of_the_books(
    fees: Context, bank: Bank, clock: Clock, day: date
) -> None:
    (_, kept), (_, dropped) = [await paid(fees, bank, clock, near(day, 720)) for _ in range(2)]
    await hand_in(fees, clock, {(source, day): [kept, dropped] for source in SOURCES})
    assert [await books_of(fees, one) for one in (kept, dropped)] == [day, day]
    await hand_in(fees, clock, {("finance", day): [kept]})
    assert [await books_of(fees, one) for one in (kept, dropped)] == [day, None]
    assert [said(one) for one in await rows_of(fees, day)] == [(Verdict.MISSING_THERE, None, None)]
    await hand_in(fees, clock, {("agent", day): [kept]})
    [newest, *older] = await runs_of(fees, day)
    assert (counts(newest), len(older)) == ({"match": 1, "missing_there": 1}, 2)
    for run in older:
        open_ = await Factory(fees).reconciliation().differences(run.id, after=None, limit=9, open_only=True)
        assert open_ == []


async def test_expiry_waits_for_the_other_half_and_ends_when_a_person_says_there_is_none(
    fees: Context, bank: Bank, post: Post, clock: Clock, day: date
) -> None:
    last = date(2024, 9, 13)
    order = await ordered(fees)
    await steps(fees, clock, 2)
    await Factory(fees).deliveries().delivered(post.sent[-1][0], clock())
    notice = await notice_of(fees, order)
    word = bank.pay(notice, paid_at=near(last + ONE_DAY, -10))
    del bank.paid[word.pay_code]  # the query tells nothing of it
    clock.at = near(last + timedelta(days=2), 600)
    await hand_in(fees, clock, {("finance", last): [word], ("agent", last): []})
    assert ((await notice_of(fees, order)).state, await in_doubt(fees, word)) == (State.EXPIRING, True)
    await hand_in(fees, clock, {(source, last + ONE_DAY): [] for source in SOURCES})
    clock.forward(hours=1)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.EXPIRING
    [run] = await runs_of(fees, last)
    assert counts(run) == {"missing_here": 1}
    await Factory(fees).reconciliation().resolve(run.id, word.bank_trans_no, Resolution.SETTLED_BY_HAND, "client:x")
    clock.forward(hours=1)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.EXPIRED


async def test_the_report_tells_what_waits_and_what_was_found(
    fees: Context, bank: Bank, clock: Clock, day: date
) -> None:
    after = day + ONE_DAY
    _, word = await paid(fees, bank, clock, near(after, -1))
    await hand_in(fees, clock, {("finance", day): [word], ("agent", day): []})
    [run] = await runs_of(fees, day)
    page = await Factory(fees).reports().html(run.id)
    assert "有 1 项日切跨日等待相邻一日的账，暂不需处理" in page
    assert (page.count(f"等待{after}的账"), page.count("待处理</span>")) == (1, 0)
    await hand_in(fees, clock, {("finance", after): [], ("agent", after): [word]})
    [then] = await runs_of(fees, after)
    page = await Factory(fees).reports().html(run.id)
    assert page.count(f"已与{after}的账对上（对账编号{then.id}）") == 1
    assert page == await Factory(fees).reports().html(run.id)


@dataclass(frozen=True)
class Told:
    """One payment: so many minutes from a midnight, heard or not, and on which side of it the files have it, if at all."""

    minutes: int
    heard: bool
    finance: int | None
    agent: int | None


TOLD = st.builds(
    Told, st.integers(-60, 60), st.booleans(), st.sampled_from((0, 1, None)), st.sampled_from((0, 1, None))
).filter(lambda one: one.heard or (one.finance, one.agent) != (None, None))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(TOLD, min_size=1, max_size=5),
    order=st.permutations([(source, offset) for source in SOURCES for offset in range(-1, 3)]),
    emptied=st.tuples(st.sampled_from(SOURCES), st.integers(0, 1)),
)
async def test_every_payment_ends_in_one_verdict_however_the_files_split_it(
    fees: Context, bank: Bank, clock: Clock, told: list[Told], order: list[tuple[str, int]], emptied: tuple[str, int]
) -> None:
    first = next(_first_days)
    notices, words = [], []
    for one in told:
        placed, word = await paid(fees, bank, clock, near(first + ONE_DAY, one.minutes), heard=one.heard)
        bank.paid.pop(word.pay_code, None)
        notices.append(placed)
        words.append(word)
    sides = [{"finance": one.finance, "agent": one.agent} for one in told]
    for stage in (order, [emptied]):
        if stage != order:
            for side in sides:
                side[emptied[0]] = None if side[emptied[0]] == emptied[1] else side[emptied[0]]
        files = {
            (source, first + offset * ONE_DAY): [
                word for word, side in zip(words, sides, strict=True) if side[source] == offset
            ]
            for source, offset in stage
        }
        await hand_in(fees, clock, files)
        await check(fees, first, told, words, sides)
    heard = [one.heard or None not in (one.finance, one.agent) for one in told]
    states = [(await notice_of(fees, placed)).state for placed in notices]
    receipted = [None not in (one.finance, one.agent) for one in told]
    wanted = {(True, True): State.RECEIPTED, (True, False): State.PAID, (False, False): State.ISSUED}
    assert states == [wanted[pair] for pair in zip(heard, receipted, strict=True)]


async def check(
    fees: Context, first: date, told: list[Told], words: list[Confirmation], sides: list[dict[str, int | None]]
) -> None:
    """Each payment is matched, or stands in one open difference, as its two lines say."""
    days = [first + offset * ONE_DAY for offset in range(-1, 3)]
    open_: dict[str, list[Verdict]] = {}
    for of in days:
        for run in await runs_of(fees, of):
            found = Factory(fees).reconciliation()
            for left in await found.differences(run.id, after=None, limit=99, open_only=True):
                open_.setdefault(left.bank_trans_no, []).append(left.verdict)
    async with fees.db.begin() as tx:
        query = text("select bank_trans_no, books_of from fees.payments where bank_trans_no = any(:numbers)")
        rows = (await tx.execute(query, {"numbers": [word.bank_trans_no for word in words]})).all()
    booked = {row.bank_trans_no: row.books_of for row in rows}
    ends: list[tuple[date | None, list[Verdict]]] = []
    expected: list[tuple[date | None, list[Verdict]]] = []
    for one, word, side in zip(told, words, sides, strict=True):
        matched = booked.get(word.bank_trans_no)
        ends.append((matched, open_.get(word.bank_trans_no, [])))
        on, heard = side["finance"], one.heard or None not in (one.finance, one.agent)
        if None not in side.values() and on is not None:
            expected.append((first + on * ONE_DAY, []))
        elif heard or set(side.values()) != {None}:
            expected.append((None, [Verdict.MISSING_THERE if heard else Verdict.MISSING_HERE]))
        else:
            expected.append((None, []))  # no book knows it any more
    assert ends == expected
    known = [word for word, end in zip(words, ends, strict=True) if end != (None, [])]
    sums = {
        "matched": sum(word.amount_fen for word in words if booked.get(word.bank_trans_no)),
        "open": sum(word.amount_fen for word in words if word.bank_trans_no in open_),
    }
    assert sum(word.amount_fen for word in known) == sum(sums.values())


async def test_every_order_of_four_files_ends_alike(fees: Context, bank: Bank, clock: Clock) -> None:
    ends = set()
    for order in list(permutations(range(4)))[::8]:
        day = next(_first_days)
        placed, word = await paid(fees, bank, clock, near(day + ONE_DAY, 0))
        files = [
            (("finance", day), [word]), (("agent", day), []), (("finance", day + ONE_DAY), []),
            (("agent", day + ONE_DAY), [word]),
        ]  # fmt: skip
        await hand_in(fees, clock, {files[n][0]: files[n][1] for n in order})
        ends.add(((await notice_of(fees, placed)).state, await books_of(fees, word) == day))
    assert ends == {(State.RECEIPTED, True)}


async def test_the_audit_chains_are_whole(fees: Context) -> None:
    async with fees.db.begin() as tx:
        streams = [name for name in await ledger.streams(tx) if name.startswith("books:")]
        assert [name for name in streams if await ledger.verify(tx, name) is not None] == []
    assert len(streams) > 0


def test_only_what_lies_around_one_midnight_waits_for_a_neighbour() -> None:
    day = date(2024, 9, 10)

    def one(*minutes: int) -> date | None:
        held = [Entry("1", 1, near(day, at), Channel.QR) for at in minutes]
        return neighbour(Item("T", *[*held, None, None][:3]), day)

    found = [one(-60), one(60), one(1380), one(1500), one(61), one(1379), one(-1, 1), one(1, 1439)]
    before, after = day - ONE_DAY, day + ONE_DAY
    assert found == [before, before, after, after, None, None, before, None]


def test_what_a_cashier_says_of_a_contradiction_settles_nothing_but_a_confirmation() -> None:
    found = {(words, of) for words in Resolution for of in Verdict if stands(words, of)}
    one_sided = (Verdict.MISSING_HERE, Verdict.MISSING_THERE, Verdict.CUT_OFF)
    assert found == {(Resolution.CONFIRMED, of) for of in Verdict} | {
        (words, of) for words in (Resolution.NEXT_DAY, Resolution.NO_FAULT) for of in one_sided
    }
