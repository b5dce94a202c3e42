"""Sealed columns move to the current key: table by table, batch by batch, each batch in a transaction of its own.

Killed anywhere it goes on where it was: what lies under the current key already is not looked at again. Rows that somebody
holds are left for a later pass, so that it waits for nobody and nobody waits long for it.
"""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, MetaData, Row, Table, bindparam, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping.db import Tx
from mangping.vault import Damaged, Keys

Told = Callable[[str, int, int], None]  # table, rows done, rows there were to do
_BATCH, _PASSES, _REST = 200, 10, 0.5
_HASHES = frozenset({"prev", "hash"})  # of the audit chain: bytes in clear


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table with sealed columns. `about` names each as its writer seals it, with columns of the row in braces
    ("people.name/{id}"); `beside` tells, of what was opened, what else of the row hangs on the key."""

    table: Table
    about: Mapping[str, str]
    beside: Callable[[Keys, Mapping[str, str]], Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """`damaged` are the places (column and row) that none of our keys opens."""

    rows: int = 0
    damaged: frozenset[str] = frozenset()


def uncovered(metadata: MetaData, sealed: Iterable[Sealed]) -> set[str]:
    """Columns of bytes that nobody said how to reseal, and those that were said to be there and are not."""
    held = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values() for column in table.c
        if isinstance(column.type, LargeBinary) and column.name not in _HASHES
    }  # fmt: skip
    return held ^ {f"{one.table.name}.{column}" for one in sealed for column in one.about}


async def left(db: AsyncEngine, keys: Keys, sealed: Sealed) -> int:
    """Rows of which a column lies under another key than the current one."""
    async with db.begin() as tx:
        query = select(func.count()).select_from(sealed.table).where(_older(keys, sealed))
        return (await tx.execute(query)).scalar_one()


async def reseal(db: AsyncEngine, keys: Keys, sealed: Sealed, told: Told) -> Done:
    """All of one table."""
    total, rows, damaged = await left(db, keys, sealed), 0, frozenset[str]()
    for turn in range(_PASSES if total else 0):
        if turn:
            await sleep(_REST)
        last: tuple[Any, ...] | None = None
        while True:
            async with db.begin() as tx:
                found = await _batch(tx, keys, sealed, last)
                again, broken = _anew(keys, sealed, found)
                await _write(tx, sealed, again)
            if not found:
                break
            rows, damaged = rows + len(again), damaged | broken
            last = tuple(found[-1]._mapping[column.name] for column in _key(sealed))
            told(sealed.table.name, rows, total)
        if await left(db, keys, sealed) <= len(damaged):
            break
    return Done(rows, damaged)


async def _batch(tx: Tx, keys: Keys, sealed: Sealed, last: tuple[Any, ...] | None) -> list[Row[Any]]:
    query = select(sealed.table).where(_older(keys, sealed)).order_by(*_key(sealed)).limit(_BATCH)
    if last is not None:
        query = query.where(tuple_(*_key(sealed)) > last)
    return list((await tx.execute(query.with_for_update(skip_locked=True))).all())


def _anew(keys: Keys, sealed: Sealed, found: Iterable[Row[Any]]) -> tuple[list[dict[str, Any]], frozenset[str]]:
    again, damaged = [], set()
    for row in found:
        held = dict(row._mapping)
        abouts = {name: about.format(**held) for name, about in sealed.about.items() if held[name] is not None}
        try:
            opened = {name: keys.open(about, held[name]) for name, about in abouts.items()}
        except Damaged as error:
            damaged.add(str(error))
            continue
        anew: dict[str, Any] = dict.fromkeys(sealed.about)
        anew |= {name: keys.seal(about, opened[name]) for name, about in abouts.items()}
        anew |= sealed.beside(keys, opened) if sealed.beside else {}
        again.append(anew | {f"key_{column.name}": held[column.name] for column in _key(sealed)})
    return again, frozenset(damaged)


async def _write(tx: Tx, sealed: Sealed, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = [name for name in rows[0] if not name.startswith("key_")]
        here = [column == bindparam(f"key_{column.name}") for column in _key(sealed)]
        anew = {name: bindparam(f"new_{name}", type_=sealed.table.c[name].type) for name in names}
        told = [{f"new_{name}" if name in names else name: value for name, value in row.items()} for row in rows]
        await tx.execute(update(sealed.table).where(*here).values(anew), told)


def _older(keys: Keys, sealed: Sealed) -> ColumnElement[bool]:
    mark = keys.current.encode() + b"\0"
    return or_(*(func.substring(sealed.table.c[name], 1, len(mark)) != mark for name in sealed.about))


def _key(sealed: Sealed) -> tuple[Any, ...]:
    return tuple(sealed.table.primary_key.columns)
