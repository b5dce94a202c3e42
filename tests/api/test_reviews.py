"""From a submitted application to an accepted one, tier by tier, over HTTP and against the real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.api.office import IN_WINDOW, SECTIONS, save
from tests.api.reviewing import BODIES, OPINION, STATEMENTS, Tiers, at_work
from tests.conftest import NewEnv

FORMAL = datetime(2024, 10, 28, 4, tzinfo=UTC)  # within the formal review


@pytest.fixture
async def tiers(new_env: NewEnv, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    async with at_work(new_env, token) as (opened, _):
        yield opened


async def state(tiers: Tiers, who: str, id: UUID) -> tuple[str, str]:
    told = (await tiers.office.get(who, f"/v1/applications/{id}")).json()
    return told["state"], told["tier"]


async def test_an_application_is_accepted_once_every_body_of_every_tier_has_agreed(tiers: Tiers) -> None:
    id = await tiers.submitted("gul")
    assert await state(tiers, "gul", id) == ("submitted", "unit")
    await tiers.recommended(id)
    tiers.clock.at = FORMAL
    assert await tiers.signed(tiers.hr, id) == {"id": str(id), "state": "submitted", "tier": "city"}
    alone = await tiers.act(tiers.hr, id, "pass")
    assert (alone.status_code, alone.json()["code"]) == (409, "review.unsigned")
    await tiers.signed(tiers.education, id)
    assert await tiers.done(tiers.education, id, "pass") == {"id": str(id), "state": "accepted", "tier": "city"}
    line = (await tiers.office.get("gul", f"/v1/applications/{id}/timeline")).json()["events"]
    assert [(one["event"], one["by"], one["tier"], one["body"]) for one in line[-6:]] == [
        ("application.submitted", "applicant", "unit", None),
        ("application.signed", "office", "unit", "学校（单位）"),
        ("application.passed", "office", "city", None),
        ("application.signed", "office", "city", BODIES[0]),
        ("application.signed", "office", "city", BODIES[1]),
        ("application.accepted", "office", "city", None),
    ]


async def test_nothing_is_signed_before_every_item_was_judged_one_by_one(tiers: Tiers) -> None:
    id = await tiers.submitted("gul")
    await tiers.done(tiers.school, id, "claim")
    sheet = await tiers.sheet(tiers.school, id)
    word = {"agree": True, "seen": sheet["seen"], "texts": {"opinion": OPINION}, "attested": STATEMENTS}
    early = await tiers.act(tiers.school, id, "sign", word)
    assert (early.status_code, early.json()["code"]) == (409, "review.unreviewed")
    assert [one["item"] for one in early.json()["items"]] == [one["item"] for one in sheet["items"]]
    assert [one["item"] for one in sheet["items"]] == [
        "section.basic", "section.record", "section.teaching", "section.achievements", "section.education_hours",
        "section.texts",
    ]  # fmt: skip
    stale = await tiers.put(tiers.school, id, "section.basic", {"verdict": "ok", "seen": "k1:other"})
    assert (stale.status_code, stale.json()["code"]) == (412, "review.item_changed")
    nowhere = await tiers.put(tiers.school, id, "section.nowhere", {"verdict": "ok", "seen": "k1:other"})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "review.item_unknown")
    await tiers.judged(tiers.school, id, teaching="课时数与证明不符")
    defective = await tiers.act(tiers.school, id, "sign", word)
    assert (defective.status_code, defective.json()["code"]) == (409, "review.defects_stand")
    await tiers.judged(tiers.school, id)
    assert (await tiers.act(tiers.school, id, "sign", {**word, "seen": "other"})).json()[
        "code"
    ] == "review.item_changed"
    wrong = await tiers.act(tiers.school, id, "sign", {**word, "texts": {"opinion": "同意"}, "attested": ["political"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "review.words")
    assert [(one["code"], one["field"]) for one in wrong.json()["findings"]] == [
        ("text.differs", ""), ("attestation.missing", "teaching"),
    ]  # fmt: skip
    folded = OPINION.replace("，", ", ")
    assert (await tiers.act(tiers.school, id, "sign", {**word, "texts": {"opinion": folded}})).status_code == 200


async def test_a_correction_is_judged_where_it_was_changed_and_nowhere_else(tiers: Tiers) -> None:
    id = await tiers.submitted("gul")
    await tiers.recommended(id)
    tiers.clock.at = FORMAL
    back = await tiers.sent_back(tiers.hr, id, teaching="课时数与证明不符", basic="性别填写有误")
    assert back == {"id": str(id), "state": "returned", "tier": "city"}
    [told] = (await tiers.office.get("gul", f"/v1/applications/{id}/returns")).json()["items"]
    assert (told["tier_title"], told["body"], told["outcome"]) == ("资格审查", BODIES[0], "returned")
    assert [(one["item"], one["reason"]) for one in told["defects"]] == [
        ("section.basic", "性别填写有误"), ("section.teaching", "课时数与证明不符"),
    ]  # fmt: skip
    right = SECTIONS["teaching"] | {"lessons_5_years": 3000}
    assert (await save(tiers.office, "gul", id, "teaching", right, 1)).status_code == 200
    assert (await tiers.office.post("gul", f"/v1/applications/{id}/submit")).json()["state"] == "submitted"
    assert await state(tiers, "gul", id) == ("submitted", "unit")
    sheet = await tiers.sheet(tiers.school, id)
    stands = {one["item"]: [verdict["stands"] for verdict in one["verdicts"]] for one in sheet["items"]}
    assert stands == {
        **{key: [True, True] for key in stands}, "section.teaching": [False, False],
    }  # fmt: skip
    [changed] = [one for one in sheet["items"] if one["changed"]]
    assert (changed["item"], changed["changed"]) == (
        "section.teaching",
        {"how": "changed", "fields": [{"field": "lessons_5_years", "before": 3200, "after": 3000}]},
    )
    await tiers.done(tiers.school, id, "claim")
    again = {"verdict": "ok", "seen": changed["seen"]}
    assert (await tiers.put(tiers.school, id, "section.teaching", again)).status_code == 200
    unsigned = await tiers.act(tiers.school, id, "pass")
    assert unsigned.json()["code"] == "review.unsigned"
    word = {"agree": True, "seen": sheet["seen"], "texts": {"opinion": OPINION}, "attested": STATEMENTS}
    assert (await tiers.act(tiers.school, id, "sign", word)).status_code == 200
    assert (await tiers.done(tiers.school, id, "pass"))["tier"] == "city"


async def test_the_third_bad_submission_is_the_last_of_the_year(tiers: Tiers) -> None:
    id = await tiers.submitted("gul")
    for number in (1, 2, 3):
        back = await tiers.sent_back(tiers.school, id, teaching=f"第{number}次")
        assert back["state"] == ("returned" if number < 3 else "not_accepted")
        again = await tiers.office.post("gul", f"/v1/applications/{id}/submit")
        assert again.status_code == (200 if number < 3 else 409)
    body = {"programme": str(tiers.programme), "kind": "评审", "level": "初级"}
    new = await tiers.office.post("gul", "/v1/applications", body)
    assert (new.status_code, new.json()["code"]) == (409, "application.used_up")


async def test_two_officers_are_never_on_one_file(tiers: Tiers) -> None:
    id = await tiers.submitted("gul")
    await tiers.office.officer("unit-3b", "unit", tiers.office.school)
    unclaimed = await tiers.put(tiers.school, id, "section.basic", {"verdict": "ok", "seen": "k1:x"})
    assert (unclaimed.status_code, unclaimed.json()["code"]) == (409, "review.unclaimed")
    until = (await tiers.done(tiers.school, id, "claim"))["until"]
    assert datetime.fromisoformat(until) == IN_WINDOW + timedelta(minutes=30)
    second = await tiers.act("unit-3b", id, "claim")
    assert (second.status_code, second.json()["code"]) == (409, "review.claimed")
    tiers.clock.at += timedelta(minutes=30)
    assert (await tiers.act("unit-3b", id, "claim")).status_code == 200
    lost = await tiers.act(tiers.school, id, "release")
    assert (lost.status_code, lost.json()["code"]) == (409, "review.unclaimed")
    await tiers.done("unit-3b", id, "release")
    assert (await tiers.act(tiers.school, id, "claim")).status_code == 200


async def test_the_queue_shows_what_lies_at_ones_own_desks(tiers: Tiers) -> None:
    ids = [str(await tiers.submitted(f"one-{number}")) for number in range(3)]

    async def waiting(who: str, **query: Any) -> list[str]:
        answer = await tiers.office.get(who, "/v1/reviews", **query)
        assert answer.status_code == 200, answer.text
        return [one["application"]["id"] for one in answer.json()["items"]]

    assert sorted(await waiting(tiers.school)) == sorted(ids)
    assert await waiting(tiers.hr) == []
    await tiers.recommended(UUID(ids[0]))
    assert sorted(await waiting(tiers.school)) == sorted(ids[1:])
    assert await waiting(tiers.hr) == await waiting(tiers.education) == ids[:1]
    assert await waiting(tiers.hr, unit=str(tiers.office.other_school)) == []
    assert await waiting(tiers.hr, tier="city", level="初级", kind="评审", programme=str(tiers.programme)) == ids[:1]
    [desk] = (await tiers.office.get(tiers.hr, "/v1/reviews")).json()["items"]
    assert desk["desk"]["due_at"] == "2024-11-04T16:00:00Z"
    assert await waiting(tiers.hr, overdue=True) == []
    tiers.clock.at = datetime(2024, 11, 4, 16, tzinfo=UTC)
    assert await waiting(tiers.hr, overdue=True) == ids[:1]
    await tiers.done(tiers.hr, UUID(ids[0]), "claim")
    assert [await waiting(tiers.hr, claimed=who) for who in ("me", "others", "nobody")] == [ids[:1], [], []]
    first = (await tiers.office.get(tiers.school, "/v1/reviews", limit=1)).json()
    rest = (await tiers.office.get(tiers.school, "/v1/reviews", limit=1, after=first["next"])).json()
    pages = [one["application"]["id"] for one in first["items"] + rest["items"]]
    assert (sorted(pages), rest["next"]) == (sorted(ids[1:]), None)
    school = str(tiers.office.school)
    assert await waiting(tiers.school, unit=school) == pages
    assert await waiting(tiers.school, unit=school, after=first["next"]) == pages[1:]
    assert await waiting(tiers.hr, unit=school, claimed="me") == ids[:1]
    assert await waiting(tiers.hr, unit=school, overdue=False) == []
    assert (await tiers.office.get("one-1", "/v1/reviews")).status_code == 403


async def test_who_may_not_act_is_told_so_or_knows_nothing(tiers: Tiers) -> None:
    id = await tiers.submitted("gul")
    await tiers.office.officer("unit-4", "unit", tiers.office.other_school)
    answers = {who: (await tiers.act(who, id, "claim")).json()["code"] for who in ("unit-4", tiers.hr, "gul")}
    assert answers == {
        "unit-4": "application.unknown", tiers.hr: "application.unknown", "gul": "role.missing",
    }  # fmt: skip
    await tiers.recommended(id)
    late = await tiers.act(tiers.school, id, "claim")
    assert (late.status_code, late.json()["code"]) == (403, "review.elsewhere")
    await tiers.done(tiers.hr, id, "recuse")
    related = await tiers.act(tiers.hr, id, "claim")
    assert (related.status_code, related.json()["code"]) == (403, "review.related")
    sheet = await tiers.sheet(tiers.school, id)
    assert {one["by"] for one in sheet["sign_offs"]} == {None}
    assert None not in {one["by"] for one in (await tiers.sheet(tiers.education, id))["sign_offs"]}


async def test_what_was_signed_but_not_passed_comes_again_to_the_same_tier(tiers: Tiers) -> None:
    """A sign-off stands, but whether the tier may let it go was never judged: after a withdrawal, and after a return."""
    id = await tiers.submitted("gul")
    word = {"texts": {"opinion": OPINION}, "attested": STATEMENTS}
    await tiers.signed(tiers.school, id, **word)
    assert (await tiers.office.post("gul", f"/v1/applications/{id}/withdraw")).json()["state"] == "draft"
    assert (await tiers.office.post("gul", f"/v1/applications/{id}/submit")).json()["state"] == "submitted"
    assert await state(tiers, "gul", id) == ("submitted", "unit")
    await tiers.sent_back(tiers.school, id, teaching="课时数与证明不符")
    assert (await tiers.office.post("gul", f"/v1/applications/{id}/submit")).json()["state"] == "submitted"
    assert await state(tiers, "gul", id) == ("submitted", "unit")
    await tiers.signed(tiers.school, id, **word)
    assert (await tiers.done(tiers.school, id, "pass"))["tier"] == "city"


async def test_what_a_tier_has_passed_it_does_not_judge_again(tiers: Tiers) -> None:
    id = await tiers.submitted("gul")
    await tiers.recommended(id)
    for act in ("withdraw", "submit"):
        assert (await tiers.office.post("gul", f"/v1/applications/{id}/{act}")).status_code == 200
    assert await state(tiers, "gul", id) == ("submitted", "city")


async def test_other_words_under_a_key_that_was_used_are_refused(tiers: Tiers) -> None:
    """Also those that no log may show: a reason, a place, an opinion."""
    id, key = await tiers.submitted("gul"), {"Idempotency-Key": "one"}
    await tiers.done(tiers.school, id, "claim")
    await tiers.judged(tiers.school, id)
    seen = (await tiers.sheet(tiers.school, id))["seen"]
    no = {"agree": False, "seen": seen, "texts": {"opinion": "材料不实"}}
    for words, status in (({}, 200), ({}, 200), ({"texts": {"opinion": "另有原因"}}, 409)):
        told = await tiers.act(tiers.school, id, "sign", no | words, **key)
        assert (told.status_code, told.json().get("code")) == (
            status,
            None if status == 200 else "idempotency_key.reused",
        )
    key, refused = {"Idempotency-Key": "two"}, {"rule": "KP-31", "reason": "遮盖不符合要求"}
    for more, status in (({}, 200), ({}, 200), ({"reason": "另有原因"}, 409)):
        told = await tiers.act(tiers.school, id, "refuse", refused | more, **key)
        assert (told.status_code, told.json().get("code")) == (
            status,
            None if status == 200 else "idempotency_key.reused",
        )


async def test_what_an_officer_signed_counts_no_more_once_they_recuse_themselves(tiers: Tiers) -> None:
    id = await tiers.submitted("gul")
    await tiers.office.officer("unit-3b", "unit", tiers.office.school)
    word = {"texts": {"opinion": OPINION}, "attested": STATEMENTS}
    await tiers.signed(tiers.school, id, **word)
    await tiers.done(tiers.school, id, "recuse")
    await tiers.done("unit-3b", id, "claim")
    assert [one["stands"] for one in (await tiers.sheet("unit-3b", id))["sign_offs"]] == [False]
    unsigned = await tiers.act("unit-3b", id, "pass")
    assert (unsigned.status_code, unsigned.json()["code"]) == (409, "review.unsigned")
    await tiers.signed("unit-3b", id, **word)
    assert [one["stands"] for one in (await tiers.sheet("unit-3b", id))["sign_offs"]] == [False, True]
    assert (await tiers.done("unit-3b", id, "pass"))["tier"] == "city"
