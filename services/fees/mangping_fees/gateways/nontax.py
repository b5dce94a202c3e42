"""The port over the provincial socket protocol: one short connection a call, every wait and every frame bounded.

Whatever keeps an answer from being believed (no connection, no time, a bad trailer, markup that is refused, an answer
to another question) is `Unknown`: the call may have been heard. Ask `query` before calling again.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from mangping.clock import BEIJING, Now

from mangping_fees.domain.payment import Channel
from mangping_fees.gateways import frames, vouchers
from mangping_fees.gateways.base import (
    Absent,
    BillOrder,
    BillRef,
    Declined,
    IssuedCode,
    Paid,
    PaymentStatus,
    ReceiptFile,
    ReceiptNumber,
    Unknown,
    Unpaid,
    Voided,
)
from mangping_fees.gateways.envelope import Message, Voucher, read_message, write_message
from mangping_fees.gateways.markup import MarkupRefused
from mangping_fees.gateways.vouchers import FieldRefused

MAX_ANSWER = 8 * 1024 * 1024  # bytes: a receipt's PDF comes as base64 in base64
T = TypeVar("T")
Count = Callable[[str], None]  # told a stable word for each thing refused


def _uncounted(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Profile:
    """One region's finance system. `token` is shared with it; the codes of both ends are told in every head."""

    region_code: str  # 行政区划, 6 digits
    host: str
    port: int
    token: bytes = field(repr=False)
    source: str = "F450300"
    target: str = "K450300"
    pay_code: re.Pattern[str] = re.compile(r"\d{16,30}", re.ASCII)
    pay_modes: Mapping[str, Channel] = field(default_factory=lambda: vouchers.PAY_MODES)
    wait_s: float = 30.0  # for a whole call
    tls: ssl.SSLContext | None = None  # of the calling side


class NonTax:
    """Implements `base.Gateway`. `count` hears why an answer was not believed."""

    def __init__(self, profile: Profile, now: Now, count: Count = _uncounted) -> None:
        self._profile, self._now, self._count = profile, now, count

    async def issue(self, order: BillOrder) -> IssuedCode | Declined | Unknown:
        try:
            fields = vouchers.bill(order)
        except FieldRefused as refused:
            return Declined(f"local.{refused.field}")
        answer = await self._ask(vouchers.PUSH, vouchers.ANSWER, fields, order.region_code, order.year)
        if isinstance(answer, Unknown):
            return answer
        if (result := _result(answer)) != vouchers.OK:
            return Declined(result)
        return self._believe(lambda: vouchers.code(_about(answer[0], order.bill_no), self._profile.pay_code))

    async def query(self, bill: BillRef) -> PaymentStatus:
        fields = vouchers.reference(bill)
        answer = await self._ask(vouchers.QUERY, vouchers.STANDING, fields, bill.region_code, bill.year)
        if isinstance(answer, Unknown):
            return answer
        return self._believe(lambda: self._standing(answer, bill))

    async def void(self, bill: BillRef) -> Voided | Paid | Declined | Unknown:
        fields = vouchers.void(bill)
        answer = await self._ask(vouchers.PUSH, vouchers.ANSWER, fields, bill.region_code, bill.year)
        if isinstance(answer, Unknown):
            return answer
        result = _result(answer)
        if result in (vouchers.OK, vouchers.ALREADY_VOID):
            return Voided()
        if result == vouchers.ALREADY_PAID:
            status = await self.query(bill)
            return status if isinstance(status, Paid | Unknown) else Unknown("contradiction")
        return Declined(result)

    async def issue_receipt(self, bill: BillRef) -> ReceiptNumber | Declined | Unknown:
        """A number first (the same one at every call), then the receipt under it: a lost answer repeats both."""
        fields = vouchers.reference(bill)
        answer = await self._ask(vouchers.RECEIPT_NUMBER, vouchers.ANSWER, fields, bill.region_code, bill.year)
        if isinstance(answer, Unknown):
            return answer
        if (result := _result(answer)) != vouchers.OK:
            return Declined(result)
        told = answer[0]
        number = self._believe(lambda: vouchers.receipt_number(told))
        if isinstance(number, Unknown):
            return number
        fields = {**fields, **vouchers.receipt_fields(number)}
        answer = await self._ask(vouchers.RECEIPT_ISSUE, vouchers.ANSWER, fields, bill.region_code, bill.year)
        if isinstance(answer, Unknown):
            return answer
        return number if (result := _result(answer)) == vouchers.OK else Declined(result)

    async def fetch_receipt(self, receipt: ReceiptNumber) -> ReceiptFile | Declined | Unknown:
        fields = vouchers.receipt_fields(receipt)
        region = self._profile.region_code
        answer = await self._ask(vouchers.RECEIPT_FILE, vouchers.ANSWER, fields, region, self._now().year)
        if isinstance(answer, Unknown):
            return answer
        if (result := _result(answer)) != vouchers.OK:
            return Declined(result)
        return self._believe(lambda: _file(answer[0]))

    def _standing(self, answer: tuple[Voucher, ...], bill: BillRef) -> PaymentStatus:
        """The first voucher says how the bill stands, each further one is a payment."""
        if not answer:
            return Absent()
        told = _about(answer[0], bill.bill_no)
        code = vouchers.code(told, self._profile.pay_code)
        if bill.pay_code not in (None, code.pay_code):
            raise FieldRefused("PayCode")
        match told.get("PayStats"), len(answer):
            case vouchers.UNPAID, 1:
                return Unpaid(code)
            case vouchers.PAID, count if count > 1:
                found = tuple(
                    vouchers.confirmation(
                        payment, event_id=f"query:{payment.get('TraNoBus', '').strip()}",
                        region_code=self._profile.region_code, modes=self._profile.pay_modes,
                    )
                    for payment in answer[1:]
                )  # fmt: skip
                if any(word.pay_code != code.pay_code for word in found):
                    raise FieldRefused("PayCode")
                return Paid(code, found)
            case vouchers.VOID, _:
                return Voided()
        raise FieldRefused("PayStats")

    def _believe(self, told: Callable[[], T]) -> T | Unknown:
        try:
            return told()
        except (FieldRefused, MarkupRefused):
            return self._unknown("field")

    def _unknown(self, reason: str) -> Unknown:
        self._count(reason)
        return Unknown(reason)

    async def _ask(
        self, number: str, expected: str, fields: Voucher, division: str, year: int
    ) -> tuple[Voucher, ...] | Unknown:
        """One question, one answer, one connection. The vouchers of the answer, or why there is none to believe."""
        at, ours = self._now().astimezone(BEIJING), secrets.token_hex(16)
        asked = Message(
            number, ours, ours, self._profile.source, self._profile.target, f"{at:%Y%m%d}", (fields,),
            division, str(year),
        )  # fmt: skip
        frame = frames.Frame(number, write_message(asked))
        try:
            async with asyncio.timeout(self._profile.wait_s):
                got = await self._exchange(frames.pack(frame, self._profile.token))
        except TimeoutError:
            return self._unknown("timeout")
        except OSError:
            return self._unknown("unreachable")
        except frames.FrameRefused as refused:
            return self._unknown(refused.fault)
        if got is None:
            return self._unknown("no_answer")
        try:
            answer = read_message(got.xml, got.number)
        except MarkupRefused:
            return self._unknown("markup")
        if answer.ref != ours:  # an answer to another question, or an old one played again
            return self._unknown("other_answer")
        if answer.number == vouchers.ANSWER and _result(answer.vouchers) == vouchers.TRY_LATER:
            return self._unknown("later")
        if answer.number != expected:
            return self._unknown(f"result_{_result(answer.vouchers)}"[:32])
        return answer.vouchers

    async def _exchange(self, data: bytes) -> frames.Frame | None:
        profile = self._profile
        reader, writer = await asyncio.open_connection(profile.host, profile.port, ssl=profile.tls)
        try:
            writer.write(data)
            await writer.drain()
            return await frames.read(reader, profile.token, limit=MAX_ANSWER)
        finally:
            writer.transport.abort()  # nothing is owed to anyone any more, and a polite end could wait for ever


def _result(answer: tuple[Voucher, ...]) -> str:
    """The result code of a 5001; what tells none is a failure."""
    told = answer[0].get("Result", "").strip() if answer else ""
    return told if re.fullmatch(r"[0-9]{5}", told) else vouchers.FAILED


def _about(fields: Voucher, bill_no: str) -> Voucher:
    """The same fields, when they are about our bill."""
    if fields.get("PayNo", "").strip() != bill_no:
        raise FieldRefused("PayNo")
    return fields


def _file(fields: Voucher) -> ReceiptFile:
    try:
        content = base64.b64decode("".join(fields.get("File", "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise FieldRefused("File") from None
    if not content.startswith(b"%PDF-"):
        raise FieldRefused("File")
    return ReceiptFile(content)
