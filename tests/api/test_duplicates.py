"""Two committees, one level, one year: the submission that knows is refused, what slipped by is void later."""

from __future__ import annotations

from uuid import UUID

import pytest
from mangping_api.tables import ledger
from mangping_api.wiring import Context, Factory
from sqlalchemy import select, text

from tests.api.office import PLAIN_PACK, SECTIONS, Office, begun, fill, load_pack, save

VOIDING = PLAIN_PACK.replace("version: 1", "version: 2", 1).replace(
    "\nbans:\n", "\nbans:\n  - {key: void, title: 同年度申报多个同级别职称, effect: void, cite: KP-50}\n", 1
)


async def submitted(office: Office, who: str, id: UUID) -> None:
    answer = await office.post(who, f"/v1/applications/{id}/submit")
    assert answer.status_code == 200, answer.text


async def another(office: Office, who: str, programme: UUID) -> UUID:
    body = {"programme": str(programme), "kind": "评审", "level": "初级", "path": "正常"}
    id = UUID((await office.post(who, "/v1/applications", body)).json()["id"])
    for section, content in SECTIONS.items():
        assert (await save(office, who, id, section, content)).status_code == 200
    return id


async def states(office: Office, who: str, *ids: UUID) -> list[str]:
    return [(await office.get(who, f"/v1/applications/{id}")).json()["state"] for id in ids]


async def test_all_that_the_notice_calls_void_are_void_and_nothing_else(office: Office, dated: Context) -> None:
    plain, voiding = await load_pack(office, PLAIN_PACK), await load_pack(office, VOIDING)
    first = await begun(office, "gul", plain)
    await fill(office, "gul", first)
    second = await another(office, "gul", voiding)
    only = await begun(office, "nur", voiding)
    await fill(office, "nur", only)
    for who, id in (("gul", first), ("nur", only)):
        await submitted(office, who, id)
    sweep = Factory(dated).duplicates().sweep
    assert await sweep() == 0
    await submitted(office, "gul", second)
    assert [await sweep(), await sweep()] == [1, 0]
    assert await states(office, "gul", first, second) == ["submitted", "void"]
    assert await states(office, "nur", only) == ["submitted"]
    async with dated.db.begin() as tx:
        last = select(ledger.audit).where(ledger.audit.c.stream == f"application:{second}")
        entry = (await tx.execute(last.order_by(ledger.audit.c.seq.desc()).limit(1))).mappings().one()
        assert await ledger.verify(tx, f"application:{second}") is None
    assert (entry["event"], entry["actor"], entry["facts"]["rules"], entry["facts"]["same_level_same_year"]) == (
        "application.voided", "clock", ["KP-50"], 2,
    )  # fmt: skip
    line = (await office.get("gul", f"/v1/applications/{second}/timeline")).json()["deadlines"]
    assert {one["state"] for one in line if one["on_end"]} == {"met"}


async def test_one_bad_file_never_holds_up_the_others_and_a_void_one_is_not_begun_anew(
    office: Office, dated: Context, caplog: pytest.LogCaptureFixture
) -> None:
    plain, voiding = await load_pack(office, PLAIN_PACK), await load_pack(office, VOIDING)
    pairs: dict[str, list[UUID]] = {}
    for who in ("bad", "good"):
        first = await begun(office, who, plain)
        await fill(office, who, first)
        pairs[who] = [first, await another(office, who, voiding)]
        for id in pairs[who]:
            await submitted(office, who, id)
    async with dated.db.begin() as tx:
        nowhere = text("update review.applications set tier = 'nowhere' where id = :id")
        await tx.execute(nowhere, {"id": pairs["bad"][1]})
    sweep = Factory(dated).duplicates().sweep
    assert [await sweep(), await sweep()] == [1, 0]
    assert await states(office, "good", *pairs["good"]) == ["submitted", "void"]
    assert await states(office, "bad", *pairs["bad"]) == ["submitted", "submitted"]
    told = [one for one in caplog.records if one.getMessage() == "duplicates.held_up"]
    assert [one.levelname for one in told] == ["WARNING"] * 2
    body = {"programme": str(voiding), "kind": "评审", "level": "初级", "path": "正常"}
    again = await office.post("good", "/v1/applications", body)
    assert (again.status_code, again.json()["code"]) == (409, "application.used_up")


async def test_one_that_was_taken_back_is_no_duplicate(office: Office, dated: Context) -> None:
    plain, voiding = await load_pack(office, PLAIN_PACK), await load_pack(office, VOIDING)
    first = await begun(office, "gul", plain)
    await fill(office, "gul", first)
    second = await another(office, "gul", voiding)
    for id in (first, second):
        await submitted(office, "gul", id)
    assert (await office.post("gul", f"/v1/applications/{first}/withdraw")).status_code == 200
    assert await Factory(dated).duplicates().sweep() == 0
    assert await states(office, "gul", first, second) == ["draft", "submitted"]
