"""The daily files: what finance and the collecting agent say was paid on one day. Read line by line, in flat memory.

UTF-8, lines end in LF, fields are parted by "|":

    H|1|agent|2024-09-10|CN-450300|2|76000
    D|<pay_code>|<bank_trans_no>|<amount_fen>|<paid_at, ISO 8601 with offset>|<channel>|<status>
    T|2|76000

Head and tail both carry the count of the D lines and the sum of their fen (reversed lines count as zero), so that a
file that was cut off or patched is refused. `source` is finance or agent, `status` paid or reversed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mangping.errors import Refused

from mangping_fees.domain.payment import Channel

VERSION = "1"
_FIELD = re.compile(r"[0-9A-Za-z._:+-]{1,64}")
_MAX_FEN = 10**14


class Source(StrEnum):
    FINANCE = "finance"
    AGENT = "agent"


class LineStatus(StrEnum):
    PAID = "paid"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Head:
    source: Source
    day: date
    region_code: str
    count: int
    sum_fen: int


@dataclass(frozen=True, slots=True)
class Line:
    pay_code: str
    bank_trans_no: str
    amount_fen: int
    paid_at: datetime
    channel: Channel
    status: LineStatus

    @property
    def fen(self) -> int:
        return self.amount_fen if self.status is LineStatus.PAID else 0


def unreadable(number: int) -> Refused:
    return Refused(
        "statement.unreadable",
        f"对账文件第{number}行格式有误。",
        "请向财政或代收银行重新索取该日文件，勿手工修改。",
    )


def head(text: str) -> Head:
    """The first line. Refused when it is not one."""
    match text.rstrip("\n").split("|"):
        case ["H", version, source, day, region, count, total] if version == VERSION and _FIELD.fullmatch(region):
            try:
                return Head(Source(source), date.fromisoformat(day), region, _whole(count), _whole(total))
            except ValueError:
                pass
    raise unreadable(1)


def lines(told: Head, rest: Iterable[str]) -> Iterator[Line]:
    """The D lines after the head. Refused at the line at fault; at the end when totals or tail do not add up."""
    count = total = 0
    number, tail = 1, False
    for number, text in enumerate(rest, start=2):
        if tail:
            raise unreadable(number)
        fields = text.rstrip("\n").split("|")
        if fields[0] == "T":
            tail = fields == ["T", str(told.count), str(told.sum_fen)]
            if not tail:
                raise unreadable(number)
            continue
        line = _line(fields, number)
        count, total = count + 1, total + line.fen
        yield line
    if not tail or (count, total) != (told.count, told.sum_fen):
        raise Refused(
            "statement.totals",
            "对账文件的笔数或金额与文件头不符，文件可能不完整。",
            "请向财政或代收银行重新索取该日文件。",
        )


def _line(fields: list[str], number: int) -> Line:
    match fields:
        case ["D", pay_code, trans, amount, paid_at, channel, status]:
            try:
                if not (_FIELD.fullmatch(pay_code) and _FIELD.fullmatch(trans)):
                    raise ValueError
                moment = datetime.fromisoformat(paid_at)
                if moment.tzinfo is None:
                    raise ValueError
                return Line(pay_code, trans, _whole(amount), moment, Channel(channel), LineStatus(status))
            except ValueError:
                pass
    raise unreadable(number)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > _MAX_FEN:
        raise ValueError
    return int(text)
