"""What lay in clear is sealed where it lies; the step says what it needs, and can be taken back."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

import asyncpg
from mangping.vault import Keys

from tests.conftest import ROOT, Env, NewEnv, migrate

ID, OLD = uuid4(), "0014"
BACK = [{"tier": "unit", "agree": True}, {"tier": "city", "agree": False}]
FILLED = f"""
set session_replication_role = replica;
insert into review.recommendations (application_id, agrees, day, tied, reason, recorded_at, recorded_by)
values ('{ID}', true, '2024-10-10', true, '师德表现突出', now(), '{ID}'),
  ('{uuid4()}', true, '2024-10-10', false, null, now(), '{ID}');
insert into review.postings (id, unit, programme, line, kind, place, storage_place, audience, contact, contents, page, posted_at,
  rule, raw_end, ends_at, calendar, trace, posted_by)
values ('{ID}', '{ID}', '{ID}', '{{}}', 'first', '', '', '', '张老师 13800000000', '{{}}', '', now(), '', now(), now(),
  '', '{{}}', '{ID}');
insert into review.integrity_entries (id, id_number_digests, who, subject, cause, basis, words, effect, organisation, decided_on,
  looked_back, entered_at, entered_by)
values ('{ID}', '{{}}', '', '申报人', '抄袭', '{{}}', '', 'none', '{ID}', '2024-10-10',
  '[{{"tier": "unit", "agree": true, "opinion": "同意"}}, {{"tier": "city", "agree": false, "opinion": "某人"}}]', now(), '{ID}');
"""


def alembic(env: Env, *step: str) -> subprocess.CompletedProcess[str]:
    ini = ("-m", "alembic", "-c", str(ROOT / "services/api/alembic.ini"))
    return subprocess.run([sys.executable, *ini, *step], env=dict(env), capture_output=True, text=True)


async def asked(env: Env, *statements: str) -> list[Any]:
    connection = await asyncpg.connect(env["DATABASE_URL"].replace("postgresql+asyncpg", "postgresql"))
    try:
        return [await connection.fetchval(one) for one in statements]
    finally:
        await connection.close()


async def filled(env: Env) -> None:
    connection = await asyncpg.connect(env["DATABASE_URL"].replace("postgresql+asyncpg", "postgresql"))
    try:
        await connection.execute(FILLED)
    finally:
        await connection.close()


KEPT = (
    f"select reason from review.recommendations where application_id = '{ID}'",
    "select contact from review.postings", "select looked_back from review.integrity_entries",
    "select count(*) from review.recommendations where reason is null",
)  # fmt: skip


def test_words_in_clear_are_sealed_by_the_migration_and_opened_by_its_way_back(new_env: NewEnv) -> None:
    env = new_env()
    full: Env = {**os.environ, **env}
    assert alembic(full, "downgrade", OLD).returncode == 0
    asyncio.run(filled(env))
    without = {name: value for name, value in full.items() if name != "VAULT_KEYS"}
    refused = alembic(without, "upgrade", "head")
    assert (refused.returncode, "run it once with VAULT_KEYS" in refused.stderr, "师德" in refused.stderr) == (
        1,
        True,
        False,
    )
    migrate(env)
    keys = Keys.parse(env["VAULT_KEYS"])
    reason, contact, back, none = asyncio.run(asked(env, *KEPT))
    assert keys.open(f"recommendations.reason/{ID}", reason) == "师德表现突出"
    assert keys.open(f"postings.contact/{ID}", contact) == "张老师 13800000000"
    assert (json.loads(back), none) == (BACK, 1)
    assert alembic(full, "downgrade", OLD).returncode == 0
    assert asyncio.run(asked(env, *KEPT))[:2] == ["师德表现突出", "张老师 13800000000"]


def test_an_empty_database_needs_no_key(new_env: NewEnv) -> None:
    env: Env = {**os.environ, **new_env(migrated=False)}
    made = alembic({name: value for name, value in env.items() if name != "VAULT_KEYS"}, "upgrade", "head")
    assert (made.returncode, made.stderr.count("Error")) == (0, 0)
