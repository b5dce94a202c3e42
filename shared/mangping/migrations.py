"""How every service migrates: its own schema of DATABASE_URL, and nothing else in that database.

A service's `migrations/env.py` calls `run`, its `migrate.py` calls `to_head`.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from mangping import logs


def config(package: Path) -> Config:
    """For the package in this folder: its migrations lie inside it where it was installed, beside it in the source."""
    folder = next(place for place in (package / "migrations", package.parent / "migrations") if place.is_dir())
    found = Config()
    found.set_main_option("script_location", str(folder))
    return found


def to_head(found: Config) -> None:
    logs.to_stderr()
    command.upgrade(found, "head")


def run(metadata: MetaData, lock: str) -> None:
    """Bring the schema of `metadata` where Alembic was told to. Processes that name the same lock do it one by one."""
    asyncio.run(_run(metadata, lock))


async def _run(metadata: MetaData, lock: str) -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"], hide_parameters=True)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata, lock)
    await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData, lock: str) -> None:
    schema = metadata.schema

    def ours(name: str | None, kind: str, parents: Any) -> bool:
        return name == schema if kind == "schema" else True

    connection.execute(text(f"create schema if not exists {schema}"))
    connection.commit()
    context.configure(
        connection=connection, target_metadata=metadata, version_table_schema=schema, include_schemas=True,
        include_name=ours, compare_server_default=True,
    )  # fmt: skip
    with context.begin_transaction():
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:lock, 0))"), {"lock": lock})
        context.run_migrations()
