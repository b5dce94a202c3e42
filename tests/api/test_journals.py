"""Lists of journals: loaded whole, recognised however a number or a title is written, and what they do to papers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from mangping_api.main import build
from mangping_api.wiring import Context

from tests.api.office import Clock, Office, load_pack, open_office, save
from tests.api.unit_duties import beijing, ok
from tests.conftest import ROOT, NewEnv, settings_of

GUILIN = (ROOT / "services/api/policy/guilin-vice-senior-2024.yaml").read_text("utf-8")
RISKY = {"title": "示例教育前沿", "issn": "2096-0042", "cn": "CN 45-1234/G4", "reason": "涉嫌非法出版物"}


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
async def office(env: dict[str, str], context: Context, token: Callable[..., str]) -> AsyncIterator[Office]:
    dated = replace(context, now=Clock(beijing("2024-07-10 10:00")))
    app = build(settings_of(env), context=dated)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client,
    ):
        yield await open_office(client, dated, token)


async def loaded(office: Office, edition: str, *journals: dict[str, str], kind: str = "risk") -> httpx.Response:
    """A minute after the one before."""
    office.context.now.at += timedelta(minutes=1)  # type: ignore[attr-defined]
    body = {
        "organisation": str(office.root), "kind": kind, "name": "风险刊物库" if kind == "risk" else "要目总览",
        "edition": edition, "journals": list(journals),
    }  # fmt: skip
    return await office.post(office.admin, "/v1/journal-lists", body)


async def flags(office: Office, papers: list[dict[str, str]], version: int = 0) -> list[tuple[str, bool]]:
    """What the notice says of an applicant's papers: (rule, blocking)."""
    where = (await ok(await office.get("gul", "/v1/applications")))["items"][0]["id"]
    content = {"papers": papers, "achievements": "无", "advisory": "无"}
    assert (await save(office, "gul", where, "work", content, version)).status_code == 200
    told = (await ok(await office.get("gul", f"/v1/applications/{where}/findings")))["items"]
    return [
        (rule["rule"], one["blocking"]) for one in told for rule in one["rules"] if rule["rule"] in ("GL-65", "GL-66")
    ]


async def test_a_paper_in_a_risky_journal_is_flagged_and_must_be_verified(office: Office) -> None:
    await office.register("gul")
    body = {"programme": str(await load_pack(office, GUILIN)), "kind": "评审", "level": "副高级", "path": "一般"}
    await ok(await office.post("gul", "/v1/applications", body), 201)
    await ok(await loaded(office, "2024-01", RISKY), 201)
    flagged = [("GL-65", False), ("GL-66", True)]
    paper = {"date": "2023-05-01", "what": "某文"}
    written = ["《示例教育前沿》（半月刊）", "示例 教育前沿", "ISSN：２０９６—００４２", "CN45-1234/G4"]
    assert [await flags(office, [{**paper, "journal": name}], at) for at, name in enumerate(written)] == [flagged] * 4
    fine = ["示例教育后沿", "ISSN 2096-0043", "无"]
    assert [await flags(office, [{**paper, "journal": name}], at) for at, name in enumerate(fine, start=4)] == [[]] * 3
    await ok(await loaded(office, "2024-02", {"title": "另一刊"}), 201)  # the newer edition takes the older one's place
    assert await flags(office, [{**paper, "journal": "示例教育前沿"}], 7) == []


async def test_what_is_marked_to_be_covered_is_looked_up_all_the_same(office: Office) -> None:
    """The mark lies beside the form under the field's own name; it never takes the place of what was filled in."""
    await office.register("gul")
    body = {"programme": str(await load_pack(office, GUILIN)), "kind": "评审", "level": "副高级", "path": "一般"}
    where = (await ok(await office.post("gul", "/v1/applications", body), 201))["id"]
    await ok(await loaded(office, "2024-01", RISKY), 201)
    assert (await save(office, "gul", where, "covered", {"papers": True}, 0)).status_code == 200
    paper = {"date": "2023-05-01", "what": "某文", "journal": "示例教育前沿"}
    assert await flags(office, [paper]) == [("GL-65", False), ("GL-66", True)]


@pytest.mark.parametrize(
    ("journal", "code"),
    [
        ({"title": "某刊", "issn": "2096-0043"}, "journal.issn"), ({"title": "某刊", "cn": "45/1234"}, "journal.cn"),
        ({"reason": "没有刊名"}, "journal.unmarked"),
    ],
)  # fmt: skip
async def test_a_list_with_one_wrong_line_is_refused_whole(office: Office, journal: dict[str, str], code: str) -> None:
    answer = await loaded(office, "2024-01", RISKY, journal)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await ok(await office.get(office.admin, "/v1/journal-lists")))["items"] == []


async def test_an_edition_is_loaded_once_by_administrators_and_looked_up_by_anyone(office: Office) -> None:
    await office.register("gul")
    await ok(await loaded(office, "2020", {"title": "示例学报", "issn": "0000-0019"}, kind="core"), 201)
    await ok(await loaded(office, "2023", {"title": "示例学报", "issn": "0000-0019"}, kind="core"), 201)
    again = await loaded(office, "2023", RISKY, kind="core")
    assert (again.status_code, again.json()["code"]) == (409, "journal.loaded")
    body: dict[str, Any] = {
        "organisation": str(office.root),
        "kind": "risk",
        "name": "x",
        "edition": "1",
        "journals": [RISKY],
    }
    assert (await office.post("gul", "/v1/journal-lists", body)).status_code == 403
    found = (await ok(await office.post("gul", "/v1/journals/search", {"issn": "0000 0019"})))["items"]
    assert [(one["list"], one["edition"], one["title"]) for one in found] == [
        ("要目总览", "2023", "示例学报"), ("要目总览", "2020", "示例学报"),
    ]  # fmt: skip
