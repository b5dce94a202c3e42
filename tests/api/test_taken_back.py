"""What was taken back, withdrawn or ended holds no post, no rank and no deadline any more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from mangping_api.wiring import Context

from tests.api.office import UNIT_FACTS
from tests.api.reviewing import Tiers
from tests.api.unit_duties import STRICT_PACK, beijing, ok, planned, posted, put, recommended, school
from tests.conftest import NewEnv


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
async def strict(env: dict[str, str], context: Context, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    async with school(env, context, token, "2024-10-10 12:00", STRICT_PACK) as made:
        yield made


async def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def ranks(tiers: Tiers) -> dict[str, int | None]:
    path, query = f"/v1/organisations/{tiers.office.school}/ranking", {"programme": str(tiers.programme)}
    items = (await ok(await tiers.office.get(tiers.school, path, **query)))["items"]
    return {one["application"]: one["rank"] for one in items}


async def needing_posts(tiers: Tiers, needed: bool) -> None:
    body = {"facts": {**UNIT_FACTS, "posts_needed": needed}}
    await ok(await put(tiers.office, tiers.office.admin, f"/v1/organisations/{tiers.office.school}/facts", body))


async def test_a_file_that_comes_back_takes_no_post_that_another_was_given(strict: Tiers) -> None:
    office, where = strict.office, "/v1/applications"
    first, second = [await strict.submitted(name) for name in ("one", "two")]
    await needing_posts(strict, True)
    plan = await planned(strict, 1)

    async def used() -> tuple[int, int]:
        found = await ok(await office.get(strict.school, f"/v1/post-plans/{plan}"))
        return found["used"], found["left"]

    await ok(await recommended(strict, first, rank=1))
    await ok(await office.post("one", f"{where}/{first}/withdraw"))
    await ok(await recommended(strict, second, rank=1))
    strict.clock.at = beijing("2024-10-10 13:00")
    await ok(await office.post("one", f"{where}/{first}/submit"))
    assert (await used(), await ranks(strict)) == ((1, 0), {str(second): 1, str(first): None})
    assert await told(await recommended(strict, first, rank=2)) == (409, "post_plan.none_left")


async def test_the_rank_of_an_ended_file_is_free(strict: Tiers) -> None:
    office = strict.office
    first, second = [await strict.submitted(name) for name in ("one", "two")]
    await needing_posts(strict, False)
    await ok(await recommended(strict, first, rank=1))
    assert await told(await recommended(strict, second, rank=1)) == (409, "recommendation.rank")
    await office.officer("root-1", "office", office.root)
    found = {"application": str(first), "cause": "弄虚作假", "ban": "disqualify", "basis": ["某办法"], "words": "查实"}
    await ok(await office.post("root-1", "/v1/integrity", found), 201)
    await ok(await recommended(strict, second, rank=1))


async def test_a_posting_that_was_taken_down_leaves_no_deadline(strict: Tiers) -> None:
    office, ids = strict.office, [await strict.submitted(name) for name in ("one", "two")]

    async def ends(who: str, id: UUID) -> list[str]:
        line = await ok(await office.get(who, f"/v1/applications/{id}/timeline"))
        return [one["kind"] for one in line["deadlines"] if one["kind"].startswith("publicity.")]

    notice = await posted(strict, *ids)
    entered = (await ok(await office.get(strict.school, f"/v1/postings/{notice}")))["applications"]
    assert entered == sorted(str(id) for id in ids)
    assert await ends("one", ids[0]) == [f"publicity.{notice}"]
    await ok(await office.post(strict.school, f"/v1/postings/{notice}/withdraw"))
    assert [await ends(who, id) for who, id in zip(("one", "two"), ids, strict=True)] == [[], []]
