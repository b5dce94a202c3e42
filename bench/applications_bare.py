"""Tables while a million rows come: no keys, no indexes, no references, and no log of what a lost machine may lose.

As a restore does it: each table is emptied and filled in one transaction, then gets its keys and indexes, then the
references, which are not looked up again.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg

Rows = Callable[[str], AsyncIterator[bytes]]
_AT_ONCE = 2  # tables that are filled side by side
_SETTINGS = (
    "set statement_timeout = 0", "set maintenance_work_mem = '768MB'", "set max_parallel_maintenance_workers = 0",
    "set timezone = 'UTC'",
)  # fmt: skip
_CONSTRAINTS = """
select c.conrelid::regclass::text as table, c.conname as name, c.contype = 'f' as refers,
format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as made
from pg_constraint c where c.connamespace = 'review'::regnamespace and c.conparentid = 0
and (c.contype in ('p', 'u') and c.conrelid = any($1::text[]::regclass[])
     or c.contype = 'f' and (c.conrelid = any($1::text[]::regclass[]) or c.confrelid = any($1::text[]::regclass[])))
order by refers desc
"""
_INDEXES = """
select i.indexname as name, i.indexdef as made, 'review.' || i.tablename as table from pg_indexes i
where i.schemaname = 'review' and 'review.' || i.tablename = any($1::text[])
and not exists (select from pg_constraint c where c.conname = i.indexname)
"""


@dataclass(frozen=True)
class Bare:
    """`made` are the statements that give each table its keys and indexes again, `referred` those that come last."""

    url: str
    made: dict[str, list[str]]
    referred: list[str]

    async def fill(self, columns: dict[str, list[str]], rows: Rows) -> None:
        """Beside what the tables hold already."""
        await _side_by_side(columns, lambda table: self._fill(table, columns[table], rows(table)))
        connection = await _connected(self.url)
        try:
            for statement in self.referred:
                await connection.execute(f"{statement} not valid")
        finally:
            await connection.close()

    async def _fill(self, table: str, columns: list[str], rows: AsyncIterator[bytes]) -> None:
        began, name = time.monotonic(), f"review.{table}"
        connection = await _connected(self.url)
        try:
            async with connection.transaction():
                names = ", ".join(f'"{column}"' for column in columns)
                await connection.execute(f"create temp table kept as select {names} from {name}")
                await connection.execute(f"truncate {name}")
                await connection.execute(f"insert into {name} ({names}) select {names} from kept")
                await connection.copy_to_table(
                    table, schema_name="review", columns=columns, source=rows, freeze=True, timeout=None
                )  # fmt: skip
            copied = time.monotonic()
            for statement in self.made[name]:
                await connection.execute(statement)
            await connection.execute(f"vacuum (analyze) {name}")
        finally:
            await connection.close()
        spent = f"{copied - began:.0f} s, keys and indexes {time.monotonic() - copied:.0f} s"
        print(f"  {table}: {spent}", file=sys.stderr, flush=True)


async def stripped(url: str, tables: Iterable[str]) -> Bare:
    connection = await _connected(url)
    try:
        asked = [f"review.{table}" for table in tables]
        made: dict[str, list[str]] = defaultdict(list)
        referred: list[str] = []
        for one in await connection.fetch(_CONSTRAINTS, asked):
            await connection.execute(f"alter table {one['table']} drop constraint {one['name']}")
            (referred if one["refers"] else made[one["table"]]).append(one["made"])
        for one in await connection.fetch(_INDEXES, asked):
            await connection.execute(f"drop index review.{one['name']}")
            made[one["table"]].append(one["made"])
        return Bare(url, made, referred)
    finally:
        await connection.close()


async def _side_by_side(tables: Iterable[str], act: Callable[[str], Awaitable[None]]) -> None:
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(table: str) -> None:
        async with free:
            await act(table)

    async with asyncio.TaskGroup() as group:
        for table in tables:
            group.create_task(one(table))


async def _connected(url: str) -> Any:
    connection: Any = await asyncpg.connect(url)
    for statement in _SETTINGS:
        await connection.execute(statement)
    return connection
