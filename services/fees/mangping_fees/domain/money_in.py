"""One bank transaction as our book has it: credit of a notice, or money in suspense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from mangping_fees.domain.notice import Doubt
from mangping_fees.domain.payment import Channel


@dataclass(frozen=True, slots=True)
class Payment:
    """`doubt` is None for credit; `books_of` is the day whose three books agree about it."""

    id: UUID
    region_code: str
    bank_trans_no: str
    pay_code: str
    notice_id: UUID | None
    amount_fen: int
    channel: Channel
    paid_at: datetime
    heard_at: datetime
    doubt: Doubt | None
    books_of: date | None = None
