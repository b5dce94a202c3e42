"""The description is kept in the repository, breaks nobody, and the running api does what it says, whoever asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from mangping import rehearsal
from mangping_api import openapi
from mangping_api.domain.access import Role
from mangping_api.main import build, describe
from mangping_api.wiring import Context
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)  # fmt: skip

from deploy.breaking import breaking, released
from deploy.local.servers import free_port
from tests.api.office import IN_WINDOW, PACK, begun, fill, load_pack, open_office
from tests.conftest import ROOT, Env, settings_of
from tests.processes import api

DESCRIBED = describe(build())
OPERATIONS = [operation for path in DESCRIBED["paths"].values() for operation in path.values()]
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
schema = schemathesis.openapi.from_dict(DESCRIBED)


@dataclass(frozen=True)
class Live:
    """A running api with an application under way: the tokens of everybody, and what lies behind the paths."""

    base: str
    tokens: dict[str, str]
    ids: dict[str, str]  # first part of a path -> what it may name


@pytest.fixture(scope="module")
def live(env: Env, token: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    clock = tmp_path_factory.mktemp("rehearsal") / "clock"
    rehearsal.set_to(clock, IN_WINDOW)
    told = {"MANGPING_REHEARSAL_CLOCK": str(clock), "MANGPING_EVENTS_SECONDS": "0.1"}
    with api({**env, **told, "MANGPING_BIND": f"127.0.0.1:{free_port()}"}) as base:
        yield asyncio.run(_peopled(base, {**env, **told}, token))


async def _peopled(base: str, env: Env, token: Callable[..., str]) -> Live:
    context = Context.open(settings_of(env), name="tests")
    async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False) as client:
        office = await open_office(client, context, token)
        programme = await load_pack(office, PACK)
        application = await begun(office, "applicant", programme)
        await fill(office, "applicant", application)
        headers = office.as_("applicant") | {"Content-Type": "application/octet-stream"}
        where = f"/v1/applications/{application}/attachments"
        place = {"column": "education_hours", "item": "ce_certificate"}
        made = await client.post(where, params=place, content=b"\xff\xd8\xff\xe0 page", headers=headers)
        people = {role.value: role for role in Role if role is not Role.ADMINISTRATOR}
        ids = [str(await office.officer(name, role, office.root)) for name, role in people.items()]
    await context.close()
    subjects = {name: name for name in ("applicant", *people)} | {Role.ADMINISTRATOR.value: office.admin}
    tokens = {name: office.as_(subject)["Authorization"] for name, subject in subjects.items()}
    tokens["integrator"] = f"Bearer {token()}"
    things = {
        "applications": str(application), "programmes": str(programme), "organisations": str(office.school),
        "people": ids[0], "attachment": made.json()["id"],
    }  # fmt: skip
    return Live(base, tokens, things)


def test_the_kept_description_is_the_present_one() -> None:
    kept = (ROOT / "docs/openapi/api.json").read_text(encoding="utf-8")
    assert kept == openapi.text(), "run: python -m mangping_api.openapi docs/openapi/api.json"


def test_nothing_that_was_released_is_broken() -> None:
    assert breaking(json.loads(released("api").read_text("utf-8")), DESCRIBED) == ()


def test_every_operation_is_described() -> None:
    assert [one["operationId"] for one in OPERATIONS if not one.get("description")] == []
    assert [one["operationId"] for one in OPERATIONS if one.get("summary", "x").isascii()] == []


def test_every_post_takes_an_idempotency_key() -> None:
    posts = [path["post"] for path in DESCRIBED["paths"].values() if "post" in path]
    keyed = [one for one in posts if any(each["name"] == "Idempotency-Key" for each in one.get("parameters", ()))]
    assert [one["operationId"] for one in keyed] == [one["operationId"] for one in posts]


def test_every_body_has_an_example_that_fits() -> None:
    """What is sent, and what is answered in JSON."""
    schemas = DESCRIBED["components"]["schemas"]
    lacking, wrong = [], []
    for one in OPERATIONS:
        for media, told in _bodies(one):
            asked = told["schema"]
            asked = schemas[asked["$ref"].rpartition("/")[2]] if "$ref" in asked else asked
            examples = [*asked.get("examples", ()), *([told["example"]] if "example" in told else ())]
            if not examples:
                lacking.append((one["operationId"], media))
            checker = jsonschema.Draft202012Validator(
                {**asked, "components": DESCRIBED["components"]}, format_checker=jsonschema.FormatChecker()
            )
            wrong += [(one["operationId"], fault.message) for each in examples for fault in checker.iter_errors(each)]
    assert (lacking, wrong) == ([], [])


def _bodies(operation: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for answer in operation["responses"].values():
        yield from ((media, told) for media, told in answer.get("content", {}).items() if media.endswith("json"))


@schema.parametrize()
@settings(
    max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_whatever_is_asked_by_anybody_is_answered_as_described(case: schemathesis.Case[Any], live: Live) -> None:
    """The integrator asks for what chance gives; people ask for what is there."""
    chance = dict(case.path_parameters or {})
    kind = case.path.split("/")[2]
    there = {"id": live.ids[kind]} if kind in live.ids else {}
    there |= {"attachment": live.ids["attachment"]}
    for who, authorization in live.tokens.items():
        known = {name: there.get(name, value) for name, value in chance.items()}
        case.path_parameters = chance if who == "integrator" else known
        case.call_and_validate(live.base, headers={"Authorization": authorization}, checks=CHECKS)
