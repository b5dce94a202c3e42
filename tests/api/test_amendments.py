"""What is said of a document after it came in: facts, the turned page, the original and its boxes, the list, progress."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from mangping_api.services import progress
from mangping_api.wiring import Context

from tests.api.office import PACK, Clock, Office, begun, fill, load_pack, save
from tests.api.test_attachments import BOX, JPEG, NAME, attached, blocking, decide, redacted, upload


async def state(office: Office, id: UUID, one: str, version: int, who: str = "gul", **facts: Any) -> httpx.Response:
    headers = office.as_(who) | {"If-Match": f'"{version}"'}
    path = f"/v1/applications/{id}/attachments/{one}/facts"
    return await office.client.put(path, json={"facts": facts}, headers=headers)


async def test_an_exemption_is_stated_and_frees_from_the_hours(office: Office, draft: UUID, dated: Context) -> None:
    await save(office, "gul", draft, "education_hours", {"continuing_education": "无"}, 1)
    one = await attached(office, draft, item="ce_exemption", year=2024)
    await redacted(dated, one, findings=[])
    await decide(office, draft, one, 1, decision="no")
    assert await blocking(office, draft) == ["education.short", "education.reason", "masking.recheck"]
    unknown = await state(office, draft, one, 2, why="访惠聚")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "facts.invalid")
    assert (await state(office, draft, one, 1, reason="访惠聚")).json()["code"] == "attachment.changed"
    stated = await state(office, draft, one, 2, reason="访惠聚", approved=True)
    assert (stated.headers["ETag"], stated.json()["stated"]) == ('"3"', {"reason": "访惠聚", "approved": True})
    assert await blocking(office, draft) == ["masking.recheck"]
    taken_back = await state(office, draft, one, 3, reason="访惠聚", approved=None)
    assert taken_back.json()["stated"] == {"reason": "访惠聚"}
    assert await blocking(office, draft) == ["education.short", "education.unapproved", "masking.recheck"]


async def test_once_handed_in_the_unit_states_it(office: Office, draft: UUID, dated: Context, clock: Clock) -> None:
    one = await attached(office, draft)
    await redacted(dated, one, findings=[])
    await decide(office, draft, one, 1, decision="no")
    clock.at += timedelta(minutes=1)
    await office.post("gul", f"/v1/applications/{draft}/recheck")
    await office.officer("head", "unit", office.school)
    await office.officer("bureau", "authority", office.root)
    unseen = await state(office, draft, one, 2, who="head", issuer="某局")
    assert (await office.post("gul", f"/v1/applications/{draft}/submit")).status_code == 200
    answers = [await state(office, draft, one, 2, who=who, issuer="某局") for who in ("gul", "bureau", "head")]
    assert [(answer.status_code, answer.json().get("code")) for answer in (unseen, *answers)] == [
        (404, "application.unknown"), (409, "application.closed"), (403, "role.missing"), (200, None),
    ]  # fmt: skip


async def test_a_sideways_page_is_offered_upright(office: Office, draft: UUID, dated: Context) -> None:
    one = await attached(office, draft)
    where = f"/v1/applications/{draft}/attachments/{one}"
    early = await office.post("gul", f"{where}/upright")
    await redacted(dated, one, orientation_degrees=90, findings=[])
    told = (await office.get("gul", where)).json()
    assert (early.json()["code"], told["upright"], told["pages"][0]["orientation_degrees"]) == (
        "attachments.pending", False, 90,
    )  # fmt: skip
    assert "material.upright" in await blocking(office, draft)
    accepted = [await office.post("gul", f"{where}/upright") for _ in range(2)]
    assert [answer.status_code for answer in accepted] == [200, 200]
    told = (await office.get("gul", where)).json()
    assert (told["upright"], told["version"]) == (True, 2)
    assert "material.upright" not in await blocking(office, draft)
    other = await attached(office, draft, JPEG + b" two")
    await redacted(dated, other)
    needless = await office.post("gul", f"/v1/applications/{draft}/attachments/{other}/upright")
    assert (needless.status_code, needless.json()["code"]) == (409, "attachment.upright")


async def test_a_document_in_the_wrong_column_is_told_by_its_title(office: Office, draft: UUID, dated: Context) -> None:
    one = await attached(office, draft)
    await redacted(dated, one, kinds=["award"])
    told = (await office.get("gul", f"/v1/applications/{draft}/findings")).json()["items"]
    [found] = [item for item in told if item["code"] == "material.misplaced"]
    assert (found["place"], found["message"].count("获奖情况"), found["rules"][0]["rule"]) == (
        "继续教育·第1件",
        1,
        "KP-24",
    )
    assert (await office.get("gul", f"/v1/applications/{draft}/attachments/{one}")).json()["kinds"] == ["award"]


async def test_where_the_machine_errs_a_person_vouches_and_the_officer_reads_it(
    office: Office, draft: UUID, dated: Context
) -> None:
    one = await attached(office, draft)
    await redacted(dated, one, kinds=["award"], orientation_degrees=90, clarity={"clear": False, "reasons": ["blur"]})
    codes = {"material.misplaced", "material.upright", "material.clear"}
    assert codes & set(await blocking(office, draft)) == codes
    for version, said, held in ((1, True, set[str]()), (2, False, codes), (3, True, set[str]())):
        answer = await state(office, draft, one, version, looked_over=said)
        assert answer.status_code == 200
        assert codes & set(await blocking(office, draft)) == held
    told = (await office.get("gul", f"/v1/applications/{draft}/findings")).json()["items"]
    remarks = {item["code"]: item["message"] for item in told if item["code"] in codes}
    assert remarks.keys() == codes
    assert all(message.endswith("（上传人已查看，认为无误）") for message in remarks.values())


async def test_originals_are_for_applicant_and_officers_and_boxes_can_be_drawn_on_them(
    office: Office,
    draft: UUID,
    dated: Context,
    clock: Clock,
) -> None:
    one = await attached(office, draft)
    await redacted(dated, one)
    removed = {"box": {"page": 1, "cls": "name", "polygon": NAME["polygon"]}, "reason": "not_identity"}
    await decide(office, draft, one, 1, decision="yes", drawn=[BOX], removed=[removed])
    await redacted(dated, one, findings=[{**NAME, "polygon": BOX["polygon"], "finder": "applicant"}])
    where = f"/v1/applications/{draft}/attachments/{one}"
    got = await office.get("gul", f"{where}/original")
    assert (got.content, got.headers["Content-Type"], got.headers["Content-Disposition"]) == (
        JPEG, "image/jpeg", "attachment",
    )  # fmt: skip
    drawing = await office.get("gul", f"{where}/boxes/1")
    assert drawing.headers["Content-Type"] == "image/svg+xml"
    assert [drawing.text.count(f'class="{kind}"') for kind in ("proposed", "drawn", "removed")] == [0, 1, 1]
    assert (await office.get("gul", f"{where}/boxes/2")).status_code == 404
    clock.at += timedelta(minutes=1)
    await office.post("gul", f"/v1/applications/{draft}/recheck")
    assert (await office.post("gul", f"/v1/applications/{draft}/submit")).status_code == 200
    await office.officer("reviewer", "unit", office.school)
    kept = [await office.get("reviewer", f"{where}/{what}") for what in ("original", "boxes/1")]
    assert [answer.status_code for answer in kept] == [200, 200]
    shown = (await office.get("reviewer", f"/v1/applications/{draft}/recheck")).json()
    assert [(page["removed"][0]["reason"], page["covered"]) for page in shown["pages"]] == [("not_identity", 1)]


async def test_the_list_to_look_over_names_every_page_until_it_is_confirmed(
    office: Office,
    draft: UUID,
    dated: Context,
    clock: Clock,
) -> None:
    one = await attached(office, draft)
    where = f"/v1/applications/{draft}/recheck"
    told = (await office.get("gul", where)).json()
    assert (told["due"], told["pending"], told["pages"], told["fields"]) == (True, 1, [], [])
    await redacted(dated, one)
    clock.at += timedelta(minutes=1)
    await office.post("gul", where)
    told = (await office.get("gul", where)).json()
    [page] = told["pages"]
    assert (told["due"], told["pending"], page["column"], page["page"], page["covered"]) == (
        False, 0, "继续教育", 1, 1,
    )  # fmt: skip
    assert [(await office.get("gul", page[name])).status_code for name in ("rendition", "boxes")] == [200, 200]


async def test_a_column_takes_only_so_much(office: Office) -> None:
    small = PACK.replace(
        "      title: 继续教育\n      panel: shown\n", "      title: 继续教育\n      panel: shown\n      max_mb: 1\n", 1
    )
    assert small != PACK
    id = await begun(office, "gul", await load_pack(office, small))
    await fill(office, "gul", id)
    refused = await upload(office, id, JPEG + bytes(1024 * 1024))
    assert (refused.status_code, refused.json()["code"]) == (413, "attachment.too_large")
    assert (await upload(office, id, JPEG + bytes(1000))).status_code == 201


async def test_progress_is_told_whenever_it_changes_and_resumes(
    office: Office,
    draft: UUID,
    dated: Context,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "_LOOK", 0.02)
    one = await attached(office, draft)

    async def watched(**headers: str) -> list[tuple[str, dict[str, Any]]]:
        answer = await office.client.get(f"/v1/applications/{draft}/events", headers=office.as_("gul") | headers)
        blocks = [block.splitlines() for block in answer.text.split("\n\n") if block.startswith("id: ")]
        return [(block[0][4:], json.loads(block[2][6:])) for block in blocks]

    watching = asyncio.create_task(watched())
    await asyncio.sleep(0.3)
    await redacted(dated, one)
    first, last = await watching
    assert [told["pending"] for _, told in (first, last)] == [1, 0]
    assert [told["attachments"][0]["pages"] for _, told in (first, last)] == [0, 1]
    assert await watched(**{"Last-Event-ID": first[0]}) == [last]
    assert await watched(**{"Last-Event-ID": last[0]}) == []
