"""Every route has its policy, every message its consumer, every table its migration."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from mangping.contracts import QUEUES, Message
from mangping.db import revision
from mangping.webhooks import routes as webhooks
from mangping_api import schema
from mangping_api.auth import ACCESS, POLICIES, PUBLIC, READ, REPORT, REVIEW_READ, REVIEW_WRITE, WRITE
from mangping_api.main import build, describe
from mangping_api.migrate import config
from mangping_api.tables import SCHEMA, metadata
from mangping_api.wiring import Context
from mangping_api.worker import CONSUMES, HEARD
from mangping_fees.worker import CONSUMES as FEES_CONSUMES
from mangping_redaction.worker import Settings, Worker, consumes
from sqlalchemy import CheckConstraint, Connection, text

from tests.conftest import Env, migrate

WRITING = {"post", "put", "patch", "delete"}


def operations() -> dict[str, str]:
    """{operation: method} of everything that is described; what is not described is health and metrics."""
    described = describe(build())["paths"]
    return {operation["operationId"]: method for path in described.values() for method, operation in path.items()}


def test_every_route_names_its_policy_and_no_policy_is_left_over() -> None:
    assert set(POLICIES) == set(operations())


def test_what_writes_needs_the_writing_scope() -> None:
    asked = {name: "write" if method in WRITING else "read" for name, method in operations().items()}
    public = {name for name, scope in POLICIES.items() if scope == PUBLIC}
    scopes = {name: "read" if name in public else scope.partition(":")[2] for name, scope in POLICIES.items()}
    assert scopes == asked
    own = {READ, WRITE, REVIEW_READ, REVIEW_WRITE, REPORT, PUBLIC}
    assert set(POLICIES.values()) == own | {webhooks.READ, webhooks.WRITE}


def test_every_route_of_the_review_names_its_policy_for_the_things_it_serves() -> None:
    review = {name for name, scope in POLICIES.items() if scope in (REVIEW_READ, REVIEW_WRITE)}
    assert set(ACCESS) == review - {"register_me"}  # before registering nobody is anybody


async def test_a_route_without_a_policy_lets_nobody_in(client: Any, monkeypatch: Any) -> None:
    monkeypatch.delitem(POLICIES, "list_redaction_jobs")
    answer = await client.get("/v1/redaction-jobs")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope.missing")


def test_every_message_has_one_queue_and_one_consumer() -> None:
    worker = Worker(None, None, None, None, 1.0)  # type: ignore[arg-type]
    consumed = [kind.__name__ for kind in (*CONSUMES, *HEARD, *FEES_CONSUMES, *consumes(worker))]
    assert sorted(consumed) == sorted({kind.__name__ for kind in Message.__subclasses__()})
    assert set(QUEUES) == set(Message.__subclasses__())


def test_the_redaction_worker_is_given_queue_store_and_keys_and_no_database() -> None:
    secrets = {field.validation_alias for field in Settings.model_fields.values() if field.validation_alias}
    assert secrets == {"VALKEY_URL", "OBJECT_STORE_URL", "VAULT_KEYS"}


def test_migrations_have_one_head_and_it_is_what_the_code_asks_for() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [schema.REVISION]


async def test_the_migrated_schema_is_the_described_one(context: Context) -> None:
    def compare(connection: Connection) -> list[Any]:
        options = {"include_schemas": True, "version_table_schema": SCHEMA, "include_name": _ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with context.db.connect() as connection:
        assert await connection.run_sync(compare) == []
        checks = await connection.execute(text("select conname from pg_constraint where contype = 'c'"))
        kept = {name for name in checks.scalars() if name.startswith("ck_")}
    described = {
        str(constraint.name)
        for table in metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert kept == described


async def test_migrating_again_changes_nothing(env: Env, context: Context) -> None:
    migrate(env)
    assert await revision(context.db, SCHEMA) == schema.REVISION


def _ours(name: str | None, kind: str, parents: Any) -> bool:
    return name == SCHEMA if kind == "schema" else True
