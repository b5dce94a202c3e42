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
from functools import lru_cache

from mangping.errors import Refused

from mangping_fees.domain.payment import Channel

VERSION = "1"
_FIELD = re.compile(r"[0-9A-Za-z._:+-]{1,64}")
COLUMNS = ("pay_code", "bank_trans_no", "amount_fen", "paid_at", "channel", "status")
_MAX_FEN = 10**14


class Source(StrEnum):
    FINANCE = "finance"
    AGENT = "agent"


class LineStatus(StrEnum):
    PAID = "paid"
    REVERSED = "reversed"


_LINE = re.compile(
    rf"D\|{_FIELD.pattern}\|{_FIELD.pattern}\|([0-9]{{1,15}})"
    r"\|(20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-5]):[0-5][0-9]))"
    rf"\|(?:{'|'.join(Channel)})\|({'|'.join(LineStatus)})\n?"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    source: Source
    day: date
    region_code: str
    count: int
    sum_fen: int


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


def lines(told: Head, rest: Iterable[str]) -> Iterator[str]:
    """What follows "D|" of each line after the head, checked and else as it stands: `COLUMNS` parted by "|".

    Refused at the line at fault; at the end when totals or tail do not add up. A million lines pass here: one pattern a
    line, and instants that repeat are read once.
    """
    count = total = 0
    number, tail = 1, False
    for number, text in enumerate(rest, start=2):
        if tail:
            raise unreadable(number)
        if (found := _LINE.fullmatch(text)) is None:
            tail = text.rstrip("\n") == f"T|{told.count}|{told.sum_fen}"
            if not tail:
                raise unreadable(number)
            continue
        amount, instant, status = found.groups()
        if int(amount) > _MAX_FEN or not _real(instant):
            raise unreadable(number)
        count += 1
        total += int(amount) if status == LineStatus.PAID else 0
        yield text[2:]
    if not tail or (count, total) != (told.count, told.sum_fen):
        raise Refused(
            "statement.totals",
            "对账文件的笔数或金额与文件头不符，文件可能不完整。",
            "请向财政或代收银行重新索取该日文件。",
        )


@lru_cache(maxsize=1 << 16)
def _real(instant: str) -> bool:
    """Whether there is such an instant; that it looks like one has been seen."""
    try:
        datetime.fromisoformat(instant)
    except ValueError:
        return False
    return True


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > _MAX_FEN:
        raise ValueError
    return int(text)
