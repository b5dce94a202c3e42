"""A masking that is not good enough goes back with boxes; documents are judged like everything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from mangping_api.wiring import Context
from sqlalchemy import event

from tests.api.office import begun, fill
from tests.api.reviewing import OPINION, REVIEW_PACK, STATEMENTS, Tiers, at_work
from tests.api.test_attachments import BOX, attached, redacted
from tests.conftest import NewEnv

WITH_UPLOADS = REVIEW_PACK.replace("key: ce_certificate, need: optional, title", "key: ce_certificate, title", 1)


async def handed_in(tiers: Tiers, context: Context) -> tuple[UUID, str]:
    id = await begun(tiers.office, "gul", tiers.programme)
    await fill(tiers.office, "gul", id)
    document = await attached(tiers.office, id)
    await masked(tiers, context, id, document, 1)
    return id, document


async def masked(tiers: Tiers, context: Context, id: UUID, document: str, version: int, **boxes: Any) -> None:
    """Redacted, decided, and handed in."""
    if not boxes:
        await redacted(context, document)
    path = f"/v1/applications/{id}/attachments/{document}/masking"
    headers = tiers.office.as_("gul") | {"If-Match": f'"{version}"'}
    answer = await tiers.office.client.put(path, json={"decision": "yes", **boxes}, headers=headers)
    assert answer.status_code == 200, answer.text
    if boxes:
        await redacted(context, document)
    tiers.clock.at += timedelta(minutes=1)
    submitted = await tiers.office.post("gul", f"/v1/applications/{id}/submit")
    assert submitted.status_code == 200, submitted.text


async def test_a_reviewer_sends_a_masking_back_with_boxes_drawn(new_env: NewEnv, token: Callable[..., str]) -> None:
    async with at_work(new_env, token, WITH_UPLOADS) as (tiers, context):
        id, document = await handed_in(tiers, context)
        await tiers.done(tiers.school, id, "claim")
        await tiers.judged(tiers.school, id)
        [item] = [one for one in (await tiers.sheet(tiers.school, id))["items"] if one["attachment"]]
        assert (item["item"], item["section"]) == (f"attachment.{document}", None)
        [page] = item["attachment"]["pages"]
        picture = await tiers.office.get(tiers.school, page["rendition"])
        assert (picture.status_code, picture.headers["Mangping-Verified"]) == (200, "true")
        told = {
            "verdict": "defect",
            "seen": item["seen"],
            "reason": "单位名称没有遮盖",
            "rule": "KP-31",
            "place": "第1页",
        }
        outside = await tiers.put(tiers.school, id, item["item"], {**told, "boxes": [{**BOX, "page": 2}]})
        assert (outside.status_code, outside.json()["code"]) == (422, "review.box_outside")
        assert (await tiers.put(tiers.school, id, item["item"], {**told, "boxes": [BOX]})).status_code == 200
        await tiers.done(tiers.school, id, "return", {})
        [returned] = (await tiers.office.get("gul", f"/v1/applications/{id}/returns")).json()["items"]
        [defect] = returned["defects"]
        assert (defect["item"], defect["boxes"], [one["rule"] for one in defect["rules"]]) == (
            item["item"], [BOX], ["KP-31"],
        )  # fmt: skip
        await masked(tiers, context, id, document, 2, drawn=defect["boxes"])
        sheet = await tiers.sheet(tiers.school, id)
        again = {one["item"]: [verdict["stands"] for verdict in one["verdicts"]] for one in sheet["items"]}
        assert [key for key, stands in again.items() if stands == [False]] == [item["item"]]
        [now] = [one for one in sheet["items"] if one["item"] == item["item"]]
        assert (now["changed"]["how"], now["attachment"]["drawn"]) == ("changed", [BOX])
        await tiers.done(tiers.school, id, "claim")
        ok = {"verdict": "ok", "seen": now["seen"]}
        assert (await tiers.put(tiers.school, id, item["item"], ok)).status_code == 200
        word = {"agree": True, "seen": sheet["seen"], "texts": {"opinion": OPINION}, "attested": STATEMENTS}
        assert (await tiers.act(tiers.school, id, "sign", word)).status_code == 200


async def test_a_queue_page_and_a_sheet_stay_within_their_statements(
    new_env: NewEnv, token: Callable[..., str]
) -> None:
    async with at_work(new_env, token, WITH_UPLOADS) as (tiers, context):
        id, _ = await handed_in(tiers, context)
        said: list[str] = []
        event.listen(context.db.sync_engine, "before_cursor_execute", lambda *given: said.append(given[2]))

        async def count(path: str) -> int:
            said.clear()
            answer = await tiers.office.get(tiers.school, path)
            assert answer.status_code == 200, answer.text
            return len(said)

        for path, most in (("/v1/reviews", 2), (f"/v1/reviews/{id}", 3), (f"/v1/applications/{id}/returns", 3)):
            assert await count(path) <= most, (path, said)
