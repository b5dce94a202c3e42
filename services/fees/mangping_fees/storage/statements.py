"""Daily files: received, then taken line by line, or refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import Row, delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from mangping_fees.domain.cursor import Place
from mangping_fees.domain.statement import COLUMNS, Source
from mangping_fees.tables import SCHEMA, statement_lines, statements

_statements = statements
_BATCH = 2000  # lines


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


async def received(tx: Tx, *, limit: int) -> list[Statement]:
    """Those that wait to be read, oldest first."""
    query = select(_statements).where(_statements.c.state == "received").order_by(_statements.c.received_at)
    return [_statement(row) for row in await tx.execute(query.limit(limit))]


async def newest(tx: Tx, *, after: Place | None, limit: int) -> list[Statement]:
    query = select(_statements)
    if after is not None:
        query = query.where(tuple_(_statements.c.received_at, _statements.c.id) < after)
    query = query.order_by(_statements.c.received_at.desc(), _statements.c.id.desc()).limit(limit)
    return [_statement(row) for row in await tx.execute(query)]


async def save(tx: Tx, statement: Statement) -> None:
    await tx.execute(update(_statements).where(_statements.c.id == statement.id).values(**asdict(statement)))


async def supersede(tx: Tx, region_code: str, day: date, source: Source) -> None:
    """A newer file of the same day and source takes the place of the older one, whose lines go."""
    same = (_statements.c.region_code == region_code) & (_statements.c.day == day) & (_statements.c.source == source)
    old = select(_statements.c.id).where(same, _statements.c.state == "taken").scalar_subquery()
    await tx.execute(delete(statement_lines).where(statement_lines.c.statement_id.in_(old)))
    await tx.execute(update(_statements).where(same, _statements.c.state == "taken").values(state="superseded"))


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
