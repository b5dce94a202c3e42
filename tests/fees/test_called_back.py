"""What the api calls back: unpaid it is void at the bank, paid it waits for two people to send it back; in any order."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import uuid4

import pytest
from mangping.clock import BEIJING
from mangping.contracts import FeeCancel, FeeOrder
from mangping_fees.domain.notice import State
from mangping_fees.domain.refund import State as RefundState
from mangping_fees.wiring import Context, Factory
from sqlalchemy import text

from tests.fees.bank import Bank, Clock, kinds, line, notice_of, ordered, statement, steps, told, upload


async def outcomes(fees: Context, order: FeeOrder) -> list[str]:
    return [body["outcome"] for kind, body in await told(fees, order) if kind == "FeeCancelled"]


async def refunds(fees: Context) -> list[tuple[RefundState, int, str]]:
    found = await Factory(fees).refunds().newest(after=None, limit=9, state=None)
    return [(one.state, one.amount_fen, one.requested_by) for one in found]


@pytest.fixture(autouse=True)
async def emptied(fees: Context) -> None:
    async with fees.db.begin() as tx:
        await tx.execute(text("delete from fees.refunds"))


async def test_what_is_not_paid_is_void_at_the_bank(fees: Context, bank: Bank, clock: Clock) -> None:
    order = await ordered(fees)
    await steps(fees, clock)
    notice = await notice_of(fees, order)
    assert notice.state is State.ISSUED
    for _ in range(2):  # the queue may deliver twice
        await Factory(fees).orders().cancel(FeeCancel(order_id=order.order_id))
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.VOIDED
    assert notice.bill_no in bank.voided
    assert (await outcomes(fees, order), await refunds(fees)) == (["withdrawn"] * 2, [])


async def test_what_was_paid_is_put_up_once_and_goes_back_when_two_people_say_so(
    fees: Context, bank: Bank, clock: Clock
) -> None:
    order = await ordered(fees)
    await steps(fees, clock)
    word = bank.pay(await notice_of(fees, order))
    await Factory(fees).settlement().take(word)
    for _ in range(2):
        await Factory(fees).orders().cancel(FeeCancel(order_id=order.order_id))
    assert await outcomes(fees, order) == ["refund"] * 2
    assert await refunds(fees) == [(RefundState.REQUESTED, 38000, "api")]
    for source in ("finance", "agent"):
        await upload(fees, statement(source, "2024-09-10", [word]))
    clock.at = datetime(2024, 9, 11, 9, tzinfo=BEIJING)
    await steps(fees, clock)
    make = Factory(fees).refunds()
    [asked] = await make.newest(after=None, limit=9, state=None)
    for who in ("client:one", "client:two"):
        await make.approve(asked.id, who)
    async with fees.db.begin() as tx:
        await make.finish(tx, asked.id, "T-1", "client:cashier")
    assert (await notice_of(fees, order)).state is State.REFUNDED
    assert (await kinds(fees, order))[-1] == "FeeRefunded"


async def test_money_that_was_quicker_than_the_bank_wins_and_is_put_up_when_asked_again(
    fees: Context, bank: Bank, clock: Clock
) -> None:
    order = await ordered(fees)
    await steps(fees, clock)
    bank.pay(await notice_of(fees, order))
    await Factory(fees).orders().cancel(FeeCancel(order_id=order.order_id))
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.PAID
    assert (await kinds(fees, order))[-1] == "FeeSettled"
    await Factory(fees).orders().cancel(FeeCancel(order_id=order.order_id))
    assert await outcomes(fees, order) == ["withdrawn", "refund"]
    assert await refunds(fees) == [(RefundState.REQUESTED, 38000, "api")]


async def test_a_cancelling_that_overtakes_its_order_leaves_nothing_to_pay(
    fees: Context, bank: Bank, clock: Clock
) -> None:
    fresh = (await ordered(fees)).model_copy(update={"order_id": uuid4(), "lines": (line(),)})
    before = len(bank.orders)
    await Factory(fees).orders().cancel(FeeCancel(order_id=fresh.order_id))
    for _ in range(2):
        await Factory(fees).orders().take(fresh)
    codes = [body.get("code", body.get("outcome")) for _, body in await told(fees, fresh)]
    assert codes == ["withdrawn", "fee.cancelled", "fee.cancelled"]
    assert await Factory(fees).notices().newest(after=None, limit=9, application=fresh.lines[0].application_id) == []
    assert len(bank.orders) == before


async def test_order_and_cancelling_at_the_same_instant_charge_nothing(fees: Context, clock: Clock) -> None:
    like = await ordered(fees)
    for number in range(4):
        order = like.model_copy(update={"order_id": uuid4(), "lines": (line(),)})
        acts = [Factory(fees).orders().take(order), Factory(fees).orders().cancel(FeeCancel(order_id=order.order_id))]
        await asyncio.gather(*(acts if number % 2 else reversed(acts)))
        await steps(fees, clock)
        held = await Factory(fees).notices().newest(after=None, limit=9, application=order.lines[0].application_id)
        assert [one.state for one in held] in ([], [State.VOIDED])
        assert await outcomes(fees, order) == ["withdrawn"]
