"""What comes back, and the clocks that then run: over HTTP and against the real database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from mangping.clock import BEIJING
from mangping_api.storage import applications as rooms
from mangping_api.wiring import Context, Factory
from sqlalchemy import text

from tests.api.office import IN_WINDOW, SECTIONS, WINDOW_ENDS, fill, save
from tests.api.reviewing import REVIEW_PACK, Tiers, at_work
from tests.conftest import NewEnv

Opening = Callable[..., Any]
CORRECTION = """correction:
  starts: returned_at
  on_lapse: own_risk
  may_pass_window: true
  not_after: formal_review
  cite: KP-46
"""
ONE_NOTICE = """review_duties:
  - key: one_notice
    at: [return]
    require: record.late_defects.size() == 0
    place: 一次性告知
    message: 提出了首次告知时已存在而没有告知的问题
    cite: KP-46
  - key: list_only
    at: [return]
    require: record.demands.size() == 0
    place: 材料清单
    message: 不得要求清单以外的材料
    cite: KP-32
"""


def with_correction(lines: str) -> str:
    """The notice with other words about corrections."""
    assert CORRECTION in REVIEW_PACK
    return REVIEW_PACK.replace(CORRECTION, f"correction:\n{lines}  may_pass_window: true\n  cite: KP-46\n", 1)


@pytest.fixture
def opened(new_env: NewEnv, token: Callable[..., str]) -> Opening:
    """opened(pack) is a review under that pack, in a database of its own."""

    def open_(pack: str = REVIEW_PACK) -> AbstractAsyncContextManager[tuple[Tiers, Context]]:
        return at_work(new_env, token, pack)

    return open_


async def state(tiers: Tiers, who: str, id: UUID) -> str:
    told: str = (await tiers.office.get(who, f"/v1/applications/{id}")).json()["state"]
    return told


async def resubmit(tiers: Tiers, who: str, id: UUID) -> httpx.Response:
    return await tiers.office.post(who, f"/v1/applications/{id}/submit")


async def correction(tiers: Tiers, who: str, id: UUID) -> dict[str, Any]:
    line = (await tiers.office.get(who, f"/v1/applications/{id}/timeline")).json()["deadlines"]
    found: dict[str, Any] = [one for one in line if one["kind"].startswith("correction.")][-1]
    return found


async def clocks(tiers: Tiers, who: str, id: UUID) -> set[str]:
    """How its deadlines stand, also those that are only shown."""
    line = (await tiers.office.get(who, f"/v1/applications/{id}/timeline")).json()["deadlines"]
    assert len(line) > 1
    return {one["state"] for one in line}


async def events(context: Context) -> list[tuple[str, str | None]]:
    """(event, end) of what people are told of, in their order."""
    async with context.db.connect() as connection:
        rows = await connection.execute(
            text("select body from review.outbox where kind = 'ApplicationEvent' order by id")
        )
        return [(body["event"], body["due_at"]) for body in rows.scalars()]


async def test_48_hours_run_from_the_return_through_nights_and_holidays(opened: Opening) -> None:
    async with opened(with_correction("  period: {hours: 48}\n  starts: returned_at\n  on_lapse: abandoned\n")) as (
        tiers, context,
    ):  # fmt: skip
        tiers.clock.at = datetime(2024, 9, 30, 17, 30, tzinfo=BEIJING)  # National Day is next
        kept, lost = await tiers.submitted("kept"), await tiers.submitted("lost")
        for id in (kept, lost):
            await tiers.sent_back(tiers.school, id, teaching="课时数与证明不符")
        end = datetime(2024, 10, 2, 17, 30, tzinfo=BEIJING)
        told = await correction(tiers, "kept", kept)
        assert (datetime.fromisoformat(told["end"]), told["on_end"], told["state"]) == (end, "forfeit", "running")
        assert [rule["rule"] for rule in told["rules"]] == ["KP-46"]
        sweeper = Factory(context).lapses()
        tiers.clock.at = end - timedelta(seconds=1)
        assert (await sweeper.sweep(), (await resubmit(tiers, "kept", kept)).status_code) == (0, 200)
        tiers.clock.at = end
        late = await resubmit(tiers, "lost", lost)
        assert [one["code"] for one in late.json()["findings"] if one["blocking"]] == ["correction.late"]
        assert (await sweeper.sweep(), await sweeper.sweep()) == (1, 0)
        assert [await state(tiers, "kept", kept), await state(tiers, "lost", lost)] == ["submitted", "abandoned"]
        assert await clocks(tiers, "lost", lost) == {"met", "passed"}
        assert await events(context) == [
            *[("application.submitted", None)] * 2, *[("application.returned", "2024-10-02T09:30:00Z")] * 2,
            ("application.resubmitted", None), ("application.abandoned", "2024-10-02T09:30:00Z"),
        ]  # fmt: skip
        new = {"programme": str(tiers.programme), "kind": "评审", "level": "初级"}
        assert (await tiers.office.post("lost", "/v1/applications", new)).json()["code"] == "application.used_up"


async def test_a_correction_of_a_timely_submission_may_pass_the_window_but_not_the_stage(opened: Opening) -> None:
    async with opened() as (tiers, context):
        id = await tiers.submitted("gul")
        tiers.clock.at = WINDOW_ENDS - timedelta(minutes=1)
        await tiers.sent_back(tiers.school, id, teaching="课时数与证明不符")
        told = await correction(tiers, "gul", id)
        assert (told["end"], told["on_end"]) == ("2024-11-04T16:00:00Z", "lapse")
        tiers.clock.at = WINDOW_ENDS + timedelta(days=1)
        assert await Factory(context).lapses().sweep() == 0
        assert (await resubmit(tiers, "gul", id)).status_code == 200
        assert (await tiers.office.post("gul", f"/v1/applications/{id}/withdraw")).json()["state"] == "returned"
        tiers.clock.at = datetime(2024, 11, 4, 16, tzinfo=UTC)
        assert (await resubmit(tiers, "gul", id)).status_code == 422
        await Factory(context).lapses().sweep()
        assert await state(tiers, "gul", id) == "lapsed"


async def test_a_return_that_leaves_no_time_is_none(opened: Opening) -> None:
    """Received on paper that nobody looked at until the stage was over: it is refused by a rule, or not at all."""
    async with opened() as (tiers, _):
        id = await tiers.submitted("gul")
        await tiers.done(tiers.school, id, "claim")
        await tiers.judged(tiers.school, id, teaching="课时数与证明不符")
        tiers.clock.at = datetime(2024, 11, 4, 16, tzinfo=UTC)
        await tiers.done(tiers.school, id, "claim")
        late = await tiers.act(tiers.school, id, "return", {})
        assert (late.status_code, late.json()["code"]) == (409, "review.correction_over")
        assert await state(tiers, "gul", id) == "submitted"
        await tiers.done(tiers.school, id, "refuse", {"rule": "KP-31", "reason": "遮盖不符合要求"})


async def test_what_was_counted_is_counted_though_it_is_given_up_and_begun_anew(opened: Opening) -> None:
    """KP-25: of the year."""
    async with opened() as (tiers, context):
        person, counts = await tiers.office.register("gul"), []
        body = {"programme": str(tiers.programme), "kind": "评审", "level": "初级", "path": "正常"}
        for _round in range(3):
            id = UUID((await tiers.office.post("gul", "/v1/applications", body)).json()["id"])
            await fill(tiers.office, "gul", id)
            assert (await resubmit(tiers, "gul", id)).status_code == 200
            await tiers.done(tiers.school, id, "claim")
            await tiers.judged(tiers.school, id)
            for act in ("withdraw", "abandon"):
                assert (await tiers.office.post("gul", f"/v1/applications/{id}/{act}")).status_code == 200
            async with context.db.begin() as tx:
                counts.append(await rooms.counted(tx, person, tiers.programme))
        assert counts == [(1, 0), (2, 0), (3, 0)]
        id = UUID((await tiers.office.post("gul", "/v1/applications", body)).json()["id"])
        await fill(tiers.office, "gul", id)
        fourth = await resubmit(tiers, "gul", id)
        assert [one["code"] for one in fourth.json()["findings"] if one["blocking"]] == ["submissions.exhausted"]


async def test_the_officer_sets_the_end_where_the_notice_leaves_it_to_them(opened: Opening) -> None:
    async with opened(with_correction("  set_by_officer: true\n  starts: returned_at\n  on_lapse: not_accepted\n")) as (
        tiers, context,
    ):  # fmt: skip
        id = await tiers.submitted("gul")
        await tiers.done(tiers.school, id, "claim")
        await tiers.judged(tiers.school, id, teaching="课时数与证明不符")
        for wrong in ({}, {"correct_until": IN_WINDOW.isoformat()}):
            refused = await tiers.act(tiers.school, id, "return", wrong)
            assert (refused.status_code, refused.json()["code"]) == (422, "review.correct_until")
        until = IN_WINDOW + timedelta(hours=30)
        await tiers.done(tiers.school, id, "return", {"correct_until": until.isoformat()})
        told = await correction(tiers, "gul", id)
        assert (datetime.fromisoformat(told["end"]), told["on_end"]) == (until, "close")
        tiers.clock.at = until
        assert (await Factory(context).lapses().sweep(), await state(tiers, "gul", id)) == (1, "not_accepted")


async def test_what_could_have_been_told_the_first_time_is_not_told_the_second(opened: Opening) -> None:
    async with opened(REVIEW_PACK.replace("review_duties:\n", ONE_NOTICE, 1)) as (tiers, _):
        id = await tiers.submitted("gul")
        await tiers.sent_back(tiers.school, id, teaching="课时数与证明不符", basic="性别填写有误")
        right = SECTIONS["teaching"] | {"lessons_5_years": 3000}
        assert (await save(tiers.office, "gul", id, "teaching", right, 1)).status_code == 200
        assert (await resubmit(tiers, "gul", id)).status_code == 200
        await tiers.done(tiers.school, id, "claim")
        await tiers.judged(tiers.school, id, record="工作经历不连续", basic="性别填写有误", teaching="课时数仍不符")
        late = await tiers.act(tiers.school, id, "return", {})
        assert (late.status_code, late.json()["code"]) == (422, "review.forbidden")
        assert [(one["code"], one["place"]) for one in late.json()["findings"] if one["blocking"]] == [
            ("check.one_notice", "一次性告知")
        ]
        await tiers.judged(tiers.school, id, basic="性别填写有误", teaching="课时数仍不符")
        assert (await tiers.done(tiers.school, id, "return", {}))["state"] == "returned"


async def test_nothing_beside_the_list_is_asked_for_and_a_reason_names_a_rule_of_the_notice(opened: Opening) -> None:
    async with opened(REVIEW_PACK.replace("review_duties:\n", ONE_NOTICE, 1)) as (tiers, _):
        id = await tiers.submitted("gul")
        await tiers.done(tiers.school, id, "claim")
        await tiers.judged(tiers.school, id)
        [item] = [one for one in (await tiers.sheet(tiers.school, id))["items"] if one["item"] == "section.record"]
        told = {"verdict": "defect", "reason": "请补交", "seen": item["seen"]}
        unknown = await tiers.put(tiers.school, id, "section.record", {**told, "rule": "ZZ-99"})
        assert (unknown.status_code, unknown.json()["code"]) == (422, "review.rule_unknown")
        for asked, status in (({"column": "unit_documents", "item": "no_such"}, 422), (
            {"column": "unit_documents", "item": "recommendation"}, 200,
        )):  # fmt: skip
            body = {**told, "rule": "KP-33", "asks_for": asked}
            assert (await tiers.put(tiers.school, id, "section.record", body)).status_code == 200
            assert (await tiers.act(tiers.school, id, "return", {})).status_code == status
        [returned] = (await tiers.office.get("gul", f"/v1/applications/{id}/returns")).json()["items"]
        [defect] = returned["defects"]
        assert (defect["asks_for"], [one["rule"] for one in defect["rules"]]) == (
            {"column": "unit_documents", "item": "recommendation"}, ["KP-33"],
        )  # fmt: skip


COMMITTEE = (
    REVIEW_PACK.replace("submissions: {max: 3, counts: all", "submissions: {max: 2, counts: committee", 1)
    .replace("tiers:\n", "arrival: {tier: committee, window: application, on_late: abandoned, cite: KP-11}\ntiers:\n", 1)
    .replace(
        "    signed: {cite: KP-47}\n    passed: {state: 形式审核通过, cite: KP-36}\n    cite: KP-19\n",
        "    cite: KP-19\n  - {key: committee, title: 评委会审核, bodies: [评委会], before: accept, cite: KP-19}\n", 1,
    ).replace("    acts: [receive]\n    opens: 2024-10-26", "    acts: [receive, accept]\n    opens: 2024-09-30", 1)
)  # fmt: skip


async def test_what_has_not_arrived_at_the_committee_in_time_is_held_to_be_given_up(opened: Opening) -> None:
    async with opened(COMMITTEE) as (tiers, context):
        in_time, late = await tiers.submitted("in-time"), await tiers.submitted("late")
        await _bind_committee(tiers)
        for id in (in_time, late):
            await tiers.recommended(id)
        for who in (tiers.hr, tiers.education):
            await tiers.signed(who, in_time)
        assert (await tiers.done(tiers.hr, in_time, "pass"))["tier"] == "committee"
        tiers.clock.at = WINDOW_ENDS - timedelta(hours=24)
        assert (await Factory(context).telling().remind(), await Factory(context).telling().remind()) == (1, 0)
        [told] = (await tiers.office.get("late", "/v1/me/notifications")).json()["items"]
        assert (told["event"], "距送达截止不足24小时" in told["text"]) == ("arrival.nearing", True)
        tiers.clock.at = WINDOW_ENDS
        assert await Factory(context).lapses().sweep() == 1
        assert [await state(tiers, "in-time", in_time), await state(tiers, "late", late)] == ["submitted", "abandoned"]
        told = (await tiers.office.get("late", f"/v1/applications/{late}/timeline")).json()
        assert (told["events"][-1]["event"], told["events"][-1]["by"]) == ("application.abandoned", "clock")
        assert await clocks(tiers, "late", late) == {"met", "passed"}
        assert (await tiers.office.get(tiers.hr, "/v1/reviews")).json()["items"] == []


# The window itself is for arriving, as GL-78 has it.
HARD_CLOSE = COMMITTEE.replace("acts: [receive, accept]", "acts: [receive]", 1).replace(
    "arrival: {tier: committee, window: application", "arrival: {tier: committee, window: formal_review", 1
)
STAGE_ENDS = datetime(2024, 11, 5, tzinfo=BEIJING)


async def test_what_arrived_once_and_was_corrected_in_time_goes_on_after_the_hour(opened: Opening) -> None:
    """GL-78: its applicant was never late; what never arrived is given up, though all tiers had signed it."""
    async with opened(HARD_CLOSE) as (tiers, context):
        corrected, below = await tiers.submitted("corrected"), await tiers.submitted("below")
        await _bind_committee(tiers)
        for id in (corrected, below):
            await tiers.recommended(id)
            for who in (tiers.hr, tiers.education):
                await tiers.signed(who, id)
        await tiers.done(tiers.hr, corrected, "pass")
        await tiers.sent_back("committee", corrected, teaching="课时数与证明不符")
        right = SECTIONS["teaching"] | {"lessons_5_years": 3001}
        assert (await save(tiers.office, "corrected", corrected, "teaching", right, 1)).status_code == 200
        tiers.clock.at = STAGE_ENDS - timedelta(seconds=1)
        assert (await resubmit(tiers, "corrected", corrected)).status_code == 200
        tiers.clock.at = STAGE_ENDS
        await tiers.done(tiers.education, below, "claim")
        late = await tiers.act(tiers.education, below, "pass")
        assert [one["code"] for one in late.json()["findings"] if one["blocking"]] == ["window.late"]
        await Factory(context).lapses().sweep()
        ends = [await state(tiers, "corrected", corrected), await state(tiers, "below", below)]
        assert ends == ["submitted", "abandoned"]
        await tiers.recommended(corrected)
        for who in (tiers.hr, tiers.education):
            await tiers.signed(who, corrected)
        assert (await tiers.done(tiers.hr, corrected, "pass"))["tier"] == "committee"
        await tiers.signed("committee", corrected)
        assert (await tiers.done("committee", corrected, "pass"))["state"] == "accepted"


async def test_an_inquiry_that_passes_the_hour_costs_nobody_their_application(opened: Opening) -> None:
    """What was left of its time when the inquiry began is left to it when that is over, and no more."""
    async with opened(HARD_CLOSE) as (tiers, context):
        held, slow = await tiers.submitted("held"), await tiers.submitted("slow")
        await _bind_committee(tiers)
        for id in (held, slow):
            await tiers.recommended(id)
            for who in (tiers.hr, tiers.education):
                await tiers.signed(who, id)
        tiers.clock.at = STAGE_ENDS - timedelta(hours=2)
        told = {"channel": "letter", "name": "某同志", "contact": "13900000000", "words": "证书不实"}
        made = [
            (await tiers.office.post(tiers.hr, "/v1/complaints", {"application": str(id), **told})).json()["id"]
            for id in (held, slow)
        ]
        tiers.clock.at = STAGE_ENDS + timedelta(days=2)
        await Factory(context).lapses().sweep()
        assert [await state(tiers, "held", held), await state(tiers, "slow", slow)] == ["submitted"] * 2
        done = {"conclusion": "不属实", "basis": ["职称评审管理暂行规定"], "words": "经核查原件，证书真实"}
        for complaint in made:
            answer = await tiers.office.post(tiers.hr, f"/v1/complaints/{complaint}/decide", done)
            assert answer.status_code == 200, answer.text
        tiers.clock.at += timedelta(hours=2, seconds=-1)
        await Factory(context).lapses().sweep()
        await tiers.done(tiers.hr, held, "claim")
        assert (await tiers.done(tiers.hr, held, "pass"))["tier"] == "committee"
        tiers.clock.at += timedelta(seconds=1)
        await Factory(context).lapses().sweep()
        assert [await state(tiers, "held", held), await state(tiers, "slow", slow)] == ["submitted", "abandoned"]
        line = (await tiers.office.get("slow", f"/v1/applications/{slow}/timeline")).json()["deadlines"]
        [arrival] = [one for one in line if one["kind"] == "arrival"]
        assert datetime.fromisoformat(arrival["end"]) == tiers.clock.at
        assert arrival["trace"][-1] == "核查举报期间不计，余下的时间在核查结束后继续计算"


async def test_only_what_reached_the_committee_is_counted(opened: Opening) -> None:
    async with opened(COMMITTEE) as (tiers, _):
        id = await tiers.submitted("gul")
        await _bind_committee(tiers)
        for _round in range(3):  # returns by the unit do not count
            await tiers.sent_back(tiers.school, id, teaching="课时数与证明不符")
            assert (await resubmit(tiers, "gul", id)).status_code == 200
        for number in (1, 2):
            right = SECTIONS["teaching"] | {"lessons_5_years": 3000 + number}
            await tiers.recommended(id)
            for who in (tiers.hr, tiers.education):
                await tiers.signed(who, id)
            await tiers.done(tiers.education, id, "pass")
            back = await tiers.sent_back("committee", id, teaching="课时数与证明不符")
            assert back["state"] == ("returned" if number == 1 else "not_accepted")
            assert ("running" in await clocks(tiers, "gul", id)) == (number == 1)
            if number == 1:
                assert (await save(tiers.office, "gul", id, "teaching", right, 1)).status_code == 200
                assert (await resubmit(tiers, "gul", id)).status_code == 200


async def _at_committee(tiers: Tiers) -> UUID:
    """An application that both bureaux signed and passed on."""
    id = await tiers.submitted("gul")
    await _bind_committee(tiers)
    await tiers.recommended(id)
    for who in (tiers.hr, tiers.education):
        await tiers.signed(who, id)
    await tiers.done(tiers.hr, id, "pass")
    return id


async def test_what_goes_straight_to_the_committee_again_is_counted(opened: Opening) -> None:
    """AK-15, and what nobody there had begun with is not."""
    async with opened(COMMITTEE) as (tiers, _):
        id = await _at_committee(tiers)
        assert (await clocks(tiers, "gul", id)) == {"met", "running"}
        assert (await tiers.office.post("gul", f"/v1/applications/{id}/withdraw")).json()["state"] == "draft"
        assert (await resubmit(tiers, "gul", id)).status_code == 200
        assert (await tiers.office.get("committee", "/v1/reviews")).json()["items"] == []
        await tiers.done(tiers.hr, id, "claim")
        await tiers.done(tiers.hr, id, "pass")  # whose word stands, and who submits it once more
        assert (await tiers.sent_back("committee", id, teaching="课时数与证明不符"))["state"] == "returned"
        assert (await resubmit(tiers, "gul", id)).status_code == 200
        [waiting] = (await tiers.office.get("committee", "/v1/reviews")).json()["items"]
        assert waiting["application"]["id"] == str(id)
        last = await tiers.sent_back("committee", id, teaching="课时数与证明不符")
        assert last["state"] == "not_accepted"


async def test_what_is_taken_back_before_the_committee_began_has_not_arrived(opened: Opening) -> None:
    """AK-07."""
    async with opened(COMMITTEE) as (tiers, context):
        id = await _at_committee(tiers)
        assert (await tiers.office.post("gul", f"/v1/applications/{id}/withdraw")).json()["state"] == "draft"
        tiers.clock.at = WINDOW_ENDS - timedelta(seconds=1)
        assert (await resubmit(tiers, "gul", id)).status_code == 200
        tiers.clock.at = WINDOW_ENDS
        await Factory(context).lapses().sweep()
        assert await state(tiers, "gul", id) == "abandoned"


async def test_one_bad_file_never_holds_up_the_clock_of_the_others(
    opened: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(with_correction("  period: {hours: 48}\n  starts: returned_at\n  on_lapse: abandoned\n")) as (
        tiers, context,
    ):  # fmt: skip
        bad, good = await tiers.submitted("bad"), await tiers.submitted("good")
        for id in (bad, good):
            await tiers.sent_back(tiers.school, id, teaching="课时数与证明不符")
            tiers.clock.at += timedelta(minutes=1)  # the bad one ends first
        broken = "update review.deadlines set on_end = 'nonsense' where application_id = :id and kind = 'correction.1'"
        async with context.db.begin() as tx:
            await tx.execute(text(broken), {"id": bad})
        tiers.clock.at += timedelta(hours=48)
        sweeper = Factory(context).lapses()
        assert (await sweeper.sweep(), await sweeper.sweep()) == (1, 0)
        assert [await state(tiers, "bad", bad), await state(tiers, "good", good)] == ["returned", "abandoned"]
        told = [one for one in caplog.records if one.getMessage() == "lapse.held_up"]
        facts = [one.facts for one in told]  # type: ignore[attr-defined]
        assert [(one["of"], one["error"]["type"]) for one in facts] == [((bad, "correction.1"), "ValueError")] * 2
        assert "阿依古丽" not in caplog.text


async def test_a_tier_without_an_organisation_holds_nothing_up_silently(opened: Opening) -> None:
    async with opened(COMMITTEE) as (tiers, _):
        id = await tiers.submitted("gul")
        await tiers.recommended(id)
        for who in (tiers.hr, tiers.education):
            await tiers.signed(who, id)
        unbound = await tiers.act(tiers.hr, id, "pass")
        assert (unbound.status_code, unbound.json()["code"]) == (409, "tier.unbound")
        await _bind_committee(tiers)
        assert (await tiers.done(tiers.hr, id, "pass"))["tier"] == "committee"


async def _bind_committee(tiers: Tiers) -> None:
    office = tiers.office
    body = {"parent": str(office.root), "name": "某评委会", "kind": "office", "region": "CN-XJ", "former_names": []}
    made = (await office.post(office.admin, "/v1/organisations", body)).json()["id"]
    await office.officer("committee", "office", UUID(made))
    path = f"/v1/programmes/{tiers.programme}/bodies"
    bound = [
        {"tier": tier["tier"], "body": one["title"], "organisation": id}
        for tier in (await office.get(office.admin, path)).json()["items"]
        for one in tier["bodies"] for id in one["organisations"]
    ]  # fmt: skip
    wrong = [{"tier": "city", "body": "评委会", "organisation": made}]
    refused = await office.client.put(path, json={"bodies": wrong}, headers=office.as_(office.admin))
    assert (refused.status_code, refused.json()["code"]) == (422, "bodies.unknown")
    told = {"bodies": [*bound, {"tier": "committee", "body": "评委会", "organisation": made}]}
    assert (await office.client.put(path, json=told, headers=office.as_(office.admin))).status_code == 200


async def test_a_refusal_stands_in_the_notice_and_ends_it(opened: Opening) -> None:
    async with opened() as (tiers, context):
        id = await tiers.submitted("gul")
        await tiers.done(tiers.school, id, "claim")
        wrong = await tiers.act(tiers.school, id, "refuse", {"rule": "AK-07", "reason": "不符合要求"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "review.rule_unknown")
        done = await tiers.done(tiers.school, id, "refuse", {"rule": "KP-31", "reason": "遮盖不符合要求"})
        assert done["state"] == "not_accepted"
        assert await clocks(tiers, "gul", id) == {"met"}
        [told] = (await tiers.office.get("gul", f"/v1/applications/{id}/returns")).json()["items"]
        assert (told["outcome"], told["defects"][0]["rules"][0]["quote"]) == (
            "not_accepted", "凡遮盖不符合要求的一律不予受理",
        )  # fmt: skip
        assert (await events(context))[-1] == ("application.not_accepted", None)


async def test_what_officers_write_is_sealed(opened: Opening) -> None:
    async with opened() as (tiers, context):
        id, canary = await tiers.submitted("gul"), "金丝雀之言"
        await tiers.sent_back(tiers.school, id, teaching=canary)
        written = ""
        async with context.db.connect() as connection:
            tables = await connection.execute(text("select tablename from pg_tables where schemaname = 'review'"))
            for table in tables.scalars().all():
                rows = await connection.execute(
                    text(f"select coalesce(string_agg(t::text, '|'), '') from review.{table} t")
                )
                written += rows.scalar_one()
        for secret in (canary, "阿依古丽"):
            assert (written.find(secret), written.find(secret.encode().hex())) == (-1, -1)
