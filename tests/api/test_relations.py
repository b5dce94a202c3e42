"""Nobody acts for their office on their own application or on one they recused themselves from, nor reads who complained."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from mangping_api.wiring import Context

from tests.api.reviewing import STATEMENTS, Tiers
from tests.api.unit_duties import beijing, certified, deliberated, ok, posted, posting, recommended, school
from tests.conftest import NewEnv

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
RELATED = (403, "review.related")
SETTLED = {"outcome": "dismissed", "handling": "经查属实"}


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
async def tiers(env: dict[str, str], context: Context, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    async with school(env, context, token, "2024-10-10 12:00") as made:
        yield made


async def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def applying_officer(tiers: Tiers, who: str, role: str, place: UUID) -> UUID:
    """Somebody who has handed in an application and is an officer beside; the application."""
    id = await tiers.submitted(who)
    person = (await ok(await tiers.office.get(who, "/v1/me")))["id"]
    body = {"role": role, "organisation": str(place)}
    assert (await tiers.office.post(tiers.office.admin, f"/v1/people/{person}/roles", body)).status_code == 201
    return id


async def objected(tiers: Tiers, notice: str, id: UUID) -> str:
    raised = {"application": str(id), "channel": "phone", "name": "某同志", "contact": "13900000000", "words": "有疑异"}
    answer = await tiers.office.post(tiers.school, f"/v1/postings/{notice}/objections", raised)
    return str((await ok(answer, 201))["id"])


async def test_a_posting_is_nothing_for_an_officer_who_is_posted_there(tiers: Tiers) -> None:
    office, where = tiers.office, "/v1/postings"
    own, other = await applying_officer(tiers, "both", "unit", office.school), await tiers.submitted("gul")
    notice = await posted(tiers, own, other)
    mine, theirs = await objected(tiers, notice, own), await objected(tiers, notice, other)
    seen = (await ok(await office.get("both", f"{where}/{notice}/objections")))["items"]
    assert [one["id"] for one in seen] == [theirs]
    raised = {"application": str(own), "channel": "phone", "words": "没有异议"}
    photo = await office.client.post(f"{where}/{notice}/photos", content=PNG, headers=office.as_("both"))
    for answer in (
        await office.post("both", where, posting(tiers, own, other)),
        await office.post("both", f"{where}/{notice}/objections", raised),
        await office.post("both", f"{where}/{notice}/objections/{mine}/settle", SETTLED),
        await office.post("both", f"{where}/{notice}/withdraw"),
        photo,
    ):
        assert await told(answer) == RELATED
    tiers.clock.at = beijing("2024-10-17 00:00")
    assert (await ok(await office.post("both", f"{where}/{notice}/objections/{theirs}/settle", SETTLED)))["state"] == (
        "dismissed"
    )
    await ok(await office.post(tiers.school, f"{where}/{notice}/objections/{mine}/settle", SETTLED))
    assert await told(await office.post("both", f"{where}/{notice}/certificate")) == RELATED
    assert await certified(tiers, notice)


async def test_who_has_recused_themselves_does_no_duty_of_their_unit(tiers: Tiers) -> None:
    id, office, where = await tiers.submitted("gul"), tiers.office, "/v1/postings"
    await office.officer("unit-9", "unit", office.school)
    notice = await posted(tiers, id)
    objection = await objected(tiers, notice, id)
    await tiers.done(tiers.school, id, "recuse")
    assert await told(await deliberated(tiers, id, "2024-10-10", "2024-10-10")) == RELATED
    assert await told(await recommended(tiers, id)) == RELATED
    assert await told(await office.post(tiers.school, where, posting(tiers, id))) == RELATED
    settle = f"{where}/{notice}/objections/{objection}/settle"
    assert await told(await office.post(tiers.school, settle, SETTLED)) == RELATED
    assert (await ok(await office.get(tiers.school, f"{where}/{notice}/objections")))["items"] == []
    assert (await ok(await office.post("unit-9", settle, SETTLED)))["state"] == "dismissed"
    tiers.clock.at = beijing("2024-10-17 00:00")
    assert await told(await office.post(tiers.school, f"{where}/{notice}/certificate")) == RELATED


async def test_an_officer_never_learns_who_complained_of_them(tiers: Tiers) -> None:
    office = tiers.office
    own = await applying_officer(tiers, "both", "authority", office.root)
    other = await tiers.submitted("gul")
    await office.officer("bureau-1", "authority", office.root)

    async def complained(id: UUID) -> str:
        body = {
            "application": str(id),
            "channel": "letter",
            "name": "举报人",
            "contact": "13911112222",
            "words": "不实",
        }
        return str((await ok(await office.post("bureau-1", "/v1/complaints", body), 201))["id"])

    mine, theirs = await complained(own), await complained(other)
    decided = {"conclusion": "不属实", "basis": ["某办法"], "words": "经查不实"}
    assert await told(await office.get("both", f"/v1/complaints/{mine}")) == (404, "complaint.unknown")
    assert await told(await office.post("both", f"/v1/complaints/{mine}/decide", decided)) == (404, "complaint.unknown")

    async def listed(who: str) -> list[str]:
        return [one["id"] for one in (await ok(await office.get(who, "/v1/complaints")))["items"]]

    assert (await listed("both"), sorted(await listed("bureau-1"))) == ([theirs], sorted([mine, theirs]))
    assert (await ok(await office.get("both", f"/v1/complaints/{theirs}")))["name"] == "举报人"
    assert (await ok(await office.post("bureau-1", f"/v1/complaints/{mine}/decide", decided)))["state"] == "decided"


async def test_nobody_answers_their_own_appeal_or_learns_who_reviewed_them(tiers: Tiers) -> None:
    office = tiers.office
    own = await applying_officer(tiers, "both", "authority", office.root)
    await tiers.signed(tiers.school, own, attested=STATEMENTS)
    await office.officer("bureau-1", "authority", office.root)
    await office.officer("bureau-2", "authority", office.root)
    found = {
        "application": str(own), "subject": "申报人", "cause": "师德失范", "basis": ["某办法"], "words": "查实",
    }  # fmt: skip
    entry = (await ok(await office.post("bureau-1", "/v1/integrity", found), 201))["id"]
    await ok(await office.post("both", f"/v1/integrity/{entry}/appeal", {"words": "不服"}))
    asked = {"id_number": (await ok(await office.get("both", "/v1/me")))["id_number"]}
    told_back = [
        (await ok(await office.post(who, "/v1/integrity/search", asked)))["items"][0]["looked_back"]
        for who in ("both", "bureau-1")
    ]
    assert [len(one) for one in told_back] == [0, 1]
    answered = {"lift": True, "words": "撤销"}
    assert await told(await office.post("both", f"/v1/integrity/{entry}/answer", answered)) == RELATED
    assert (await ok(await office.post("bureau-2", f"/v1/integrity/{entry}/answer", answered)))["lifted"] is True
