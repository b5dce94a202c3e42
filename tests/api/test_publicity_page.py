"""The public page of a posting: for anyone, only while it stands posted, and only what the template shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from mangping_api.wiring import Context

from tests.api.office import SECTIONS, fill, save
from tests.api.reviewing import Tiers
from tests.api.unit_duties import begun_as, beijing, ok, posted, school
from tests.conftest import Env, NewEnv


@pytest.fixture
def env(new_env: NewEnv) -> Env:
    return new_env()


@pytest.fixture
async def tiers(env: Env, context: Context, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    async with school(env, context, token, "2024-10-10 12:00") as made:
        yield made


NAME, NUMBER, PHONE = "热依汗古丽·托合提", "652801199001010029", "13912345678"
SCRIPT = "<script>alert('公示')</script>"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)


async def page(tiers: Tiers, notice: str, accept: str = "application/json") -> tuple[int, str, str]:
    where = f"/v1/public/publicity/{notice}"
    answer = await tiers.office.client.get(where, headers={"Accept": accept, "Authorization": ""})
    return answer.status_code, answer.headers["Content-Type"].partition(";")[0], answer.text


async def application(tiers: Tiers, who: str) -> str:
    id = await begun_as(tiers, who, name=NAME, id_number=NUMBER, phone=PHONE)
    await fill(tiers.office, who, id)
    content = {**SECTIONS["achievements"], "awards": f"市级优秀教师{SCRIPT}"}
    assert (await save(tiers.office, who, id, "achievements", content, 1)).status_code == 200
    await ok(await tiers.office.post(who, f"/v1/applications/{id}/submit"))
    return str(id)


async def test_the_page_is_there_from_posting_to_its_end_and_not_a_moment_longer(tiers: Tiers) -> None:
    id = await application(tiers, "gul")
    assert (await page(tiers, str(uuid4())))[0] == 404
    notice = await posted(tiers, id)  # type: ignore[arg-type]
    status, kind, told = await page(tiers, notice)
    assert (status, kind) == (200, "application/json")
    assert [
        word for word in (NAME, "652***********0029", "维吾尔族", "市级优秀教师", "0996-2168525") if word not in told
    ] == []
    hidden = (NUMBER, "19900101", PHONE, id, "20196500000000001", "近五年课时", str(tiers.office.school))
    assert [word for word in hidden if word in told] == []
    status, kind, html = await page(tiers, notice, "text/html,application/xhtml+xml")
    assert (status, kind) == (200, "text/html")
    assert [word for word in (*hidden, SCRIPT) if word in html] == []
    tags = Tags()
    tags.feed(html)
    assert tags.seen & {"script", "img", "link", "iframe", "a", "form"} == set()
    tiers.clock.at = beijing("2024-10-16 23:59:59")
    assert (await page(tiers, notice))[0] == 200
    tiers.clock.at = beijing("2024-10-17 00:00")
    status, kind, told = await page(tiers, notice)
    assert (status, kind, NAME in told) == (404, "application/problem+json", False)


async def test_what_was_taken_down_is_gone_and_what_was_posted_never_changes(tiers: Tiers) -> None:
    id = await tiers.submitted("gul2")
    notice = await posted(tiers, id)
    before = await page(tiers, notice)
    await ok(await tiers.office.post("gul2", f"/v1/applications/{id}/withdraw"))
    content = {**SECTIONS["achievements"], "awards": "改了"}
    assert (await save(tiers.office, "gul2", id, "achievements", content, 1)).status_code == 200
    assert await page(tiers, notice) == before
    await ok(await tiers.office.post(tiers.school, f"/v1/postings/{notice}/withdraw"))
    assert (await page(tiers, notice))[0] == 404
    again = await tiers.office.post(tiers.school, f"/v1/postings/{notice}/withdraw")
    assert (again.status_code, again.json()["code"]) == (409, "posting.closed")


async def test_the_page_may_load_nothing_and_is_not_indexed(tiers: Tiers) -> None:
    notice = await posted(tiers, await tiers.submitted("gul3"))
    answer = await tiers.office.client.get(f"/v1/public/publicity/{notice}")
    told = {
        name: answer.headers[name] for name in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy", "X-Frame-Options")
    }
    assert told == {
        "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }  # fmt: skip
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
