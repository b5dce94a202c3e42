"""deploy/roles.sql: the owner may migrate; a service may work, but neither rewrite its audit nor see the other's tables."""

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
        ROOT / "deploy/roles.sql",
        {"OWNER_DATABASE_PASSWORD": "owner'1", "API_DATABASE_PASSWORD": "api 2", "FEES_DATABASE_PASSWORD": "fees$3"},
    )


@pytest.fixture(scope="module")
def with_roles(own_stack: Stack) -> Stack:
    """Roles, migrated as the owner, roles again: the order in which an operator does it."""
    assert own_stack.postgres is not None
    apply(own_stack)
    url = own_stack.postgres.url("postgresql+asyncpg", user="mangping_owner")
    for module in ("mangping_api.migrate", "mangping_fees.migrate"):
        subprocess.run([sys.executable, "-m", module], env={**os.environ, "DATABASE_URL": url}, check=True)
    apply(own_stack)
    return own_stack


@pytest.fixture
async def api(with_roles: Stack) -> AsyncIterator[asyncpg.Connection]:
    assert with_roles.postgres is not None
    connection = await asyncpg.connect(with_roles.postgres.url(user="mangping_api"))
    yield connection
    await connection.close()


@pytest.fixture
async def fees(with_roles: Stack) -> AsyncIterator[asyncpg.Connection]:
    assert with_roles.postgres is not None
    connection = await asyncpg.connect(with_roles.postgres.url(user="mangping_fees"))
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
        "update review.verdicts set seen = 'x'",
        "delete from review.sign_offs",
        "delete from review.returns",
        "update review.submissions set at = now()",
        "update review.alembic_version set version_num = 'x'",
        "create table review.mine (id int)",
        "create table public.mine (id int)",
        "drop table review.redaction_jobs",
        "select count(*) from fees.notices",
        "alter table review.audit disable trigger all",
        "create role other",
        "copy review.audit to program 'cat'",
    ],
)
async def test_the_api_may_not(api: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await api.execute(statement)


async def test_the_fees_service_reads_and_writes_its_tables(fees: asyncpg.Connection) -> None:
    assert await fees.fetchval("select count(*) from fees.alembic_version") == 1
    assert await fees.execute("delete from fees.outbox") == "DELETE 0"
    assert await fees.execute("update fees.notices set pay_code = pay_code") == "UPDATE 0"


@pytest.mark.parametrize(
    "statement",
    [
        "update fees.audit set event = 'x'",
        "delete from fees.audit",
        "update fees.alembic_version set version_num = 'x'",
        "create table fees.mine (id int)",
        "drop table fees.payments",
        "select count(*) from review.redaction_jobs",
    ],
)
async def test_the_fees_service_may_not(fees: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fees.execute(statement)
