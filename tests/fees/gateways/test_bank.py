"""The port against the real bank over sockets: time-outs, doubles, late words, kills; nothing paid is lost or twice."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta

import httpx
import pytest
from mangping.clock import BEIJING
from mangping.money import fen
from mangping_fees.domain import statement
from mangping_fees.domain.payment import Channel
from mangping_fees.gateways.base import (
    Absent,
    BillItem,
    BillOrder,
    BillRef,
    Declined,
    IssuedCode,
    Paid,
    Payer,
    ReceiptFile,
    ReceiptNumber,
    Unknown,
    Unpaid,
    Voided,
)
from mangping_fees.gateways.nontax import NonTax, Profile

from deploy.local.servers import free_port
from deploy.simulators.bank.process import Bank, BankSaidNo
from tests.fees.gateways.conftest import TOKEN, Door, now

_numbers = itertools.count(1)


def order(amount_fen: int = 38000) -> BillOrder:
    item = BillItem("103042750101", "职称评审费（副高级）", amount_fen, 1, "人·次", "副高级")
    return BillOrder(
        "450300", 2024, f"N{next(_numbers)}", date(2024, 9, 10), "450300072001", "收费单位", (item,), amount_fen,
        Payer("马依拉·䶮"),
    )  # fmt: skip


def ref(asked: BillOrder, code: IssuedCode | None = None) -> BillRef:
    return BillRef(asked.region_code, asked.year, asked.bill_no, code.pay_code if code else None)


def profile(bank: Bank, wait_s: float = 30) -> Profile:
    host, port = bank.socket
    return Profile("450300", host, port, TOKEN, wait_s=wait_s)


async def issued(gateway: NonTax, asked: BillOrder) -> IssuedCode:
    code = await gateway.issue(asked)
    assert isinstance(code, IssuedCode)
    return code


async def until(happened: object, wanted: object) -> None:
    end = asyncio.get_running_loop().time() + 15
    assert callable(happened)
    while happened() != wanted:
        assert asyncio.get_running_loop().time() < end, f"{happened()} is not {wanted}"
        await asyncio.sleep(0.02)


@pytest.fixture
def gateway(bank: Bank) -> NonTax:
    bank.switch()
    return NonTax(profile(bank), now)


async def test_a_bill_from_issue_to_receipt(bank: Bank, gateway: NonTax, door: Door) -> None:
    asked = order()
    assert await gateway.query(ref(asked)) == Absent()
    code = await issued(gateway, asked)
    assert await gateway.issue(asked) == code
    assert await gateway.query(ref(asked)) == Unpaid(code)
    assert await gateway.issue_receipt(ref(asked)) == Declined("18025")
    paid = bank.pay(code.pay_code, "mobile_bank")
    await until(lambda: len(door.sink.money), 1)
    word = door.sink.money[0]
    assert (word.pay_code, word.amount_fen, word.channel) == (code.pay_code, 38000, Channel.MOBILE_BANK)
    assert (word.bank_trans_no, word.unit_code) == (paid["bank_trans_no"], "450300072001")
    told = replace(word, event_id=f"query:{word.bank_trans_no}")
    assert await gateway.query(ref(asked, code)) == Paid(code, (told,))
    assert await gateway.void(ref(asked, code)) == Paid(code, (told,))
    number = await gateway.issue_receipt(ref(asked, code))
    assert isinstance(number, ReceiptNumber)
    assert await gateway.issue_receipt(ref(asked, code)) == number
    file = await gateway.fetch_receipt(number)
    assert isinstance(file, ReceiptFile)
    assert file.content.endswith(b"%%EOF\n")
    assert await gateway.fetch_receipt(replace(number, check_code="000000")) == Declined("18024")


async def test_the_qr_page_pays_once(bank: Bank, gateway: NonTax, door: Door) -> None:
    code = await issued(gateway, order())
    async with httpx.AsyncClient(trust_env=False) as person:
        shown = await person.get(code.pay_url)
        assert (shown.status_code, "380.00" in shown.text, "确认缴款" in shown.text) == (200, True, True)
        failed = await person.post(code.pay_url, data={"act": "fail"})
        assert "扣款不成功" in failed.text
        paid = await person.post(code.pay_url, data={"act": "pay"})
        assert "缴款成功" in paid.text
        again = await person.post(code.pay_url, data={"act": "pay"})
        assert "请勿重复缴款" in again.text
    await until(lambda: [word.channel for word in door.sink.money], [Channel.QR])
    assert len([one for one in bank.payments() if one["pay_code"] == code.pay_code]) == 1


async def test_a_silence_is_unknown_and_asking_first_finds_the_one_bill(bank: Bank, gateway: NonTax) -> None:
    asked = order()
    bank.switch(drop_answers=1)
    hurried = NonTax(profile(bank, wait_s=0.4), now)
    assert await hurried.issue(asked) == Unknown("timeout")
    found = await hurried.query(ref(asked))
    assert isinstance(found, Unpaid)
    assert await hurried.issue(asked) == found.code
    assert len([one for one in bank.bills() if one["bill_no"] == asked.bill_no]) == 1


async def test_what_cannot_be_believed_is_unknown_and_counted(bank: Bank, gateway: NonTax) -> None:
    counts: list[str] = []
    listening = NonTax(profile(bank), now, counts.append)
    bank.switch(garble_answers=1)
    assert await listening.issue(order()) == Unknown("bad_mac")
    nobody = NonTax(replace(profile(bank), port=free_port()), now, counts.append)
    assert await nobody.query(ref(order())) == Unknown("unreachable")
    stranger = NonTax(replace(profile(bank), token=b"guessed"), now, counts.append)
    assert await stranger.void(ref(order())) == Unknown("no_answer")
    assert counts == ["bad_mac", "unreachable", "no_answer"]


async def test_a_clear_no_is_declined(bank: Bank, gateway: NonTax) -> None:
    bank.switch(refuse_units=["450300072001"])
    assert await gateway.issue(order()) == Declined("18012")
    bank.switch()
    asked = order()
    await issued(gateway, asked)
    other = replace(asked, amount_fen=22000, items=(replace(asked.items[0], amount_fen=22000),))
    assert await gateway.issue(other) == Declined("18021")
    assert await gateway.issue(replace(asked, payer=Payer("申\x00"))) == Declined("local.PayerName")


async def test_a_void_stays_void_even_when_it_comes_first(bank: Bank, gateway: NonTax) -> None:
    asked = order()
    assert await gateway.void(ref(asked)) == Voided()
    assert await gateway.void(ref(asked)) == Voided()
    assert await gateway.issue(asked) == Declined("18023")
    assert await gateway.query(ref(asked)) == Voided()
    second = order()
    code = await issued(gateway, second)
    assert await gateway.void(ref(second, code)) == Voided()
    with pytest.raises(BankSaidNo, match="409 bill_void"):
        bank.pay(code.pay_code)
    bank.switch(lose=True)
    bank.pay(code.pay_code, race=True)
    assert await gateway.query(ref(second, code)) == Voided()


async def test_two_channels_race(bank: Bank, gateway: NonTax, door: Door) -> None:
    asked = order()
    code = await issued(gateway, asked)
    first, second = bank.pay(code.pay_code, "counter"), bank.pay(code.pay_code, "qr", race=True)
    status = await gateway.query(ref(asked, code))
    assert isinstance(status, Paid)
    assert [one.bank_trans_no for one in status.confirmations] == [first["bank_trans_no"], second["bank_trans_no"]]
    await until(
        lambda: {word.bank_trans_no for word in door.sink.money}, {first["bank_trans_no"], second["bank_trans_no"]}
    )


async def test_doubles_come_under_one_id_and_under_new_ones(bank: Bank, gateway: NonTax, door: Door) -> None:
    code = await issued(gateway, order())
    bank.switch(duplicates=3)
    bank.pay(code.pay_code)
    await until(lambda: len(door.sink.money), 4)
    assert len({word.bank_trans_no for word in door.sink.money}) == 1
    assert len({word.event_id for word in door.sink.money}) == 3


@pytest.mark.parametrize("kind", ["fifo", "lifo"])
async def test_held_words_come_in_either_order(bank: Bank, gateway: NonTax, door: Door, kind: str) -> None:
    codes = [(await issued(gateway, order())).pay_code for _ in range(3)]
    bank.switch(hold=True)
    for code in codes:
        bank.pay(code)
    assert bank.release(kind) == 3
    await until(lambda: len(door.sink.money), 3)
    assert [word.pay_code for word in door.sink.money] == (codes if kind == "fifo" else codes[::-1])


async def test_a_late_word_keeps_its_own_time(bank: Bank, gateway: NonTax, door: Door) -> None:
    code = await issued(gateway, order())
    at = datetime(2024, 9, 13, 23, 59, 59, tzinfo=BEIJING)
    bank.switch(delay_ms=300)
    bank.pay(code.pay_code, paid_at=at.isoformat())
    assert door.sink.money == []
    await until(lambda: [word.paid_at for word in door.sink.money], [at])


def columns(told: statement.Head, rest: list[str]) -> list[dict[str, str]]:
    checked = (line.rstrip("\n").split("|") for line in statement.lines(told, rest))
    return [dict(zip(statement.COLUMNS, line, strict=True)) for line in checked]


async def test_a_lost_word_is_found_by_asking_and_in_the_files(bank: Bank, gateway: NonTax, door: Door) -> None:
    asked = order()
    code = await issued(gateway, asked)
    bank.switch(lose=True)
    at = datetime(2024, 10, 1, 12, tzinfo=BEIJING)
    paid = bank.pay(code.pay_code, paid_at=at.isoformat())
    status = await gateway.query(ref(asked, code))
    assert isinstance(status, Paid)
    assert status.confirmations[0].bank_trans_no == paid["bank_trans_no"]
    for source in ("finance", "agent"):
        head, *rest = bank.file(source, at.date()).splitlines(keepends=True)
        told = statement.head(head)
        assert (told.source, told.day, told.region_code, told.count, told.sum_fen) == (
            source,
            at.date(),
            "450300",
            1,
            38000,
        )
        [line] = columns(told, rest)
        assert (line["pay_code"], line["amount_fen"]) == (code.pay_code, str(fen("380.00")))
        assert datetime.fromisoformat(line["paid_at"]) == at
    assert door.sink.money == []


async def test_files_that_disagree(bank: Bank, gateway: NonTax) -> None:
    day = date(2024, 10, 2)
    bank.switch(lose=True)
    paid = [
        bank.pay((await issued(gateway, order())).pay_code, paid_at=f"{day}T10:00:00+08:00")["bank_trans_no"]
        for _ in range(3)
    ]
    bank.edit(paid[0], "agent", omit=True)
    bank.edit(paid[1], "agent", amount_fen=100)
    bank.edit(paid[2], "finance", day="2024-10-03")
    bank.reverse(paid[1])
    read = {
        source: [
            (line["bank_trans_no"], int(line["amount_fen"]), line["status"])
            for head, *rest in [bank.file(source, day).splitlines(keepends=True)]
            for line in columns(statement.head(head), rest)
        ]
        for source in ("finance", "agent")
    }
    assert read == {
        "finance": [(paid[0], 38000, "paid"), (paid[1], 38000, "reversed")],
        "agent": [(paid[1], 100, "reversed"), (paid[2], 38000, "paid")],
    }


async def test_short_money_and_direct_transfers_are_told_as_they_are(bank: Bank, gateway: NonTax, door: Door) -> None:
    asked = order()
    code = await issued(gateway, asked)
    bank.pay(code.pay_code, "counter", amount_fen=100)
    bank.pay("unknown-reference", "transfer", amount_fen=38000)
    await until(
        lambda: sorted((word.amount_fen, word.channel.value) for word in door.sink.money),
        [(100, "counter"), (38000, "transfer")],
    )
    assert await gateway.query(ref(asked, code)) == Unpaid(code)


async def test_the_bank_keeps_to_the_validity_of_a_bill(bank: Bank, gateway: NonTax) -> None:
    end = datetime(2024, 9, 14, tzinfo=BEIJING)
    code = await issued(gateway, replace(order(), effective_until=end))
    with pytest.raises(BankSaidNo, match="409 bill_expired"):
        bank.pay(code.pay_code, paid_at=end.isoformat())
    bank.switch(lose=True)
    bank.pay(code.pay_code, paid_at=(end - timedelta(seconds=1)).isoformat())


async def test_nothing_paid_is_lost_when_the_bank_is_killed(bank: Bank, gateway: NonTax, door: Door) -> None:
    codes = [(await issued(gateway, order())).pay_code for _ in range(6)]
    bank.switch(delay_ms=400)
    booked = [bank.pay(code)["bank_trans_no"] for code in codes]
    bank.kill()
    assert await gateway.query(ref(order())) == Unknown("unreachable")
    bank.restart()
    await until(lambda: {word.bank_trans_no for word in door.sink.money}, set(booked))
    assert {one["bank_trans_no"] for one in bank.payments()} >= set(booked)


async def test_words_wait_while_the_door_is_shut(bank: Bank, gateway: NonTax, door: Door) -> None:
    code = await issued(gateway, order())
    await door.server.stop()
    bank.pay(code.pay_code)
    await asyncio.sleep(0.3)
    assert door.sink.money == []
    await door.server.start("127.0.0.1", door.port)
    await until(lambda: [word.pay_code for word in door.sink.money], [code.pay_code])


async def test_many_at_once(bank: Bank, gateway: NonTax, door: Door) -> None:
    asked = [order() for _ in range(40)]
    codes = await asyncio.gather(*(issued(gateway, one) for one in asked))
    assert len({code.pay_code for code in codes}) == len(asked)
    bank.switch(duplicates=1, jitter_ms=200)
    await asyncio.gather(*(asyncio.to_thread(bank.pay, code.pay_code) for code in codes))
    await until(lambda: len(door.sink.money), 2 * len(asked))
    assert {word.pay_code for word in door.sink.money} == {code.pay_code for code in codes}


async def test_control_needs_its_key(bank: Bank) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=bank.url) as stranger:
        assert (await stranger.get("/control/bills")).status_code == 401
        assert (await stranger.get("/pay/nothing")).status_code == 404
