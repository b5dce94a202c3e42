"""Alembic's door: the schema `fees` of DATABASE_URL, and nothing else in that database."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from alembic import context
from mangping_fees.tables import SCHEMA, metadata
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine


def _ours(name: str | None, kind: str, parents: Any) -> bool:
    return name == SCHEMA if kind == "schema" else True


def _migrate(connection: Connection) -> None:
    connection.execute(text(f"create schema if not exists {SCHEMA}"))
    connection.commit()
    context.configure(
        connection=connection, target_metadata=metadata, version_table_schema=SCHEMA, include_schemas=True,
        include_name=_ours, compare_server_default=True,
    )  # fmt: skip
    with context.begin_transaction():
        # Two processes that migrate at the same time do it one after the other.
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended('mangping-fees-migrations', 0))"))
        context.run_migrations()


async def _run() -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"], hide_parameters=True)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


asyncio.run(_run())
