"""Which organisations speak at a tier: the first one too, and when another one takes a body's place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from mangping_api.wiring import Context
from sqlalchemy import text

from tests.api.reviewing import BODIES, OPINION, STATEMENTS, Tiers, at_work
from tests.api.test_returns import resubmit, state
from tests.api.test_reviews import FORMAL
from tests.conftest import NewEnv

SCHOOL = "学校（单位）"


@pytest.fixture
async def work(new_env: NewEnv, token: Callable[..., str]) -> AsyncIterator[tuple[Tiers, Context]]:
    async with at_work(new_env, token) as opened:
        yield opened


async def made(tiers: Tiers, name: str, kind: str, who: str, role: str) -> UUID:
    office = tiers.office
    body = {"parent": str(office.root), "name": name, "kind": kind, "region": "CN-XJ", "former_names": []}
    id = UUID((await office.post(office.admin, "/v1/organisations", body)).json()["id"])
    await office.officer(who, role, id)
    return id


async def bind(tiers: Tiers, *bound: tuple[str, str, UUID]) -> tuple[int, str]:
    told = {"bodies": [{"tier": tier, "body": body, "organisation": str(id)} for tier, body, id in bound]}
    path, headers = f"/v1/programmes/{tiers.programme}/bodies", tiers.office.as_(tiers.office.admin)
    answer = await tiers.office.client.put(path, json=told, headers=headers)
    return answer.status_code, answer.json().get("code", "")


def city(tiers: Tiers, hr: UUID | None = None) -> list[tuple[str, str, UUID]]:
    first, second = tiers.bureaux
    return [("city", BODIES[0], hr or first), ("city", BODIES[1], second)]


async def queue(tiers: Tiers, who: str) -> list[str]:
    items = (await tiers.office.get(who, "/v1/reviews")).json()["items"]
    return [one["application"]["id"] for one in items]


async def refused(tiers: Tiers, who: str, id: UUID, act: str, body: Any = None) -> tuple[int, str]:
    answer = await tiers.act(who, id, act, body)
    return answer.status_code, answer.json().get("code", "")


async def test_a_centre_that_is_bound_to_the_first_tier_reviews_for_the_school(work: tuple[Tiers, Context]) -> None:
    tiers, _ = work
    centre = await made(tiers, "某中心校", "unit", "centre", "unit")
    assert await bind(tiers, ("unit", SCHOOL, centre), *city(tiers)) == (200, "")
    id = await tiers.submitted("gul")
    assert (await queue(tiers, "centre"), await queue(tiers, tiers.school)) == ([str(id)], [])
    assert await refused(tiers, tiers.school, id, "claim") == (403, "review.elsewhere")
    await tiers.signed("centre", id, texts={"opinion": OPINION}, attested=STATEMENTS)
    assert (await tiers.done("centre", id, "pass"))["tier"] == "city"


async def test_a_file_moves_to_whoever_takes_the_place_of_a_body(work: tuple[Tiers, Context]) -> None:
    """What the former one signed counts no more; the other body keeps its claim and its word."""
    tiers, _ = work
    id = await tiers.submitted("gul")
    await tiers.recommended(id)
    tiers.clock.at = FORMAL
    for who in (tiers.hr, tiers.education):
        await tiers.signed(who, id)
    new = await made(tiers, "某人社局新设科", "authority", "hr-2", "authority")
    assert await bind(tiers, *city(tiers, new)) == (200, "")
    assert [await queue(tiers, who) for who in (tiers.hr, "hr-2", tiers.education)] == [[], [str(id)], [str(id)]]
    assert await refused(tiers, tiers.hr, id, "pass") == (403, "review.elsewhere")
    assert await refused(tiers, tiers.education, id, "pass") == (409, "review.unsigned")
    await tiers.signed("hr-2", id)
    assert (await tiers.done("hr-2", id, "pass"))["state"] == "accepted"
    told = (await tiers.office.get(tiers.education, f"/v1/applications/{id}/timeline")).json()["events"]
    assert [one["event"] for one in told].count("application.moved") == 1


async def test_what_a_former_body_signed_does_not_stand_when_the_file_comes_again(work: tuple[Tiers, Context]) -> None:
    tiers, _ = work
    id = await tiers.submitted("gul")
    await tiers.recommended(id)
    tiers.clock.at = FORMAL
    await tiers.signed(tiers.hr, id)
    await tiers.sent_back(tiers.education, id, teaching="课时数与证明不符")
    new = await made(tiers, "某人社局新设科", "authority", "hr-2", "authority")
    assert await bind(tiers, *city(tiers, new)) == (200, "")
    assert (await resubmit(tiers, "gul", id)).status_code == 200
    await tiers.signed(tiers.education, id)
    assert await refused(tiers, tiers.education, id, "pass") == (409, "review.unsigned")
    await tiers.signed("hr-2", id)
    await tiers.done(tiers.education, id, "pass")
    assert await state(tiers, "gul", id) == "accepted"


async def test_who_is_the_body_no_more_does_not_act_though_the_file_lies_there_still(
    work: tuple[Tiers, Context],
) -> None:
    """Handed in while another one was bound; binding once more brings it there."""
    tiers, context = work
    id = await tiers.submitted("gul")
    await tiers.recommended(id)
    new = await made(tiers, "某人社局新设科", "authority", "hr-2", "authority")
    async with context.db.begin() as tx:
        held = "update review.tier_bodies set organisation_id = :new where body = :body"
        await tx.execute(text(held), {"new": new, "body": BODIES[0]})
    assert await refused(tiers, tiers.hr, id, "claim") == (403, "review.elsewhere")
    assert await bind(tiers, *city(tiers, new)) == (200, "")
    await tiers.done("hr-2", id, "claim")


async def test_no_file_is_left_without_a_body(work: tuple[Tiers, Context]) -> None:
    tiers, _ = work
    id = await tiers.submitted("gul")
    await tiers.recommended(id)
    assert await bind(tiers, city(tiers)[1]) == (409, "tier.unbound")
    assert await queue(tiers, tiers.hr) == [str(id)]


async def test_of_two_verdicts_at_the_same_instant_the_later_one_stands(work: tuple[Tiers, Context]) -> None:
    """Wherever the rows have come to lie meanwhile."""
    tiers, context = work
    id = await tiers.submitted("gul")
    await tiers.done(tiers.school, id, "claim")
    await tiers.judged(tiers.school, id)
    await tiers.judged(tiers.school, id, teaching="课时数与证明不符")
    async with context.db.begin() as tx:  # as a rotation of keys does: what is written again lies at the end
        await tx.execute(
            text("update review.verdicts set seen = seen where defect is null and item = 'section.teaching'")
        )
    word = {"agree": True, "seen": (await tiers.sheet(tiers.school, id))["seen"]}
    word |= {"texts": {"opinion": OPINION}, "attested": STATEMENTS}
    assert await refused(tiers, tiers.school, id, "sign", word) == (409, "review.defects_stand")
