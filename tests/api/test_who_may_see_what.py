"""Who may see what: every object of the rule book's table, for every viewer, over HTTP. What one may not know is 404."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from mangping_api.main import build
from mangping_api.wiring import Context

from tests.api.office import IN_WINDOW, Clock, id_number
from tests.api.reviewing import Tiers, open_tiers
from tests.api.test_attachments import attached, decide, redacted
from tests.conftest import Env, NewEnv, settings_of

NAME, NUMBER = "阿依古丽·买买提", "11010519"
FORMAL = datetime(2024, 10, 28, 4, tzinfo=UTC)
VIEWERS = ("applicant", "unit", "authority", "office", "other_unit", "expert", "administrator", "stranger", "nobody")
# object -> who may see it; everybody else is told that there is no such thing (401 without a token). The table A.3 of
# the rule book: an expert gets nothing here at all, what a panel sees is made for it.
INSIDE = {"applicant", "unit", "authority", "office"}
SEES: dict[str, set[str]] = {
    "form with name": INSIDE, "original attachment": INSIDE, "masked rendition": INSIDE, "return reasons": INSIDE,
    "defect notice": INSIDE, "timeline": INSIDE, "attachments": INSIDE, "recheck list": INSIDE,
    "findings": INSIDE, "reviewers": {"unit", "authority", "office"},
}  # fmt: skip


@dataclass
class World:
    tiers: Tiers
    id: UUID
    attachment: str
    subjects: dict[str, str]

    async def see(self, viewer: str, path: str) -> httpx.Response:
        office = self.tiers.office
        headers = office.as_(self.subjects[viewer]) if viewer != "nobody" else {}
        return await office.client.get(path, headers=headers)

    def path(self, what: str) -> str:
        where = f"/v1/applications/{self.id}"
        return {
            "form with name": f"{where}/sections/basic",
            "original attachment": f"{where}/attachments/{self.attachment}/original",
            "masked rendition": f"{where}/attachments/{self.attachment}/renditions/1",
            "return reasons": f"{where}/returns",
            "defect notice": f"{where}/papers",
            "timeline": f"{where}/timeline",
            "attachments": f"{where}/attachments",
            "recheck list": f"{where}/recheck",
            "findings": f"{where}/findings",
            "reviewers": f"/v1/reviews/{self.id}",
        }[what]


@pytest.fixture
def own_env(new_env: NewEnv) -> Env:
    return new_env()


@pytest.fixture
async def world(own_env: Env, token: Callable[..., str]) -> AsyncIterator[World]:
    opened = Context.open(settings_of(own_env), name="tests")
    dated = replace(opened, now=(clock := Clock(IN_WINDOW)))
    app = build(settings_of(own_env), context=dated)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client,
    ):
        yield await _returned(await open_tiers(client, dated, token, clock), dated, clock)


async def _returned(tiers: Tiers, context: Context, clock: Clock) -> World:
    """One application with a document, reviewed by its school and sent back by a bureau; and everybody who may look."""
    office = tiers.office
    id = await tiers.submitted("gul")
    assert (await office.post("gul", f"/v1/applications/{id}/withdraw")).status_code == 200
    document = await attached(office, id)
    await redacted(context, document)
    assert (await decide(office, id, document, 1, decision="yes")).status_code == 200
    clock.at = clock.at.replace(minute=5)
    assert (await office.post("gul", f"/v1/applications/{id}/recheck")).status_code == 200
    assert (await office.post("gul", f"/v1/applications/{id}/submit")).status_code == 200
    await tiers.recommended(id)
    clock.at = FORMAL
    await tiers.sent_back(tiers.hr, id, teaching="课时数与证明不符")
    await office.officer("office-1", "office", office.root)
    await office.officer("unit-4", "unit", office.other_school)
    await office.officer("expert-1", "expert", office.root)
    await office.register("stranger")
    subjects = {
        "applicant": "gul", "unit": tiers.school, "authority": tiers.hr, "office": "office-1", "other_unit": "unit-4",
        "expert": "expert-1", "administrator": office.admin, "stranger": "stranger",
    }  # fmt: skip
    return World(tiers, id, document, subjects)


async def test_every_object_for_every_viewer(world: World) -> None:
    found: dict[str, dict[str, int]] = {}
    for what in SEES:
        found[what] = {viewer: (await world.see(viewer, world.path(what))).status_code for viewer in VIEWERS}
    assert found == {
        what: {
            viewer: 200 if viewer in seen else 401 if viewer == "nobody" else 403 if _refused(what, viewer) else 404
            for viewer in VIEWERS
        }
        for what, seen in SEES.items()
    }


def _refused(what: str, viewer: str) -> bool:
    """One's own application is no secret to oneself: its review is not one's to do."""
    return what == "reviewers" and viewer == "applicant"


async def test_nobody_outside_reads_a_name_anywhere(world: World) -> None:
    for viewer in ("other_unit", "expert", "stranger", "nobody"):
        for path in (*(world.path(what) for what in SEES), "/v1/applications", "/v1/reviews", "/v1/notifications"):
            told = (await world.see(viewer, path)).text
            assert (viewer, path, [word for word in (NAME, NUMBER, str(world.id)) if word in told]) == (
                viewer, path, [],
            )  # fmt: skip


async def test_the_applicant_learns_the_office_never_the_officer(world: World) -> None:
    officers = {
        str((await world.tiers.office.get(who, "/v1/me")).json()["id"]) for who in (world.tiers.school, world.tiers.hr)
    }
    for what in ("return reasons", "timeline", "findings"):
        told = (await world.see("applicant", world.path(what))).text
        assert [one for one in officers if one in told] == []
    [back] = (await world.see("applicant", world.path("return reasons"))).json()["items"]
    assert back["body"] == "库尔勒市人力资源和社会保障局"
    sheet = (await world.see("office", world.path("reviewers"))).json()
    assert {one["by"] for item in sheet["items"] for one in item["verdicts"]} == officers


async def test_the_integrity_register_is_for_authorities_and_for_oneself(world: World) -> None:
    asked: dict[str, Any] = {"id_number": id_number()}
    found = {}
    for viewer in VIEWERS[:-1]:
        answer = await world.tiers.office.post(world.subjects[viewer], "/v1/integrity/search", asked)
        found[viewer] = answer.status_code
    assert found == {viewer: 200 if viewer in ("authority", "office") else 403 for viewer in VIEWERS[:-1]}
    assert (await world.see("applicant", "/v1/me/integrity")).json() == {"items": []}
