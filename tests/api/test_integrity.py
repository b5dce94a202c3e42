"""Complaints, findings, bans that hold wherever a person applies, looking back, appeals; over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from mangping.vault import Keys
from mangping_api.services.integrity import Charge
from mangping_api.wiring import Context, Factory
from sqlalchemy import text

from tests.api.office import fill, id_number, load_pack
from tests.api.reviewing import STATEMENTS, Tiers
from tests.api.unit_duties import FORWARD_PACK, begun_as, beijing, certified, ok, posted, put, school
from tests.conftest import NewEnv

ANOTHER = FORWARD_PACK.replace("version: 1\n", "version: 2\n", 1).replace("\nyear: 2024", "\nyear: 2025", 1)
BASIS = ["职称评审管理暂行规定（人社部令第40号）"]


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
async def tiers(env: dict[str, str], context: Context, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    async with school(env, context, token, "2024-10-10 12:00") as made:
        yield made


async def at_city(tiers: Tiers, who: str, **person: str) -> UUID:
    """Handed in on the 10th and passed on by the school on the 17th."""
    id = await begun_as(tiers, who, **person)
    await fill(tiers.office, who, id)
    await ok(await tiers.office.post(who, f"/v1/applications/{id}/submit"))
    notice = await posted(tiers, id)
    tiers.clock.at = beijing("2024-10-17 09:00")
    await certified(tiers, notice)
    await tiers.signed(tiers.school, id, attested=STATEMENTS, texts={"opinion": "经审核属实"})
    await tiers.done(tiers.school, id, "pass")
    return id


def complaint(id: UUID, **more: Any) -> dict[str, Any]:
    told = {
        "application": str(id),
        "channel": "letter",
        "name": "某同志",
        "contact": "13900000000",
        "words": "证书不实",
    }
    return {**told, **more}


def finding(id: UUID, **more: Any) -> dict[str, Any]:
    told = {"application": str(id), "cause": "提供虚假材料", "ban": "pledge", "basis": BASIS, "words": "证书系伪造"}
    return {**told, **more}


async def another(tiers: Tiers, who: str) -> str:
    """A draft of the same person in another programme, begun before anything is found."""
    body = {"programme": str(await load_pack(tiers.office, ANOTHER)), "kind": "评审", "level": "初级", "path": "正常"}
    id: str = (await ok(await tiers.office.post(who, "/v1/applications", body), 201))["id"]
    return id


async def barred(tiers: Tiers, who: str, id: str) -> list[tuple[str, str]]:
    """What the register forbids there: (code, rule)."""
    told = (await ok(await tiers.office.get(who, f"/v1/applications/{id}/findings")))["items"]
    return [
        (one["code"], one["rules"][0]["rule"]) for one in told if one["code"] in ("check.barred", "check.blacklist")
    ]


async def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_an_application_waits_while_a_complaint_is_looked_into(tiers: Tiers) -> None:
    office, id = tiers.office, await at_city(tiers, "gul")
    first = (await ok(await office.post(tiers.hr, "/v1/complaints", complaint(id)), 201))["id"]
    tiers.clock.at += timedelta(minutes=1)  # the list is in the order of their coming
    second = (await ok(await office.post(tiers.hr, "/v1/complaints", complaint(id, channel="phone")), 201))["id"]
    tiers.clock.at = beijing("2024-10-28 12:00")
    await tiers.done(tiers.hr, id, "claim")
    await tiers.judged(tiers.hr, id)
    seen = (await tiers.sheet(tiers.hr, id))["seen"]
    held = await tiers.act(tiers.hr, id, "sign", {"agree": True, "seen": seen})
    assert await refusal(held) == (409, "application.suspended")
    withdrawn = await office.post("gul", f"/v1/applications/{id}/withdraw")
    assert await refusal(withdrawn) == (409, "application.suspended")
    listed = (await ok(await office.get(tiers.hr, "/v1/complaints", state="open")))["items"]
    assert [one["id"] for one in listed] == [first, second]
    done = {"conclusion": "不属实", "basis": BASIS, "words": "经核查原件，证书真实"}
    where = f"/v1/complaints/{first}/decide"
    assert await ok(await office.post(tiers.hr, where, done)) == {
        "id": first,
        "state": "decided",
        "conclusion": "不属实",
    }
    assert await refusal(await office.post(tiers.hr, where, done)) == (409, "complaint.decided")
    assert await refusal(await tiers.act(tiers.hr, id, "sign", {"agree": True, "seen": seen})) == (
        409,
        "application.suspended",
    )
    await ok(await office.post(tiers.hr, f"/v1/complaints/{second}/decide", {**done, "conclusion": "诬告陷害"}))
    assert (await tiers.act(tiers.hr, id, "sign", {"agree": True, "seen": seen})).status_code == 200
    told = await ok(await office.get(tiers.hr, f"/v1/complaints/{second}"))
    assert (told["conclusion"], told["basis"], told["words"], told["name"]) == ("诬告陷害", BASIS, "证书不实", "某同志")


async def test_where_the_notice_wants_a_name_a_complaint_without_one_is_not_taken(
    env: dict[str, str], context: Context, token: Callable[..., str]
) -> None:
    named = FORWARD_PACK.replace(
        "review_duties:\n",
        "review_duties:\n  - {key: named, at: [complain], require: record.objector_named, place: 举报材料, "
        "message: 应署真实姓名和联系方式, cite: KP-42}\n", 1,
    )  # fmt: skip
    async with school(env, context, token, "2024-10-10 12:00", named) as tiers:
        id = await at_city(tiers, "gul")
        answer = await tiers.office.post(tiers.hr, "/v1/complaints", complaint(id, contact=""))
        assert await refusal(answer) == (422, "duty.defective")
        assert [(one["code"], one["place"]) for one in answer.json()["findings"]] == [("check.named", "举报材料")]
        await ok(await tiers.office.post(tiers.hr, "/v1/complaints", complaint(id)), 201)


async def test_a_finding_ends_the_application_and_bars_the_person_everywhere(tiers: Tiers) -> None:
    office, number = tiers.office, id_number()
    id = await at_city(tiers, "gul", id_number=number)
    again = await another(tiers, "gul")
    assert await barred(tiers, "gul", again) == []
    await ok(await office.post(tiers.hr, "/v1/complaints", complaint(id)), 201)
    made = await ok(await office.post(tiers.hr, "/v1/integrity", finding(id)), 201)
    assert (made["effect"], made["until"], made["state"]) == ("no_application", "2027-12-31", "disqualified")
    [kept] = (await ok(await office.post(tiers.education, "/v1/integrity/search", {"id_number": number.lower()})))[
        "items"
    ]
    assert (kept["cause"], kept["until"], kept["words"], [one["tier"] for one in kept["looked_back"]]) == (
        "提供虚假材料", "2027-12-31", "证书系伪造", ["unit"],
    )  # fmt: skip
    [own] = (await ok(await office.get("gul", "/v1/me/integrity")))["items"]
    assert (own["id"], own["looked_back"]) == (kept["id"], [])
    vouched = await put(office, tiers.school, f"/v1/people/{(await ok(await office.get('gul', '/v1/me')))['id']}/facts",
                        {"facts": {"barred_until": "", "blacklisted": False}})  # fmt: skip
    assert vouched.status_code == 204
    assert await barred(tiers, "gul", again) == [("check.barred", "KP-38")]


@pytest.mark.parametrize(
    ("ban", "effect", "until", "checks"),
    [
        ("blacklist", "blacklist", "", [("check.blacklist", "KP-45")]),
        ("disqualify", "disqualify", "2024-12-31", [("check.barred", "KP-38")]),
    ],
)
async def test_each_ban_of_the_notice_does_what_it_says(
    tiers: Tiers, ban: str, effect: str, until: str, checks: list[tuple[str, str]]
) -> None:
    office, id, again = tiers.office, await at_city(tiers, "gul"), await another(tiers, "gul")
    made = await ok(await office.post(tiers.hr, "/v1/integrity", finding(id, ban=ban)), 201)
    assert (made["effect"], made["until"], made["state"]) == (effect, until, "disqualified")
    assert await barred(tiers, "gul", again) == checks


@pytest.mark.proves("KP-48")
async def test_fraud_is_entered_in_the_archive_until_it_is_lifted(tiers: Tiers) -> None:
    office, number = tiers.office, id_number()
    id = await at_city(tiers, "gul", id_number=number)
    made = await ok(await office.post(tiers.hr, "/v1/integrity", finding(id, ban="archive")), 201)
    assert (made["effect"], made["until"], made["state"]) == ("archive", "", "submitted")
    [kept] = (await ok(await office.post(tiers.education, "/v1/integrity/search", {"id_number": number})))["items"]
    assert (kept["effect"], kept["until"], kept["lifted"]) == ("archive", None, False)


@pytest.mark.proves("GL-64")
async def test_who_is_disqualified_is_accepted_by_nobody_any_more(tiers: Tiers) -> None:
    office, id = tiers.office, await at_city(tiers, "gul")
    await ok(await office.post(tiers.hr, "/v1/integrity", finding(id, ban="disqualify")), 201)
    tiers.clock.at = beijing("2024-10-28 12:00")
    assert (await tiers.act(tiers.hr, id, "claim")).status_code == 409
    assert (await ok(await office.get(tiers.hr, f"/v1/applications/{id}")))["state"] == "disqualified"


async def test_one_finding_of_an_ethics_fault_stops_the_recommendation(tiers: Tiers) -> None:
    office = tiers.office
    id = await tiers.submitted("gul")
    notice = await posted(tiers, id)
    tiers.clock.at = beijing("2024-10-17 09:00")
    await certified(tiers, notice)
    await tiers.signed(tiers.school, id, attested=STATEMENTS)
    await office.officer("root-1", "office", office.root)
    told = finding(id, cause="师德失范", ban=None)
    made = await ok(await office.post("root-1", "/v1/integrity", told), 201)
    assert (made["effect"], made["state"]) == ("veto", "submitted")
    stopped = await tiers.act(tiers.school, id, "pass")
    assert [one["code"] for one in stopped.json()["findings"]] == ["check.ethics"]


async def test_what_an_officer_may_not_enter(tiers: Tiers) -> None:
    office, id = tiers.office, await at_city(tiers, "gul")
    cases = {
        "unknown ban": finding(id, ban="nothing"), "shortened": finding(id, until="2025-01-01"),
        "undated sanction": finding(id, ban=None, cause="记过以上处分"),
    }  # fmt: skip
    codes = {name: await refusal(await office.post(tiers.hr, "/v1/integrity", body)) for name, body in cases.items()}
    assert codes == {
        "unknown ban": (422, "integrity.ban"), "shortened": (422, "integrity.until"),
        "undated sanction": (422, "integrity.until_missing"),
    }  # fmt: skip
    who = {name: (await office.post(name, "/v1/integrity", finding(id))).status_code for name in (tiers.school, "gul")}
    assert who == {tiers.school: 403, "gul": 403}
    searched = {
        name: (await office.post(name, "/v1/integrity/search", {"id_number": id_number()})).status_code
        for name in (tiers.school, "gul", tiers.hr)
    }
    assert searched == {tiers.school: 403, "gul": 403, tiers.hr: 200}


async def test_a_finding_about_another_is_entered_under_their_number_and_about_the_applicant_under_theirs(
    tiers: Tiers,
) -> None:
    office, own, other = tiers.office, id_number(), id_number()
    id = await at_city(tiers, "gul", id_number=own)
    who = {"name": "某专家", "id_number": other}
    cases = {
        "nobody named": finding(id, subject="评审专家"), "the unit, nobody named": finding(id, subject="推荐单位"),
        "somebody else as the applicant": finding(id, who=who),
    }  # fmt: skip
    codes = {name: await refusal(await office.post(tiers.hr, "/v1/integrity", body)) for name, body in cases.items()}
    assert codes == dict.fromkeys(cases, (422, "integrity.who"))
    assert (await ok(await office.get(tiers.hr, f"/v1/applications/{id}")))["state"] == "submitted"
    made = await ok(await office.post(tiers.hr, "/v1/integrity", finding(id, subject="评审专家", who=who)), 201)
    assert made["state"] == "submitted"
    told = {}
    for number in (own, other):
        found = await ok(await office.post(tiers.hr, "/v1/integrity/search", {"id_number": number}))
        told[number] = [(one["name"], one["subject"]) for one in found["items"]]
    assert told == {own: [], other: [("某专家", "评审专家")]}


async def test_a_finding_follows_a_complaint_about_the_same_application(tiers: Tiers) -> None:
    office, id = tiers.office, await at_city(tiers, "gul")
    tiers.clock.at = beijing("2024-10-10 12:00")
    other = await at_city(tiers, "aliya")
    elsewhere = await ok(await office.post(tiers.hr, "/v1/complaints", complaint(other)), 201)
    case = (await ok(await office.post(tiers.hr, "/v1/complaints", complaint(id)), 201))["id"]
    codes = {
        one: await refusal(await office.post(tiers.hr, "/v1/integrity", finding(id, complaint=one)))
        for one in (str(uuid4()), elsewhere["id"])
    }
    assert set(codes.values()) == {(404, "complaint.unknown")}
    assert (await office.post(tiers.hr, "/v1/integrity", finding(id, complaint=case))).status_code == 201


async def test_the_words_of_a_finding_belong_to_its_key_and_to_no_log(tiers: Tiers) -> None:
    office, id = tiers.office, await at_city(tiers, "gul")
    first = await office.post(tiers.hr, "/v1/integrity", finding(id), **{"Idempotency-Key": "found"})
    again = await office.post(tiers.hr, "/v1/integrity", finding(id), **{"Idempotency-Key": "found"})
    changed = await office.post(
        tiers.hr, "/v1/integrity", finding(id, words="另一回事"), **{"Idempotency-Key": "found"}
    )
    assert (first.status_code, again.json(), changed.status_code) == (201, first.json(), 409)
    asked = Charge(id, "评审专家", "抄袭", (), "秘密词丙", None, None, None, (), ("某专家", "110105"))
    assert [word for word in ("秘密词丙", "某专家", "110105") if word in repr(asked)] == []


async def test_an_appeal_is_answered_by_another_officer_and_lifts_the_ban(tiers: Tiers) -> None:
    office, id, again = tiers.office, await at_city(tiers, "gul"), await another(tiers, "gul")
    entry = (await ok(await office.post(tiers.hr, "/v1/integrity", finding(id, ban="blacklist")), 201))["id"]
    words, answer = {"words": "证书系补发"}, {"lift": True, "words": "经复核，予以撤销"}
    assert await refusal(await office.post(tiers.hr, f"/v1/integrity/{entry}/answer", answer)) == (
        403,
        "integrity.same_person",
    )
    await office.officer("hr-2", "authority", tiers.bureaux[0])
    assert await refusal(await office.post("hr-2", f"/v1/integrity/{entry}/answer", answer)) == (
        409,
        "integrity.no_appeal",
    )
    stranger = await office.post(tiers.school, f"/v1/integrity/{entry}/appeal", words)
    assert await refusal(stranger) == (404, "integrity.unknown")
    await ok(await office.post("gul", f"/v1/integrity/{entry}/appeal", words))
    assert await barred(tiers, "gul", again) == [("check.blacklist", "KP-45")]
    assert await refusal(await office.post("gul", f"/v1/integrity/{entry}/appeal", words)) == (
        409,
        "integrity.appealed",
    )
    elsewhere = await office.post(tiers.education, f"/v1/integrity/{entry}/answer", answer)
    assert await refusal(elsewhere) == (404, "integrity.unknown")
    assert await ok(await office.post("hr-2", f"/v1/integrity/{entry}/answer", answer)) == {"id": entry, "lifted": True}
    assert await barred(tiers, "gul", again) == []


async def test_looking_back_names_every_reviewer_tier_by_tier_with_their_opinion(tiers: Tiers) -> None:
    office, id = tiers.office, await at_city(tiers, "gul")
    tiers.clock.at = beijing("2024-10-28 12:00")
    await tiers.signed(tiers.hr, id)
    told = (await ok(await office.get(tiers.education, f"/v1/applications/{id}/reviewers")))["items"]
    me = {who: (await ok(await office.get(who, "/v1/me")))["id"] for who in (tiers.school, tiers.hr)}
    assert [(one["tier"], one["reviewer"], one["agree"], one["opinion"]) for one in told] == [
        ("unit", me[tiers.school], True, "经审核属实"), ("city", me[tiers.hr], True, ""),
    ]  # fmt: skip
    assert (await office.get("gul", f"/v1/applications/{id}/reviewers")).status_code == 403


async def test_whoever_registers_under_a_barred_number_is_recognised_after_a_key_rotation(
    tiers: Tiers, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, number = tiers.office, id_number()
    id = await at_city(tiers, "gul", id_number=number)
    await ok(await office.post(tiers.hr, "/v1/integrity", finding(id, ban="blacklist")), 201)
    monkeypatch.setattr(context.vault, "keys", Keys("new", {**context.vault.keys.keys, "new": b"n" * 32}))
    assert await Factory(context).resealing().run(lambda words: None) is True
    monkeypatch.setattr(context.vault, "keys", Keys("new", {"new": b"n" * 32}))
    [kept] = (await ok(await office.post(tiers.hr, "/v1/integrity/search", {"id_number": number})))["items"]
    assert kept["id_number"] == number


async def test_nobody_learns_of_a_case_that_is_not_theirs(tiers: Tiers, context: Context) -> None:
    office, id = tiers.office, await at_city(tiers, "gul")
    await ok(await office.post(tiers.hr, "/v1/integrity", finding(id, ban="archive")), 201)
    case = (await ok(await office.post(tiers.hr, "/v1/complaints", complaint(id, name="秘密词丁")), 201))["id"]
    codes = {
        who: (await office.get(who, f"/v1/complaints/{case}")).status_code for who in ("gul", tiers.school, tiers.hr)
    }
    assert codes == {"gul": 404, tiers.school: 404, tiers.hr: 200}
    assert (await office.get(tiers.hr, f"/v1/complaints/{uuid4()}")).status_code == 404
    async with context.db.connect() as connection:
        kept = ""
        for table in ("complaints", "integrity_entries", "audit", "idempotency_keys"):
            rows = await connection.execute(
                text(f"select coalesce(string_agg(t::text, '|'), '') from review.{table} t")
            )
            kept += rows.scalar_one()
    assert [
        word
        for word in ("秘密词丁", "13900000000", "证书不实", "证书系伪造", "经审核属实")
        if word in kept or word.encode().hex() in kept
    ] == []
