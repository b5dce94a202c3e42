"""Three books of one day, line by line: ours, finance's, the agent's. Pure verdicts; the joining is storage's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from mangping.clock import BEIJING

from mangping_fees.domain.payment import Channel
from mangping_fees.domain.statement import LineStatus

CUT_OFF = timedelta(hours=1)  # the books may disagree about the day of what was paid from 23:00 to 01:00


class Verdict(StrEnum):
    MATCH = "match"
    MISSING_HERE = "missing_here"  # both files have it, we do not
    MISSING_THERE = "missing_there"  # we have it, a file does not
    AMOUNT = "amount"
    STATUS = "status"
    CUT_OFF = "cut_off"  # paid around midnight: it stands, or will stand, in the neighbouring day's file


class Resolution(StrEnum):
    """How a difference ended: what a cashier may say, and after that what only the clock says."""

    CONFIRMED = "confirmed"  # finance has confirmed that the money is there
    SETTLED_BY_HAND = "settled_by_hand"
    REFUNDED = "refunded"
    FILE_CORRECTED = "file_corrected"
    NEXT_DAY = "next_day"
    NO_FAULT = "no_fault"
    MATCHED_ACROSS = "matched_across"  # the rest of it stands in the books of another day
    ASKED_THERE = "asked_there"  # a line of the neighbouring day tells of it: that difference is the one to deal with
    SUPERSEDED = "superseded"  # a corrected file came: the day was reconciled anew


_AGREED = frozenset({Resolution.NEXT_DAY, Resolution.NO_FAULT})
_ONE_SIDED = frozenset({Verdict.MISSING_HERE, Verdict.MISSING_THERE, Verdict.CUT_OFF})


@dataclass(frozen=True, slots=True)
class Entry:
    """What one book says of a bank transaction."""

    pay_code: str
    amount_fen: int
    paid_at: datetime
    channel: Channel
    status: LineStatus = LineStatus.PAID


@dataclass(frozen=True, slots=True)
class Item:
    """One bank transaction as up to three books have it."""

    bank_trans_no: str
    ours: Entry | None
    finance: Entry | None
    agent: Entry | None


def verdict(item: Item, day: date) -> Verdict:
    """What is to be said of one transaction on its day."""
    books = [item.ours, item.finance, item.agent]
    held = [entry for entry in books if entry is not None]
    if len({(entry.pay_code, entry.amount_fen) for entry in held}) > 1:
        return Verdict.AMOUNT
    if len({entry.status for entry in held}) > 1 or any(entry.status is LineStatus.REVERSED for entry in held):
        return Verdict.STATUS
    if len(held) == len(books):
        return Verdict.MATCH
    if neighbour(item, day) is not None:
        return Verdict.CUT_OFF
    return Verdict.MISSING_HERE if item.ours is None else Verdict.MISSING_THERE


def neighbour(item: Item, day: date) -> date | None:
    """The day in whose books the rest of it may stand: all that is told of it lies in the window around one midnight."""
    held = [entry.paid_at for entry in (item.ours, item.finance, item.agent) if entry is not None]
    start, end = bounds(day)
    for midnight, other in ((start, day - timedelta(days=1)), (end, day + timedelta(days=1))):
        if all(abs(instant - midnight) <= CUT_OFF for instant in held):
            return other
    return None


def stands(resolution: Resolution, of: Verdict) -> bool:
    """Whether a cashier who says so says that the money is in the treasury: then the books agree about it."""
    return resolution is Resolution.CONFIRMED or (resolution in _AGREED and of in _ONE_SIDED)


def bounds(day: date) -> tuple[datetime, datetime]:
    """The day in Beijing: [start, end)."""
    start = datetime.combine(day, time(0), BEIJING)
    return start, start + timedelta(days=1)


def books_needed(due_at: datetime, grace_days: int) -> tuple[date, ...]:
    """The days whose books must be closed before a notice due then may expire: its last day, and `grace_days` more."""
    last = (due_at - timedelta(microseconds=1)).astimezone(BEIJING).date()
    return tuple(last + timedelta(days=more) for more in range(grace_days + 1))
