"""How units stand: numbers by state and tier, thresholds, explanations, suspension of the following year, loads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from mangping_api.tables import ledger
from mangping_api.wiring import Context
from sqlalchemy import select

from tests.api.office import load_pack
from tests.api.reviewing import STATEMENTS, Tiers
from tests.api.unit_duties import FORWARD_PACK, beijing, certified, ok, posted, put, school
from tests.conftest import NewEnv

RATIO_PACK = FORWARD_PACK.replace(
    "review_duties:\n",
    "review_duties:\n  - {key: unit_ratio, at: [receive], require: unit.ineligible * 10 < unit.applicants || unit.explained, "
    "place: 单位审核质量, message: 不符合条件人员达到或超过10%, cite: KP-45}\n"
    "  - {key: suspended, at: [forward], require: '!unit.suspended', place: 推荐申报权限, message: 已被暂停, cite: KP-45}\n", 1,
).replace(
    "unit_duties:\n",
    "teaching_load:\n  at: [forward]\n  taught: 授课\n  paper: 论文折算\n  once: {cite: KP-10}\n  waivers:\n"
    "    - {kind: 服务基层, years: each, cite: KP-10}\n    - {kind: 攻读学位, years: first, cite: KP-10}\n  conversions:\n"
    "    - {journal: 国家级核心期刊, hours: 10, cite: KP-10}\n  leaves_research: {cite: KP-10}\nunit_duties:\n", 1,
)  # fmt: skip
SHEET = ("xl/worksheets/sheet1.xml",)  # texts stand in the cells: rows are written as they come
LOAD = {
    "claims": [
        {"kind": "授课", "year": 2023, "hours": 100, "evidence": "2023年课表"},
        {"kind": "授课", "year": 2023, "hours": 20, "evidence": "2023年讲座"},
        {"kind": "服务基层", "year": 2022, "evidence": "驻村证明"},
        {"kind": "攻读学位", "year": 2021, "began": 2020, "evidence": "学籍"},
        {
            "kind": "论文折算",
            "year": 2023,
            "hours": 45,
            "evidence": "学报",
            "journal": "国家级核心期刊",
            "title": "某文",
            "chars": 4550,
        },
    ],
    "research": ["另一文"],
}


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
async def tiers(env: dict[str, str], context: Context, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    async with school(env, context, token, "2024-10-10 12:00", RATIO_PACK) as made:
        yield made


async def test_at_ten_percent_not_eligible_the_unit_must_explain_and_is_counted(tiers: Tiers) -> None:
    office = tiers.office
    ids = [await tiers.submitted(f"teacher-{n}") for n in range(3)]
    fine = {"claims": [{"kind": "授课", "year": 2023, "hours": 9, "evidence": "课表"}], "research": []}
    await ok(await put(office, tiers.school, f"/v1/applications/{ids[0]}/teaching-load", fine))
    notice = await posted(tiers, *ids)
    tiers.clock.at = beijing("2024-10-17 09:00")
    await certified(tiers, notice)
    await tiers.signed(tiers.school, ids[0], attested=STATEMENTS)
    await tiers.done(tiers.school, ids[0], "pass")
    await office.officer("root-1", "office", office.root)
    found = {"application": str(ids[1]), "cause": "弄虚作假", "ban": "disqualify", "words": "学历不符"}
    await ok(await office.post("root-1", "/v1/integrity", found), 201)
    tiers.clock.at = beijing("2024-10-28 12:00")
    for who in (tiers.hr, tiers.education):
        await tiers.signed(who, ids[0])
    stopped = await tiers.act(tiers.education, ids[0], "pass")
    assert [one["code"] for one in stopped.json()["findings"] if one["blocking"]] == ["check.unit_ratio"]
    counted = (await ok(await office.get(tiers.school, f"/v1/organisations/{office.school}/statistics",
                                         programme=str(tiers.programme))))["items"]  # fmt: skip
    assert [{name: one[name] for name in ("applicants", "ineligible", "percent", "states", "tiers")} for one in counted] == [
        {
            "applicants": 3, "ineligible": 1, "percent": 33, "states": {"submitted": 2, "disqualified": 1},
            "tiers": {"unit": 1, "city": 1},
        }
    ]  # fmt: skip
    statement = {"programme": str(tiers.programme), "kind": "explanation", "words": "一名申报人学历不符"}
    where = f"/v1/organisations/{office.school}"
    assert (await office.post(tiers.hr, f"{where}/statements", statement)).status_code == 403
    await ok(await office.post(tiers.school, f"{where}/statements", statement), 201)
    assert (await tiers.done(tiers.education, ids[0], "pass"))["state"] == "accepted"
    tiers.clock.at += timedelta(minutes=1)  # the list is in the order of their filing
    measure = {"programme": str(tiers.programme), "kind": "suspension", "words": "暂停次年推荐"}
    assert (await office.post(tiers.school, f"{where}/measures", measure)).status_code == 403
    assert (await ok(await office.post("root-1", f"{where}/measures", measure), 201))["year"] == 2025
    filed = (await ok(await office.get(tiers.school, f"{where}/matters", programme=str(tiers.programme))))["items"]
    assert [(one["kind"], one["year"], one["words"]) for one in filed] == [
        ("explanation", 2024, "一名申报人学历不符"), ("suspension", 2025, "暂停次年推荐"),
    ]  # fmt: skip


async def test_a_suspended_unit_recommends_nobody_the_year_after(
    tiers: Tiers, env: dict[str, str], context: Context, token: Callable[..., str]
) -> None:
    office = tiers.office
    await office.officer("root-1", "office", office.root)
    measure = {"programme": str(tiers.programme), "kind": "suspension", "words": "暂停次年推荐"}
    await ok(await office.post("root-1", f"/v1/organisations/{office.school}/measures", measure), 201)
    later = RATIO_PACK.replace("version: 1\n", "version: 2\n", 1).replace("\nyear: 2024", "\nyear: 2025", 1)
    found: list[Any] = []
    for programme in (tiers.programme, await load_pack(office, later)):
        tiers.programme = programme
        id = await tiers.submitted(f"teacher-{len(found)}")
        await tiers.signed(tiers.school, id, attested=STATEMENTS)
        told = (await tiers.act(tiers.school, id, "pass")).json()["findings"]
        found.append("check.suspended" in [one["code"] for one in told])
    assert found == [False, True]


async def test_a_teaching_load_is_reckoned_by_the_rates_and_told_where_it_is_wrong(tiers: Tiers) -> None:
    id, office = await tiers.submitted("gul"), tiers.office
    told = await ok(await put(office, tiers.school, f"/v1/applications/{id}/teaching-load", LOAD))
    assert told == {"version": 1, "taught": {"2023": 120}, "waived": [2022], "converted": 45}
    await tiers.signed(tiers.school, id, attested=STATEMENTS)
    where = [one["code"] for one in (await tiers.act(tiers.school, id, "pass")).json()["findings"]]
    assert [code for code in where if code.startswith("load.")] == ["load.first_year"]
    twice = {**LOAD, "research": ["某文"]}
    assert (await ok(await put(office, tiers.school, f"/v1/applications/{id}/teaching-load", twice)))["version"] == 2
    where = [one["code"] for one in (await tiers.act(tiers.school, id, "pass")).json()["findings"]]
    assert [code for code in where if code.startswith("load.")] == ["load.first_year", "load.research"]


async def test_the_roster_lists_who_is_on_the_way_and_who_took_it_is_on_record(tiers: Tiers, context: Context) -> None:
    """BZ-47: as the unit hands it in; the same list is the same bytes."""
    office = tiers.office
    first, gone = await tiers.submitted("teacher-a"), await tiers.submitted("teacher-b")
    await office.officer("root-1", "office", office.root)
    found = {"application": str(gone), "cause": "弄虚作假", "ban": "disqualify", "words": "学历不符"}
    await ok(await office.post("root-1", "/v1/integrity", found), 201)
    where, which = f"/v1/organisations/{office.school}/applicants.xlsx", {"programme": str(tiers.programme)}
    tables = [await office.get(who, where, **which) for who in (tiers.school, "root-1")]
    assert tables[0].content == tables[1].content
    assert tables[0].headers["cache-control"] == "private, no-store"
    text = "".join(ZipFile(BytesIO(tables[0].content)).read(name).decode() for name in SHEET)
    number = (await ok(await office.get("teacher-a", "/v1/me")))["id_number"]
    assert [words in text for words in ("申报人员花名册（某市第三中学）", number, "身份证号", "评审费（元）")] == [
        True
    ] * 4
    assert text.count("<row ") == 2 + 1  # title, heads, one applicant
    async with context.db.begin() as tx:
        chain = select(ledger.audit.c.facts).where(ledger.audit.c.event == "unit.applicants_listed")
        assert [one["applications"] for one in (await tx.execute(chain)).scalars()] == [1, 1]
    assert (await office.get(tiers.school, f"/v1/reviews/{first}")).status_code == 200
