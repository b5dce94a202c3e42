"""Two acts at the same instant, in both orders, against the real database: exactly one legal outcome each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from mangping_api.storage.applications import stream
from mangping_api.tables import ledger
from mangping_api.wiring import Context, Factory
from sqlalchemy import text

from tests.api.office import WINDOW_ENDS
from tests.api.reviewing import OPINION, REVIEW_PACK, STATEMENTS, Tiers, at_work
from tests.api.test_returns import CORRECTION
from tests.conftest import NewEnv

Doing = Callable[[], Awaitable[Any]]
BOTH = pytest.mark.parametrize("turned", [False, True], ids=["as told", "the other way round"])
WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
HELD = text("select 1 from review.applications where id = :id for update")


@pytest.fixture
async def work(new_env: NewEnv, token: Callable[..., str]) -> AsyncIterator[tuple[Tiers, Context]]:
    hours = (
        "correction:\n  period: {hours: 48}\n  starts: returned_at\n  on_lapse: abandoned\n  may_pass_window: true\n"
    )
    async with at_work(new_env, token, REVIEW_PACK.replace(CORRECTION, f"{hours}  cite: KP-46\n", 1)) as opened:
        yield opened


async def at_once(context: Context, id: UUID, *acts: Doing) -> list[Any]:
    """Both wait for the same application, in this order, and are let go together."""
    async with context.db.connect() as watching:
        async with context.db.begin() as holding:
            await holding.execute(HELD, {"id": id})
            begun: list[asyncio.Task[Any]] = []
            for number, act in enumerate(acts, start=1):
                begun.append(asyncio.create_task(act()))  # type: ignore[arg-type]
                for _ in range(200):
                    waiting = (await watching.execute(text(WAITING))).scalar_one()
                    await watching.rollback()
                    if waiting >= number or begun[-1].done():
                        break
                    await asyncio.sleep(0.01)
        return await asyncio.gather(*begun)


async def whole(tiers: Tiers, context: Context, id: UUID) -> tuple[str, list[str]]:
    """Its state, and what was told of it after it was handed in; the chain is whole."""
    async with context.db.begin() as tx:
        assert await ledger.verify(tx, stream(id)) is None
    told = (await tiers.office.get("gul", f"/v1/applications/{id}/timeline")).json()["events"]
    events = [one["event"] for one in told]
    first = events.index("application.submitted") + 1
    state = (await tiers.office.get("gul", f"/v1/applications/{id}")).json()["state"]
    return state, events[first:]


@BOTH
async def test_a_return_against_a_withdrawal(work: tuple[Tiers, Context], turned: bool) -> None:
    tiers, context = work
    id = await tiers.submitted("gul")
    await tiers.done(tiers.school, id, "claim")
    await tiers.judged(tiers.school, id, teaching="课时数与证明不符")
    acts: list[Doing] = [
        lambda: tiers.act(tiers.school, id, "return", {}),
        lambda: tiers.office.post("gul", f"/v1/applications/{id}/withdraw"),
    ]
    answers = await at_once(context, id, *(reversed(acts) if turned else acts))
    assert [one.status_code for one in answers] == [200, 409]
    state, events = await whole(tiers, context, id)
    expected = ("draft", ["application.withdrawn"]) if turned else ("returned", ["application.returned"])
    assert (state, events) == expected
    assert (await tiers.office.get(tiers.school, "/v1/reviews")).json()["items"] == []


@BOTH
async def test_two_bodies_sign_and_both_let_it_go(work: tuple[Tiers, Context], turned: bool) -> None:
    tiers, context = work
    id = await tiers.submitted("gul")
    await tiers.recommended(id)
    tiers.clock.at = WINDOW_ENDS + timedelta(days=1)
    officers = [tiers.education, tiers.hr] if turned else [tiers.hr, tiers.education]
    for who in officers:
        await tiers.done(who, id, "claim")
        await tiers.judged(who, id)
    word = {"agree": True, "seen": (await tiers.sheet(tiers.hr, id))["seen"]}
    signed = await at_once(context, id, *((lambda who=who: tiers.act(who, id, "sign", word)) for who in officers))
    assert [one.status_code for one in signed] == [200, 200]
    let_go = await at_once(context, id, *((lambda who=who: tiers.act(who, id, "pass")) for who in officers))
    assert [one.status_code for one in let_go] == [200, 409]
    state, events = await whole(tiers, context, id)
    assert (state, events[-3:]) == ("accepted", ["application.signed", "application.signed", "application.accepted"])


@BOTH
async def test_two_officers_of_one_office_reach_for_one_file(work: tuple[Tiers, Context], turned: bool) -> None:
    tiers, context = work
    id = await tiers.submitted("gul")
    await tiers.office.officer("unit-3b", "unit", tiers.office.school)
    officers = ["unit-3b", tiers.school] if turned else [tiers.school, "unit-3b"]
    answers = await at_once(context, id, *((lambda who=who: tiers.act(who, id, "claim")) for who in officers))
    assert [(one.status_code, one.json().get("code")) for one in answers] == [(200, None), (409, "review.claimed")]


@BOTH
async def test_the_sweep_against_a_correction(work: tuple[Tiers, Context], turned: bool) -> None:
    """What was handed in a second before its end stands, though the sweep comes while it is being written."""
    tiers, context = work
    id = await tiers.submitted("gul")
    await tiers.sent_back(tiers.school, id, teaching="课时数与证明不符")
    end = tiers.clock.at + timedelta(hours=48)
    tiers.clock.at = end - timedelta(seconds=1)
    sweeper = Factory(context).lapses()

    async def sweep() -> None:
        tiers.clock.at = end
        await sweeper.sweep()

    def correct() -> Awaitable[Any]:
        return tiers.office.post("gul", f"/v1/applications/{id}/submit")

    if turned:
        await sweep()
        answers = [await correct()]
    else:
        answers = await at_once(context, id, correct, sweep)
    await sweeper.sweep()
    state, events = await whole(tiers, context, id)
    if turned:
        assert (answers[0].status_code, answers[0].json()["code"]) == (409, "application.wrong_state")
        assert (state, events[-1]) == ("abandoned", "application.abandoned")
    else:
        assert answers[0].status_code == 200
        assert (state, events[-1]) == ("submitted", "application.resubmitted")


async def test_what_is_found_wrong_after_the_signature_is_not_let_go(work: tuple[Tiers, Context]) -> None:
    tiers, _ = work
    id = await tiers.submitted("gul")
    await tiers.signed(tiers.school, id, texts={"opinion": OPINION}, attested=STATEMENTS)
    await tiers.judged(tiers.school, id, teaching="课时数与证明不符")
    answer = await tiers.act(tiers.school, id, "pass")
    assert (answer.status_code, answer.json()["code"]) == (409, "review.defects_stand")


async def test_what_an_officer_saw_is_what_they_sign(work: tuple[Tiers, Context]) -> None:
    """The file changes hands and content between the look and the signature: it is not signed."""
    tiers, _ = work
    id = await tiers.submitted("gul")
    await tiers.done(tiers.school, id, "claim")
    await tiers.judged(tiers.school, id)
    seen = (await tiers.sheet(tiers.school, id))["seen"]
    assert (await tiers.office.post("gul", f"/v1/applications/{id}/withdraw")).status_code == 200
    path, headers = f"/v1/applications/{id}/sections/teaching", tiers.office.as_("gul") | {"If-Match": '"1"'}
    content = {"content": {"class_teacher_years": 1, "lessons_5_years": 1}}
    assert (await tiers.office.client.put(path, json=content, headers=headers)).status_code == 200
    assert (await tiers.office.post("gul", f"/v1/applications/{id}/submit")).status_code == 200
    await tiers.done(tiers.school, id, "claim")
    word = {"agree": True, "seen": seen, "texts": {"opinion": OPINION}, "attested": STATEMENTS}
    answer = await tiers.act(tiers.school, id, "sign", word)
    assert (answer.status_code, answer.json()["code"]) == (412, "review.item_changed")
