"""The finance system's socket: answers 8994, 8997, 8999, 8981 and 8982 from the books."""

from __future__ import annotations

import asyncio
import base64
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mangping.clock import BEIJING
from mangping.money import yuan
from mangping_fees.gateways import frames, vouchers
from mangping_fees.gateways.base import ReceiptNumber
from mangping_fees.gateways.envelope import Message, Voucher, read_message, write_message
from mangping_fees.gateways.markup import MarkupRefused

from deploy.simulators.bank import receipt_pdf, teller
from deploy.simulators.bank.books import Bill, Books

_QUIET_S = 60.0
_STATES = {"unpaid": vouchers.UNPAID, "paid": vouchers.PAID, "void": vouchers.VOID}


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers need besides the books. `pay_url` is the prefix of every pay page."""

    books: Books
    token: bytes = field(repr=False)
    pay_url: str


class No(Exception):
    def __init__(self, result: str) -> None:
        super().__init__(result)
        self.result = result


async def serve(desk: Desk, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> asyncio.Server:
    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _talk(desk, reader, writer)
        except (OSError, TimeoutError, frames.FrameRefused, MarkupRefused):
            pass  # a stranger, or a peer who ended: neither is owed an answer
        except asyncio.CancelledError:
            pass  # the bank closes
        finally:
            writer.close()

    return await asyncio.start_server(connection, host, port, ssl=tls)


async def _talk(desk: Desk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        async with asyncio.timeout(_QUIET_S):
            frame = await frames.read(reader, desk.token)
        if frame is None:
            return
        reply = answer(desk, read_message(frame.xml, frame.number))
        if desk.books.spend("drop_answers"):
            async with asyncio.timeout(_QUIET_S):
                await reader.read()  # silence, until the other end has had enough
            return
        if slow := desk.books.switches().slow_answers_ms:
            await asyncio.sleep(slow / 1000)
        data = frames.pack(frames.Frame(reply.number, write_message(reply)), desk.token)
        if desk.books.spend("garble_answers"):
            data = data[:-1] + (b"0" if data[-1:] != b"0" else b"1")
        writer.write(data)
        await writer.drain()


def answer(desk: Desk, asked: Message) -> Message:
    """One message in, one out; what it does is booked before it is answered."""
    number, told = _no(vouchers.FAILED)
    act = _ACTS.get(asked.number)
    if act is not None and len(asked.vouchers) == 1:
        try:
            with desk.books.write():
                number, told = act(desk, asked.vouchers[0])
        except No as no:
            number, told = _no(no.result)
        except vouchers.FieldRefused:
            number, told = _no(vouchers.UNREADABLE)
    day = f"{desk.books.now().astimezone(BEIJING):%Y%m%d}"
    return Message(
        number,
        secrets.token_hex(16),
        asked.id,
        asked.target,
        asked.source,
        day,
        told,
        asked.division,
        asked.year,
    )


Told = tuple[str, tuple[Voucher, ...]]


def _ok(**fields: str) -> Told:
    return vouchers.ANSWER, ({"Result": vouchers.OK, **fields},)


def _no(result: str) -> Told:
    return vouchers.ANSWER, ({"Result": result},)


def _push(desk: Desk, asked: Voucher) -> Told:
    """A new bill, the same one again, or a void. A number that was voided before it was heard of stays void."""
    region, year, number = _key(asked)
    held = desk.books.bill_by_number(region, year, number)
    if asked.get("PayStats") == vouchers.VOID:
        return _void(desk, asked, held)
    if asked.get("ChgAgenCode") in desk.books.switches().refuse_units:
        raise No(vouchers.NO_RIGHT)
    amount, info = vouchers.amount(asked, "Amt"), asked.get("PayInfo", "")
    if held is None:
        held = _new(desk, asked, amount, info, "unpaid")
    elif held.state == "void":
        raise No(vouchers.ALREADY_VOID)
    elif (held.amount_fen, held.info) != (amount, info):
        raise No(vouchers.TAKEN)
    return _ok(PayNo=held.bill_no, PayCode=held.pay_code, PayUrl=desk.pay_url + held.pay_code)


def _void(desk: Desk, asked: Voucher, held: Bill | None) -> Told:
    if held is None:
        _new(desk, asked, 0, "", "void")
    elif held.state == "paid" or any(one.status == "paid" for one in desk.books.payments(held.pay_code)):
        raise No(vouchers.ALREADY_PAID)
    elif held.state == "void":
        raise No(vouchers.ALREADY_VOID)
    else:
        desk.books.set_state(held.pay_code, "void")
    return _ok(PayNo=asked["PayNo"])


def _new(desk: Desk, asked: Voucher, amount: int, info: str, state: str) -> Bill:
    region, year, number = _key(asked)
    code = f"{region}{year[2:]}30{desk.books.serial('pay_code'):010d}"
    bill = Bill(
        code, region, year, number, asked.get("ChgAgenCode", ""), asked.get("ChgAgenName", ""),
        asked.get("PayerName", ""), amount, info, asked.get("EffDate", ""), state,
    )  # fmt: skip
    desk.books.add_bill(bill)
    return bill


def _query(desk: Desk, asked: Voucher) -> Told:
    bill = desk.books.bill_by_number(*_key(asked))
    if bill is None:
        return vouchers.STANDING, ()
    standing = {
        "AdmDivCode": bill.region, "SetYear": bill.year, "PayNo": bill.bill_no, "PayCode": bill.pay_code,
        "PayUrl": desk.pay_url + bill.pay_code, "Amt": yuan(bill.amount_fen), "PayStats": _STATES[bill.state],
    }  # fmt: skip
    paid = desk.books.payments(bill.pay_code) if bill.state == "paid" else []
    words = [vouchers.confirmed(teller.word(one, one.bank_trans_no)) for one in paid if one.status == "paid"]
    return vouchers.STANDING, (standing, *words)


def _receipt_number(desk: Desk, asked: Voucher) -> Told:
    bill = _paid(desk, asked)
    code = f"{bill.region[:2]}0103{bill.year[2:]}"  # 监管机构 2, 分类 2, 种类 2, 年度 2
    held = desk.books.receipt(bill.pay_code, code)
    number = ReceiptNumber(held["code"], held["number"], held["check_code"])
    return _ok(PayNo=bill.bill_no, **vouchers.receipt_fields(number))


def _receipt_issue(desk: Desk, asked: Voucher) -> Told:
    bill, number = _paid(desk, asked), vouchers.receipt_number(asked)
    if not desk.books.receipts(pay_code=bill.pay_code, number=number.number, check_code=number.check_code):
        raise No(vouchers.NO_BILL)
    desk.books.issue_receipt(bill.pay_code)
    return _ok(PayNo=bill.bill_no)


def _receipt_file(desk: Desk, asked: Voucher) -> Told:
    number = vouchers.receipt_number(asked)
    found = desk.books.receipts(code=number.code, number=number.number, check_code=number.check_code)
    bill = desk.books.bill(found[0]["pay_code"]) if found and found[0]["issued"] else None
    if bill is None:
        raise No(vouchers.NO_BILL)
    return _ok(File=base64.b64encode(receipt_pdf.draw(bill, number)).decode())


def _paid(desk: Desk, asked: Voucher) -> Bill:
    bill = desk.books.bill_by_number(*_key(asked))
    if bill is None:
        raise No(vouchers.NO_BILL)
    if bill.state != "paid":
        raise No(vouchers.NOT_PAID)
    return bill


def _key(asked: Voucher) -> tuple[str, str, str]:
    region, year, number = (asked.get(name, "").strip() for name in ("AdmDivCode", "SetYear", "PayNo"))
    if not (len(region) == 6 and region.isdigit() and len(year) == 4 and year.isdigit() and 0 < len(number) <= 20):
        raise vouchers.FieldRefused("PayNo")
    return region, year, number


_ACTS: Mapping[str, Callable[[Desk, Voucher], Told]] = {
    vouchers.PUSH: _push, vouchers.QUERY: _query, vouchers.RECEIPT_NUMBER: _receipt_number,
    vouchers.RECEIPT_ISSUE: _receipt_issue, vouchers.RECEIPT_FILE: _receipt_file,
}  # fmt: skip
