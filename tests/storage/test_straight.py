"""A statement that goes straight to the driver is one with the transaction that it stands in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from mangping.db import FAULTS, Straight, begun
from mangping_api.tables import ledger
from mangping_api.wiring import Context
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

AT = datetime(2024, 9, 10, 1, 2, 3, 456789, tzinfo=UTC)
_NAMES = ("message_id", "queue", "kind", "body", "created_at", "not_before")
_BOX = ledger.outbox
ADD = Straight(insert(_BOX).values({name: bindparam(name, type_=_BOX.c[name].type) for name in _NAMES}).inline())
FIND = Straight(select(_BOX).where(_BOX.c.message_id == bindparam("which"), _BOX.c.kind == "Told").limit(1))
HANG_UP = Straight(select(func.pg_terminate_backend(func.pg_backend_pid())))
COUNT = select(func.count()).select_from(_BOX).where(_BOX.c.message_id == bindparam("which"))


def owed(**change: Any) -> dict[str, Any]:
    told = {"名": ["甲", 1, None], "deep": {"quote": "'\"$1"}}
    return {
        "message_id": uuid4(), "queue": "api", "kind": "Told", "body": told, "created_at": AT, "not_before": AT, **change,
    }  # fmt: skip


async def stands(context: Context, which: UUID) -> int:
    async with context.db.begin() as tx:
        return int((await tx.execute(COUNT, {"which": which})).scalar_one())


async def test_values_come_back_as_they_went(context: Context) -> None:
    row = owed()
    async with begun(context.db) as tx:
        assert await ADD.rows(tx, row) == []
        [found] = await FIND.rows(tx, {"which": row["message_id"]})
        assert await FIND.rows(tx, {"which": uuid4()}) == []
    assert {name: found[name] for name in _NAMES} == row
    assert await stands(context, row["message_id"]) == 1


async def test_nothing_is_sent_where_it_would_stand_alone(context: Context) -> None:
    row = owed()
    async with context.db.begin() as tx:
        with pytest.raises(RuntimeError, match="stand alone"):
            await ADD.rows(tx, row)
        await tx.execute(select(1))  # now SQLAlchemy has begun
        await ADD.rows(tx, row)
    assert await stands(context, row["message_id"]) == 1


async def both(context: Context, first: dict[str, Any], second: dict[str, Any], last: str = "") -> None:
    """`first` goes straight, `second` the ordinary way; then what is to fail."""
    async with begun(context.db) as tx:
        await ADD.rows(tx, first)
        await tx.execute(insert(_BOX), second)
        match last:
            case "straight":
                await ADD.rows(tx, first)
            case "ordinary":
                await tx.execute(insert(_BOX), second)
            case "neither":
                raise ZeroDivisionError
            case "server":
                await HANG_UP.rows(tx, {})


@pytest.mark.parametrize(
    ("last", "error"),
    [
        ("straight", asyncpg.UniqueViolationError), ("ordinary", IntegrityError), ("neither", ZeroDivisionError),
        ("server", FAULTS),
    ],
)  # fmt: skip
async def test_what_fails_undoes_all_of_it_and_the_next_transaction_goes_on(
    context: Context, last: str, error: type[Exception]
) -> None:
    first, second = owed(), owed()
    with pytest.raises(error):
        await both(context, first, second, last)
    assert [await stands(context, row["message_id"]) for row in (first, second)] == [0, 0]
    await both(context, first, second)
    assert [await stands(context, row["message_id"]) for row in (first, second)] == [1, 1]


async def test_a_value_that_is_missing_is_an_error_and_no_null(context: Context) -> None:
    row = owed()
    del row["queue"]
    with pytest.raises(KeyError, match="queue"):
        async with begun(context.db) as tx:
            await ADD.rows(tx, row)
