"""Pages that no machine vouches for: covers taken away with a reason, and officers who look at each page and answer for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from mangping_api.wiring import Context

from tests.api.office import begun, fill
from tests.api.reviewing import OPINION, STATEMENTS, Tiers, at_work
from tests.api.test_attachments import attached, redacted
from tests.api.test_masks_sent_back import WITH_UPLOADS
from tests.conftest import NewEnv

FORMAL = datetime(2024, 10, 28, 4, tzinfo=UTC)  # within the formal review
MARK: dict[str, Any] = {
    "class": "unreadable", "polygon": [[0, 0], [1, 0], [1, 1]], "confidence": 0.5, "finder": "unreadable",
    "why": "a mark that nobody could read",
}  # fmt: skip
BOX = {"page": 1, "cls": "unreadable", "polygon": MARK["polygon"]}
TAKEN = [{"box": BOX, "reason": "not_identity"}]
DOUBTFUL: dict[str, Any] = {"findings": [], "needs_human": ["mask_removed"], "verified": False}


async def decide(tiers: Tiers, id: UUID, document: str, version: int, **asked: Any) -> tuple[int, str]:
    path = f"/v1/applications/{id}/attachments/{document}/masking"
    headers = tiers.office.as_("gul") | {"If-Match": f'"{version}"'}
    answer = await tiers.office.client.put(path, json=asked, headers=headers)
    return answer.status_code, answer.json().get("code", answer.json().get("state"))


async def handed_in(tiers: Tiers, context: Context) -> tuple[UUID, str]:
    """With a cover of what nobody could read taken away."""
    id = await begun(tiers.office, "gul", tiers.programme)
    await fill(tiers.office, "gul", id)
    document = await attached(tiers.office, id)
    await redacted(context, document, findings=[MARK])
    assert await decide(tiers, id, document, 1, decision="no") == (422, "masking.contradicted")
    unsaid = [{"box": BOX, "reason": None}]
    assert await decide(tiers, id, document, 1, decision="no", removed=unsaid) == (422, "masking.reason")
    assert await decide(tiers, id, document, 1, decision="no", removed=TAKEN) == (200, "queued")
    await redacted(context, document, **DOUBTFUL)
    tiers.clock.at += timedelta(minutes=1)
    assert (await tiers.office.post("gul", f"/v1/applications/{id}/recheck")).status_code == 200
    assert (await tiers.office.post("gul", f"/v1/applications/{id}/submit")).status_code == 200
    return id, document


async def judged(tiers: Tiers, who: str, id: UUID, document: str) -> None:
    """Every item in order; of the document only when its page was looked at."""
    await tiers.done(who, id, "claim")
    for one in (await tiers.sheet(who, id))["items"]:
        ok = {"verdict": "ok", "seen": one["seen"]}
        if one["item"] == f"attachment.{document}":
            for looked in ([], [2]):
                refused = await tiers.put(who, id, one["item"], {**ok, "checked": looked})
                told = refused.json()
                assert (refused.status_code, told["code"], told["pages"]) == (422, "review.pages_unchecked", [1])
            ok["checked"] = [1]
        assert (await tiers.put(who, id, one["item"], ok)).status_code == 200


async def holding_up(tiers: Tiers, who: str, id: UUID) -> list[str]:
    """What of masking would keep the file at this tier."""
    told = (await tiers.sheet(who, id))["findings"]["items"]
    return [one["code"] for one in told if one["blocking"] and one["code"].startswith("masking.")]


async def forwarded(tiers: Tiers, id: UUID, document: str) -> None:
    """The school has seen what was taken away and why, and lets the file go."""
    sheet = await tiers.sheet(tiers.school, id)
    [held] = [one["attachment"] for one in sheet["items"] if one["attachment"]]
    assert (held["removed"], held["pages"][0]["needs_human"]) == (TAKEN, ["mask_removed"])
    await judged(tiers, tiers.school, id, document)
    seen = (await tiers.sheet(tiers.school, id))["seen"]
    word = {"agree": True, "seen": seen, "texts": {"opinion": OPINION}, "attested": STATEMENTS}
    await tiers.done(tiers.school, id, "sign", word)
    assert (await tiers.done(tiers.school, id, "pass"))["tier"] == "city"


async def test_a_page_that_no_machine_vouches_for_is_received_once_an_office_has_looked_at_it(
    new_env: NewEnv, token: Callable[..., str]
) -> None:
    async with at_work(new_env, token, WITH_UPLOADS) as (tiers, context):
        id, document = await handed_in(tiers, context)
        await forwarded(tiers, id, document)
        tiers.clock.at = FORMAL
        assert await holding_up(tiers, tiers.hr, id) == ["masking.failed"]  # the school's word alone releases nothing
        for who in (tiers.hr, tiers.education):
            await judged(tiers, who, id, document)
            assert await holding_up(tiers, who, id) == []
            await tiers.done(who, id, "sign", {"agree": True, "seen": (await tiers.sheet(who, id))["seen"]})
        assert (await tiers.done(tiers.hr, id, "pass"))["state"] == "accepted"


async def test_who_answered_for_a_page_answered_for_that_rendition_only(
    new_env: NewEnv, token: Callable[..., str]
) -> None:
    async with at_work(new_env, token, WITH_UPLOADS) as (tiers, context):
        id, document = await handed_in(tiers, context)
        await forwarded(tiers, id, document)
        tiers.clock.at = FORMAL
        await judged(tiers, tiers.hr, id, document)
        me = (await tiers.office.get("gul", "/v1/me")).json()
        asked = {name: me[name] for name in ("unit", "name", "former_names", "id_number")} | {"phone": "13900000001"}
        answer = await tiers.office.client.put("/v1/me", json=asked, headers=tiers.office.as_("gul"))
        assert answer.status_code == 200, answer.text
        await redacted(context, document, **DOUBTFUL)
        assert await holding_up(tiers, tiers.hr, id) == ["masking.failed"]
        [item] = [one for one in (await tiers.sheet(tiers.hr, id))["items"] if one["attachment"]]
        assert {verdict["stands"] for verdict in item["verdicts"]} == {False}


async def test_a_defect_has_no_pages_that_were_found_in_order(new_env: NewEnv, token: Callable[..., str]) -> None:
    async with at_work(new_env, token, WITH_UPLOADS) as (tiers, context):
        id, document = await handed_in(tiers, context)
        await tiers.done(tiers.school, id, "claim")
        told = {"verdict": "defect", "seen": "0f", "reason": "姓名未遮盖", "checked": [1]}
        answer = await tiers.put(tiers.school, id, f"attachment.{document}", told)
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
