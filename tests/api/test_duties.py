"""The unit's duties, over HTTP against the real database: deliberation, publicity, objections, recommendation, posts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from mangping_api.wiring import Context
from sqlalchemy import text

from tests.api.office import SECTIONS, UNIT_FACTS, save
from tests.api.reviewing import STATEMENTS, Tiers
from tests.api.unit_duties import (
    MEMBERS,
    STRICT_PACK,
    beijing,
    certified,
    deliberated,
    ok,
    planned,
    posted,
    posting,
    put,
    recommended,
    school,
)
from tests.conftest import NewEnv

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
async def tiers(env: dict[str, str], context: Context, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    """On Thursday 10 October 2024 the school has what an applicant handed in."""
    async with school(env, context, token, "2024-10-10 12:00") as made:
        yield made


@pytest.fixture
async def strict(env: dict[str, str], context: Context, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    async with school(env, context, token, "2024-10-10 12:00", STRICT_PACK) as made:
        yield made


async def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def found(tiers: Tiers, who: str, id: Any) -> list[tuple[str, str]]:
    """What forbids passing it on: (code, place)."""
    answer = await tiers.act(who, id, "pass")
    assert answer.status_code == 422, answer.text
    return [(one["code"], one["place"]) for one in answer.json()["findings"] if one["blocking"]]


async def test_a_school_posts_hears_an_objection_certifies_and_passes_on(tiers: Tiers) -> None:
    id, office = await tiers.submitted("gul"), tiers.office
    await tiers.signed(tiers.school, id, attested=STATEMENTS)
    assert await found(tiers, tiers.school, id) == [("publicity.missing", "单位公示")]
    notice = await posted(tiers, id)
    raised = {
        "application": str(id),
        "channel": "phone",
        "name": "某同志",
        "contact": "13900000000",
        "words": "课时有疑异",
    }
    objection = (await ok(await office.post(tiers.school, f"/v1/postings/{notice}/objections", raised), 201))["id"]
    assert await refusal(await office.post(tiers.school, f"/v1/postings/{notice}/certificate")) == (
        409,
        "posting.running",
    )
    tiers.clock.at = beijing("2024-10-16 23:59:59")
    await tiers.done(tiers.school, id, "claim")
    assert await found(tiers, tiers.school, id) == [
        ("publicity.short", "单位公示"), ("publicity.objection", "公示结果"),
        *[("publicity.certificate", "公示结果证明")] * 3,
    ]  # fmt: skip
    tiers.clock.at = beijing("2024-10-17 00:00")
    assert await refusal(await office.post(tiers.school, f"/v1/postings/{notice}/certificate")) == (
        409,
        "posting.objected",
    )
    settled = {"outcome": "dismissed", "handling": "经查课表属实"}
    where = f"/v1/postings/{notice}/objections/{objection}/settle"
    assert await ok(await office.post(tiers.school, where, settled)) == {"id": objection, "state": "dismissed"}
    assert await refusal(await office.post(tiers.school, where, settled)) == (409, "objection.settled")
    assert await certified(tiers, notice) == {
        "方式": "校务公开栏张贴，并在平台公示", "时间": "2024年10月10日至2024年10月16日",
        "结果": "公示期间未收到投诉、举报，公示无异议",
    }  # fmt: skip
    assert (await tiers.done(tiers.school, id, "pass"))["tier"] == "city"
    line = (await office.get("gul", f"/v1/applications/{id}/timeline")).json()
    [deadline] = [one for one in line["deadlines"] if one["kind"].startswith("publicity.")]
    assert (deadline["title"], deadline["end"], deadline["trace"]) == (
        "单位公示", "2024-10-16T16:00:00Z",
        [
            "自2024年10月10日（星期四）次日起计5个工作日", "2024年10月11日（星期五）为第1个工作日",
            "2024年10月12日（星期六）为第2个工作日", "2024年10月13日（星期日）周末，不计",
            "2024年10月14日（星期一）为第3个工作日", "2024年10月15日（星期二）为第4个工作日",
            "2024年10月16日（星期三）为第5个工作日", "截止2024年10月16日（星期三）24:00",
        ],
    )  # fmt: skip


async def test_an_objection_that_is_so_leaves_no_certificate(tiers: Tiers) -> None:
    id, office = await tiers.submitted("gul"), tiers.office
    notice = await posted(tiers, id)
    raised = {"application": str(id), "channel": "letter", "words": "证书不实"}
    objection = (await ok(await office.post(tiers.school, f"/v1/postings/{notice}/objections", raised), 201))["id"]
    where = f"/v1/postings/{notice}/objections/{objection}/settle"
    await ok(await office.post(tiers.school, where, {"outcome": "upheld", "handling": "属实"}))
    tiers.clock.at = beijing("2024-10-17 09:00")
    assert await refusal(await office.post(tiers.school, f"/v1/postings/{notice}/certificate")) == (
        409,
        "posting.objected",
    )
    stranger = {**raised, "application": str(uuid4())}
    answer = await office.post(tiers.school, f"/v1/postings/{notice}/objections", stranger)
    assert await refusal(answer) == (422, "objection.application")


async def test_photos_are_sealed_pictures_and_a_repeated_request_adds_none(tiers: Tiers, context: Context) -> None:
    id, office = await tiers.submitted("gul"), tiers.office
    notice = await posted(tiers, id)
    where, headers = f"/v1/postings/{notice}/photos", {**office.as_(tiers.school), "Idempotency-Key": "photo-1"}
    first = await office.client.post(where, content=PNG, headers=headers)
    again = await office.client.post(where, content=PNG, headers=headers)
    assert (first.status_code, again.text) == (201, first.text)
    text_file = await office.client.post(where, content=b"words", headers=office.as_(tiers.school))
    assert await refusal(text_file) == (415, "posting.photo")
    assert (await ok(await office.get(tiers.school, f"/v1/postings/{notice}")))["photos"] == 1
    shown = await office.get(tiers.school, f"{where}/1")
    assert (shown.content, shown.headers["Content-Type"]) == (PNG, "image/png")
    assert await refusal(await office.get(tiers.school, f"{where}/2")) == (404, "posting.photo_unknown")
    sealed = await context.vault.get(UUID(first.json()["id"]))
    assert sealed == PNG


async def test_steps_follow_one_another_and_their_days_do_not_overlap(strict: Tiers) -> None:
    id, office = await strict.submitted("gul"), strict.office
    await ok(await put(office, office.admin, f"/v1/organisations/{office.school}/facts",
                       {"facts": {**UNIT_FACTS, "posts_needed": False}}))  # fmt: skip
    assert await refusal(await deliberated(strict, id, "2024-10-10", "2024-10-11")) == (422, "deliberation.days")
    assert await refusal(await deliberated(strict, id, "2024-10-10", "2024-10-10", yes=7)) == (
        422,
        "deliberation.votes",
    )
    outvoted = await deliberated(strict, id, "2024-10-10", "2024-10-10", yes=2, no=4)
    assert await refusal(outvoted) == (422, "deliberation.outvoted")
    await ok(await deliberated(strict, id, "2024-10-10", "2024-10-10"))
    same_day = await posted(strict, id)
    await ok(await office.post(strict.school, f"/v1/postings/{same_day}/withdraw"))
    strict.clock.at = beijing("2024-10-11 09:00")
    notice = await posted(strict, id)
    strict.clock.at = beijing("2024-10-18 09:00")
    await certified(strict, notice)
    await strict.signed(strict.school, id, attested=STATEMENTS)
    assert await found(strict, strict.school, id) == [
        ("check.steps", "推荐程序"), ("fact.unknown", "单位推荐意见"),
    ]  # fmt: skip
    assert (await ok(await recommended(strict, id)))["day"] == "2024-10-18"
    assert (await strict.done(strict.school, id, "pass"))["tier"] == "city"


async def test_the_group_needs_five_to_seven_and_two_thirds_professionals(strict: Tiers) -> None:
    id, office = await strict.submitted("gul"), strict.office
    await ok(await put(office, office.admin, f"/v1/organisations/{office.school}/facts",
                       {"facts": {**UNIT_FACTS, "posts_needed": False}}))  # fmt: skip
    body = {"programme": str(strict.programme), "document_number": "1号", "members": MEMBERS[2:]}
    group = (await ok(await office.post(strict.school, f"/v1/organisations/{office.school}/groups", body), 201))["id"]
    await ok(await deliberated(strict, id, "2024-10-10", "2024-10-10", group=group, yes=4))
    await strict.signed(strict.school, id, attested=STATEMENTS)
    places = [place for _, place in await found(strict, strict.school, id)]
    assert places.count("审议推荐小组") == 1
    other = {**body, "programme": str(uuid4())}
    unknown = await office.post(strict.school, f"/v1/organisations/{office.school}/groups", other)
    assert await refusal(unknown) == (404, "programme.unknown")
    assert await refusal(await deliberated(strict, id, "2024-10-10", "2024-10-10", group=str(uuid4()))) == (
        422, "deliberation.group",
    )  # fmt: skip


async def test_a_change_after_publicity_is_posted_again_for_five_working_days(strict: Tiers) -> None:
    id, office = await strict.submitted("gul"), strict.office
    await ok(await put(office, office.admin, f"/v1/organisations/{office.school}/facts",
                       {"facts": {**UNIT_FACTS, "posts_needed": False}}))  # fmt: skip
    await ok(await deliberated(strict, id, "2024-10-10", "2024-10-10"))
    strict.clock.at = beijing("2024-10-11 09:00")
    notice = await posted(strict, id)
    strict.clock.at = beijing("2024-10-18 09:00")
    await certified(strict, notice)
    await strict.sent_back(strict.school, id, achievements="获奖情况不完整")
    changed = {**SECTIONS["achievements"], "awards": "市级优秀教师"}
    assert (await save(office, "gul", id, "achievements", changed, 1)).status_code == 200
    await ok(await office.post("gul", f"/v1/applications/{id}/submit"))
    await strict.signed(strict.school, id, attested=STATEMENTS)
    assert ("publicity.supplement", "补充公示") in await found(strict, strict.school, id)
    supplement = await posted(strict, id, kind="supplement")
    strict.clock.at = beijing("2024-10-25 23:59:59")
    assert await refusal(await office.post(strict.school, f"/v1/postings/{supplement}/certificate")) == (
        409,
        "posting.running",
    )
    strict.clock.at = beijing("2024-10-26 09:00")
    await ok(await recommended(strict, id))
    await strict.done(strict.school, id, "claim")
    assert (await strict.done(strict.school, id, "pass"))["tier"] == "city"


async def test_two_applicants_never_take_the_last_post_together(strict: Tiers) -> None:
    office = strict.office
    ids = [await strict.submitted(name) for name in ("one", "two", "three")]
    await ok(await put(office, office.admin, f"/v1/organisations/{office.school}/facts",
                       {"facts": {**UNIT_FACTS, "posts_needed": True}}))  # fmt: skip
    assert await refusal(await recommended(strict, ids[0])) == (409, "post_plan.none_left")
    plan = await planned(strict, 1)
    answers = await asyncio.gather(*(recommended(strict, id) for id in ids))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    told = await ok(await office.get(strict.school, f"/v1/post-plans/{plan}"))
    assert (told["used"], told["left"], [one["body"] for one in told["approvals"]]) == (
        1, 0, ["人力资源和社会保障部门", "教育行政部门"],
    )  # fmt: skip
    winner = ids[[answer.status_code for answer in answers].index(200)]
    loser = next(id for id in ids if id != winner)
    assert (await recommended(strict, winner)).status_code == 200  # once more takes no further post
    who = ("one", "two", "three")[ids.index(winner)]
    await ok(await office.post(who, f"/v1/applications/{winner}/withdraw"))
    assert (await recommended(strict, loser)).status_code == 200
    fewer = {"programme": str(strict.programme), "posts": 0}
    where = f"/v1/organisations/{office.school}/post-plan"
    assert await refusal(await put(office, strict.school, where, fewer)) == (409, "post_plan.used")
    more = await ok(await put(office, strict.school, where, {**fewer, "posts": 2}))
    assert (more["version"], (await ok(await office.get(strict.school, f"/v1/post-plans/{plan}")))["approvals"]) == (
        2,
        [],
    )


async def test_one_office_does_not_approve_for_two_bodies(strict: Tiers) -> None:
    office = strict.office
    plan = await planned(strict, 3)
    again = {"body": "另一部门", "organisation": str(strict.bureaux[1]), "version": 1}
    who = strict.education
    assert await refusal(await office.post(who, f"/v1/post-plans/{plan}/approvals", again)) == (
        409,
        "post_plan.approved",
    )
    stale = await office.post(who, f"/v1/post-plans/{plan}/approvals", {**again, "version": 9})
    assert await refusal(stale) == (412, "post_plan.changed")
    foreign = await office.post(
        who, f"/v1/post-plans/{plan}/approvals", {**again, "organisation": str(office.other_school)}
    )
    assert await refusal(foreign) == (403, "post_plan.body")
    assert (await office.get(who, f"/v1/post-plans/{plan}")).status_code == 200
    assert (await office.post(who, f"/v1/post-plans/{plan}/file")).status_code == 403  # that is the unit's own
    await office.officer("elsewhere", "authority", office.other_school)
    assert (await office.post("elsewhere", f"/v1/post-plans/{plan}/approvals", again)).status_code == 403


async def test_ranks_are_unique_and_equals_need_a_reason_of_the_notice(tiers: Tiers) -> None:
    first, second = [await tiers.submitted(name) for name in ("one", "two")]
    office = tiers.office
    told = await ok(await recommended(tiers, first, rank=1, tied=True))
    assert told == {"agrees": True, "day": "2024-10-10", "rank": 1, "tied": True, "reason": None}
    assert await refusal(await recommended(tiers, second, rank=1)) == (409, "recommendation.rank")
    await ok(await recommended(tiers, second, rank=2))
    await tiers.signed(tiers.school, first, attested=STATEMENTS)
    assert ("check.tie_break", "推荐排序") in await found(tiers, tiers.school, first)
    await ok(await recommended(tiers, first, rank=1, tied=True, reason="师德表现突出"))
    assert [place for _, place in await found(tiers, tiers.school, first)] == ["单位公示"]
    listed = (await ok(await office.get(tiers.school, f"/v1/organisations/{office.school}/ranking",
                                       programme=str(tiers.programme))))["items"]  # fmt: skip
    assert [(one["application"], one["rank"], one["reason"], one["compared"]) for one in listed] == [
        (str(first), 1, "师德表现突出", [{"title": "担任班主任年数", "value": "4"}, {"title": "近五年课时量", "value": "3200"}]),
        (str(second), 2, None, [{"title": "担任班主任年数", "value": "4"}, {"title": "近五年课时量", "value": "3200"}]),
    ]  # fmt: skip


async def test_a_pledge_is_signed_once_and_names_who_is_responsible(tiers: Tiers) -> None:
    office, body = tiers.office, {"programme": str(tiers.programme)}
    where = f"/v1/organisations/{office.school}/pledge"
    assert await ok(await office.post(tiers.school, where, body), 201) == {"unit": str(office.school), **body}
    assert await refusal(await office.post(tiers.school, where, body)) == (409, "unit.pledged")


async def test_only_the_unit_of_an_applicant_does_its_duties(tiers: Tiers) -> None:
    """Nobody else, and for nobody's own application: other schools do not even learn that it is there."""
    id, office = await tiers.submitted("gul"), tiers.office
    await office.officer("unit-4", "unit", office.other_school)
    notice = await posted(tiers, id)
    body = {"agrees": True}
    codes = {
        who: (await put(office, who, f"/v1/applications/{id}/recommendation", body)).status_code
        for who in ("gul", "unit-4", tiers.hr, tiers.school)
    }
    assert codes == {"gul": 403, "unit-4": 404, tiers.hr: 404, tiers.school: 200}
    sees = {
        who: (await office.get(who, f"/v1/postings/{notice}")).status_code for who in ("gul", "unit-4", tiers.school)
    }
    assert sees == {"gul": 403, "unit-4": 403, tiers.school: 200}
    foreign = await office.post("unit-4", "/v1/postings", posting(tiers, id))
    assert await refusal(foreign) == (403, "role.missing")
    elsewhere = posting(tiers, id) | {"unit": str(office.other_school)}
    assert await refusal(await office.post("unit-4", "/v1/postings", elsewhere)) == (404, "application.unknown")


async def test_nothing_that_names_a_person_lies_open(tiers: Tiers, context: Context) -> None:
    id, office = await tiers.submitted("gul"), tiers.office
    await ok(await deliberated(tiers, id, "2024-10-10", "2024-10-10", opinion={"工作成绩": "秘密词甲"}))
    notice = await posted(tiers, id)
    raised = {
        "application": str(id),
        "channel": "visit",
        "name": "秘密词乙",
        "contact": "13911112222",
        "words": "秘密词丙",
    }
    await ok(await office.post(tiers.school, f"/v1/postings/{notice}/objections", raised), 201)
    async with context.db.connect() as connection:
        kept = ""
        for table in (
            "deliberations",
            "review_groups",
            "postings",
            "objections",
            "audit",
            "outbox",
            "idempotency_keys",
        ):
            rows = await connection.execute(
                text(f"select coalesce(string_agg(t::text, '|'), '') from review.{table} t")
            )
            kept += rows.scalar_one()
    secrets = ("秘密词甲", "秘密词乙", "秘密词丙", "13911112222", "成员0", "阿依古丽")
    assert [word for word in secrets if word in kept or word.encode().hex() in kept] == []
