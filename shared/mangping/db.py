"""The engine, and names that alembic can find again. Only services open transactions; storage is given one."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import MetaData, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Tx = AsyncConnection  # an open transaction, as storage sees it

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
