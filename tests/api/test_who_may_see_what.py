"""Who may see what: every object of the rule book's table, for every viewer, over HTTP. What one may not know is 404."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from mangping_api.domain.charge import Charge, Line, State
from mangping_api.main import build
from mangping_api.storage import charges
from mangping_api.wiring import Context

from tests.api.office import IN_WINDOW, Clock, id_number
from tests.api.reviewing import Tiers, open_tiers
from tests.api.test_attachments import attached, decide, redacted
from tests.api.unit_duties import deliberated, ok, posted, put
from tests.conftest import Env, NewEnv, settings_of

NAME, NUMBER = "阿依古丽·买买提", "11010519"
FORMAL = datetime(2024, 10, 28, 4, tzinfo=UTC)
VIEWERS = ("applicant", "unit", "authority", "office", "other_unit", "expert", "administrator", "stranger", "nobody")
# object -> who may see it; everybody else is told that there is no such thing (401 without a token). The table A.3 of
# the rule book: an expert gets nothing here at all, what a panel sees is made for it.
INSIDE = {"applicant", "unit", "authority", "office"}
KEEPING = {"unit", "office", "administrator"}  # of the unit's own, by those above it in the tree
SEES: dict[str, set[str]] = {
    "form with name": INSIDE, "original attachment": INSIDE, "masked rendition": INSIDE, "return reasons": INSIDE,
    "defect notice": INSIDE, "timeline": INSIDE, "attachments": INSIDE, "recheck list": INSIDE,
    "findings": INSIDE, "reviewers": INSIDE - {"applicant"}, "defect notice on paper": INSIDE,
    "deliberation": INSIDE - {"applicant"}, "who passed it": {"authority", "office"},
    "posting on record": KEEPING | {"authority"}, "objections": INSIDE - {"applicant"}, "certificate's photo": KEEPING | {"authority"},
    "complaint": {"authority", "office"}, "post plan": KEEPING | {"authority"}, "unit's list": KEEPING,
    "unit's roster": {"unit", "office"},
    "payment status": INSIDE - {"unit"}, "page of a posting that ended": set(),
}  # fmt: skip
# One's own application is no secret to oneself: what is said of it there is not one's to see. Units and their duties are
# no secret to anybody who has registered either.
FORBIDDEN: dict[str, set[str]] = {
    "reviewers": {"applicant"}, "deliberation": {"applicant"}, "who passed it": {"applicant", "unit"},
    **{what: set(VIEWERS) - {"nobody"} for what in (
        "posting on record", "objections", "certificate's photo", "post plan", "unit's list", "unit's roster",
    )},
}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@dataclass
class World:
    tiers: Tiers
    id: UUID
    attachment: str
    subjects: dict[str, str]
    held: dict[str, str]  # what else there is, by its path

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
            "deliberation": f"{where}/deliberation",
            "who passed it": f"{where}/reviewers",
            "payment status": f"{where}/charge",
            **self.held,
        }[what]


@pytest.fixture
def own_env(new_env: NewEnv) -> Env:
    return new_env()


@pytest.fixture
async def own_context(own_env: Env) -> AsyncIterator[Context]:
    opened = Context.open(settings_of(own_env), name="tests")
    yield opened
    await opened.close()


@pytest.fixture
async def world(own_env: Env, own_context: Context, token: Callable[..., str]) -> AsyncIterator[World]:
    dated = replace(own_context, now=(clock := Clock(IN_WINDOW)))
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
    await office.officer("office-1", "office", office.root)
    held = await _posted(tiers, id)
    await tiers.recommended(id)
    clock.at = FORMAL
    held["complaint"] = await _complained(tiers, id)
    await tiers.sent_back(tiers.hr, id, teaching="课时数与证明不符")
    made = await office.post("gul", f"/v1/applications/{id}/papers", {"kind": "defect_notice"})
    held["defect notice on paper"] = f"/v1/applications/{id}/papers/{made.json()['id']}"
    await _charged(context, tiers, id)
    await office.officer("unit-4", "unit", office.other_school)
    await office.officer("expert-1", "expert", office.root)
    await office.register("stranger")
    subjects = {
        "applicant": "gul", "unit": tiers.school, "authority": tiers.hr, "office": "office-1", "other_unit": "unit-4",
        "expert": "expert-1", "administrator": office.admin, "stranger": "stranger",
    }  # fmt: skip
    return World(tiers, id, document, subjects, held)


async def _posted(tiers: Tiers, id: UUID) -> dict[str, str]:
    """What the school put on record, with an objection that it looked into."""
    office, place = tiers.office, f"/v1/organisations/{tiers.office.school}"
    notice = await posted(tiers, id)
    where = f"/v1/postings/{notice}"
    raised = {
        "application": str(id),
        "channel": "phone",
        "name": "提出异议的人",
        "contact": "13911110000",
        "words": "有疑异",
    }
    one = (await ok(await office.post(tiers.school, f"{where}/objections", raised), 201))["id"]
    settled = {"outcome": "dismissed", "handling": "经查属实"}
    await ok(await office.post(tiers.school, f"{where}/objections/{one}/settle", settled))
    await ok(await office.client.post(f"{where}/photos", content=PNG, headers=office.as_(tiers.school)), 201)
    await ok(await deliberated(tiers, id, "2024-10-10", "2024-10-10"))
    plan = await ok(
        await put(office, tiers.school, f"{place}/post-plan", {"programme": str(tiers.programme), "posts": 1})
    )
    return {
        "posting on record": where, "objections": f"{where}/objections", "certificate's photo": f"{where}/photos/1",
        "post plan": f"/v1/post-plans/{plan['id']}", "unit's list": f"{place}/ranking?programme={tiers.programme}",
        "unit's roster": f"{place}/applicants.xlsx?programme={tiers.programme}",
        "page of a posting that ended": f"/v1/public/publicity/{notice}",
    }  # fmt: skip


async def _complained(tiers: Tiers, id: UUID) -> str:
    body = {"application": str(id), "channel": "letter", "name": "举报的人", "contact": "13922220000", "words": "不实"}
    case = (await ok(await tiers.office.post("office-1", "/v1/complaints", body), 201))["id"]
    decided = {"conclusion": "不属实", "basis": ["某办法"], "words": "经查不实"}
    await ok(await tiers.office.post("office-1", f"/v1/complaints/{case}/decide", decided))
    return f"/v1/complaints/{case}"


async def _charged(context: Context, tiers: Tiers, id: UUID) -> None:
    """As if it had been accepted before."""
    at = tiers.clock()
    made = Charge(uuid4(), tiers.programme, None, "sub:gul", uuid4(), State.ORDERED, 38000, at, None)
    line = Line(id, "评审", "初级", 38000)
    async with context.db.begin() as tx:
        await charges.add(tx, made, [line])


async def test_every_object_for_every_viewer(world: World) -> None:
    found: dict[str, dict[str, int]] = {}
    for what in SEES:
        found[what] = {viewer: (await world.see(viewer, world.path(what))).status_code for viewer in VIEWERS}
    assert found == {
        what: {viewer: 200 if viewer in seen else _told(what, viewer) for viewer in VIEWERS}
        for what, seen in SEES.items()
    }


def _told(what: str, viewer: str) -> int:
    if viewer == "nobody":
        return 404 if what == "page of a posting that ended" else 401
    return 403 if viewer in FORBIDDEN.get(what, ()) else 404


async def test_a_page_is_everybodys_while_it_is_posted_and_shows_a_part_of_the_number(world: World) -> None:
    world.tiers.clock.at = IN_WINDOW.replace(hour=6)
    path = world.path("page of a posting that ended")
    pages = [await world.see(viewer, path) for viewer in VIEWERS]
    assert [one.status_code for one in pages] == [200] * len(VIEWERS)
    [shown] = {one.text for one in pages}
    assert (NAME in shown, NUMBER in shown, "13800000000" in shown) == (True, False, False)


async def test_who_objected_and_who_complained_is_told_to_officers_alone(world: World) -> None:
    found: dict[str, list[str]] = {}
    for viewer in VIEWERS:
        told = "".join([(await world.see(viewer, world.path(what))).text for what in SEES])
        found[viewer] = [one for one in ("提出异议的人", "举报的人") if one in told]
    both, none = ["提出异议的人", "举报的人"], list[str]()
    assert found == dict.fromkeys(VIEWERS, none) | {"unit": both[:1], "authority": both, "office": both}


async def test_an_endpoint_is_its_owners_alone(world: World, own_context: Context, token: Callable[..., str]) -> None:
    local = replace(own_context, settings=own_context.settings.model_copy(update={"webhooks_local": True}))
    owner = f"sub:{world.subjects['administrator']}"
    made, _ = await local.webhooks.register(owner, None, "http://127.0.0.1:9/", ["application.returned"])
    found = {}
    for viewer in VIEWERS[:-1]:
        bearer = token(world.subjects[viewer], "webhooks:read", client_id="", azp="")
        headers = {"Authorization": f"Bearer {bearer}"}
        found[viewer] = (await world.tiers.office.client.get(f"/v1/webhooks/{made.id}", headers=headers)).status_code
    assert found == {viewer: 200 if viewer == "administrator" else 404 for viewer in VIEWERS[:-1]}


async def test_an_entry_is_told_to_whom_it_is_about_without_the_reviewers(world: World) -> None:
    finding = {"application": str(world.id), "cause": "师德失范", "basis": ["某办法"], "words": "查实"}
    await ok(await world.tiers.office.post("office-1", "/v1/integrity", finding), 201)
    own = {viewer: (await world.see(viewer, "/v1/me/integrity")).json()["items"] for viewer in VIEWERS[:-1]}
    assert {viewer: len(items) for viewer, items in own.items()} == {
        viewer: int(viewer == "applicant") for viewer in VIEWERS[:-1]
    }
    assert own["applicant"][0]["looked_back"] == []


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
