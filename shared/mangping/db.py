"""The engine, and names that alembic can find again. Only services open transactions; storage is given one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy import ClauseElement, MetaData, event, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Tx = AsyncConnection  # an open transaction, as storage sees it
# What a database that cannot be reached, or will not do it, makes of a transaction: trying again may help.
FAULTS = (DBAPIError, NoConnection, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

_DIALECT = make_url("postgresql+asyncpg://").get_dialect()()
_RESTED = 2.0  # seconds after which a connection is asked whether anybody still answers it
_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def metadata(schema: str) -> MetaData:
    """The tables of one service live in one schema of their own."""
    return MetaData(schema=schema, naming_convention=_NAMING)


def engine(url: str, *, name: str, pool_size: int = 10) -> AsyncEngine:
    """`url` is postgresql+asyncpg://…; parameters never show in errors or logs, because they may be someone's name."""
    made = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
        connect_args={"server_settings": {"application_name": name, "statement_timeout": "60000"}},
    )
    event.listen(made.sync_engine, "checkin", _put_back)
    event.listen(made.sync_engine, "checkout", _taken_out)
    return made


@lru_cache(maxsize=8)
def single(db: AsyncEngine) -> AsyncEngine:
    """The same pool, for reads of one statement: it is a transaction by itself, and needs no round trips for another."""
    return db.execution_options(isolation_level="AUTOCOMMIT")


def _put_back(_: Any, record: Any) -> None:
    record.info["since"] = time.monotonic()


def _taken_out(connection: Any, record: Any, _: Any) -> None:
    """A dead connection gives way to a new one. `pool_pre_ping` would ask each time, three round trips a transaction;
    that the server hung up is known without asking, so only one that rested is asked."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
    since = record.info.get("since")  # None: just made
    if since is not None and time.monotonic() - since > _RESTED:
        try:
            connection.ping()
        except (connection.dbapi.Error, OSError) as error:
            raise DisconnectionError from error


class Straight:
    """A statement that is built once and goes straight to the driver, past SQLAlchemy's execution, which costs more than
    the driver's own. For the few statements that a load is made of; every other goes the ordinary way.

    Values are bound as the statement's types say; rows come as the driver reads them, and errors are the driver's: FAULTS.
    """

    def __init__(self, statement: ClauseElement) -> None:
        told: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        binds = [told.binds[name] for name in told.positiontup]  # KeyError for `in_`, whose list is not known yet
        self._sql = str(told)
        self._own = {bind.key: bind.value for bind in binds if not bind.required}
        self._binds = [(bind.key, bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)) for bind in binds]

    async def rows(self, tx: Tx, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """`values` by the names of the statement's parameters. RuntimeError when nothing has opened the transaction."""
        driver, given = _driver(tx), {**self._own, **values}
        if not driver.is_in_transaction():
            raise RuntimeError("this statement would stand alone: open the transaction with `begun`")
        bound = (given[name] if bind is None else bind(given[name]) for name, bind in self._binds)
        return [dict(row) for row in await driver.fetch(self._sql, *bound)]


@asynccontextmanager
async def begun(db: AsyncEngine) -> AsyncIterator[Tx]:
    """A transaction that is open before its first statement, for those that are `Straight`: left to itself, SQLAlchemy
    opens one with the first statement of its own. Here what goes the ordinary way stands in a savepoint inside it."""
    async with db.connect() as tx, _driver(tx).transaction(), tx.begin():
        yield tx


def _driver(tx: Tx) -> Any:
    """The asyncpg connection under it."""
    assert tx.sync_connection is not None
    return tx.sync_connection.connection.driver_connection


async def revision(db: AsyncEngine, schema: str) -> str | None:
    """The alembic revision this schema stands at; None before the first migration."""
    async with db.connect() as connection:
        try:
            found = await connection.execute(text(f"select version_num from {schema}.alembic_version"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") in {"42P01", "3F000"}:  # no such table, no such schema
                return None
            raise
        return found.scalar_one_or_none()
