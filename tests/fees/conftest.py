"""The fees service on the real stack: a migrated database a module, and a bank that stands behind the gateways' port."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from mangping.rehearsal import set_to
from mangping_fees.settings import Settings
from mangping_fees.wiring import Context

from tests.conftest import Env, NewEnv, sql
from tests.fees.bank import Bank, Clock, Post

_numbers = itertools.count(1)


def settings_of(env: Env, **more: str) -> Settings:
    """The settings of this environment; MANGPING_FEES_… variables as keywords."""
    with patch.dict(os.environ, {**env, **{f"MANGPING_FEES_{name.upper()}": value for name, value in more.items()}}):
        return Settings()


def rehearsed(file: Path, at: datetime) -> str:
    """A clock for processes: from now on it is `at`."""
    set_to(file, at)
    return str(file)


def _named(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


@pytest.fixture(scope="session")
def fees_template(new_env: NewEnv) -> Env:
    env = new_env(migrated=False)
    subprocess.run([sys.executable, "-m", "mangping_fees.migrate"], env={**os.environ, **env}, check=True)
    return env


@pytest.fixture(scope="module")
def fees_env(fees_template: Env, new_env: NewEnv) -> Env:
    env = new_env(migrated=False)
    name, template = f"fees_{next(_numbers)}", fees_template["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
    sql(env["DATABASE_URL"], f"create database {name} template {template}")
    return {**env, "DATABASE_URL": _named(env["DATABASE_URL"], name)}


@pytest.fixture
def bank() -> Bank:
    return Bank()


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fees(fees_env: Env, bank: Bank, post: Post, clock: Clock) -> AsyncIterator[Context]:
    """One process's context, with the outer walls replaced: bank, couriers, clock."""
    opened = Context.open(settings_of(fees_env, backoff_seconds="0.001"), name="tests")
    yield replace(opened, gateways={"": bank}, courier=post, now=clock)
    await opened.close()
