"""财政电子票据 by notice: first the number, then the file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_fees.tables import receipts


@dataclass(frozen=True, slots=True)
class Receipt:
    """`object` is the file's vault id, there to be read once `stored_at` is set."""

    notice_id: UUID
    code: str
    number: str
    check_code: str
    amount_fen: int
    object: UUID
    issued_at: datetime
    stored_at: datetime | None = None


async def add(tx: Tx, receipt: Receipt) -> bool:
    """False when the notice has one already. ValueError for a number that stands on another notice's receipt."""
    row = upsert(receipts).values(**asdict(receipt)).on_conflict_do_nothing()
    added = (await tx.execute(row)).rowcount == 1
    if not added and await find(tx, receipt.notice_id) is None:
        raise ValueError("a receipt's number came for two notices")
    return added


async def find(tx: Tx, notice_id: UUID) -> Receipt | None:
    row = (await tx.execute(select(receipts).where(receipts.c.notice_id == notice_id))).one_or_none()
    return Receipt(**row._mapping) if row else None


async def stored(tx: Tx, notice_id: UUID, at: datetime) -> None:
    await tx.execute(update(receipts).where(receipts.c.notice_id == notice_id).values(stored_at=at))
