"""deploy/roles.sql: the owner may migrate; the api may work but neither rewrite its audit nor change its schema."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local.stack import Stack

ROOT = Path(__file__).resolve().parents[2]


def apply(stack: Stack) -> None:
    assert stack.postgres is not None
    stack.postgres.run_file(
        ROOT / "deploy/roles.sql", {"OWNER_DATABASE_PASSWORD": "owner'1", "API_DATABASE_PASSWORD": "api 2"}
    )


@pytest.fixture(scope="module")
def with_roles(own_stack: Stack) -> Stack:
    """Roles, migrated as the owner, roles again: the order in which an operator does it."""
    assert own_stack.postgres is not None
    apply(own_stack)
    url = own_stack.postgres.url("postgresql+asyncpg", user="mangping_owner")
    subprocess.run([sys.executable, "-m", "mangping_api.migrate"], env={**os.environ, "DATABASE_URL": url}, check=True)
    apply(own_stack)
    return own_stack


@pytest.fixture
async def api(with_roles: Stack) -> AsyncIterator[asyncpg.Connection]:
    assert with_roles.postgres is not None
    connection = await asyncpg.connect(with_roles.postgres.url(user="mangping_api"))
    yield connection
    await connection.close()


async def test_the_api_reads_and_writes_its_tables(api: asyncpg.Connection) -> None:
    assert await api.fetchval("select count(*) from review.redaction_jobs") == 0
    assert await api.fetchval("select count(*) from review.alembic_version") == 1
    assert await api.execute("delete from review.inbox") == "DELETE 0"
    assert await api.execute("delete from review.outbox") == "DELETE 0"


@pytest.mark.parametrize(
    "statement",
    [
        "update review.audit set event = 'x'",
        "delete from review.audit",
        "truncate review.audit",
        "update review.alembic_version set version_num = 'x'",
        "create table review.mine (id int)",
        "create table public.mine (id int)",
        "drop table review.redaction_jobs",
        "alter table review.audit disable trigger all",
        "create role other",
        "copy review.audit to program 'cat'",
    ],
)
async def test_the_api_may_not(api: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await api.execute(statement)
