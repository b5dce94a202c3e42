"""Money that meets its notice half-way: at the moment of its code, after a voiding, around a refund. None is lost in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from mangping.contracts import FeeOrder
from mangping_fees.domain.notice import Act, Doubt, Notice, State
from mangping_fees.domain.refund import State as RefundState
from mangping_fees.gateways.base import IssuedCode
from mangping_fees.storage import notices, reconciliations
from mangping_fees.tables import ledger
from mangping_fees.wiring import Context, Factory
from sqlalchemy import text

from tests.fees.bank import Bank, Clock, notice_of, ordered, statement, steps, upload


async def unanswered(fees: Context, bank: Bank) -> tuple[FeeOrder, Notice, IssuedCode]:
    """A draft whose bill the bank has made, and whose answer was lost."""
    order = await ordered(fees)
    bank.mute = 1
    await Factory(fees).steps().sweep()
    draft = await notice_of(fees, order)
    assert draft.state is State.DRAFT
    return order, draft, bank.bills[draft.bill_no]


async def suspense(fees: Context, draft: Notice) -> list[tuple[Doubt | None, int]]:
    whole = await Factory(fees).notices().find(draft.id)
    return [(payment.doubt, payment.amount_fen) for payment in whole.payments]


async def test_money_that_comes_while_its_notice_gets_the_code_waits_and_is_credit(fees: Context, bank: Bank) -> None:
    order, draft, code = await unanswered(fees, bank)
    async with fees.db.begin() as tx:
        held = await notices.find(tx, draft.id, lock=True)
        assert held is not None
        await Factory(fees).issuing()._issue(tx, held, code, fees.now())
        taking = asyncio.create_task(Factory(fees).settlement().take(bank.pay(draft, pay_code=code.pay_code)))
        await asyncio.sleep(0.2)
        assert not taking.done()
    await taking
    assert (await notice_of(fees, order)).state is State.PAID


async def test_an_answer_after_the_voiding_claims_the_money_that_was_first(
    fees: Context, bank: Bank, clock: Clock
) -> None:
    order, draft, code = await unanswered(fees, bank)
    word = bank.pay(draft, pay_code=code.pay_code)
    await Factory(fees).settlement().take(word)
    async with fees.db.begin() as tx:
        await Factory(fees).notices().act(tx, draft.id, Act.VOID, "client:cashier", None)
    await Factory(fees).issuing()._issued(draft.id, code, ())
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.PAID
    assert await suspense(fees, draft) == [(None, 38000)]


async def test_a_late_answer_to_a_declined_one_is_found_when_it_is_tried_again(
    fees: Context, bank: Bank, clock: Clock
) -> None:
    order, draft, code = await unanswered(fees, bank)
    await Factory(fees).issuing()._declined(draft.id, "18012")
    await Factory(fees).issuing()._issued(draft.id, code, ())
    word = bank.pay(draft, pay_code=code.pay_code)
    async with fees.db.begin() as tx:
        await Factory(fees).notices().act(tx, draft.id, Act.RETRY, "client:cashier", None)
    await Factory(fees).settlement().take(word)
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.PAID
    assert len(bank.orders) == len({one.bill_no for one in bank.orders})


async def test_a_refund_that_a_person_asked_for_is_the_only_one(fees: Context, bank: Bank, clock: Clock) -> None:
    order, draft, code = await unanswered(fees, bank)
    await Factory(fees).settlement().take(bank.pay(draft, pay_code=code.pay_code, amount_fen=30000))
    async with fees.db.begin() as tx:
        found = await tx.execute(text("select id from fees.payments where pay_code = :code"), {"code": code.pay_code})
        await Factory(fees).refunds().request(tx, found.scalar_one(), "汇错", "client:cashier")
    await steps(fees, clock)
    assert (await notice_of(fees, order)).state is State.ISSUED
    assert await suspense(fees, draft) == [(Doubt.SHORT, 30000)]
    async with fees.db.begin() as tx:
        streams = [name for name in await ledger.streams(tx) if name.startswith("refund:")]
        refunds = (await tx.execute(text("select 'refund:' || id from fees.refunds"))).scalars().all()
    assert sorted(streams) == sorted(refunds)


async def test_a_day_whose_books_cannot_be_closed_holds_up_no_other(
    fees: Context, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = ["2024-01-01", "2024-01-02"]
    for day in days:
        for source in ("finance", "agent"):
            await upload(fees, statement(source, day, []))
    await Factory(fees).statements().sweep()
    totals = reconciliations.totals

    async def broken(tx: Any, run: Any) -> Any:
        if run.day == date.fromisoformat(days[0]):
            raise ZeroDivisionError
        return await totals(tx, run)

    service = Factory(replace(fees, now=clock)).reconciliation()
    with monkeypatch.context() as patched:
        patched.setattr(reconciliations, "totals", broken)
        await service.sweep()
    assert [run.day.isoformat() for run in await service.runs(day=None, limit=9)] == days[1:]
    await service.sweep()
    assert sorted(run.day.isoformat() for run in await service.runs(day=None, limit=9)) == days


async def test_approvals_of_one_person_at_once_are_one_approval(fees: Context, bank: Bank, clock: Clock) -> None:
    _, draft, code = await unanswered(fees, bank)
    await Factory(fees).settlement().take(bank.pay(draft, pay_code=code.pay_code))
    async with fees.db.begin() as tx:
        found = await tx.execute(text("select id from fees.payments where pay_code = :code"), {"code": code.pay_code})
        asked = await Factory(fees).refunds().request(tx, found.scalar_one(), "汇错", "client:cashier")
    service = Factory(fees).refunds()
    answers = await asyncio.gather(*(service.approve(asked.id, "sub:one") for _ in range(5)), return_exceptions=True)
    assert sorted(getattr(one, "code", "") for one in answers) == ["", *["refund.same_person"] * 4]
    [stands] = [one for one in await service.newest(after=None, limit=9, state=None) if one.id == asked.id]
    assert (stands.state, stands.approvers) == (RefundState.APPROVED_ONCE, ("sub:one",))


async def test_a_receipt_fetched_twice_at_once_is_stored_once(fees: Context, bank: Bank, clock: Clock) -> None:
    order, draft, code = await unanswered(fees, bank)
    word = bank.pay(draft, pay_code=code.pay_code)
    await steps(fees, clock)
    for source in ("finance", "agent"):
        await upload(fees, statement(source, "2024-09-10", [word]))
    make = Factory(fees)
    await make.statements().sweep()
    await make.reconciliation().sweep()
    await make.receipts().reconcile()
    owed = await notice_of(fees, order)
    await asyncio.gather(*(make.receipts().fetch(owed) for _ in range(4)))
    whole = await make.notices().find(draft.id)
    assert whole.notice.state is State.RECEIPTED
    assert whole.receipt is not None
    async with fees.db.begin() as tx:
        told = await tx.execute(
            text("select event from fees.audit where stream = :stream and event = 'notice.receipted'"),
            {"stream": f"notice:{draft.id}"},
        )
        assert told.scalars().all() == ["notice.receipted"]
