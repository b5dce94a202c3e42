"""Words that several services say: the audit stream of a notice, and messages to the api."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from mangping.contracts import Message
from mangping.db import Tx

from mangping_fees.domain.notice import Notice
from mangping_fees.storage import notices
from mangping_fees.tables import ledger


def stream(notice: Notice) -> str:
    return f"notice:{notice.id}"


async def applications(tx: Tx, notice: Notice) -> tuple[UUID, ...]:
    """Whose fee it is, in the order of the roster."""
    return tuple(dict.fromkeys(line.application_id for line in await notices.lines(tx, notice.id)))


async def tell(tx: Tx, message: Message, at: datetime) -> None:
    """Owe the api this message, in the transaction that made it true."""
    await ledger.post(tx, {uuid4(): message}, at=at, not_before=at)
