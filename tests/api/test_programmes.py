"""Programmes over HTTP: loaded whole or refused whole, never changed, compared, drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import jsonschema
import pytest
from mangping_api.wiring import Context

from tests.api.office import PACK, Office, load_pack, open_office
from tests.conftest import NewEnv


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    """A database a test: a pack's id is loaded once in each."""
    return new_env()


@pytest.fixture
async def office(client: httpx.AsyncClient, context: Context, token: Callable[..., str]) -> Office:
    return await open_office(client, context, token)


def next_version(text: str) -> str:
    return text.replace("version: 1", "version: 2", 1).replace("amount: 18", "amount: 24", 1)


async def test_a_pack_is_loaded_listed_and_read(office: Office) -> None:
    id = await load_pack(office)
    await office.register("reader")
    [told] = (await office.get("reader", "/v1/programmes")).json()["items"]
    assert told == (await office.get("reader", f"/v1/programmes/{id}")).json()
    assert (told["id"], told["pack"], told["version"], told["year"]) == (str(id), "korla-primary-2024", 1, 2024)
    assert (await office.get("reader", f"/v1/programmes/{uuid4()}")).json()["code"] == "programme.unknown"


async def test_only_administrators_of_the_organisation_load(office: Office) -> None:
    await office.officer("clerk", "office", office.root)
    body = {"organisation": str(office.root), "text": PACK}
    assert (await office.post("clerk", "/v1/programmes", body)).status_code == 403
    body["organisation"] = str(uuid4())
    assert (await office.post(office.admin, "/v1/programmes", body)).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (PACK.replace("region: CN-XJ-KORLA", "regoin: CN-XJ-KORLA"), ("regoin", "不认识的键")),
        (PACK.replace("cite: KP-01}", "cite: KP-99}", 1), ("kinds.0.cite", "规则目录里没有KP-99")),
    ],
)
async def test_a_broken_pack_is_refused_whole_and_says_where(
    office: Office, wrong: str, fault: tuple[str, str]
) -> None:
    answer = await office.post(office.admin, "/v1/programmes", {"organisation": str(office.root), "text": wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, "programme.broken")
    [line] = [one["line"] for one in answer.json()["faults"] if one["key"] == fault[0]]
    marked = next(number for number, text in enumerate(wrong.splitlines(), 1) if "regoin" in text or "KP-99" in text)
    assert line == marked
    assert (await office.get(office.admin, "/v1/programmes")).json()["items"] == []


async def test_a_loaded_version_never_changes_and_the_next_shows_its_difference(office: Office) -> None:
    first = await load_pack(office)
    again = await office.post(office.admin, "/v1/programmes", {"organisation": str(office.root), "text": PACK})
    changed = PACK.replace("amount: 18", "amount: 24", 1)
    same = await office.post(office.admin, "/v1/programmes", {"organisation": str(office.root), "text": changed})
    assert [(one.status_code, one.json()["code"]) for one in (again, same)] == [
        (409, "programme.loaded"), (409, "programme.version"),
    ]  # fmt: skip
    second = await load_pack(office, next_version(PACK))
    told = (await office.get(office.admin, f"/v1/programmes/{second}/changes", since=first)).json()["items"]
    assert told == ["版本：1 → 2", "继续教育 › 要求 › “合计” › 数量：18 → 24（KP-21）"]
    page = (await office.get(office.admin, "/v1/programmes", limit=1)).json()
    rest = (await office.get(office.admin, "/v1/programmes", limit=1, after=page["next"])).json()
    assert [page["items"][0]["id"], rest["items"][0]["id"], rest["next"]] == [str(second), str(first), None]


async def test_the_same_key_loads_once(office: Office) -> None:
    body = {"organisation": str(office.root), "text": PACK}
    answers = [await office.post(office.admin, "/v1/programmes", body, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answers[0].status_code, answers[0].text] == [201, answers[1].text]


async def test_the_form_is_a_json_schema_that_takes_a_filled_form(office: Office) -> None:
    id: UUID = await load_pack(office)
    answer = await office.get(office.admin, f"/v1/programmes/{id}/form")
    assert answer.headers["Content-Type"] == "application/schema+json"
    schema: dict[str, Any] = answer.json()
    jsonschema.Draft202012Validator.check_schema(schema)
    taught = schema["properties"]["basic"]["properties"]["taught_subject"]
    assert (taught["title"], [rule["rule"] for rule in taught["x-rules"]]) == ("任教学科", ["KP-04"])
    check = jsonschema.Draft202012Validator({**schema["properties"]["teaching"], "$schema": schema["$schema"]})
    assert check.is_valid({"class_teacher_years": 3, "lessons_5_years": "无"})
    assert sorted(e.validator for e in check.iter_errors({"class_teacher_years": "三年"})) == ["anyOf", "required"]
    assert schema["x-pack"]["version"] == 1
    assert [text["key"] for text in schema["x-texts"]] == ["pledge"]
