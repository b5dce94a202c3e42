"""Papers that the notice wants of the school: brought by its officer at its own desk, seen by the applicant, judged like
any other item, and asked for when the school lets the application go."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from mangping.contracts import RedactScan
from mangping_api.storage.applications import stream
from mangping_api.tables import applications, ledger
from mangping_api.wiring import Context
from sqlalchemy import select

from tests.api.office import begun, fill
from tests.api.reviewing import OPINION, REVIEW_PACK, STATEMENTS, Tiers, at_work
from tests.api.test_attachments import JPEG, PNG, redacted
from tests.conftest import NewEnv

# The statement on ethics is needed, as in the notice; and a paper of the school's that a panel sees.
PACK = REVIEW_PACK.replace("{key: ethics_statement, need: optional, title", "{key: ethics_statement, title", 1).replace(
    "        - {key: evidence, title: 业绩佐证材料, need: optional, cite: KP-24}\n",
    "        - {key: evidence, title: 业绩佐证材料, need: optional, cite: KP-24}\n"
    "        - {key: load, title: 课时证明, need: optional, by: {role: unit, cite: KP-10}, cite: KP-10}\n",
    1,
)
ETHICS = {"column": "unit_documents", "item": "ethics_statement"}
LOAD = {"column": "achievements", "item": "load"}
World = tuple[Tiers, Context]


@pytest.fixture
async def world(new_env: NewEnv, token: Callable[..., str]) -> AsyncIterator[World]:
    async with at_work(new_env, token, PACK) as (tiers, context):
        yield tiers, context


async def bring(tiers: Tiers, who: str, id: UUID, slot: dict[str, str], content: bytes = JPEG) -> httpx.Response:
    headers = tiers.office.as_(who) | {"Content-Type": "application/octet-stream"}
    path = f"/v1/applications/{id}/attachments"
    return await tiers.office.client.post(path, params=slot, content=content, headers=headers)


async def brought(world: World, id: UUID, slot: dict[str, str], content: bytes = JPEG) -> str:
    """By the school, and through the redaction."""
    tiers, context = world
    answer = await bring(tiers, tiers.school, id, slot, content)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    await redacted(context, made)
    return made


async def remove(tiers: Tiers, who: str, id: UUID, attachment: str) -> httpx.Response:
    path = f"/v1/applications/{id}/attachments/{attachment}"
    return await tiers.office.client.delete(path, headers=tiers.office.as_(who))


async def mask(tiers: Tiers, who: str, id: UUID, attachment: str, decision: str) -> httpx.Response:
    path = f"/v1/applications/{id}/attachments/{attachment}/masking"
    headers = tiers.office.as_(who) | {"If-Match": '"1"'}
    return await tiers.office.client.put(path, json={"decision": decision}, headers=headers)


async def sign(tiers: Tiers, who: str, id: UUID, **more: Any) -> httpx.Response:
    word = {"agree": True, "seen": (await tiers.sheet(who, id))["seen"], **more}
    return await tiers.act(who, id, "sign", word)


WORDS: dict[str, Any] = {"texts": {"opinion": OPINION}, "attested": STATEMENTS}


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_the_school_brings_what_the_notice_wants_of_it_and_the_applicant_does_not(world: World) -> None:
    tiers, context = world
    id = await begun(tiers.office, "gul", tiers.programme)
    await fill(tiers.office, "gul", id)
    assert said(await bring(tiers, "gul", id, ETHICS)) == (403, "attachment.by_unit")
    assert said(await bring(tiers, tiers.school, id, ETHICS)) == (404, "application.unknown")  # still the applicant's
    assert (await tiers.office.post("gul", f"/v1/applications/{id}/submit")).status_code == 200
    assert said(await bring(tiers, tiers.school, id, ETHICS)) == (409, "review.unclaimed")
    await tiers.done(tiers.school, id, "claim")
    assert said(await bring(tiers, tiers.school, id, {"column": "awards", "item": "award"})) == (
        403, "attachment.by_applicant",
    )  # fmt: skip
    await tiers.judged(tiers.school, id)
    assert said(await sign(tiers, tiers.school, id, **WORDS)) == (200, "")
    missing = await tiers.act(tiers.school, id, "pass")
    [finding] = missing.json()["findings"]
    assert (missing.status_code, finding["code"], [one["rule"] for one in finding["rules"]], finding["message"]) == (
        422, "material.missing", ["KP-34", "KP-08"], "单位没有上传“师德师风情况书面说明”",
    )  # fmt: skip
    made = (await bring(tiers, tiers.school, id, ETHICS)).json()["id"]
    again = await bring(tiers, tiers.school, id, ETHICS)
    assert (again.status_code, again.json()["id"]) == (200, made)
    assert said(await tiers.act(tiers.school, id, "pass")) == (409, "review.unsigned")
    await tiers.judged(tiers.school, id)
    assert said(await sign(tiers, tiers.school, id, **WORDS)) == (409, "attachments.pending")
    async with context.db.begin() as tx:
        newest = select(ledger.outbox.c.body).order_by(ledger.outbox.c.id.desc()).limit(1)
        asked = RedactScan.model_validate((await tx.execute(newest)).scalar_one())
        row = (await tx.execute(select(applications).where(applications.c.id == id))).one()
        chain = select(ledger.audit).where(
            ledger.audit.c.stream == stream(id), ledger.audit.c.event == "attachment.added"
        )
        [entry] = (await tx.execute(chain)).all()
    assert (entry.facts["by"], entry.facts["attachment"], row.masks_changed_at) == ("unit", made, None)
    assert asked.job_id == await redacted(context, made)
    assert said(await sign(tiers, tiers.school, id, **WORDS)) == (200, "")
    assert (await tiers.done(tiers.school, id, "pass"))["tier"] == "city"
    assert said(await bring(tiers, tiers.school, id, ETHICS, PNG)) == (409, "duty.not_at_unit")
    assert said(await remove(tiers, tiers.school, id, made)) == (409, "duty.not_at_unit")
    assert said(await bring(tiers, tiers.hr, id, ETHICS, PNG)) == (403, "role.missing")


async def test_the_applicant_sees_the_schools_paper_and_cannot_touch_it(world: World) -> None:
    tiers, _ = world
    id = await tiers.submitted("gul")
    await tiers.done(tiers.school, id, "claim")
    made = await brought(world, id, ETHICS)
    where = f"/v1/applications/{id}/attachments"
    [told] = (await tiers.office.get("gul", where)).json()["items"]
    assert (told["id"], told["by"], told["item"]) == (made, "unit", "ethics_statement")
    assert (await tiers.office.get("gul", f"{where}/{made}/original")).content == JPEG
    await tiers.sent_back(tiers.school, id, teaching="课时数与课表不符")
    facts = await tiers.office.client.put(
        f"{where}/{made}/facts",
        json={"facts": {"issuer": "某校"}},
        headers=tiers.office.as_("gul") | {"If-Match": '"1"'},
    )
    refused = [await remove(tiers, "gul", id, made), await mask(tiers, "gul", id, made, "yes"), facts]
    assert [said(one) for one in refused] == [(403, "attachment.by_unit")] * 3
    assert (await tiers.office.get("gul", f"/v1/applications/{id}/recheck")).json()["pages"] == []
    assert said(await bring(tiers, tiers.school, id, ETHICS, PNG)) == (409, "duty.not_at_unit")
    await tiers.office.officer("unit-4", "unit", tiers.office.other_school)
    assert said(await bring(tiers, "unit-4", id, ETHICS)) == (404, "application.unknown")


async def test_a_paper_replaced_after_the_sign_off_is_judged_again_and_nothing_else(world: World) -> None:
    tiers, _ = world
    id = await tiers.submitted("gul")
    await tiers.done(tiers.school, id, "claim")
    first = await brought(world, id, ETHICS)
    await tiers.signed(tiers.school, id, **WORDS)
    second = await brought(world, id, ETHICS, PNG)
    assert (await remove(tiers, tiers.school, id, first)).status_code == 204
    sheet = await tiers.sheet(tiers.school, id)
    assert [one["stands"] for one in sheet["sign_offs"]] == [False]
    unjudged = [one["item"] for one in sheet["items"] if not any(said["stands"] for said in one["verdicts"])]
    assert unjudged == [f"attachment.{second}"]
    assert {one["item"]: one["by"] for one in sheet["items"]}[f"attachment.{second}"] == "unit"
    assert said(await tiers.act(tiers.school, id, "pass")) == (409, "review.unsigned")
    await tiers.recommended(id)
    async with world[1].db.begin() as tx:
        row = (await tx.execute(select(applications).where(applications.c.id == id))).one()
    assert row.changed_at is None  # nothing of the applicant's own has changed: no supplementary publicity for it


async def test_the_school_decides_upon_the_masking_of_what_a_panel_sees_of_it(world: World) -> None:
    tiers, _ = world
    id = await tiers.submitted("gul")
    await tiers.done(tiers.school, id, "claim")
    await brought(world, id, ETHICS)
    load = await brought(world, id, LOAD, PNG)
    await tiers.judged(tiers.school, id)
    assert said(await sign(tiers, tiers.school, id, **WORDS)) == (200, "")
    held_up = await tiers.act(tiers.school, id, "pass")
    assert [one["code"] for one in held_up.json()["findings"]] == ["masking.undecided"]
    assert said(await mask(tiers, tiers.school, id, load, "no")) == (422, "masking.contradicted")
    assert said(await mask(tiers, tiers.school, id, load, "yes")) == (200, "")
    await tiers.recommended(id)


async def test_a_return_for_the_schools_paper_comes_to_the_school_again(world: World) -> None:
    tiers, _ = world
    id = await tiers.submitted("gul")
    await tiers.done(tiers.school, id, "claim")
    first = await brought(world, id, ETHICS)
    await tiers.recommended(id)
    tiers.clock.at = tiers.clock.at.replace(day=28)
    await tiers.done(tiers.hr, id, "claim")
    for one in (await tiers.sheet(tiers.hr, id))["items"]:
        wrong = (
            {"verdict": "defect", "reason": "没有加盖公章"}
            if one["item"] == f"attachment.{first}"
            else {"verdict": "ok"}
        )
        assert (await tiers.put(tiers.hr, id, one["item"], {"seen": one["seen"], **wrong})).status_code == 200
    await tiers.done(tiers.hr, id, "return", {})
    again = await tiers.office.post("gul", f"/v1/applications/{id}/submit")  # nothing of theirs is wrong
    assert (again.status_code, (await tiers.sheet(tiers.school, id))["application"]["tier"]) == (200, "unit")
    await tiers.done(tiers.school, id, "claim")
    assert (await remove(tiers, tiers.school, id, first)).status_code == 204
    await brought(world, id, ETHICS, PNG)
    await tiers.recommended(id)


async def test_a_return_that_asks_the_school_for_a_paper_comes_to_the_school_until_it_has_brought_it(
    world: World,
) -> None:
    tiers, _ = world
    id = await tiers.submitted("gul")
    await tiers.done(tiers.school, id, "claim")
    await brought(world, id, ETHICS)
    await tiers.recommended(id)
    tiers.clock.at = tiers.clock.at.replace(day=28)
    for lies_at, late in (("unit", False), ("city", True)):
        await tiers.done(tiers.hr, id, "claim")
        report = {"asks_for": {"column": "unit_documents", "item": "recommendation"}} if not late else {}
        for one in (await tiers.sheet(tiers.hr, id))["items"]:
            wrong = (
                {"verdict": "defect", "reason": "请核对", **report}
                if one["item"] == "section.basic"
                else {"verdict": "ok"}
            )
            assert (await tiers.put(tiers.hr, id, one["item"], {"seen": one["seen"], **wrong})).status_code == 200
        await tiers.done(tiers.hr, id, "return", {})
        assert (await tiers.office.post("gul", f"/v1/applications/{id}/submit")).status_code == 200
        told = (await tiers.office.get("gul", f"/v1/applications/{id}")).json()
        assert (told["state"], told["tier"]) == ("submitted", lies_at)
        if lies_at == "unit":
            tiers.clock.at += timedelta(minutes=1)
            await tiers.done(tiers.school, id, "claim")
            await brought(world, id, {"column": "unit_documents", "item": "recommendation"}, PNG)
            await tiers.recommended(id)


async def test_the_schools_paper_may_come_piece_by_piece(world: World) -> None:
    tiers, _ = world
    id, office = await tiers.submitted("gul"), tiers.office
    content, where = JPEG + bytes(range(256)) * 8, f"/v1/applications/{id}/transfers"
    body = {**ETHICS, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    assert said(await office.post("gul", where, body)) == (403, "attachment.by_unit")
    assert said(await office.post(tiers.school, where, body)) == (409, "review.unclaimed")
    await tiers.done(tiers.school, id, "claim")
    transfer = (await office.post(tiers.school, where, body)).json()["id"]
    assert said(await office.get("gul", f"{where}/{transfer}")) == (403, "attachment.by_unit")
    for offset, part in ((0, content[:1000]), (1000, content[1000:])):
        headers = office.as_(tiers.school) | {
            "Upload-Offset": str(offset), "Content-Type": "application/octet-stream",
        }  # fmt: skip
        went = await office.client.put(f"{where}/{transfer}", content=part, headers=headers)
        assert went.status_code == 200, went.text
    [told] = (await office.get(tiers.school, f"/v1/applications/{id}/attachments")).json()["items"]
    assert (told["id"], told["by"]) == (went.json()["attachment"], "unit")
