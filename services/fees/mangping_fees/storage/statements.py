"""Daily files: received, then taken line by line, or refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from mangping.cursor import Place
from mangping.db import Tx
from sqlalchemy import Row, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_fees.domain.payment import Channel, Confirmation
from mangping_fees.domain.statement import COLUMNS, LineStatus, Source
from mangping_fees.tables import SCHEMA, statement_lines, statements

_statements = statements
_BATCH = 2000  # lines
_RELEASED = """
update fees.payments p set books_of = null
from fees.statement_lines was left join fees.statement_lines now on now.statement_id = :new
    and now.bank_trans_no = was.bank_trans_no and now.pay_code = was.pay_code and now.amount_fen = was.amount_fen
    and now.status = was.status
where was.statement_id = :old and now.statement_id is null
    and p.region_code = :region and p.bank_trans_no = was.bank_trans_no and p.books_of = :day
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """`id` is also where the file lies in the vault. `state`: received, taken, refused or superseded."""

    id: UUID
    owner: str
    received_at: datetime
    state: str
    sha256: str
    region_code: str | None = None
    day: date | None = None
    source: Source | None = None
    lines: int | None = None
    sum_fen: int | None = None
    refusal: str | None = None


async def add(tx: Tx, statement: Statement) -> bool:
    """False when a file with this hash was received before."""
    row = upsert(_statements).values(**asdict(statement)).on_conflict_do_nothing(index_elements=["sha256"])
    return (await tx.execute(row)).rowcount == 1


async def by_hash(tx: Tx, sha256: str) -> Statement | None:
    row = (await tx.execute(select(_statements).where(_statements.c.sha256 == sha256))).one_or_none()
    return _statement(row) if row else None


async def find(tx: Tx, id: UUID, *, lock: bool = False) -> Statement | None:
    query = select(_statements).where(_statements.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return _statement(row) if row else None


async def received(tx: Tx) -> list[Statement]:
    """All that wait to be read, oldest first: however many cannot be read, they hold up none behind them."""
    query = select(_statements).where(_statements.c.state == "received").order_by(_statements.c.received_at)
    return [_statement(row) for row in await tx.execute(query)]


async def newest(tx: Tx, *, after: Place | None, limit: int) -> list[Statement]:
    query = select(_statements)
    if after is not None:
        query = query.where(tuple_(_statements.c.received_at, _statements.c.id) < after)
    query = query.order_by(_statements.c.received_at.desc(), _statements.c.id.desc()).limit(limit)
    return [_statement(row) for row in await tx.execute(query)]


async def save(tx: Tx, statement: Statement) -> None:
    await tx.execute(update(_statements).where(_statements.c.id == statement.id).values(**asdict(statement)))


async def supersede(tx: Tx, newer: Statement) -> tuple[bool, UUID | None]:
    """(whether it takes the place of the older file of its day and source or is itself the older one, that older file:
    its lines are to go). Two files of one day are taken one after the other."""
    key = f"statement:{newer.region_code}:{newer.day}:{newer.source}"
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    same = (
        (_statements.c.region_code == newer.region_code) & (_statements.c.day == newer.day)
        & (_statements.c.source == newer.source) & (_statements.c.state == "taken")
    )  # fmt: skip
    held = (await tx.execute(select(_statements.c.id, _statements.c.received_at).where(same))).one_or_none()
    if held is not None and held.received_at > newer.received_at:
        return False, None
    if held is None:
        return True, None
    await tx.execute(update(_statements).where(_statements.c.id == held.id).values(state="superseded"))
    return True, held.id


async def drop_lines(tx: Tx, old: UUID, newer: Statement) -> None:
    """The lines of a file that was corrected go. Payments that only they put into the books of the day are out of them."""
    ids = {"old": old, "new": newer.id, "region": newer.region_code, "day": newer.day}
    await tx.execute(text(_RELEASED), ids)
    await tx.execute(delete(statement_lines).where(statement_lines.c.statement_id == old))


async def line(tx: Tx, ids: tuple[UUID, UUID], region_code: str, bank_trans_no: str) -> Confirmation | None:
    """The word that these files have of money that came, the first file's before the second's."""
    held = select(statement_lines).where(
        statement_lines.c.statement_id.in_(ids), statement_lines.c.bank_trans_no == bank_trans_no,
        statement_lines.c.status == LineStatus.PAID,
    )  # fmt: skip
    row = (await tx.execute(held.order_by(statement_lines.c.statement_id != ids[0]).limit(1))).one_or_none()
    if row is None:
        return None
    return Confirmation(
        f"books:{bank_trans_no}", region_code, row.pay_code, bank_trans_no, row.amount_fen, Channel(row.channel),
        row.paid_at,
    )  # fmt: skip


async def be_patient(tx: Tx) -> None:
    """A day may have a million lines: this transaction may take longer than others."""
    await tx.execute(text("set local statement_timeout = '15min'"))


async def copy_lines(tx: Tx, id: UUID, lines: Iterable[str]) -> None:
    """By COPY, in flat memory, lines as `statement.lines` gives them. A bank transaction that stands twice in one file is
    a unique violation."""
    connection: Any = (await tx.get_raw_connection()).driver_connection
    await connection.copy_to_table(
        "statement_lines", schema_name=SCHEMA, columns=("statement_id", *COLUMNS), source=_batches(id, lines),
        delimiter="|",
    )  # fmt: skip


async def _batches(id: UUID, lines: Iterable[str]) -> AsyncIterator[bytes]:
    """Rows for COPY; their fields hold nothing that it would take for more than itself."""
    mark, left = f"{id}|", iter(lines)
    while batch := list(islice(left, _BATCH)):
        yield (mark + mark.join(batch)).encode()


def _statement(row: Row[Any]) -> Statement:
    return Statement(**{**row._mapping, "source": Source(row.source) if row.source else None})
