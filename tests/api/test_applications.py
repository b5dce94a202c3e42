"""From an empty form to a submitted application, over HTTP, against the real database."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from mangping import logs
from mangping_api.domain.application import EDGES, MACHINE, Act, Party, State
from mangping_api.main import build
from mangping_api.wiring import Context, Factory
from sqlalchemy import event, text

from tests.api.office import (
    IN_WINDOW,
    PLAIN_PACK,
    SECTIONS,
    WINDOW_ENDS,
    Clock,
    Office,
    begun,
    fill,
    id_number,
    load_pack,
    open_office,
    save,
)
from tests.conftest import ROOT, NewEnv, settings_of


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
def clock() -> Clock:
    return Clock(IN_WINDOW)


@pytest.fixture
async def dated(context: Context, clock: Clock) -> Context:
    return replace(context, now=clock)


@pytest.fixture
async def office(env: dict[str, str], dated: Context, token: Callable[..., str]) -> AsyncIterator[Office]:
    app = build(settings_of(env), context=dated)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client,
    ):
        yield await open_office(client, dated, token)


@pytest.fixture
async def programme(office: Office) -> UUID:
    return await load_pack(office, PLAIN_PACK)


async def blocking(office: Office, subject: str, id: UUID) -> list[tuple[str, str]]:
    told = (await office.get(subject, f"/v1/applications/{id}/findings")).json()
    found = [(one["code"], one["place"]) for one in told["items"] if one["blocking"]]
    assert told["blocking"] == len(found)
    return found


async def test_a_filled_form_is_submitted(office: Office, programme: UUID) -> None:
    id = await begun(office, "gul", programme)
    await fill(office, "gul", id)
    assert await blocking(office, "gul", id) == []
    done = await office.post("gul", f"/v1/applications/{id}/submit")
    assert (done.status_code, done.json()) == (200, {"id": str(id), "state": "submitted"})
    told = (await office.get("gul", f"/v1/applications/{id}")).json()
    assert (told["state"], told["submissions"], told["submitted_at"]) == ("submitted", 1, "2024-10-10T04:00:00Z")
    line = (await office.get("gul", f"/v1/applications/{id}/timeline")).json()
    assert [(one["event"], one["by"]) for one in line["events"][:1] + line["events"][-1:]] == [
        ("application.begun", "applicant"), ("application.submitted", "applicant"),
    ]  # fmt: skip
    [window] = [one for one in line["deadlines"] if one["kind"] == "window.application"]
    assert (window["end"], window["state"], window["on_end"], [rule["rule"] for rule in window["rules"]]) == (
        "2024-10-25T16:00:00Z", "met", "lapse", ["KP-11"],
    )  # fmt: skip
    assert window["trace"] == ["通知载明截止2024年10月25日（星期五）24:00"]
    told = {one["key"]: (one["value"], [rule["rule"] for rule in one["rules"]]) for one in line["figures"]}
    assert told["submissions"] == ("不超过3次，每次提交都计", ["KP-25"])
    [closes] = [one["deadline"] for one in line["figures"] if one["key"] == "window.application"]
    assert closes == {name: window[name] for name in ("started_at", "raw_end", "end", "trace")}


async def test_on_a_day_that_the_pack_does_not_answer_for_the_timeline_still_tells_what_happened(
    office: Office, programme: UUID, clock: Clock
) -> None:
    id = await begun(office, "much-later", programme)
    clock.at = datetime(2026, 1, 5, 4, tzinfo=UTC)
    line = (await office.get("much-later", f"/v1/applications/{id}/timeline")).json()
    assert ([one["event"] for one in line["events"]], line["figures"]) == (["application.begun"], None)
    refused = await office.get("much-later", f"/v1/programmes/{programme}/figures")
    assert (refused.status_code, refused.json()["code"]) == (409, "programme.not_valid")


async def test_a_programme_tells_deadlines_fee_and_bans_with_their_rules(office: Office) -> None:
    notice = (ROOT / "services/api/policy/bazhou-technical-2024.yaml").read_text("utf-8")
    path = f"/v1/programmes/{await load_pack(office, notice)}/figures"
    told = {one["key"]: one for one in (await office.get(office.admin, path)).json()["items"]}
    assert told["window.application"]["deadline"]["end"] == "2024-10-07T16:00:00Z"
    assert [rule["rule"] for rule in told["window.application"]["rules"]] == ["BZ-05", "BZ-09"]
    bans = {key: one["value"] for key, one in told.items() if key.startswith("ban.")}
    assert len(bans) > 0
    assert "fee" not in told
    assert [key for key, one in told.items() if not one["rules"] or not one["value"]] == []
    asked = (await office.get(office.admin, path, kind="评审", level="中级")).json()["items"]
    [fee] = [one for one in asked if one["key"] == "fee"]
    assert (fee["title"], fee["value"]) == ("评审中级收费", "380.00元")


async def test_an_empty_form_is_told_all_its_defects_and_nothing_is_half_submitted(
    office: Office, programme: UUID
) -> None:
    id = await begun(office, "empty", programme)
    refused = await office.post("empty", f"/v1/applications/{id}/submit", **{"Idempotency-Key": "s"})
    assert (refused.status_code, refused.json()["code"]) == (422, "application.defective")
    listed = (await office.get("empty", f"/v1/applications/{id}/findings")).json()["items"]
    assert refused.json()["findings"] == listed
    assert {one["code"] for one in listed if one["blocking"]} >= {"form.blank", "text.missing", "fact.unknown"}
    assert [one["code"] for one in listed if not one["rules"] or not one["remedy"]] == []
    assert (await office.get("empty", f"/v1/applications/{id}")).json()["state"] == "draft"
    await fill(office, "empty", id)
    again = await office.post("empty", f"/v1/applications/{id}/submit", **{"Idempotency-Key": "s"})
    assert again.status_code == 200  # a refused request did not use its key up


DEFECTS: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("achievements", {"awards": ""}, [("form.blank", "主要业绩·获奖情况")]),
    ("achievements", {"summary": "阿依古丽·买买提担任语文教学。"}, [("form.identity", "主要业绩·个人总结")]),
    ("basic", {"taught_subject": "数学"}, [("check.subject", "任教学科")]),
    ("texts", {"pledge": "本人承诺属实"}, [("text.differs", "本人承诺")]),
    ("education_hours", {"continuing_education": [{"year": 2024, "subject": "合计", "amount": 17}]},
     [("education.short", "继续教育")]),
]  # fmt: skip


@pytest.mark.parametrize(("section", "wrong", "expected"), DEFECTS)
async def test_each_defect_is_found_where_it_is(
    office: Office, programme: UUID, section: str, wrong: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    id = await begun(office, "one", programme)
    await fill(office, "one", id)
    assert (await save(office, "one", id, section, SECTIONS[section] | wrong, 1)).status_code == 200
    assert await blocking(office, "one", id) == expected


async def test_a_save_needs_the_version_that_was_read(office: Office, programme: UUID) -> None:
    id = await begun(office, "etag", programme)
    path = f"/v1/applications/{id}/sections/teaching"
    empty = await office.get("etag", path)
    assert (empty.headers["ETag"], empty.json()) == ('"0"', {"section": "teaching", "version": 0, "content": {}})
    answers = [
        await save(office, "etag", id, "teaching", {"class_teacher_years": 1}, version)
        for version in (None, 1, 0, 0, 1)
    ]
    assert [(one.status_code, one.json().get("code")) for one in answers] == [
        (428, "section.if_match"), (412, "section.changed"), (200, None), (412, "section.changed"), (200, None),
    ]  # fmt: skip
    both = await asyncio.gather(*(save(office, "etag", id, "teaching", {"lessons_5_years": n}, 2) for n in (1, 2)))
    assert sorted(one.status_code for one in both) == [200, 412]
    kept = await office.get("etag", path)
    assert (kept.headers["ETag"], kept.json()["content"]) == (
        '"3"', next(one.json()["content"] for one in both if one.status_code == 200),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("section", "content", "status", "code"),
    [
        ("nowhere", {}, 404, "section.unknown"),
        ("teaching", {"阿依古丽": 1}, 422, "section.field_unknown"),
        ("teaching", {"lessons_5_years": 1.5}, 422, "section.value"),
        ("teaching", {"lessons_5_years": {"a": [1]}}, 422, "section.value"),
        ("teaching", {"lessons_5_years": "字" * 20_001}, 422, "section.value"),
        ("achievements", {"achievements": [{"what": "\0"}]}, 422, "section.value"),
    ],
)
async def test_what_no_form_can_hold_is_refused_at_once(
    office: Office, programme: UUID, section: str, content: dict[str, Any], status: int, code: str
) -> None:
    id = await begun(office, "odd", programme)
    answer = await save(office, "odd", id, section, content)
    assert (answer.status_code, answer.json()["code"], answer.text.find("阿依古丽")) == (status, code, -1)


async def test_two_submissions_at_once_are_one(office: Office, programme: UUID) -> None:
    id = await begun(office, "twice", programme)
    await fill(office, "twice", id)
    keys: list[dict[str, str]] = [{"Idempotency-Key": "a"}, {"Idempotency-Key": "b"}, {}]
    answers = await asyncio.gather(*(office.post("twice", f"/v1/applications/{id}/submit", **key) for key in keys))
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    line = (await office.get("twice", f"/v1/applications/{id}/timeline")).json()["events"]
    assert [one["event"] for one in line].count("application.submitted") == 1
    winner = next(key for key, one in zip(keys, answers, strict=True) if one.status_code == 200)
    again = await office.post("twice", f"/v1/applications/{id}/submit", **winner)
    assert again.status_code == (200 if winner else 409)


async def test_a_submission_is_taken_back_changed_and_submitted_again(office: Office, programme: UUID) -> None:
    id = await begun(office, "back", programme)
    await fill(office, "back", id)
    assert (await office.post("back", f"/v1/applications/{id}/submit")).status_code == 200
    closed = await save(office, "back", id, "teaching", {}, 1)
    assert (closed.status_code, closed.json()["code"]) == (409, "application.closed")
    assert (await office.post("back", f"/v1/applications/{id}/withdraw")).json()["state"] == "draft"
    assert (await save(office, "back", id, "teaching", SECTIONS["teaching"], 1)).status_code == 200
    assert (await office.post("back", f"/v1/applications/{id}/submit")).status_code == 200
    told = (await office.get("back", f"/v1/applications/{id}")).json()
    assert (told["state"], told["submissions"]) == ("submitted", 1)  # KP: a withdrawal does not count


async def test_one_live_application_a_programme(office: Office, programme: UUID) -> None:
    id = await begun(office, "only", programme)
    body = {"programme": str(programme), "kind": "评审", "level": "初级"}
    again = await office.post("only", "/v1/applications", body)
    assert (again.status_code, again.json()["code"]) == (409, "application.exists")
    assert (await office.post("only", f"/v1/applications/{id}/abandon")).json()["state"] == "abandoned"
    assert (await office.post("only", "/v1/applications", body)).status_code == 201
    wrong = await office.post("only", "/v1/applications", {**body, "level": "中级"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "application.kind")
    missing = await office.post("only", "/v1/applications", {**body, "programme": str(uuid4())})
    assert (missing.status_code, missing.json()["code"]) == (404, "programme.unknown")


async def test_an_application_is_unknown_to_others_and_shown_to_officers_once_handed_in(
    office: Office, programme: UUID
) -> None:
    id = await begun(office, "mine", programme)
    await fill(office, "mine", id)
    await office.register("stranger")
    await office.officer("unit-3", "unit", office.school)
    await office.officer("unit-4", "unit", office.other_school)
    await office.officer("above", "office", office.root)
    await office.officer("seat", "expert", office.root)
    everyone = ("stranger", "unit-3", "unit-4", "above", "seat", office.admin)
    reads = ("", "/sections/basic", "/findings", "/timeline")

    async def seen() -> dict[str, list[int]]:
        answers = {
            who: [(await office.get(who, f"/v1/applications/{id}{path}")).status_code for path in reads]
            for who in everyone
        }  # fmt: skip
        for who in everyone:
            writes = [
                await office.post(who, f"/v1/applications/{id}/{act}") for act in ("submit", "withdraw", "abandon")
            ]
            writes.append(await save(office, who, id, "basic", {}, 1))
            answers[who].append(writes[0].status_code)
            assert len({one.status_code for one in writes}) == 1
            listed = (await office.get(who, "/v1/applications")).json()["items"]
            assert [item["id"] for item in listed] == ([str(id)] if answers[who][0] == 200 else [])
        return answers

    assert await seen() == dict.fromkeys(everyone, [404] * 5)
    assert (await office.post("mine", f"/v1/applications/{id}/submit")).status_code == 200
    officers = {"unit-3", "above"}
    expected = {who: [200] * 4 + [403] if who in officers else [404] * 5 for who in everyone}
    assert await seen() == expected
    unknown = await office.get("stranger", f"/v1/applications/{uuid4()}")
    assert unknown.json()["code"] == (await office.get("stranger", f"/v1/applications/{id}")).json()["code"]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("party", Party)
def test_every_state_act_and_party(state: State, act: Act, party: Party) -> None:
    edge = EDGES.get((state, act))
    if edge is not None and edge.by is party:
        assert MACHINE.decide(state, act, party) is edge
    else:
        with pytest.raises(Exception, match=r"^application\.wrong_(role|state)$") as refused:
            MACHINE.decide(state, act, party)
        assert refused.value.status == (409 if edge is None else 403)  # type: ignore[attr-defined]


def test_every_state_can_be_reached() -> None:
    assert MACHINE.reachable() == frozenset(State)


async def test_drafts_lapse_at_the_end_of_the_window_and_exactly_once(
    office: Office, programme: UUID, dated: Context, clock: Clock
) -> None:
    draft, handed_in, back = [await begun(office, who, programme) for who in ("late", "in-time", "taken-back")]
    for who, id in (("in-time", handed_in), ("taken-back", back)):
        await fill(office, who, id)
        assert (await office.post(who, f"/v1/applications/{id}/submit")).status_code == 200
    assert (await office.post("taken-back", f"/v1/applications/{back}/withdraw")).status_code == 200
    sweeper = Factory(dated).lapses()
    clock.at = WINDOW_ENDS - timedelta(seconds=1)
    assert await sweeper.sweep() == 0
    clock.at = WINDOW_ENDS
    assert sum(await asyncio.gather(*(sweeper.sweep() for _ in range(3)))) == 2
    assert await sweeper.sweep() == 0
    states = {}
    for who, id in (("late", draft), ("in-time", handed_in), ("taken-back", back)):
        states[who] = (await office.get(who, f"/v1/applications/{id}")).json()["state"]
        events = (await office.get(who, f"/v1/applications/{id}/timeline")).json()["events"]
        assert [one["by"] for one in events if one["event"] == "application.lapsed"] == (
            [] if who == "in-time" else ["clock"]
        )
    assert states == {"late": "lapsed", "in-time": "submitted", "taken-back": "lapsed"}
    body = {"programme": str(programme), "kind": "评审", "level": "初级"}
    after = await office.post("late", "/v1/applications", body)
    assert (after.status_code, after.json()["code"]) == (409, "application.late")
    clock.at = IN_WINDOW.replace(year=2026)
    uncovered = await office.post("late", "/v1/applications", body)
    assert (uncovered.status_code, uncovered.json()["code"]) == (409, "programme.not_valid")


async def test_no_row_no_log_and_no_answer_to_strangers_holds_the_canary(
    office: Office, programme: UUID, dated: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    number, name, word = id_number(), "热依汗古丽·托合提", "金丝雀之言"
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.to_stderr()
    try:
        await office.register("canary", name=name, id_number=number, phone="13912345678")
        body = {"programme": str(programme), "kind": "评审", "level": "初级"}
        answer = await office.post("canary", "/v1/applications", body, **{"Idempotency-Key": "begin"})
        id = UUID(answer.json()["id"])
        await fill(office, "canary", id)
        told = SECTIONS["achievements"] | {"summary": f"{name}（{number}）：{word}"}
        await save(office, "canary", id, "achievements", told, 1)
        refused = await office.post("canary", f"/v1/applications/{id}/submit", **{"Idempotency-Key": "submit"})
        assert refused.json()["code"] == "application.defective"
        await save(office, "canary", id, "achievements", SECTIONS["achievements"] | {"awards": word}, 2)
        assert (await office.post("canary", f"/v1/applications/{id}/submit")).status_code == 200
        written = capsys.readouterr().err + refused.text
    finally:
        root.handlers[:], root.level = before, level
    async with dated.db.connect() as connection:
        tables = await connection.execute(text("select tablename from pg_tables where schemaname = 'review'"))
        for table in tables.scalars().all():
            rows = await connection.execute(
                text(f"select coalesce(string_agg(t::text, '|'), '') from review.{table} t")
            )
            written += rows.scalar_one()
    for secret in (name, number, "13912345678", word):
        assert (written.find(secret), written.find(secret.encode().hex())) == (-1, -1)
    assert json.dumps(name).strip('"') not in written


async def test_reads_and_a_submission_stay_within_their_statements(
    office: Office, programme: UUID, dated: Context
) -> None:
    id = await begun(office, "counted", programme)
    await fill(office, "counted", id)
    said: list[str] = []
    event.listen(dated.db.sync_engine, "before_cursor_execute", lambda *given: said.append(given[2]))

    async def count(method: str, path: str, **headers: str) -> int:
        said.clear()
        answer = await office.client.request(method, path, headers={**office.as_("counted"), **headers})
        assert answer.status_code == 200, answer.text
        return len(said)

    where = f"/v1/applications/{id}"
    assert [await count("GET", path) for path in (where, "/v1/applications", f"{where}/sections/basic")] == [2, 2, 3]
    assert await count("GET", f"{where}/findings") == 3
    assert await count("POST", f"{where}/submit", **{"Idempotency-Key": "counted"}) == 12


async def test_staff_vouch_for_people_of_their_line_but_not_for_themselves(office: Office, programme: UUID) -> None:
    id = await begun(office, "vouched", programme)
    await fill(office, "vouched", id)
    person = (await office.get("vouched", "/v1/me")).json()["id"]
    unit = await office.officer("unit-3", "unit", office.school)
    await office.officer("unit-4", "unit", office.other_school)

    async def put(who: str, whom: object, facts: dict[str, Any]) -> int:
        path, body = f"/v1/people/{whom}/facts", {"facts": facts}
        return (await office.client.put(path, json=body, headers=office.as_(who))).status_code

    assert await put("unit-3", person, {"ethics_fault": True}) == 204
    assert await blocking(office, "vouched", id) == [("check.ethics", "师德师风")]
    assert await put("unit-3", person, {"ethics_fault": False}) == 204
    assert await blocking(office, "vouched", id) == []
    answers = [
        await put("unit-4", person, {}), await put("vouched", person, {}), await put("unit-3", unit, {}),
        await put("unit-3", person, {"ethics_fault": "no"}), await put("unit-3", person, {"id_number": "1"}),
    ]  # fmt: skip
    assert answers == [404, 404, 403, 422, 422]
