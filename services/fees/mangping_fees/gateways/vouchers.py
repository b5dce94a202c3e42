"""What the fields of vouchers mean: bills, confirmations, standings, receipts. Pure; both ends of the wire use it.

Amounts travel as decimal yuan text and become int fen at once. Lengths are those of the provincial field tables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from mangping.clock import BEIJING
from mangping.money import fen, yuan

from mangping_fees.domain.payment import Channel, Confirmation
from mangping_fees.gateways.base import BillItem, BillOrder, BillRef, IssuedCode, ReceiptNumber
from mangping_fees.gateways.envelope import Voucher
from mangping_fees.gateways.markup import sayable

PUSH, QUERY, STANDING, CONFIRM, ANSWER = "8994", "8997", "5997", "5996", "5001"
RECEIPT_NUMBER, RECEIPT_ISSUE, RECEIPT_FILE = "8999", "8981", "8982"

UNPAID, PAID, VOID = "0", "1", "2"  # PayStats; 0 and 2 as the field table has them
OK, FAILED = "00000", "99999"
NO_RIGHT, TAKEN, ALREADY_PAID, ALREADY_VOID, NO_BILL, NOT_PAID, TRY_LATER, UNREADABLE = (
    "18012", "18021", "18022", "18023", "18024", "18025", "18098", "18099",
)  # fmt: skip

# PayMode has no public code table: this is the default of a profile, and a profile may bring its own.
PAY_MODES: Mapping[str, Channel] = {
    "01": Channel.COUNTER, "02": Channel.QR, "03": Channel.MOBILE_BANK, "09": Channel.TRANSFER,
}  # fmt: skip

LENGTHS: Mapping[str, int] = {
    "AdmDivCode": 6, "SetYear": 4, "PayNo": 20, "PayCode": 32, "BillDate": 8, "ChgAgenCode": 30, "ChgAgenName": 100,
    "PayerName": 100, "PayerCreditCode": 18, "MobilePhone": 30, "PayInfo": 500, "EffDate": 14,
}  # fmt: skip
_DATE, _TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII), re.compile(r"(\d\d):?(\d\d):?(\d\d)", re.ASCII)
_WORD = re.compile(r"[0-9A-Za-z._:+-]{1,64}")
_RECEIPT = re.compile(r"\d{8}", re.ASCII), re.compile(r"\d{10}", re.ASCII), re.compile(r"[0-9A-Za-z]{6}")
_URL = re.compile(r"https?://[!-~]{1,480}")


class FieldRefused(Exception):
    """A field is missing, too long or means nothing. `field` is its name; its value is never shown."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def bill(order: BillOrder) -> Voucher:
    """An 8994 that asks for a code. FieldRefused for what the wire cannot carry, or items that do not add up."""
    if sum(item.amount_fen for item in order.items) != order.amount_fen or order.amount_fen <= 0:
        raise FieldRefused("Amt")
    until = order.effective_until
    fields = {
        "AdmDivCode": order.region_code, "SetYear": str(order.year), "PayNo": order.bill_no, "PayCode": "",
        "BillDate": f"{order.bill_date:%Y%m%d}", "ChgAgenCode": order.unit_code, "ChgAgenName": order.unit_name,
        "PayerName": order.payer.name, "PayerAcct": "", "PayerOpBk": "", "Amt": yuan(order.amount_fen),
        "OriAmt": yuan(order.amount_fen), "DelayAmt": yuan(0), "PayStats": UNPAID, "RecAcctType": "1", "RecName": "",
        "RecAcct": "", "RecOpBk": "", "IsInterBank": "0", "PayInfo": "#".join(map(_item, order.items)), "Memo": "",
        "CrcCode": "", "MobilePhone": order.payer.mobile, "PayerCreditCode": order.payer.credit_code,
        "IsAutoMake": "0", "EffDate": f"{until.astimezone(BEIJING):%Y%m%d%H%M%S}" if until else "",
    }  # fmt: skip
    return _checked(fields)


def reference(told: BillRef) -> Voucher:
    """Which bill is meant: 8997, 8999, 8981, and the start of a void."""
    return _checked({
        "AdmDivCode": told.region_code, "SetYear": str(told.year), "PayNo": told.bill_no,
        "PayCode": told.pay_code or "",
    })  # fmt: skip


def void(told: BillRef) -> Voucher:
    """An 8994 that takes a bill back."""
    return {**reference(told), "PayStats": VOID}


def _item(item: BillItem) -> str:
    """One part of PayInfo: code|name|amount|unit|quantity|kind of standard|standard."""
    parts = (item.project_code, item.name, yuan(item.amount_fen), item.unit, str(item.quantity), "", item.standard)
    if any(mark in part for part in parts for mark in "|#"):
        raise FieldRefused("PayInfo")
    return "|".join(parts)


def _checked(fields: dict[str, str]) -> Voucher:
    for name, value in fields.items():
        if len(value) > LENGTHS.get(name, 100) or not sayable(value) or "\r" in value:
            raise FieldRefused(name)
    return fields


def code(fields: Voucher, form: re.Pattern[str]) -> IssuedCode:
    """PayCode and PayUrl of an answer. FieldRefused when the code has not this province's form, or the URL is none."""
    pay_code, url = _text(fields, "PayCode"), _text(fields, "PayUrl")
    if not form.fullmatch(pay_code):
        raise FieldRefused("PayCode")
    if not _URL.fullmatch(url):
        raise FieldRefused("PayUrl")
    return IssuedCode(pay_code, url)


def confirmation(fields: Voucher, *, event_id: str, region_code: str, modes: Mapping[str, Channel]) -> Confirmation:
    """A 5996 voucher as word of money. A PayMode that nobody knows is a transfer: never credit, a person looks."""
    return Confirmation(
        event_id=event_id, region_code=_text(fields, "AdmDivCode") or region_code, pay_code=_word(fields, "PayCode"),
        bank_trans_no=_word(fields, "TraNoBus"), amount_fen=amount(fields, "Amt"),
        channel=modes.get(_text(fields, "PayMode"), Channel.TRANSFER), paid_at=_instant(fields),
        unit_code=_text(fields, "ChgAgenCode") or None,
    )  # fmt: skip


def confirmed(word: Confirmation, modes: Mapping[str, Channel] = PAY_MODES) -> Voucher:
    """The 5996 voucher that says this; of a payer it tells nothing."""
    mode = next(mode for mode, channel in modes.items() if channel is word.channel)
    paid_at = word.paid_at.astimezone(BEIJING)
    return {
        "AdmDivCode": word.region_code, "PayCode": word.pay_code, "CfmDate": f"{paid_at:%Y%m%d}",
        "CfmTime": f"{paid_at:%H%M%S}", "Amt": yuan(word.amount_fen), "BankOutlet": "0001", "Operator": "0001",
        "PayMode": mode, "TraNoBus": word.bank_trans_no, "PayerName": "", "PayerAcct": "", "PayerOpBk": "",
        "PayerOpBkNo": "", "RecAcctType": "1", "RecAcct": "", "ChgAgenCode": word.unit_code or "",
    }  # fmt: skip


def receipt_number(fields: Voucher) -> ReceiptNumber:
    """票据代码 8 digits, 票据号码 10 digits, 校验码 6 characters. FieldRefused otherwise."""
    names = ("EInvoiceCode", "EInvoiceNumber", "RandomNumber")
    for name, form in zip(names, _RECEIPT, strict=True):
        if not form.fullmatch(_text(fields, name)):
            raise FieldRefused(name)
    return ReceiptNumber(*(_text(fields, name) for name in names))


def receipt_fields(number: ReceiptNumber) -> Voucher:
    return {"EInvoiceCode": number.code, "EInvoiceNumber": number.number, "RandomNumber": number.check_code}


def amount(fields: Voucher, name: str) -> int:
    """Yuan text as fen, above zero."""
    try:
        held = fen(_text(fields, name))
    except ValueError:
        raise FieldRefused(name) from None
    if held <= 0:
        raise FieldRefused(name)
    return held


def _instant(fields: Voucher) -> datetime:
    day, moment = _DATE.fullmatch(_text(fields, "CfmDate")), _TIME.fullmatch(_text(fields, "CfmTime"))
    if day is None or moment is None:
        raise FieldRefused("CfmDate")
    try:
        year, month, date_ = map(int, day.groups())
        hour, minute, second = map(int, moment.groups())
        return datetime(year, month, date_, hour, minute, second, tzinfo=BEIJING)
    except ValueError:
        raise FieldRefused("CfmDate") from None


def day(text: str) -> date:
    """YYYYMMDD, as BillDate and WorkDate have it."""
    if (read := _DATE.fullmatch(text)) is None:
        raise FieldRefused("BillDate")
    try:
        return date(*map(int, read.groups()))
    except ValueError:
        raise FieldRefused("BillDate") from None


def _word(fields: Voucher, name: str) -> str:
    if not _WORD.fullmatch(held := _text(fields, name)):
        raise FieldRefused(name)
    return held


def _text(fields: Voucher, name: str) -> str:
    return fields.get(name, "").strip()
