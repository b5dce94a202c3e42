"""Money that came: one row a bank transaction, credit or suspense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from sqlalchemy import Row, exists, func, select, tuple_, update

from mangping_fees.domain.money_in import Payment
from mangping_fees.domain.notice import CREDITED, Doubt
from mangping_fees.domain.payment import Channel
from mangping_fees.tables import notices, payments, receipts, refunds

_payments = payments
_NAMES = tuple(field.name for field in fields(Payment))


@dataclass(frozen=True, slots=True)
class Books:
    """Sums in fen over everything; `bank` is what came in, `refunded` what went back out of it."""

    bank: int
    credit: int
    suspense: int
    paid: int  # of the notices in a paid state
    receipted: int
    receipt_owed: int
    refunded: int

    @property
    def whole(self) -> bool:
        """sum(bank) = sum(paid) + suspense, and what is paid is receipted or its receipt is owed."""
        return (
            self.bank == self.credit + self.suspense
            and self.credit == self.paid
            and self.paid == self.receipted + self.receipt_owed
        )


async def known(tx: Tx, region_code: str, bank_trans_no: str) -> Payment | None:
    where = (_payments.c.region_code == region_code) & (_payments.c.bank_trans_no == bank_trans_no)
    row = (await tx.execute(select(_payments).where(where))).one_or_none()
    return _payment(row) if row else None


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Payment | None:
    query = select(_payments).where(_payments.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _payment(row) if row else None


async def of_notice(tx: Tx, id: UUID) -> list[Payment]:
    rows = await tx.execute(select(_payments).where(_payments.c.notice_id == id).order_by(_payments.c.heard_at))
    return [_payment(row) for row in rows]


async def hold_code(tx: Tx, region_code: str, pay_code: str) -> None:
    """Until the transaction ends: who hears of money for a code that no notice has, and who gives a notice its code, do so
    one after the other. Else the one would not see the notice, the other not the money."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"code:{region_code}:{pay_code}", 0))))


async def unclaimed(tx: Tx, region_code: str, pay_code: str) -> list[Payment]:
    """Money for a code that we did not know when it came, first one first. The code is held from here on."""
    await hold_code(tx, region_code, pay_code)
    query = select(_payments).where(
        _payments.c.region_code == region_code, _payments.c.pay_code == pay_code,
        _payments.c.doubt == Doubt.UNKNOWN_CODE,
    )  # fmt: skip
    rows = await tx.execute(query.order_by(_payments.c.paid_at, _payments.c.id).with_for_update())
    return [_payment(row) for row in rows]


async def assign(tx: Tx, id: UUID, notice_id: UUID, doubt: Doubt | None) -> None:
    """What unclaimed money turned out to be."""
    await tx.execute(update(_payments).where(_payments.c.id == id).values(notice_id=notice_id, doubt=doubt))


async def book(tx: Tx, region_code: str, bank_trans_no: str, day: date) -> None:
    """It belongs to the books of this day, unless it does to another's."""
    where = (_payments.c.region_code == region_code) & (_payments.c.bank_trans_no == bank_trans_no)
    await tx.execute(update(_payments).where(where, _payments.c.books_of.is_(None)).values(books_of=day))


async def suspense(tx: Tx, *, after: Place | None, limit: int) -> list[Payment]:
    query = select(_payments).where(_payments.c.doubt.is_not(None))
    if after is not None:
        query = query.where(tuple_(_payments.c.heard_at, _payments.c.id) < after)
    rows = await tx.execute(query.order_by(_payments.c.heard_at.desc(), _payments.c.id.desc()).limit(limit))
    return [_payment(row) for row in rows]


async def to_reconcile(tx: Tx, *, limit: int) -> Sequence[UUID]:
    """Paid notices whose credit stands in three books that agree."""
    agreed = exists().where(
        _payments.c.notice_id == notices.c.id, _payments.c.doubt.is_(None), _payments.c.books_of.is_not(None)
    )
    query = select(notices.c.id).where(notices.c.state == "paid", agreed).limit(limit)
    return (await tx.execute(query)).scalars().all()


async def books(tx: Tx) -> Books:
    """The whole ledger of money, in one snapshot."""

    def total(column: Any, *where: Any) -> Any:
        return select(func.coalesce(func.sum(column), 0)).where(*where).scalar_subquery()

    receipted = exists().where(receipts.c.notice_id == notices.c.id)
    amount, credited = notices.c.amount_fen, notices.c.state.in_(sorted(CREDITED))
    row = (
        await tx.execute(
            select(
                total(_payments.c.amount_fen).label("bank"),
                total(_payments.c.amount_fen, _payments.c.doubt.is_(None)).label("credit"),
                total(_payments.c.amount_fen, _payments.c.doubt.is_not(None)).label("suspense"),
                total(amount, credited).label("paid"),
                total(receipts.c.amount_fen).label("receipted"),
                total(amount, credited, ~receipted).label("receipt_owed"),
                total(refunds.c.amount_fen, refunds.c.state == "refunded").label("refunded"),
            )
        )
    ).one()
    return Books(*(int(value) for value in row))


def row_of(payment: Payment) -> dict[str, Any]:
    return {name: getattr(payment, name) for name in _NAMES}


def _payment(row: Row[Any]) -> Payment:
    doubt = Doubt(row.doubt) if row.doubt else None
    return Payment(**{**row._mapping, "channel": Channel(row.channel), "doubt": doubt})
