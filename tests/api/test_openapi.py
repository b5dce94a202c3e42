"""The description is kept in the repository, and the running api does what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from mangping_api import openapi
from mangping_api.main import build, describe
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)  # fmt: skip

from deploy.local.servers import free_port
from tests.conftest import ROOT, Env
from tests.processes import api

DESCRIBED = describe(build())
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
schema = schemathesis.openapi.from_dict(DESCRIBED)


@pytest.fixture(scope="module")
def server(env: Env) -> Iterator[str]:
    with api({**env, "MANGPING_BIND": f"127.0.0.1:{free_port()}"}) as base:
        yield base


def test_the_kept_description_is_the_present_one() -> None:
    kept = (ROOT / "docs/openapi/api.json").read_text(encoding="utf-8")
    assert kept == openapi.text(), "run: python -m mangping_api.openapi docs/openapi/api.json"


def test_every_operation_is_described() -> None:
    operations = [operation for path in DESCRIBED["paths"].values() for operation in path.values()]
    assert [operation["operationId"] for operation in operations if not operation.get("description")] == []


@schema.parametrize()
@settings(
    max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_whatever_is_asked_is_answered_as_described(
    case: schemathesis.Case[Any], server: str, token: Callable[..., str]
) -> None:
    case.call_and_validate(server, headers={"Authorization": f"Bearer {token()}"}, checks=CHECKS)
