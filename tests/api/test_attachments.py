"""Attachments: into their column, through the redaction, decided upon, looked over, handed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from mangping.contracts import RedactScan
from mangping_api.domain.redaction_job import State
from mangping_api.storage import redaction_jobs
from mangping_api.tables import applications, attachments, ledger
from mangping_api.tables import redaction_jobs as jobs
from mangping_api.wiring import Context, Factory
from sqlalchemy import select, text

from tests.api.office import Clock, Office, id_number
from tests.services.making import answered, job_of

JPEG, PNG, PDF = b"\xff\xd8\xff\xe0 a certificate", b"\x89PNG\r\n\x1a\n picture", b"%PDF-1.7 pages"
PLACE = {"column": "education_hours", "item": "ce_certificate"}
BOX = {"page": 1, "cls": "unit", "polygon": [[5.0, 5.0], [9.0, 5.0], [9.0, 9.0], [5.0, 9.0]]}
NAME = {"class": "name", "polygon": [[0, 0], [1, 0], [1, 1]], "confidence": 0.9, "finder": "identity", "why": "known"}


async def upload(office: Office, id: UUID, content: bytes = JPEG, who: str = "gul", **more: Any) -> httpx.Response:
    headers = office.as_(who) | {"Content-Type": "application/octet-stream"}
    path = f"/v1/applications/{id}/attachments"
    return await office.client.post(path, params={**PLACE, **more}, content=content, headers=headers)


async def attached(office: Office, id: UUID, content: bytes = JPEG, **more: Any) -> str:
    answer = await upload(office, id, content, **more)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def redacted(context: Context, attachment: str, **record: Any) -> UUID:
    """The worker's answer for the present job of an attachment; gives the job's id."""
    async with context.db.begin() as tx:
        query = select(attachments.c.job_id).where(attachments.c.id == UUID(attachment))
        job = await job_of(context, (await tx.execute(query)).scalar_one())
    await Factory(context).redaction_jobs().record(await answered(context, job, **record))
    return job.id


async def decide(office: Office, id: UUID, attachment: str, version: int, **asked: Any) -> httpx.Response:
    path = f"/v1/applications/{id}/attachments/{attachment}/masking"
    return await office.client.put(path, json=asked, headers=office.as_("gul") | {"If-Match": f'"{version}"'})


async def blocking(office: Office, id: UUID) -> list[str]:
    told = (await office.get("gul", f"/v1/applications/{id}/findings")).json()["items"]
    return [one["code"] for one in told if one["blocking"]]


async def test_from_upload_to_submission(office: Office, draft: UUID, dated: Context, clock: Clock) -> None:
    where = f"/v1/applications/{draft}"
    assert await blocking(office, draft) == ["material.missing", "masking.recheck"]
    one = await attached(office, draft)
    pending = [await office.post("gul", f"{where}/{act}") for act in ("submit", "recheck")]
    pending.append(await decide(office, draft, one, 1, decision="yes"))
    assert [(answer.status_code, answer.json()["code"]) for answer in pending] == [(409, "attachments.pending")] * 3
    await redacted(dated, one)
    assert await blocking(office, draft) == ["masking.undecided", "masking.recheck"]
    [told] = (await office.get("gul", f"{where}/attachments")).json()["items"]
    [page] = told["pages"]
    assert (told["state"], told["verified"], told["decision"], page["proposals"]) == (
        "done", True, "undecided", [{"page": 1, "cls": "name", "polygon": [[0, 0], [1, 0], [1, 1]]}],
    )  # fmt: skip
    picture = await office.get("gul", page["rendition"])
    assert (picture.content, picture.headers["Mangping-Verified"]) == (b"image 1", "true")
    no = await decide(office, draft, one, 1, decision="no")
    assert (no.status_code, no.json()["code"], no.json()["places"]) == (
        422, "masking.contradicted", [{"page": 1, "class": "name", "polygon": [[0, 0], [1, 0], [1, 1]]}],
    )  # fmt: skip
    assert (await decide(office, draft, one, 1, decision="yes")).headers["ETag"] == '"2"'
    clock.at += timedelta(minutes=1)
    looked = await office.post("gul", f"{where}/recheck")
    assert (looked.status_code, looked.json()) == (200, {"id": str(draft), "attachments": 1, "pages": 1})
    assert await blocking(office, draft) == []
    assert (await office.post("gul", f"{where}/submit")).status_code == 200
    await office.officer("unit-3", "unit", office.school)
    assert (await office.get("unit-3", page["rendition"])).status_code == 200
    after = [
        await upload(office, draft), await decide(office, draft, one, 2, decision="yes"),
        await office.client.delete(f"{where}/attachments/{one}", headers=office.as_("gul")),
        await office.post("gul", f"{where}/recheck"),
    ]  # fmt: skip
    assert [(answer.status_code, answer.json()["code"]) for answer in after] == [(409, "application.closed")] * 4


async def test_a_later_change_asks_for_another_look(office: Office, draft: UUID, dated: Context, clock: Clock) -> None:
    one = await attached(office, draft)
    await redacted(dated, one)
    await decide(office, draft, one, 1, decision="yes")
    clock.at += timedelta(minutes=1)
    await office.post("gul", f"/v1/applications/{draft}/recheck")
    clock.at += timedelta(minutes=1)
    assert (await decide(office, draft, one, 2, decision="yes", drawn=[BOX])).status_code == 200
    await redacted(dated, one)
    assert await blocking(office, draft) == ["masking.recheck"]


async def test_boxes_send_the_document_through_the_redaction_again(office: Office, draft: UUID, dated: Context) -> None:
    one = await attached(office, draft)
    first = await redacted(dated, one)
    proposal = {"page": 1, "cls": "name", "polygon": NAME["polygon"]}
    refused = [
        await decide(office, draft, one, 1, decision="yes", removed=[{"box": proposal}]),
        await decide(office, draft, one, 1, decision="yes", removed=[{"box": BOX, "reason": "not_identity"}]),
        await decide(office, draft, one, 1, decision="yes", drawn=[{**BOX, "page": 2}]),
        await decide(office, draft, one, 2, decision="yes", drawn=[BOX]),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [
        (422, "masking.reason"), (422, "masking.unproposed"), (409, "masking.page"), (412, "attachment.changed"),
    ]  # fmt: skip
    removed = [{"box": proposal, "reason": "not_identity"}]
    moved = await decide(office, draft, one, 1, decision="yes", drawn=[BOX], removed=removed)
    assert (moved.status_code, moved.json()["state"], moved.json()["drawn"], moved.json()["pages"]) == (
        200, "queued", [BOX], [],
    )  # fmt: skip
    async with dated.db.begin() as tx:
        newest = select(ledger.outbox.c.body).order_by(ledger.outbox.c.id.desc()).limit(1)
        asked = RedactScan.model_validate((await tx.execute(newest)).scalar_one())
    assert ([box.model_dump(mode="json") for box in asked.drawn], [box.cls for box in asked.removed]) == (
        [BOX],
        ["name"],
    )
    assert (await job_of(dated, first)).state is State.ERASING
    second = await redacted(dated, one, findings=[], needs_human=["mask_removed"], verified=False)
    job = await job_of(dated, second)
    assert (job.drawn, job.removed) == (asked.drawn, asked.removed)
    again = await decide(office, draft, one, 2, decision="no", drawn=[BOX], removed=removed)
    assert (again.status_code, again.json()["state"], again.json()["removed"][0]["reason"]) == (
        200, "done", "not_identity",
    )  # fmt: skip


async def test_the_same_file_again_is_the_same_attachment_and_elsewhere_a_duplicate(
    office: Office, draft: UUID, dated: Context
) -> None:
    one = await attached(office, draft)
    again = await upload(office, draft)
    assert (again.status_code, again.json()["id"]) == (200, one)
    other = await attached(office, draft, column="awards", item="award")
    likeness = "0f" * 32
    near = "0f" * 31 + "0e"
    third = await attached(office, draft, PNG, column="achievements", item="evidence")
    fourth = await attached(office, draft, PDF, column="awards", item="award")
    for id, mark in ((one, ""), (other, ""), (third, likeness), (fourth, near)):
        await redacted(dated, id, likeness=mark)
    told = (await office.get("gul", f"/v1/applications/{draft}/findings")).json()["items"]
    assert [(one["place"], one["rules"][0]["rule"]) for one in told if one["code"] == "material.duplicate"] == [
        ("获奖情况·第1件", "KP-24"), ("获奖情况·第2件", "KP-24"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"orientation_degrees": 90}, "material.upright"),
        ({"clarity": {"clear": False, "reasons": ["blur"]}}, "material.clear"),
    ],
)
async def test_what_was_seen_on_a_page_comes_back_as_a_finding(
    office: Office, draft: UUID, dated: Context, record: dict[str, Any], code: str
) -> None:
    await redacted(dated, await attached(office, draft), **record)
    assert code in await blocking(office, draft)


@pytest.mark.parametrize(
    ("content", "more", "status", "code"),
    [
        (b"GIF89a picture", {}, 415, "attachment.format"),
        (b"\xff\xd8", {}, 415, "attachment.format"),
        (b"", {}, 422, "object.empty"),
        (JPEG, {"item": "award"}, 422, "attachment.slot"),
        (JPEG, {"side": "阿依古丽"}, 422, "attachment.slot"),
    ],
)
async def test_what_does_not_belong_is_refused(
    office: Office, draft: UUID, dated: Context, content: bytes, more: dict[str, str], status: int, code: str
) -> None:
    answer = await upload(office, draft, content, **more)
    assert (answer.status_code, answer.json()["code"], answer.text.find("阿依古丽")) == (status, code, -1)
    assert (await office.get("gul", f"/v1/applications/{draft}/attachments")).json() == {"pending": 0, "items": []}


async def test_others_know_of_no_attachment(office: Office, draft: UUID, dated: Context) -> None:
    one = await attached(office, draft)
    await redacted(dated, one)
    await office.register("stranger")
    await office.officer("unit-3", "unit", office.school)
    where = f"/v1/applications/{draft}/attachments"
    for who in ("stranger", "unit-3", office.admin):
        answers = [
            await office.get(who, where), await office.get(who, f"{where}/{one}"),
            await office.get(who, f"{where}/{one}/renditions/1"), await upload(office, draft, who=who),
            await office.client.delete(f"{where}/{one}", headers=office.as_(who)),
            await office.post(who, f"/v1/applications/{draft}/recheck"),
        ]  # fmt: skip
        assert [answer.status_code for answer in answers] == [404] * 6


async def test_a_removed_attachment_is_gone_and_its_objects_are_erased(
    office: Office, draft: UUID, dated: Context, clock: Clock
) -> None:
    one = await attached(office, draft)
    job = await job_of(dated, await redacted(dated, one))
    gone = await office.client.delete(f"/v1/applications/{draft}/attachments/{one}", headers=office.as_("gul"))
    assert gone.status_code == 204
    assert (await office.get("gul", f"/v1/applications/{draft}/attachments/{one}")).json()[
        "code"
    ] == "attachment.unknown"
    await Factory(dated).erasure().sweep()
    assert await dated.vault.holds(job.source) is False
    assert await blocking(office, draft) == ["material.missing", "masking.recheck"]


async def test_what_an_application_needs_outlives_the_retention_of_jobs(
    office: Office, draft: UUID, dated: Context, clock: Clock
) -> None:
    job = await job_of(dated, await redacted(dated, await attached(office, draft)))
    clock.at += timedelta(days=400)
    await Factory(dated).erasure().sweep()
    await Factory(dated).erasure().sweep()
    assert ((await job_of(dated, job.id)).state, await dated.vault.holds(job.source)) == (State.DONE, True)


async def test_neither_outbox_nor_ledger_knows_whose_document_it_is(
    office: Office, draft: UUID, dated: Context
) -> None:
    await redacted(dated, await attached(office, draft))
    kept = ""
    async with dated.db.begin() as tx:
        for table in (attachments, jobs, applications, ledger.outbox, ledger.audit, ledger.keys):
            rows = await tx.execute(text(f"select coalesce(string_agg(t::text, '|'), '') from {table.fullname} t"))
            kept += rows.scalar_one()
        job = (await tx.execute(select(jobs.c.id))).scalar_one()
        found = await redaction_jobs.find(tx, job)
    assert (kept.find("阿依古丽"), kept.find("第三中学")) == (-1, -1)
    assert found is not None
    assert found.identity is not None
    sealed = (await dated.vault.get(found.identity)).decode()
    assert [sealed.find(word) >= 0 for word in ("阿依古丽·买买提", "某市第三中学", "某市旧校", "13800000000")] == [
        True
    ] * 4


async def test_a_changed_identity_sends_every_page_back(
    office: Office, draft: UUID, dated: Context, clock: Clock
) -> None:
    one = await attached(office, draft)
    first = await redacted(dated, one)
    await decide(office, draft, one, 1, decision="yes")
    clock.at += timedelta(minutes=1)
    await office.post("gul", f"/v1/applications/{draft}/recheck")
    clock.at += timedelta(minutes=1)
    me = (await office.get("gul", "/v1/me")).json()
    body = {name: me[name] for name in ("unit", "name", "former_names", "id_number", "phone")}
    same = await office.client.put("/v1/me", json=body, headers=office.as_("gul"))
    assert (same.status_code, await blocking(office, draft)) == (200, [])
    body |= {"name": "阿依古丽·吐尔逊", "former_names": ["阿依古丽·买买提"]}
    changed = await office.client.put("/v1/me", json=body, headers=office.as_("gul"))
    assert (changed.status_code, changed.json()["name"]) == (200, "阿依古丽·吐尔逊")
    [told] = (await office.get("gul", f"/v1/applications/{draft}/attachments")).json()["items"]
    assert (told["state"], told["decision"], told["version"], told["pages"]) == ("queued", "yes", 3, [])
    assert (await job_of(dated, first)).state is State.ERASING
    job = await job_of(dated, await redacted(dated, one))
    assert job.identity is not None
    sealed = (await dated.vault.get(job.identity)).decode()
    assert [sealed.find(name) >= 0 for name in ("阿依古丽·吐尔逊", "阿依古丽·买买提")] == [True, True]
    assert await blocking(office, draft) == ["masking.recheck"]
    await Factory(dated).erasure().sweep()
    assert await dated.vault.holds(job.source)  # the document itself stays
    number = id_number()
    await office.register("other", id_number=number)
    taken = await office.client.put("/v1/me", json=body | {"id_number": number}, headers=office.as_("gul"))
    assert (taken.status_code, taken.json()["code"]) == (409, "person.registered")
