"""What reached nobody is in the cashier's list until it did; integrators hear of a notice once, whatever is told again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import get_args

from mangping.contracts import FeeOrder
from mangping.couriers.base import Undeliverable, Way
from mangping.webhooks.store import State as Owed
from mangping_fees.domain.public import PUBLIC
from mangping_fees.services import telling
from mangping_fees.wiring import Context, Factory
from sqlalchemy import text

from tests.fees.bank import Bank, Clock, Post, notice_of, ordered, steps


def test_what_integrators_may_ask_for_is_what_the_api_is_told() -> None:
    assert set(telling.PUBLIC) == set(get_args(telling.Told))
    assert sorted(telling.PUBLIC.values()) == sorted(PUBLIC)


async def undelivered(fees: Context, order: FeeOrder) -> list[tuple[Way, str | None]]:
    notice = await notice_of(fees, order)
    found = await Factory(fees).notices().unheard(after=None, limit=100)
    return sorted((one.channel, one.error) for one in found if one.notice_id == notice.id)


async def test_what_reached_nobody_is_listed_until_the_notice_was_opened(
    fees: Context, post: Post, clock: Clock
) -> None:
    post.broken = {Way.SMS: Undeliverable("no_such_number")}
    order = await ordered(fees)
    await steps(fees, clock)
    assert await undelivered(fees, order) == [(Way.SMS, "no_such_number")]
    await Factory(fees).deliveries().opened((await notice_of(fees, order)).id, "sub:someone")
    assert await undelivered(fees, order) == []


async def test_integrators_hear_of_each_step_once(fees: Context, bank: Bank, clock: Clock) -> None:
    local = replace(fees, settings=fees.settings.model_copy(update={"webhooks_local": True}))
    events = ["fee.notice.issued", "fee.notice.notified", "fee.notice.paid"]
    await local.webhooks.register("client:one", None, "http://127.0.0.1:9/hook", events)
    order = await ordered(fees)
    await steps(fees, clock, 2)
    notice = await notice_of(fees, order)
    await Factory(fees).deliveries().opened(notice.id, "sub:someone")
    await Factory(fees).settlement().take(bank.pay(notice))
    await Factory(fees).orders().take(order)  # the api asks again: it is told again, integrators are not
    found = await local.webhooks.deliveries("client:one", endpoint=None, state=Owed.OWED, after=None, limit=9)
    assert sorted(one.type for one in found) == sorted(events)
    async with fees.db.begin() as tx:
        paid = await tx.execute(
            text("select body::jsonb -> 'data' from fees.webhook_messages where type = 'fee.notice.paid'")
        )
        [data] = paid.scalars()
    due_at = (await notice_of(fees, order)).due_at
    assert due_at is not None
    assert datetime.fromisoformat(data.pop("due_at")) == due_at
    assert data == {
        "notice": str(notice.id), "state": "paid", "amount_fen": 38000,
        "application": str(order.lines[0].application_id),
    }  # fmt: skip
