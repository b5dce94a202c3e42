"""From the api's order to the receipt, and every way it can go otherwise."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import uuid4

import pytest
from mangping.clock import BEIJING
from mangping.couriers.base import Undeliverable
from mangping_fees.domain.delivery import Way
from mangping_fees.domain.notice import Act, Doubt, State
from mangping_fees.domain.payment import Channel, DeductionFailed
from mangping_fees.tables import ledger
from mangping_fees.wiring import Context, Factory

from tests.fees.bank import (
    BZ,
    Bank,
    Clock,
    Post,
    kinds,
    line,
    notice_of,
    ordered,
    statement,
    steps,
    told,
    upload,
    whole_of,
)  # fmt: skip

DAY = "2024-09-10"


async def close_books(
    context: Context, clock: Clock, days: list[str], bank: Bank, only: set[str] | None = None
) -> None:
    """Both files of these days, with all that the bank has (for the codes in `only`)."""
    words = [word for code, held in bank.paid.items() for word in held if only is None or code in only]
    for day in days:
        of_day = [w for w in words if w.paid_at.astimezone(BEIJING).date().isoformat() == day]
        for source in ("finance", "agent"):
            await upload(context, statement(source, day, of_day))
    await steps(context, clock)


async def whole_books(context: Context) -> None:
    books = await Factory(context).notices().books()
    assert books.whole, books


async def notified(context: Context, clock: Clock, post: Post) -> tuple[object, object]:
    order = await ordered(context)
    await steps(context, clock, 2)
    await Factory(context).deliveries().delivered(post.sent[-1][0], clock())
    return order, await notice_of(context, order)


@pytest.mark.proves("GL-87")
async def test_paid_in_time_reconciled_and_receipted(fees: Context, bank: Bank, post: Post, clock: Clock) -> None:
    order = await ordered(fees)
    await steps(fees, clock, 2)
    issued = await notice_of(fees, order)
    assert (issued.state, issued.amount_fen, issued.due_at, len(bank.orders)) == (State.ISSUED, 38000, None, 1)
    assert sorted(way for _, way, _, _ in post.sent) == [Way.EMAIL, Way.SMS]
    assert "测试甲" not in "".join(text for *_, text in post.sent)

    await Factory(fees).deliveries().delivered(post.sent[0][0], clock())
    received = await notice_of(fees, order)
    assert (received.state, received.due_at) == (State.NOTIFIED, datetime(2024, 9, 14, tzinfo=BEIJING))
    assert received.due_rule == "GL-87"

    word = bank.pay(received)
    for _ in range(3):
        await Factory(fees).settlement().take(word)
    assert (await notice_of(fees, order)).state is State.PAID
    await close_books(fees, clock, [DAY], bank)
    whole = await whole_of(fees, order)
    assert whole.notice.state is State.RECEIPTED
    assert whole.receipt is not None
    assert b"".join([part async for part in await Factory(fees).receipts().open(whole.notice.id)])[:4] == b"%PDF"
    assert await kinds(fees, order) == ["FeeIssued", "FeeNotified", "FeeSettled"]
    await whole_books(fees)


async def test_a_lost_answer_makes_no_second_bill(fees: Context, bank: Bank, clock: Clock) -> None:
    bank.mute = 2
    order = await ordered(fees)
    await steps(fees, clock)
    assert ((await notice_of(fees, order)).state, len(bank.orders), len(bank.bills)) == (State.ISSUED, 1, 1)


async def test_money_that_comes_before_the_code_is_known_is_credit(fees: Context, bank: Bank, clock: Clock) -> None:
    order = await ordered(fees)
    bank.mute = 1
    await Factory(fees).steps().sweep()
    draft = await notice_of(fees, order)
    [code] = bank.bills.values()
    word = bank.pay(draft, pay_code=code.pay_code)
    await Factory(fees).settlement().take(word)
    [waiting] = await Factory(fees).refunds().suspense(after=None, limit=1)
    assert (draft.state, waiting.doubt) == (State.DRAFT, Doubt.UNKNOWN_CODE)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.PAID
    assert await kinds(fees, order) == ["FeeIssued", "FeeSettled"]
    await whole_books(fees)


async def test_a_clear_no_calls_the_cashier_who_tries_again(fees: Context, bank: Bank, clock: Clock) -> None:
    bank.decline = "18012"
    order = await ordered(fees)
    await steps(fees, clock)
    declined = await notice_of(fees, order)
    assert (declined.state, await kinds(fees, order)) == (State.DECLINED, ["FeeRefused"])
    bank.decline = None
    async with fees.db.begin() as tx:
        await Factory(fees).notices().act(tx, declined.id, Act.RETRY, "client:cashier", declined.version)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.ISSUED


async def test_the_same_order_twice_is_one_notice(fees: Context) -> None:
    order = await ordered(fees)
    await Factory(fees).orders().take(order)
    other = order.model_copy(update={"order_id": uuid4()})
    for _ in range(2):  # whoever asks again is answered again
        await Factory(fees).orders().take(other)
    said = [(kind, body["code"]) for kind, body in await told(fees, other)]
    assert said == [("FeeRefused", "fee.attempt_taken")] * 2
    found = await Factory(fees).notices().newest(after=None, limit=9, application=order.lines[0].application_id)
    assert [notice.order_id for notice in found] == [order.order_id]


@pytest.mark.parametrize(
    ("programme", "lines", "code"),
    [
        ("guilin-vice-senior-2024", [line(level="正高级")], "fee.no_standard"),
        ("korla-primary-2024", [line()], "fee.no_standard"),
        ("guilin-vice-senior-2024", [line(), line()], "fee.no_roster"),
        (BZ, [line(level="中级"), line(level="高级")], "fee.no_standard"),
    ],
)
async def test_what_cannot_be_billed_is_told(fees: Context, programme: str, lines: list[object], code: str) -> None:
    order = await ordered(fees, programme=programme, lines=lines)  # type: ignore[arg-type]
    assert [body["code"] for _, body in await told(fees, order)] == [code]
    assert await Factory(fees).notices().newest(after=None, limit=1, application=order.lines[0].application_id) == []


async def test_a_failed_sms_starts_no_clock_and_opening_does(fees: Context, post: Post, clock: Clock) -> None:
    post.broken = {Way.SMS: Undeliverable("no_such_number"), Way.EMAIL: Undeliverable("no_such_mailbox")}
    order = await ordered(fees)
    await steps(fees, clock)
    whole = await whole_of(fees, order)
    assert [d.error for d in whole.deliveries if d.channel is Way.SMS] == ["no_such_number"]
    assert (whole.notice.state, whole.notice.due_at) == (State.ISSUED, None)
    clock.forward(days=20)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.ISSUED
    clock.at = datetime(2024, 9, 12, 10, tzinfo=BEIJING)
    opened = await Factory(fees).deliveries().opened(whole.notice.id, "sub:someone")
    assert (opened.state, opened.due_at) == (State.NOTIFIED, datetime(2024, 9, 19, tzinfo=BEIJING))


async def test_reminders_go_out_before_the_end_and_not_after_payment(
    fees: Context, bank: Bank, post: Post, clock: Clock
) -> None:
    order, _ = await notified(fees, clock, post)
    paid, _ = await notified(fees, clock, post)
    await Factory(fees).settlement().take(bank.pay(await notice_of(fees, paid)))  # type: ignore[arg-type]
    post.sent.clear()
    clock.at = datetime(2024, 9, 13, 0, 1, tzinfo=BEIJING)
    await steps(fees, clock, 2)
    clock.at = datetime(2024, 9, 13, 22, 1, tzinfo=BEIJING)
    await steps(fees, clock, 2)
    assert sorted((way, text[:20]) for _, way, _, text in post.sent) == sorted(
        (way, text)
        for way in Way
        for text in ("提醒：您的职称评审费尚未缴纳，距截止不足", "提醒：您的职称评审费尚未缴纳，距截止不足")
    )
    assert (await notice_of(fees, order)).state is State.NOTIFIED  # type: ignore[arg-type]


@pytest.mark.proves("GL-89")
async def test_a_failed_deduction_leaves_the_due_date(fees: Context, post: Post, clock: Clock) -> None:
    order, notice = await notified(fees, clock, post)
    event = DeductionFailed(f"f-{notice.id}", notice.region_code, notice.pay_code, clock())  # type: ignore[attr-defined]
    await Factory(fees).settlement().take(event)
    assert (await notice_of(fees, order)).state is State.FAILED  # type: ignore[arg-type]
    await steps(fees, clock)
    after = await notice_of(fees, order)  # type: ignore[arg-type]
    assert (after.state, after.due_at) == (State.NOTIFIED, notice.due_at)  # type: ignore[attr-defined]
    assert [text for *_, text in post.sent if "扣款不成功" in text] != []


@pytest.mark.proves("GL-90")
async def test_lapsed_only_when_the_books_are_closed(fees: Context, bank: Bank, post: Post, clock: Clock) -> None:
    order, _ = await notified(fees, clock, post)
    clock.at = datetime(2024, 9, 14, 0, 0, 1, tzinfo=BEIJING)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.EXPIRING  # type: ignore[arg-type]
    await close_books(fees, clock, ["2024-09-13"], Bank())
    clock.forward(hours=1)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.EXPIRING  # type: ignore[arg-type]
    await close_books(fees, clock, ["2024-09-14"], Bank())
    clock.forward(hours=1)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.EXPIRED  # type: ignore[arg-type]
    assert (await kinds(fees, order))[-1] == "FeeExpired"  # type: ignore[arg-type]

    in_time = bank.pay(await notice_of(fees, order), paid_at=datetime(2024, 9, 13, 23, 59, tzinfo=BEIJING))  # type: ignore[arg-type]
    await Factory(fees).settlement().take(in_time)
    assert (await notice_of(fees, order)).state is State.PAID  # type: ignore[arg-type]
    assert (await kinds(fees, order))[-1] == "FeeSettled"  # type: ignore[arg-type]
    await whole_books(fees)


async def test_money_that_only_a_query_or_the_files_know_saves_the_applicant(
    fees: Context, bank: Bank, post: Post, clock: Clock
) -> None:
    by_query, _ = await notified(fees, clock, post)
    by_files, _ = await notified(fees, clock, post)
    queried, filed = await notice_of(fees, by_query), await notice_of(fees, by_files)  # type: ignore[arg-type]
    bank.pay(queried, paid_at=datetime(2024, 9, 13, 12, tzinfo=BEIJING))
    word = bank.pay(filed, paid_at=datetime(2024, 9, 13, 12, tzinfo=BEIJING))
    del bank.paid[word.pay_code]  # the query tells nothing of it
    clock.at = datetime(2024, 9, 16, tzinfo=BEIJING)
    files = Bank(paid={word.pay_code: [word]})
    await close_books(fees, clock, ["2024-09-13", "2024-09-14"], files)
    clock.forward(hours=1)
    await steps(fees, clock)
    states = [(await notice_of(fees, order)).state for order in (by_query, by_files)]  # type: ignore[arg-type]
    assert states == [State.PAID, State.RECEIPTED]
    await whole_books(fees)


@pytest.mark.proves("GL-88", "GL-92")
@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        ({"amount_fen": 20000}, Doubt.SHORT),
        ({"amount_fen": 38001}, Doubt.OVER),
        ({"channel": Channel.TRANSFER}, Doubt.CHANNEL),
        ({"unit_code": "other"}, Doubt.UNIT),
        ({"paid_at": datetime(2024, 9, 14, tzinfo=BEIJING)}, Doubt.LATE),
    ],
)
async def test_money_that_is_not_right_is_never_credit(
    fees: Context, bank: Bank, post: Post, clock: Clock, change: dict[str, object], doubt: Doubt
) -> None:
    order, notice = await notified(fees, clock, post)
    await Factory(fees).settlement().take(bank.pay(notice, **change))  # type: ignore[arg-type]
    whole = await whole_of(fees, order)  # type: ignore[arg-type]
    assert (whole.notice.state, [payment.doubt for payment in whole.payments]) == (State.NOTIFIED, [doubt])
    queue = await Factory(fees).refunds().newest(after=None, limit=100, state=None)
    assert [r.reason for r in queue if r.payment_id == whole.payments[0].id] == [doubt]
    await whole_books(fees)


async def test_two_channels_first_wins_second_is_refunded(fees: Context, bank: Bank, post: Post, clock: Clock) -> None:
    order, notice = await notified(fees, clock, post)
    words = [bank.pay(notice, channel=channel) for channel in (Channel.QR, Channel.COUNTER)]  # type: ignore[arg-type]
    settlement = Factory(fees).settlement()
    await asyncio.gather(*(settlement.take(word) for word in words for _ in range(3)))
    whole = await whole_of(fees, order)  # type: ignore[arg-type]
    assert sorted(str(payment.doubt) for payment in whole.payments) == ["None", "second"]
    assert (await kinds(fees, order)).count("FeeSettled") == 1  # type: ignore[arg-type]
    await whole_books(fees)


@pytest.mark.parametrize("payment_first", [True, False])
async def test_expiry_against_payment_at_the_same_instant(
    fees: Context, bank: Bank, post: Post, clock: Clock, payment_first: bool
) -> None:
    order, notice = await notified(fees, clock, post)
    word = bank.pay(notice, paid_at=datetime(2024, 9, 13, 23, 59, 59, tzinfo=BEIJING))  # type: ignore[arg-type]
    del bank.paid[word.pay_code]
    clock.at = datetime(2024, 9, 14, tzinfo=BEIJING)
    make = Factory(fees)
    acts = [make.settlement().take(word), make.expiry().sweep()]
    await asyncio.gather(*(acts if payment_first else reversed(acts)))
    assert (await notice_of(fees, order)).state is State.PAID  # type: ignore[arg-type]
    assert await kinds(fees, order) == ["FeeIssued", "FeeNotified", "FeeSettled"]  # type: ignore[arg-type]


async def test_a_changed_level_voids_and_issues_anew_and_money_for_the_void_one_waits(
    fees: Context, bank: Bank, clock: Clock
) -> None:
    clock.at = datetime(2024, 10, 20, 9, tzinfo=BEIJING)
    first = line(kind="评审", level="初级")
    old_order = await ordered(fees, programme=BZ, lines=[first])
    await steps(fees, clock)
    old = await notice_of(fees, old_order)
    again = line(first.application_id, attempt=2, level="中级")
    order = await ordered(fees, programme=BZ, lines=[again])
    await steps(fees, clock)
    voided, new = (await Factory(fees).notices().find(old.id)).notice, await notice_of(fees, order)
    assert (voided.state, new.state, new.amount_fen, new.replaces) == (State.VOIDED, State.ISSUED, 38000, old.id)
    assert new.due_at == datetime(2024, 10, 25, tzinfo=BEIJING)
    await Factory(fees).settlement().take(bank.pay(old, paid_at=clock()))
    [payment] = (await Factory(fees).notices().find(old.id)).payments
    assert payment.doubt is Doubt.VOID
    await whole_books(fees)


async def test_money_before_the_voiding_wins_and_nothing_new_is_charged(
    fees: Context, bank: Bank, clock: Clock
) -> None:
    clock.at = datetime(2024, 10, 20, 9, tzinfo=BEIJING)
    first = line(level="初级")
    old_order = await ordered(fees, programme=BZ, lines=[first])
    await steps(fees, clock)
    bank.pay(await notice_of(fees, old_order), paid_at=clock())
    order = await ordered(fees, programme=BZ, lines=[line(first.application_id, attempt=2, level="中级")])
    await steps(fees, clock)
    assert await kinds(fees, old_order) == ["FeeIssued", "FeeSettled"]
    assert [body["code"] for _, body in await told(fees, order)] == ["gateway.replaced_was_paid"]


async def test_a_roster_is_one_bill_for_all_or_none(fees: Context, bank: Bank, clock: Clock) -> None:
    clock.at = datetime(2024, 10, 10, 9, tzinfo=BEIJING)
    people = [line(level="中级"), line(level="初级"), line(kind="授予", level="中级")]
    order = await ordered(fees, programme=BZ, lines=people)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.DRAFT  # the window has not opened yet
    clock.at = datetime(2024, 10, 18, 0, 0, 1, tzinfo=BEIJING)
    await steps(fees, clock)
    notice = await notice_of(fees, order)
    assert (notice.amount_fen, [item.quantity for item in bank.orders[0].items]) == (98000, [1, 1, 1])
    await Factory(fees).settlement().take(bank.pay(notice, paid_at=clock()))
    [(_, body)] = [one for one in await told(fees, order) if one[0] == "FeeSettled"]
    assert body["applications"] == [str(person.application_id) for person in people]
    late = await ordered(fees, programme=BZ, lines=[line(level="中级"), line(people[0].application_id, attempt=2)])
    assert [body["code"] for _, body in await told(fees, late)] == ["fee.no_standard"]


async def test_the_audit_chains_are_whole(fees: Context) -> None:
    async with fees.db.begin() as tx:
        streams = await ledger.streams(tx)
        assert [stream for stream in streams if await ledger.verify(tx, stream) is not None] == []
    assert len(streams) > 0
