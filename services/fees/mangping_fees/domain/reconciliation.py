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
    if all(near_midnight(entry.paid_at, day) for entry in held):
        return Verdict.CUT_OFF
    return Verdict.MISSING_HERE if item.ours is None else Verdict.MISSING_THERE


def near_midnight(instant: datetime, day: date) -> bool:
    """Within the cut-off window at either end of the day."""
    start, end = bounds(day)
    return min(abs(instant - start), abs(instant - end)) <= CUT_OFF


def bounds(day: date) -> tuple[datetime, datetime]:
    """The day in Beijing: [start, end)."""
    start = datetime.combine(day, time(0), BEIJING)
    return start, start + timedelta(days=1)


def books_needed(due_at: datetime, grace_days: int) -> tuple[date, ...]:
    """The days whose books must be closed before a notice due then may expire: its last day, and `grace_days` more."""
    last = (due_at - timedelta(microseconds=1)).astimezone(BEIJING).date()
    return tuple(last + timedelta(days=more) for more in range(grace_days + 1))
