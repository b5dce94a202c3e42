"""What an application is to pay: owed when accepted, ordered, answered in any order, shown to whom it concerns."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from mangping.clock import BEIJING
from mangping.contracts import (
    FeeCancel,
    FeeCancelled,
    FeeExpired,
    FeeIssued,
    FeeNotified,
    FeeOrder,
    FeeRefunded,
    FeeRefused,
    FeeSettled,
    SealedPayer,
)
from mangping_api.domain import course
from mangping_api.domain.application import Act, Party, Section, State
from mangping_api.domain.charge import Answer
from mangping_api.main import build
from mangping_api.services.charges import call_back, owe
from mangping_api.storage import applications as rooms
from mangping_api.storage import programmes as packs
from mangping_api.tables import ledger
from mangping_api.wiring import Context, Factory
from sqlalchemy import select, text

from tests.api.office import PACK as KORLA
from tests.api.office import Clock, Office, load_pack, open_office
from tests.api.test_conflicts import BOTH, Doing, at_once
from tests.conftest import ROOT, NewEnv, settings_of

GUILIN = (ROOT / "services/api/policy/guilin-vice-senior-2024.yaml").read_text("utf-8")
BAZHOU = (ROOT / "services/api/policy/bazhou-technical-2024.yaml").read_text("utf-8")
NOON = datetime(2024, 9, 8, 12, tzinfo=BEIJING)
TRACE = ("2024年9月10日当日不计，第3日为2024年9月13日", "截止2024年9月13日24:00")


@pytest.fixture
def env(new_env: NewEnv) -> dict[str, str]:
    return new_env()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


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


async def accepted(
    office: Office,
    subject: str,
    programme: UUID,
    kind: str = "评审",
    level: str = "副高级",
    state: State = State.ACCEPTED,
) -> UUID:
    """An application that the last tier passes, in the transaction of whoever does that."""
    await office.register(subject)
    # Begun on a way whose window is open at NOON, in Guilin too (GL-15).
    body = {"programme": str(programme), "kind": kind, "level": level, "path": "高层次人才"}
    answer = await office.post(subject, "/v1/applications", body)
    assert answer.status_code == 201, answer.text
    id, at = UUID(answer.json()["id"]), office.context.now()
    async with office.context.db.begin() as tx:
        found = await rooms.find(tx, id, lock=True)
        assert found is not None
        now = replace(found, state=state, submitted_at=at)
        await rooms.save(tx, now)
        if state is State.ACCEPTED:
            await owe(tx, now, await packs.policy(tx, programme), at)
    return id


async def ordered(office: Office) -> list[FeeOrder]:
    """What the fees service is owed, oldest first."""
    async with office.context.db.begin() as tx:
        rows = await tx.execute(
            select(ledger.outbox).where(ledger.outbox.c.kind == "FeeOrder").order_by(ledger.outbox.c.id)
        )
        return [FeeOrder.model_validate(row.body) for row in rows]


async def hear(office: Office, *answers: Answer) -> None:
    for answer in answers:
        await Factory(office.context).charges().hear(answer)


async def state(office: Office, id: UUID) -> State:
    async with office.context.db.begin() as tx:
        found = await rooms.find(tx, id)
    assert found is not None
    return found.state


async def charge(office: Office, subject: str, id: UUID) -> dict[str, Any]:
    answer = await office.get(subject, f"/v1/applications/{id}/charge")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def answers(order: FeeOrder) -> dict[str, Answer]:
    """All that the fees service may say of an order."""
    due = {"due_at": datetime(2024, 9, 14, tzinfo=BEIJING), "due_rule": "GL-87", "due_trace": TRACE}
    whose: dict[str, Any] = {
        "order_id": order.order_id, "applications": tuple(line.application_id for line in order.lines)
    }  # fmt: skip
    return {
        "issued": FeeIssued(**whose, amount_fen=38000, notice_id=uuid4(), pay_url="http://pay.example/1"),
        "refused": FeeRefused(**whose, code="fee.no_standard"),
        "notified": FeeNotified(**whose, received_at=datetime(2024, 9, 10, 10, tzinfo=BEIJING), **due),
        "paid": FeeSettled(
            **whose, amount_fen=38000, paid_at=datetime(2024, 9, 12, 9, tzinfo=BEIJING), channel="qr"
        ),
        "expired": FeeExpired(**whose, due_at=due["due_at"]),
        "refunded": FeeRefunded(**whose, amount_fen=38000),
    }  # fmt: skip


@pytest.mark.proves("GL-86")
async def test_an_accepted_application_is_ordered_once_with_its_contact_sealed(office: Office) -> None:
    programme = await load_pack(office, GUILIN)
    id = await accepted(office, "wei", programme)
    async with office.context.db.begin() as tx:
        saved = Section("basic", 1, {"email": "someone@example.com"})
        await rooms.save_section(tx, office.context.vault.keys, id, saved, NOON)
    charges = Factory(office.context).charges()
    assert (await charges.sweep(), await charges.sweep()) == (1, 0)
    [order] = await ordered(office)
    assert (order.programme, order.region, order.applicant) == ("guilin-vice-senior-2024", "CN-GX-GUILIN", "sub:wei")
    [line] = order.lines
    assert (line.application_id, line.kind, line.level, line.attempt) == (id, "评审", "副高级", 1)
    sealed = SealedPayer.model_validate_json(await office.context.vault.get(order.payer))
    assert (sealed.name, sealed.mobile, sealed.email) == ("阿依古丽·买买提", "13800000000", "someone@example.com")
    told = await charge(office, "wei", id)
    assert (told["state"], told["amount_fen"], told["by_unit"], told["pay_url"]) == ("ordered", 38000, False, None)


async def test_the_answers_are_taken_in_once_each_and_the_applicant_gets_the_links(office: Office) -> None:
    id = await accepted(office, "wei", await load_pack(office, GUILIN))
    await Factory(office.context).charges().sweep()
    [order] = await ordered(office)
    said = answers(order)
    await hear(office, said["issued"], said["notified"], said["notified"], said["paid"], said["paid"])
    told = await charge(office, "wei", id)
    notice = f"/v1/my/notices/{said['issued'].notice_id}"  # type: ignore[union-attr]
    assert (told["state"], told["pay_url"], told["notice"]) == ("paid", "http://pay.example/1", notice)
    assert (told["receipt"], told["due_rule"], tuple(told["due_trace"])) == (f"{notice}/receipt", "GL-87", TRACE)
    assert datetime.fromisoformat(told["due_at"]) == datetime(2024, 9, 14, tzinfo=BEIJING)
    assert await state(office, id) is State.ACCEPTED
    async with office.context.db.begin() as tx:
        chain = select(ledger.audit.c.event).where(ledger.audit.c.stream == f"charge:{order.order_id}")
        events = (await tx.execute(chain.order_by(ledger.audit.c.seq))).scalars().all()
    assert list(events) == ["charge.owed", "charge.ordered", "charge.issued", "charge.notified", "charge.paid"]


@pytest.mark.parametrize("order", list(itertools.permutations(("issued", "notified", "expired", "paid"))))
async def test_money_that_came_in_time_wins_in_any_order_of_the_answers(
    dated: Context, client: httpx.AsyncClient, token: Callable[..., str], order: tuple[str, ...], env: dict[str, str]
) -> None:
    app = build(settings_of(env), context=dated)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as talking,
    ):
        office = await open_office(talking, dated, token)
        id = await accepted(office, "wei", await load_pack(office, GUILIN))
        await Factory(dated).charges().sweep()
        said = answers((await ordered(office))[-1])
        await hear(office, *(said[name] for name in order))
        told = await charge(office, "wei", id)
        assert (told["state"], await state(office, id)) == ("paid", State.ACCEPTED)
        assert (told["pay_url"], told["due_rule"]) == ("http://pay.example/1", "GL-87")


async def test_what_is_not_paid_in_time_is_abandoned_and_a_late_word_of_money_in_time_takes_it_back(
    office: Office,
) -> None:
    id = await accepted(office, "wei", await load_pack(office, GUILIN))
    await Factory(office.context).charges().sweep()
    [order] = await ordered(office)
    said = answers(order)
    await hear(office, said["issued"], said["notified"], said["expired"])
    assert (await state(office, id), (await charge(office, "wei", id))["state"]) == (State.ABANDONED, "expired")
    await hear(office, said["paid"])
    assert (await state(office, id), (await charge(office, "wei", id))["state"]) == (State.ACCEPTED, "paid")
    await hear(office, said["refunded"], said["expired"])
    assert (await state(office, id), (await charge(office, "wei", id))["state"]) == (State.ACCEPTED, "refunded")


async def test_an_open_charge_is_asked_about_until_its_answer_comes(office: Office, clock: Clock) -> None:
    await accepted(office, "wei", await load_pack(office, GUILIN))
    charges = Factory(office.context).charges()
    await charges.sweep()
    clock.at += timedelta(seconds=59)
    assert await charges.sweep() == 0
    clock.at += timedelta(seconds=2)
    assert await charges.sweep() == 1
    first, again = await ordered(office)
    assert first == again
    await hear(office, answers(first)["issued"])
    clock.at += timedelta(minutes=9)
    assert await charges.sweep() == 0
    clock.at += timedelta(minutes=2)
    assert await charges.sweep() == 1


async def test_nothing_is_ordered_where_the_notice_asks_for_no_fee(office: Office, clock: Clock) -> None:
    clock.at = datetime(2024, 10, 8, 12, tzinfo=BEIJING)
    id = await accepted(office, "gul", await load_pack(office, KORLA), level="初级")
    assert await Factory(office.context).charges().sweep() == 0
    answer = await office.get("gul", f"/v1/applications/{id}/charge")
    assert (answer.status_code, answer.json()["code"]) == (404, "charge.none")


async def test_a_unit_pays_for_its_list_as_one_bill_all_or_none(office: Office, clock: Clock) -> None:
    programme = await load_pack(office, BAZHOU)
    first = await accepted(office, "a", programme, level="中级")
    second = await accepted(office, "b", programme, level="初级")
    draft = await accepted(office, "c", programme, level="中级", state=State.SUBMITTED)
    await office.officer("hr", "unit", office.school)
    await office.officer("other", "unit", office.other_school)
    where = f"/v1/organisations/{office.school}/rosters"
    assert await Factory(office.context).charges().sweep() == 0  # nothing is owed before the unit orders
    body = {"programme": str(programme), "applications": [str(first), str(draft), str(second)]}
    unfit = await office.post("hr", where, body)
    assert (unfit.status_code, unfit.json()["code"]) == (422, "roster.unfit")
    assert unfit.json()["applications"] == [{"application": str(draft), "code": "application.not_accepted"}]
    body["applications"] = [str(first), str(second)]
    assert (await office.post("other", where, body)).status_code == 403
    assert (await office.post("a", where, body)).status_code == 403
    made = await office.post("hr", where, body, **{"Idempotency-Key": "k1"})
    assert (made.status_code, made.json()["amount_fen"], made.json()["state"]) == (201, 38000 + 22000, "due")
    assert (await office.post("hr", where, body, **{"Idempotency-Key": "k1"})).json() == made.json()
    twice = await office.post("hr", where, body)
    assert [one["code"] for one in twice.json()["applications"]] == ["application.charged"] * 2

    await Factory(office.context).charges().sweep()
    [order] = await ordered(office)
    assert sorted((line.application_id, line.level) for line in order.lines) == sorted(
        [(first, "中级"), (second, "初级")]
    )
    sealed = SealedPayer.model_validate_json(await office.context.vault.get(order.payer))
    assert (sealed.name, order.applicant) == ("某市第三中学", "sub:hr")
    said = answers(order)
    await hear(office, said["issued"], said["notified"])
    shown = (await office.get("hr", f"{where}/{made.json()['id']}")).json()
    assert (shown["state"], shown["pay_url"], len(shown["lines"])) == ("notified", "http://pay.example/1", 2)
    mine = await charge(office, "a", first)
    assert (mine["amount_fen"], mine["by_unit"], mine["pay_url"], mine["notice"]) == (38000, True, None, None)
    assert len(mine["lines"]) == 1
    await hear(office, said["expired"])
    assert [await state(office, id) for id in (first, second)] == [State.NOT_ACCEPTED] * 2
    await hear(office, said["paid"])
    assert [await state(office, id) for id in (first, second)] == [State.ACCEPTED] * 2


async def disqualified(office: Office, id: UUID) -> None:
    """As an office finds it, over HTTP."""
    told = {
        "application": str(id), "cause": "提供虚假材料", "ban": "false_materials", "words": "证书系伪造",
        "basis": ["桂人社规〔2021〕11号第四十九条"],
    }  # fmt: skip
    answer = await office.post("bureau", "/v1/integrity", told)
    assert (answer.status_code, answer.json().get("state")) == (201, "disqualified"), answer.text


async def called_back(office: Office) -> list[FeeCancel]:
    async with office.context.db.begin() as tx:
        rows = await tx.execute(
            select(ledger.outbox).where(ledger.outbox.c.kind == "FeeCancel").order_by(ledger.outbox.c.id)
        )
        return [FeeCancel.model_validate(row.body) for row in rows]


async def test_what_a_disqualified_application_owes_is_called_back_until_the_word_of_it_comes(
    office: Office, clock: Clock
) -> None:
    await office.officer("bureau", "authority", office.root)
    id = await accepted(office, "wei", await load_pack(office, GUILIN))
    charges = Factory(office.context).charges()
    await charges.sweep()
    [order] = await ordered(office)
    said = answers(order)
    await hear(office, said["issued"], said["notified"])
    await disqualified(office, id)
    told = await charge(office, "wei", id)
    assert (told["state"], told["pay_url"]) == ("cancelling", None)
    assert (await charges.sweep(), await called_back(office)) == (1, [FeeCancel(order_id=order.order_id)])
    clock.at += timedelta(seconds=121)
    assert (await charges.sweep(), len(await called_back(office))) == (1, 2)
    await hear(office, said["expired"], FeeCancelled(order_id=order.order_id, outcome="withdrawn"))
    assert (await charge(office, "wei", id))["state"] == "cancelled"
    # The payer was quicker than the bank's voiding: that goes back, too.
    await hear(office, said["paid"])
    assert (await charge(office, "wei", id))["state"] == "cancelling"
    clock.at += timedelta(seconds=61)
    assert (await charges.sweep(), len(await called_back(office))) == (1, 3)
    await hear(office, FeeCancelled(order_id=order.order_id, outcome="refund"))
    assert (await charge(office, "wei", id))["state"] == "cancelled"
    await hear(office, said["refunded"])
    assert (await charge(office, "wei", id))["state"] == "refunded"
    assert (await state(office, id), len(await ordered(office))) == (State.DISQUALIFIED, 1)


async def test_a_paid_charge_is_called_back_and_keeps_its_receipt_and_one_not_yet_ordered_never_is(
    office: Office,
) -> None:
    programme = await load_pack(office, GUILIN)
    paid, due = await accepted(office, "wei", programme), await accepted(office, "fang", programme)
    await office.officer("bureau", "authority", office.root)
    await disqualified(office, due)
    assert (await charge(office, "fang", due))["state"] == "cancelled"
    charges = Factory(office.context).charges()
    assert await charges.sweep() == 1
    [order] = await ordered(office)
    assert order.lines[0].application_id == paid
    said = answers(order)
    await hear(office, said["issued"], said["paid"])
    await disqualified(office, paid)
    await charges.sweep()
    assert await called_back(office) == [FeeCancel(order_id=order.order_id)]
    await hear(office, FeeCancelled(order_id=order.order_id, outcome="refund"))
    told = await charge(office, "wei", paid)
    assert (told["state"], told["receipt"], told["pay_url"]) == ("cancelled", f"{told['notice']}/receipt", None)


async def test_void_applications_owe_nothing_and_a_units_list_stays_its_cashiers(office: Office) -> None:
    """GL-24, by the clock; of a list the money of others is a part."""
    guilin, bazhou = await load_pack(office, GUILIN), await load_pack(office, BAZHOU)
    own = await accepted(office, "wei", guilin)
    await Factory(office.context).charges().sweep()
    body = {"programme": str(bazhou), "kind": "评审", "level": "中级"}
    made = await office.post("wei", "/v1/applications", body)
    async with office.context.db.begin() as tx:
        other = await rooms.find(tx, UUID(made.json()["id"]), lock=True)
        assert other is not None
        await rooms.save(tx, replace(other, state=State.SUBMITTED, level="副高级", submitted_at=NOON))
    assert await Factory(office.context).duplicates().sweep() == 1
    assert (await state(office, own), (await charge(office, "wei", own))["state"]) == (State.VOID, "cancelling")
    listed = await accepted(office, "a", bazhou, level="中级")
    await office.officer("hr", "unit", office.school)
    asked = {"programme": str(bazhou), "applications": [str(listed)]}
    assert (await office.post("hr", f"/v1/organisations/{office.school}/rosters", asked)).status_code == 201
    async with office.context.db.begin() as tx:
        await call_back(tx, listed, "sub:bureau", NOON)
    assert (await charge(office, "a", listed))["state"] == "due"


async def test_who_may_see_the_charge_of_an_application(office: Office) -> None:
    guilin, bazhou = await load_pack(office, GUILIN), await load_pack(office, BAZHOU)
    own, listed = await accepted(office, "wei", guilin), await accepted(office, "a", bazhou, level="中级")
    await office.officer("hr", "unit", office.school)
    await office.officer("bureau", "authority", office.root)
    await office.officer("committee", "office", office.root)
    await office.register("stranger")
    body = {"programme": str(bazhou), "applications": [str(listed)]}
    assert (await office.post("hr", f"/v1/organisations/{office.school}/rosters", body)).status_code == 201
    seen = {
        who: tuple(
            [(await office.get(who, f"/v1/applications/{id}/charge")).status_code for id in (own, listed)]
        )
        for who in ("wei", "a", "hr", "bureau", "committee", "stranger")
    }  # fmt: skip
    assert seen == {
        "wei": (200, 404), "a": (404, 200), "hr": (404, 200), "bureau": (200, 200), "committee": (200, 200),
        "stranger": (404, 404),
    }  # fmt: skip
    assert (await charge(office, "bureau", own))["pay_url"] is None


async def test_money_for_an_application_that_was_begun_anew_is_left_to_an_officer(office: Office) -> None:
    programme = await load_pack(office, GUILIN)
    id = await accepted(office, "wei", programme)
    await Factory(office.context).charges().sweep()
    said = answers((await ordered(office))[0])
    await hear(office, said["expired"])
    body = {"programme": str(programme), "kind": "评审", "level": "副高级", "path": "高层次人才"}
    assert (await office.post("wei", "/v1/applications", body)).status_code == 201
    await hear(office, said["paid"])
    assert (await state(office, id), (await charge(office, "wei", id))["state"]) == (State.ABANDONED, "paid")
    async with office.context.db.begin() as tx:
        assert [one.event for one in await rooms.events(tx, id)][-1] == "application.paid_while_closed"


async def clocks(office: Office, subject: str, id: UUID) -> set[str]:
    """How the deadlines stand that are only shown."""
    line = (await office.get(subject, f"/v1/applications/{id}/timeline")).json()["deadlines"]
    return {one["state"] for one in line if one["on_end"] is None}


async def test_what_is_ended_for_its_fee_has_no_clock_running_until_the_money_is_heard_of(office: Office) -> None:
    id = await accepted(office, "wei", await load_pack(office, GUILIN))
    await Factory(office.context).charges().sweep()
    said = answers((await ordered(office))[0])
    assert await clocks(office, "wei", id) == {"running"}
    await hear(office, said["issued"], said["expired"])
    assert await clocks(office, "wei", id) == {"met"}
    await hear(office, said["paid"])
    assert await clocks(office, "wei", id) == {"running"}


async def test_a_charge_that_cannot_be_ordered_never_holds_up_the_others(
    office: Office, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    programme = await load_pack(office, GUILIN)
    bad = await accepted(office, "bad", programme)
    clock.at += timedelta(seconds=1)
    good = await accepted(office, "good", programme)
    async with office.context.db.begin() as tx:
        await tx.execute(text("update review.people set name = '\\x00' where account = 'sub:bad'"))
    assert await Factory(office.context).charges().sweep() == 2
    assert [[line.application_id for line in order.lines] for order in await ordered(office)] == [[good]]
    assert [(await charge(office, who, id))["state"] for who, id in (("bad", bad), ("good", good))] == [
        "due",
        "ordered",
    ]
    [told] = [one for one in caplog.records if one.getMessage() == "charge.held_up"]
    assert told.levelname == "WARNING"
    assert "阿依古丽" not in caplog.text


@BOTH
async def test_two_lists_at_the_same_instant_charge_an_application_once(
    office: Office, dated: Context, turned: bool
) -> None:
    programme = await load_pack(office, BAZHOU)
    both = await accepted(office, "a", programme, level="中级")
    own = [await accepted(office, who, programme, level="中级") for who in ("b", "c")]
    for who in ("hr", "hr2"):
        await office.officer(who, "unit", office.school)
    where = f"/v1/organisations/{office.school}/rosters"

    def order(who: str, id: UUID) -> Doing:
        body = {"programme": str(programme), "applications": [str(both), str(id)]}
        return lambda: office.post(who, where, body)

    acts = [order("hr", own[0]), order("hr2", own[1])]
    first, second = await at_once(dated, both, *(reversed(acts) if turned else acts))
    assert (first.status_code, second.status_code) == (201, 422)
    assert second.json()["applications"] == [{"application": str(both), "code": "application.charged"}]


@BOTH
async def test_a_list_against_what_ends_an_application_on_it(office: Office, dated: Context, turned: bool) -> None:
    """Whichever comes first, nothing is charged that has ended before."""
    programme = await load_pack(office, BAZHOU)
    id = await accepted(office, "a", programme, level="中级")
    await office.officer("hr", "unit", office.school)
    body = {"programme": str(programme), "applications": [str(id)]}

    async def end() -> int:
        async with dated.db.begin() as tx:
            found = await rooms.find(tx, id, lock=True)
            assert found is not None
            await rooms.save(tx, course.taken(found, Act.ANNUL, Party.AUTHORITY)[1])
        return 200

    async def order() -> int:
        return (await office.post("hr", f"/v1/organisations/{office.school}/rosters", body)).status_code

    acts: list[Doing] = [order, end]
    assert await at_once(dated, id, *(reversed(acts) if turned else acts)) == ([200, 422] if turned else [201, 200])
