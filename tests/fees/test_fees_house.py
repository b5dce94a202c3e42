"""Every route has its policy, the description is kept and true, the migrated schema is the described one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, Phase, settings
from mangping.contracts import QUEUES
from mangping.machine import Machine, main
from mangping.webhooks import routes as webhooks
from mangping_fees import openapi, schema
from mangping_fees.auth import APPROVE, CASHIER, DELIVER, OWN, POLICIES, READ, SIGNED
from mangping_fees.domain import notice, refund
from mangping_fees.main import build, describe
from mangping_fees.migrate import config
from mangping_fees.tables import SCHEMA, metadata
from mangping_fees.wiring import Context
from mangping_fees.worker import CONSUMES
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)  # fmt: skip
from sqlalchemy import CheckConstraint, Connection, text

from deploy.breaking import breaking, present, released
from deploy.local.servers import free_port
from tests.conftest import ROOT, Env, sql
from tests.processes import running, wait_for

DESCRIBED = describe(build())
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
described_schema = schemathesis.openapi.from_dict(DESCRIBED)


def operations() -> dict[str, str]:
    return {
        operation["operationId"]: method for path in DESCRIBED["paths"].values() for method, operation in path.items()
    }


def test_every_route_names_its_policy_and_no_policy_is_left_over() -> None:
    assert set(POLICIES) == set(operations())


def test_reading_scopes_only_read_and_writing_needs_a_writing_scope() -> None:
    writing = {name for name, method in operations().items() if method != "get"}
    assert {POLICIES[name] for name in writing} == {CASHIER, APPROVE, OWN, DELIVER, SIGNED, webhooks.WRITE}
    assert {POLICIES[name] for name in set(operations()) - writing} == {READ, OWN, webhooks.READ}
    assert {name for name in writing if POLICIES[name] == OWN} == {"open_my_notice"}


def test_every_message_of_our_queue_is_consumed() -> None:
    assert {kind for kind, queue in QUEUES.items() if queue == "mangping:fees"} == set(CONSUMES)


def test_every_operation_is_described_and_the_kept_description_is_the_present_one() -> None:
    told = [operation for path in DESCRIBED["paths"].values() for operation in path.values()]
    assert [operation["operationId"] for operation in told if not operation.get("description")] == []
    kept = (ROOT / "docs/openapi/fees.json").read_text(encoding="utf-8")
    assert kept == openapi.text(), "run: python -m mangping_fees.openapi docs/openapi/fees.json"


def test_nothing_that_was_released_is_broken() -> None:
    assert breaking(*(json.loads(file("fees").read_text("utf-8")) for file in (released, present))) == ()


def test_migrations_have_one_head_and_it_is_what_the_code_asks_for() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [schema.REVISION]


async def test_the_migrated_schema_is_the_described_one(fees: Context) -> None:
    def compare(connection: Connection) -> list[Any]:
        options = {"include_schemas": True, "version_table_schema": SCHEMA, "include_name": _ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with fees.db.connect() as connection:
        assert await connection.run_sync(compare) == []
        checks = await connection.execute(text("select conname from pg_constraint where contype = 'c'"))
        kept = {name for name in checks.scalars() if name.startswith("ck_")}
    assert kept == {
        str(constraint.name)
        for table in metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }


def test_migrating_down_and_up_again(fees_env: Env) -> None:
    ini = ("-m", "alembic", "-c", str(ROOT / "services/fees/alembic.ini"))
    for step in (("downgrade", "base"), ("upgrade", "head")):
        subprocess.run([sys.executable, *ini, *step], env={**os.environ, **fees_env}, check=True, capture_output=True)
    stands = sql(fees_env["DATABASE_URL"], f"select version_num from {SCHEMA}.alembic_version")
    assert stands == schema.REVISION


@pytest.mark.parametrize("machine", [notice.MACHINE, refund.MACHINE])
def test_workflows_are_drawn(machine: Machine[Any, Any, Any], tmp_path: Any) -> None:
    main([str(tmp_path)])
    drawn = (tmp_path / f"{machine.name}.mmd").read_text("utf-8")
    assert drawn == machine.mermaid()
    assert drawn.count("-->") >= len(machine.edges)


@pytest.fixture(scope="module")
def server(fees_env: Env) -> Iterator[str]:
    bind = f"127.0.0.1:{free_port()}"
    with running(("-m", "mangping_fees"), {**fees_env, "MANGPING_FEES_BIND": bind}) as process:

        def answers() -> bool:
            try:
                return httpx.get(f"http://{bind}/readyz", trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        wait_for(answers, "the fees service to answer", process)
        yield f"http://{bind}"


@described_schema.parametrize()
@settings(
    max_examples=4, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_whatever_is_asked_is_answered_as_described(
    case: schemathesis.Case[Any], server: str, token: Callable[..., str]
) -> None:
    scopes = " ".join((READ, CASHIER, APPROVE, OWN, DELIVER, webhooks.READ, webhooks.WRITE))
    case.call_and_validate(server, headers={"Authorization": f"Bearer {token(scope=scopes)}"}, checks=CHECKS)


def _ours(name: str | None, kind: str, parents: Any) -> bool:
    return name == SCHEMA if kind == "schema" else True
