"""The daily files of finance and of the agent, from the books and with the edits that spoil them on purpose.

The format is that of `mangping_fees.domain.statement`; it is written out here once more, by the other side.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from mangping.clock import BEIJING

from deploy.simulators.bank.books import Books


def lines(books: Books, source: str, day: date, region: str) -> Iterator[str]:
    """Head, one line a payment of that Beijing day and region, tail."""
    rows = list(_rows(books, source, day, region))
    total = sum(amount for *_, amount, status in rows if status == "paid")
    yield f"H|1|{source}|{day.isoformat()}|{region}|{len(rows)}|{total}\n"
    for code, trans, paid_at, channel, amount, status in rows:
        yield f"D|{code}|{trans}|{amount}|{paid_at}|{channel}|{status}\n"
    yield f"T|{len(rows)}|{total}\n"


def _rows(books: Books, source: str, day: date, region: str) -> Iterator[tuple[str, str, str, str, int, str]]:
    edits = books.edits(source)
    for one in books.payments():
        omit, amount, status, moved = edits.get(one.bank_trans_no, (False, None, None, None))
        booked = moved or datetime.fromisoformat(one.paid_at).astimezone(BEIJING).date().isoformat()
        if omit or booked != day.isoformat() or one.region != region:
            continue
        yield (
            one.pay_code, one.bank_trans_no, one.paid_at, one.channel,
            one.amount_fen if amount is None else amount, status or one.status,
        )  # fmt: skip
