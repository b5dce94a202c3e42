"""The real stack, started once; each test module gets a database, a Valkey database and a folder of its own."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
import httpx
import pytest
from mangping_api.main import build
from mangping_api.settings import Settings
from mangping_api.wiring import Context

from deploy.local.stack import Stack

Env = dict[str, str]
NewEnv = Callable[..., Env]
SCOPES = "redaction:read redaction:write review:read review:write"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    # Not below pytest's own folder: another run tightens it, and PostgreSQL runs as another user.
    with (
        tempfile.TemporaryDirectory(prefix="mangping-") as folder,
        Stack.start(Path(folder), durable=False, persist_valkey=False) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def new_env(stack: Stack) -> NewEnv:
    """Makes environments: `new_env()` with a fresh migrated database, `new_env(migrated=False)` with an empty one."""
    admin = stack.env["DATABASE_URL"]
    sql(admin, "create database template_api")
    migrate({**stack.env, "DATABASE_URL": _database(stack.env["DATABASE_URL"], "template_api")})

    def make(*, migrated: bool = True) -> Env:
        number = next(_numbers)
        sql(admin, f"create database test_{number} template {'template_api' if migrated else 'template0'}")
        objects = stack.folder / f"objects-{number}"
        return {
            **stack.env,
            "DATABASE_URL": _database(stack.env["DATABASE_URL"], f"test_{number}"),
            "VALKEY_URL": stack.env["VALKEY_URL"].removesuffix("/0") + f"/{number % 15 + 1}",
            "OBJECT_STORE_URL": objects.as_uri(),
        }

    return make


@pytest.fixture(scope="module")
def env(new_env: NewEnv) -> Env:
    return new_env()


@pytest.fixture
async def context(env: Env) -> AsyncIterator[Context]:
    opened = Context.open(settings_of(env), name="tests")
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def token(stack: Stack) -> Callable[..., str]:
    """token() of one integrator with every scope; token("other"), token(scope="redaction:read"), token(exp=1)."""

    def make(subject: str = "integrator", scope: str = SCOPES, **claims: object) -> str:
        return stack.token(subject, scope, **claims)

    return make


@pytest.fixture
async def client(env: Env, context: Context, token: Callable[..., str]) -> AsyncIterator[httpx.AsyncClient]:
    """The app itself, without a socket, as one integrator."""
    app = build(settings_of(env), context=context)
    headers = {"Authorization": f"Bearer {token()}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api", headers=headers) as talking,
    ):
        yield talking


def settings_of(env: Env, **more: str) -> Settings:
    """The settings of this environment; MANGPING_… variables as keywords."""
    with patch.dict(os.environ, {**env, **{f"MANGPING_{name.upper()}": value for name, value in more.items()}}):
        return Settings()


def migrate(env: Env) -> None:
    subprocess.run([sys.executable, "-m", "mangping_api.migrate"], env={**os.environ, **env}, check=True)


def _database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


def sql(url: str, statement: str) -> Any:
    """Run one statement; the first value it gives, if any. May be called from inside a running loop."""

    async def run() -> Any:
        connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(run())).result()


ROOT = Path(__file__).resolve().parents[1]
