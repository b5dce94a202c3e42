"""Papers over HTTP: set from what is on record, issued once for the same content, verifiable by anybody who holds one."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pypdfium2
import pytest
from mangping_api.main import build
from mangping_api.wiring import Context

from tests.api.office import IN_WINDOW, SECTIONS, Clock, save
from tests.api.reviewing import Tiers, open_tiers
from tests.conftest import NewEnv, settings_of

FORMAL = datetime(2024, 10, 28, 4, tzinfo=UTC)


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
async def tiers(env: dict[str, str], context: Context, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    dated = replace(context, now=(clock := Clock(IN_WINDOW)))
    app = build(settings_of(env), context=dated)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client,
    ):
        yield await open_tiers(client, dated, token, clock)


async def issue(tiers: Tiers, who: str, id: UUID, kind: str) -> httpx.Response:
    return await tiers.office.post(who, f"/v1/applications/{id}/papers", {"kind": kind})


async def text_of(tiers: Tiers, who: str, id: UUID, paper: dict[str, Any]) -> str:
    answer = await tiers.office.get(who, f"/v1/applications/{id}/papers/{paper['id']}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    told = (await tiers.office.get(who, f"/v1/applications/{id}/papers")).json()["items"]
    [kept] = [one for one in told if one["id"] == paper["id"]]
    assert (kept["sha256"], kept["size"]) == (hashlib.sha256(answer.content).hexdigest(), len(answer.content))
    pages = pypdfium2.PdfDocument(answer.content)
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in pages)


async def accepted(tiers: Tiers, subject: str) -> UUID:
    id = await tiers.submitted(subject)
    await tiers.recommended(id)
    tiers.clock.at = FORMAL
    for bureau in (tiers.hr, tiers.education):
        await tiers.signed(bureau, id)
    assert (await tiers.done(tiers.hr, id, "pass"))["state"] == "accepted"
    return id


async def test_the_form_is_printed_when_the_notice_allows_and_is_the_same_until_something_changes(tiers: Tiers) -> None:
    early = await tiers.submitted("early")
    refused = await issue(tiers, "early", early, "review_form")
    assert (refused.status_code, refused.json()["code"]) == (422, "paper.not_yet")
    assert [rule["rule"] for one in refused.json()["findings"] for rule in one["rules"]] == ["KP-36"]
    id = await accepted(tiers, "gul")
    first, again = [await issue(tiers, "gul", id, "review_form") for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    text = await text_of(tiers, "gul", id, first.json())
    assert first.json()["code"] in text
    assert "阿依古丽·买买提" in text
    assert "库尔勒市教育局审核意见" in text


async def test_whoever_holds_a_print_can_have_it_verified_without_a_name_being_told(tiers: Tiers) -> None:
    made = (await issue(tiers, "gul", await accepted(tiers, "gul"), "review_form")).json()
    typed = made["code"].lower().replace("-", "")
    answer = await tiers.office.client.get(f"/v1/public/papers/{typed}")
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"code", "title", "issued_at", "sha256", "newest"}
    assert (told["code"], told["title"], told["newest"]) == (made["code"], "专业技术职务任职资格评审表", True)
    for wrong in ("0000-0000-0000-0000", "六零"):
        missing = await tiers.office.client.get(f"/v1/public/papers/{wrong}")
        assert (missing.status_code, missing.json()["code"]) == (404, "paper.unknown_code")


async def test_a_phone_that_reads_the_code_and_whoever_types_the_printed_address_get_a_page(tiers: Tiers) -> None:
    made = (await issue(tiers, "gul", await accepted(tiers, "gul"), "review_form")).json()
    ask, browser, printed = tiers.office.client.get, {"Accept": "text/html,*/*"}, "/v1/public/papers"
    scanned, typed = (
        await ask(f"{printed}/{made['code']}", headers=browser),
        await ask(printed, params={"code": made["code"].lower()}),
    )
    assert scanned.text == typed.text
    assert (scanned.status_code, scanned.headers["content-type"]) == (200, "text/html; charset=utf-8")
    told = (made["code"], "专业技术职务任职资格评审表", "有效，是最新的一份", "2024年10月28日 12:00")
    assert [words for words in told if words not in scanned.text] == []
    assert "阿依古丽" not in scanned.text
    empty, wrong = await ask(printed), await ask(printed, params={"code": "<b>0000"})
    assert (empty.status_code, empty.text.count("<form"), "没有编号" in empty.text) == (200, 1, False)
    assert (wrong.status_code, "没有编号为“&lt;b&gt;0000”的材料。" in wrong.text, "<b>0000" in wrong.text) == (
        404,
        True,
        False,
    )
    assert "form-action 'self'" in wrong.headers["Content-Security-Policy"]


async def test_a_defect_notice_tells_everything_but_who_found_it(tiers: Tiers) -> None:
    id = await tiers.submitted("gul")
    nothing = await issue(tiers, "gul", id, "defect_notice")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "paper.nothing")
    await tiers.recommended(id)
    tiers.clock.at = FORMAL
    await tiers.sent_back(tiers.hr, id, teaching="课时数与证明不符", basic="性别填写有误")
    made = (await issue(tiers, "gul", id, "defect_notice")).json()
    text = await text_of(tiers, "gul", id, made)
    assert [words in text for words in ("课时数与证明不符", "性别填写有误", "人力资源和社会保障局")] == [True] * 3
    right = SECTIONS["teaching"] | {"lessons_5_years": 3000}
    await save(tiers.office, "gul", id, "teaching", right, 1)
    assert (await issue(tiers, "gul", id, "defect_notice")).json() == made  # what was told stays told


async def test_the_record_of_the_review_names_officers_and_is_for_those_above_the_unit(tiers: Tiers) -> None:
    id = await accepted(tiers, "gul")
    for who in ("gul", tiers.school):
        hidden = await issue(tiers, who, id, "review_record")
        assert (hidden.status_code, hidden.json()["code"]) == (403, "role.missing")
    made = (await issue(tiers, tiers.hr, id, "review_record")).json()
    text = await text_of(tiers, tiers.hr, id, made)
    assert text.count("审核人") == 3
    assert text.count("所见摘要") == 3
    for who in ("gul", tiers.school):
        assert (await tiers.office.get(who, f"/v1/applications/{id}/papers")).json() == {"items": []}
        direct = await tiers.office.get(who, f"/v1/applications/{id}/papers/{made['id']}")
        assert (direct.status_code, direct.json()["code"]) == (404, "paper.unknown")


async def test_a_stranger_learns_nothing_of_papers(tiers: Tiers) -> None:
    id = await accepted(tiers, "gul")
    await tiers.office.register("stranger")
    for answer in (
        await issue(tiers, "stranger", id, "review_form"),
        await tiers.office.get("stranger", f"/v1/applications/{id}/papers"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "application.unknown")
