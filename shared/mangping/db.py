"""The engine, and names that alembic can find again. Only services open transactions; storage is given one."""

from __future__ import annotations

from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Tx = AsyncConnection  # an open transaction, as storage sees it

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
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"server_settings": {"application_name": name, "statement_timeout": "60000"}},
    )


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
