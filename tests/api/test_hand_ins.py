"""Papers are received whole or not at all, as the notice lists them, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from mangping_api.wiring import Context
from sqlalchemy import text

from tests.api.office import PLEDGE
from tests.api.reviewing import OPINION, STATEMENTS
from tests.api.unit_duties import FORWARD_PACK, beijing, certified, ok, posted, school
from tests.conftest import Env, NewEnv

# The day for papers is announced.
ANNOUNCED = FORWARD_PACK.replace("acts: [paper], announced: false", "acts: [paper], closes: 2024-11-08", 1)
PAPERS: dict[str, Any] = {
    "handed_by": "单位", "web_equals_print": True,
    "items": {
        "recommendation": {}, "ethics_statement": {}, "publicity": {}, "review_form": {"copies": 2, "seals": ["相关部门"]},
    },
    "texts": {"opinion": {"text": OPINION, "handwritten": True}, "pledge": {"text": PLEDGE, "handwritten": True}},
}  # fmt: skip


@pytest.fixture
def env(new_env: NewEnv) -> Env:
    return new_env()


async def test_papers_are_received_whole_and_told_all_that_is_wrong(
    env: Env, context: Context, token: Callable[..., str]
) -> None:
    async with school(env, context, token, "2024-10-10 12:00", ANNOUNCED) as tiers:
        office, id = tiers.office, await tiers.submitted("gul")
        notice = await posted(tiers, id)
        tiers.clock.at = beijing("2024-10-17 09:00")
        await certified(tiers, notice)
        await tiers.signed(tiers.school, id, attested=STATEMENTS)
        await tiers.done(tiers.school, id, "pass")
        tiers.clock.at = beijing("2024-10-28 12:00")
        for who in (tiers.hr, tiers.education):
            await tiers.signed(who, id)
        await tiers.done(tiers.education, id, "pass")
        where = f"/v1/applications/{id}/hand-in"
        wrong = {
            "handed_by": "个人", "items": {"review_form": {"copies": 1}}, "texts": {"opinion": {"text": "同意"}},
        }  # fmt: skip
        refused = await office.post(tiers.hr, where, wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "duty.defective")
        told = {
            (one["code"], rule["rule"])
            for one in refused.json()["findings"]
            for rule in one["rules"]
            if one["blocking"]
        }
        assert told == {
            ("text.differs", "KP-37"), ("text.differs", "KP-39"), ("paper.missing", "KP-33"), ("paper.missing", "KP-34"),
            ("paper.missing", "KP-35"), ("paper.defect", "KP-40"), ("paper.defect", "KP-36"),
            ("check.no_personal_paper", "KP-14"), ("check.no_personal_paper", "KP-40"),
        }  # fmt: skip
        headers = {"Idempotency-Key": "papers-1"}
        first = await ok(await office.post(tiers.hr, where, PAPERS, **headers))
        assert await ok(await office.post(tiers.hr, where, PAPERS, **headers)) == first
        assert (await office.post(tiers.school, where, PAPERS)).status_code == 403
        tiers.clock.at = beijing("2024-11-09 00:00")
        late = await office.post(tiers.hr, where, PAPERS)
        assert [one["code"] for one in late.json()["findings"] if one["blocking"]] == ["window.late"]
        async with context.db.connect() as connection:
            kept = (await connection.execute(text("select count(*) from review.hand_ins"))).scalar_one()
        assert kept == 1
