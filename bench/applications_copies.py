"""A million copies of one application: its rows as COPY tells them, with other ids, keys and days."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from bench.applications_bare import stripped

_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_JOBS = "select job_id from review.attachments where application_id = '{id}'"
# Which rows belong to an application, in the order in which they may be there.
TABLES: dict[str, str] = {
    "organisations": "id = (select unit from review.applications where id = '{id}')",
    "people": "id = (select person from review.applications where id = '{id}')",
    "applications": "id = '{id}'",
    "application_sections": "application_id = '{id}'",
    "deadlines": "application_id = '{id}'",
    "redaction_jobs": f"id in ({_JOBS})",
    "redaction_pages": f"job_id in ({_JOBS})",
    "attachments": "application_id = '{id}'",
    "submissions": "application_id = '{id}'",
    "desks": "application_id = '{id}'",
    "verdicts": "application_id = '{id}'",
    "sign_offs": "application_id = '{id}'",
    "returns": "application_id = '{id}'",
    "audit": "stream = 'application:{id}' and event not like 'attachment.%'",
}
SCHOOL, APPLICANTS = "organisations", 100  # copies of one school
# Common to all copies; of the organisations, the school is not.
_SHARED = """
select id from review.organisations union all select id from review.programmes
union all select person_id from review.role_grants
"""
_MARKED = """
select p.account, p.id_number_digest, a.created_at, a.unit, o.name,
(select max(d.ranked_at) from review.desks d where d.application_id = a.id and d.closed_at is null) as ranked_at
from review.applications a join review.people p on p.id = a.person join review.organisations o on o.id = a.unit
where a.id = $1
"""
_BATCH = 500  # copies that go over the wire at once
_TOLD = 100_000  # copies after which a long load says how far it is
Piece = bytes | Callable[[int], bytes]


@dataclass(frozen=True)
class Sample:
    """Of each table its columns and its rows, cut at what differs from copy to copy."""

    columns: dict[str, list[str]]
    pieces: dict[str, list[Piece]]


async def sample(url: str, id: str) -> Sample:
    connection: Any = await asyncpg.connect(_plain(url))
    try:
        await connection.execute("set timezone = 'UTC'")
        row = await connection.fetchrow(_MARKED, UUID(id))
        shared = {str(one[0]).encode() for one in await connection.fetch(_SHARED)}
        kept = shared - {str(row["unit"]).encode()}
        columns: dict[str, list[str]] = {}
        pieces: dict[str, list[Piece]] = {}
        for table, where in TABLES.items():
            parts: list[bytes] = []

            async def keep(chunk: bytes, parts: list[bytes] = parts) -> None:
                parts.append(chunk)

            columns[table] = await _columns(connection, table)
            names = ", ".join(f'"{name}"' for name in columns[table])
            query = f"select {names} from review.{table} where {where.format(id=id)}"
            await connection.copy_from_query(query, output=keep)
            marks = _marks(table, row)
            pieces[table] = _cut(b"".join(parts), kept, marks)
        return Sample(columns, pieces)
    finally:
        await connection.close()


async def _columns(connection: Any, table: str) -> list[str]:
    query = (
        "select column_name from information_schema.columns where table_schema = 'review' and table_name = $1 "
        "and is_generated = 'NEVER' order by ordinal_position"
    )
    return [row[0] for row in await connection.fetch(query, table)]


def _marks(table: str, row: Any) -> dict[bytes, Callable[[int], bytes]]:
    """What else must differ: the account and digest of a person, the day of an application, its end at a desk, and how
    a school is called; a school is the same for so many copies."""
    own = _other(row["unit"])
    if table == SCHOOL:
        name: bytes = row["name"].encode()
        return {str(row["unit"]).encode(): own, name: lambda n: b"%b %d" % (name, n)}
    school: dict[bytes, Callable[[int], bytes]] = {str(row["unit"]).encode(): lambda n: own(_school(n))}
    if table == "applications":
        return {**school, _copied(row["created_at"]): _day}
    if table == "desks":
        return {**school, _copied(row["ranked_at"]): _end}
    if table == "people":
        digest = row["id_number_digest"].encode()
        return {
            **school,
            row["account"].encode(): lambda n: b"sub:copy-%d" % n,
            digest: lambda n: digest[:-12] + b"%012d" % n,
        }  # fmt: skip
    return school


def _copied(at: datetime) -> bytes:
    """As COPY writes an instant in the session's zone, UTC."""
    digits = f".{at.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{at:%Y-%m-%d %H:%M:%S}{digits}+00".encode()


def _day(number: int) -> bytes:
    """Some second of 2024 before the model's day."""
    return _some(number, datetime(2024, 1, 1, tzinfo=UTC), 280)


def _end(number: int) -> bytes:
    """Some second of the year about the model's day: one in fifty has passed."""
    return _some(number, datetime(2024, 10, 3, tzinfo=UTC), 365)


def _some(number: int, first: datetime, days: int) -> bytes:
    second = number * 2_654_435_761 % (days * 86_400)
    return f"{first + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}+00".encode()


def _school(number: int) -> int:
    """0 is the model's own."""
    return number // APPLICANTS


def _cut(rows: bytes, kept: set[bytes], marks: dict[bytes, Callable[[int], bytes]]) -> list[Piece]:
    """The rows as fixed bytes and functions of a copy's number."""
    found: list[Piece] = []
    pattern = b"|".join([_UUID.pattern, *map(re.escape, marks)])
    at = 0
    for hit in re.finditer(pattern, rows):
        if hit[0] in kept:
            continue
        found += [rows[at : hit.start()], marks[hit[0]] if hit[0] in marks else _other(UUID(hit[0].decode()))]
        at = hit.end()
    return [*found, rows[at:]]


def _other(id: UUID) -> Callable[[int], bytes]:
    """The same place in another copy: ids differ in their first 32 bits, near for near copies, so that keys are made in
    long runs."""
    head, tail = id.int >> 96, str(id)[8:].encode()
    return lambda n: b"%08x%b" % (head ^ n, tail)


def copy_of(id: str, number: int) -> str:
    """What this id is in a copy, from 1."""
    return _other(UUID(id))(number).decode()


@dataclass(frozen=True)
class Copies:
    sample: Sample
    url: str

    async def make(self, until: int) -> None:
        """So many copies, table by table."""

        def rows(table: str) -> AsyncIterator[bytes]:
            return self._rows(table, _school(until) if table == SCHOOL else until)

        bare = await stripped(_plain(self.url), TABLES)
        await bare.fill(self.sample.columns, rows)

    async def _rows(self, table: str, until: int) -> AsyncIterator[bytes]:
        pieces = self.sample.pieces[table]
        for first in range(1, until + 1, _BATCH):
            last = min(first + _BATCH, until + 1)
            if first > 1 and first % _TOLD == 1:
                print(f"  {table}: {first - 1:,}", file=sys.stderr, flush=True)
            yield b"".join(
                piece if isinstance(piece, bytes) else piece(n) for n in range(first, last) for piece in pieces
            )

    async def gigabytes(self) -> float:
        connection: Any = await asyncpg.connect(_plain(self.url))
        try:
            size: int = await connection.fetchval("select pg_database_size(current_database())")
            return round(size / 2**30, 1)
        finally:
            await connection.close()


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg", "postgresql")
