"""Telling people: out of the outbox into the inbox, the couriers and the webhooks; what reached nobody is somebody's work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from mangping.contracts import ApplicationEvent, EventName
from mangping.couriers.base import ByWay, Way
from mangping.couriers.http import HttpCourier
from mangping.couriers.smtp import SmtpCourier
from mangping.webhooks.store import State
from mangping_api.domain.notification import REMINDER, TEMPLATES, number, words
from mangping_api.domain.public import PUBLIC
from mangping_api.services.notifications import notify
from mangping_api.services.telling import Telling
from mangping_api.storage import applications as rooms
from mangping_api.tables import ledger
from mangping_api.wiring import Context, Factory
from sqlalchemy import text

from deploy.simulators.mail.process import Mail
from deploy.simulators.sms.process import Sms
from tests.api.office import IN_WINDOW, PLAIN_PACK, SECTIONS, WINDOW_ENDS, Clock, Office, begun, load_pack, save

PHONE, EMAIL = "13800000000", "someone@example.org"
PACK = PLAIN_PACK.replace(
    "        - {key: work_since,",
    "        - {key: email, title: 邮箱, type: email, identity: true, cite: KP-20}\n        - {key: work_since,",
    1,
)
DUE = datetime.fromisoformat("2024-10-12T00:00:00+08:00")


@dataclass
class Providers:
    sms: Sms
    mail: Mail

    def told(self) -> tuple[int, int]:
        return len(self.sms.messages()), len(self.mail.messages())


@pytest.fixture
def providers(tmp_path: Path) -> Iterator[Providers]:
    with Sms.start(tmp_path / "sms") as sms, Mail.start(tmp_path / "mail") as mail:
        yield Providers(sms, mail)


@pytest.fixture
def telling(dated: Context, providers: Providers, clock: Clock) -> Telling:
    couriers = ByWay({
        Way.SMS: HttpCourier(providers.sms.url, "local-sms-token"),
        Way.EMAIL: SmtpCourier.at(providers.mail.smtp, "notice@review.example.org", clock),
    })  # fmt: skip
    return Telling(dated.db, dated.vault.keys, clock, couriers)


@pytest.fixture
async def application(office: Office) -> UUID:
    id = await begun(office, "gul", await load_pack(office, PACK))
    assert (await save(office, "gul", id, "basic", {**SECTIONS["basic"], "email": EMAIL})).status_code == 200
    return id


async def happened(context: Context, application: UUID, event: str, **more: Any) -> None:
    """As a service says it, in its transaction."""
    async with context.db.begin() as tx:
        found = await rooms.find(tx, application)
        assert found is not None
        told: dict[str, Any] = {
            "event": event, "application_id": application, "programme_id": found.programme, "at": context.now(), **more,
        }  # fmt: skip
        await ledger.post(tx, {uuid4(): ApplicationEvent(**told)}, at=context.now(), not_before=context.now())


def test_every_event_has_its_words_and_integrators_may_hear_of_it() -> None:
    assert set(PUBLIC) == set(get_args(EventName))
    assert set(get_args(EventName)) - set(TEMPLATES) == set()
    facts = {"tier": "单位审核", "due_at": DUE.isoformat(), "hours": 2}
    shown = [words(event, UUID(int=7), facts) for event in TEMPLATES]
    assert [one.text for one in shown if "{" in one.text or len(one.text) > 70 or len(one.title) > 20] == []


async def test_a_return_is_told_by_every_way_in_words_that_name_nobody(
    office: Office, dated: Context, telling: Telling, providers: Providers, application: UUID
) -> None:
    await happened(dated, application, "application.returned", tier="unit", tier_title="单位审核", due_at=DUE)
    assert (await telling.hear(), await telling.hear()) == (1, 0)
    assert (await telling.sweep(), await telling.sweep()) == (2, 0)
    said = (
        f"您的申报（编号{number(application)}）被退回，请登录系统查看全部问题。"
        "请于10月11日24:00前改正并重新提交，逾期按通知规定处理。"
    )
    [sms], [mail] = providers.sms.messages(), providers.mail.messages()
    assert (sms["address"], sms["channel"], sms["text"]) == (PHONE, "sms", said)
    assert (mail["address"], mail["title"], mail["text"]) == (EMAIL, "申报被退回", said)
    listed = (await office.get("gul", "/v1/me/notifications")).json()
    [item] = listed["items"]
    assert (item["title"], item["text"], item["read_at"], listed["unread"]) == ("申报被退回", said, None, 1)
    assert "买买提" not in sms["text"] + mail["text"] + mail["title"]
    async with dated.db.begin() as tx:
        held = "".join(
            [
                str((await tx.execute(text(f"select string_agg(t::text, ' ') from review.{name} t"))).scalar_one())
                for name in ("notifications", "notification_deliveries", "webhook_messages")
            ]
        )
    assert not any(word in held for word in (PHONE, EMAIL, "买买提"))


async def test_the_inbox_is_ones_own_and_what_was_read_is_sent_no_more(
    office: Office, dated: Context, telling: Telling, providers: Providers, application: UUID
) -> None:
    for event in ("application.submitted", "application.returned", "application.arrived"):
        await happened(dated, application, event, tier_title="市级审核")
    await telling.hear()
    await office.register("other")
    assert (await office.get("other", "/v1/me/notifications")).json() == {"items": [], "unread": 0, "next": None}
    first = (await office.get("gul", "/v1/me/notifications", limit=2)).json()
    second = (await office.get("gul", "/v1/me/notifications", limit=2, after=first["next"])).json()
    found = {item["event"]: item["id"] for item in first["items"] + second["items"]}
    assert (set(found), second["next"]) == (
        {"application.submitted", "application.returned", "application.arrived"}, None,
    )  # fmt: skip
    where = f"/v1/me/notifications/{found['application.returned']}/read"
    assert (await office.client.put(where, headers=office.as_("other"))).status_code == 404
    for _ in range(2):
        assert (await office.client.put(where, headers=office.as_("gul"))).status_code == 204
    unread = (await office.get("gul", "/v1/me/notifications", unread=True)).json()
    assert (len(unread["items"]), unread["unread"]) == (2, 2)
    assert (await telling.sweep(), providers.told()) == (2, (0, 0))


async def test_receipts_of_sms_settle_or_become_work(
    office: Office, dated: Context, telling: Telling, providers: Providers, application: UUID, token: Callable[..., str]
) -> None:
    assert (await save(office, "gul", application, "basic", SECTIONS["basic"], 1)).status_code == 200  # no address
    await office.officer("clerk", "unit", office.school)
    await office.officer("stranger", "unit", office.other_school)
    provider = {"Authorization": f"Bearer {token('sms-provider', 'deliveries:write')}"}

    async def reported(status: str, **more: Any) -> int:
        newest = providers.sms.messages()[0]
        told = {"key": newest["key"], "status": status, "at": dated.now().isoformat(), **more}
        return (await office.client.post("/v1/delivery-reports", json=told, headers=provider)).status_code

    await happened(dated, application, "application.accepted")
    await telling.hear()
    await telling.sweep()
    assert [await reported("delivered"), await reported("delivered")] == [204, 204]
    assert (await office.get("clerk", "/v1/undelivered-notifications")).json()["items"] == []
    await happened(dated, application, "application.returned", due_at=DUE)
    await telling.hear()
    await telling.sweep()
    assert await reported("failed", code="not_reached") == 204
    [task] = (await office.get("clerk", "/v1/undelivered-notifications")).json()["items"]
    assert (task["application"], task["number"], task["event"]) == (
        str(application), number(application), "application.returned",
    )  # fmt: skip
    assert sorted((one["way"], one["code"]) for one in task["failures"]) == [
        ("email", "no_address"), ("sms", "not_reached"),
    ]  # fmt: skip
    assert (await office.get("stranger", "/v1/undelivered-notifications")).json()["items"] == []
    where, how = f"/v1/undelivered-notifications/{task['id']}/handling", {"handling": "phoned"}
    assert (await office.post("stranger", where, how)).status_code == 404
    assert (await office.post("gul", where, how)).status_code == 404
    done = await office.post("clerk", where, how, **{"Idempotency-Key": "k"})
    again = await office.post("clerk", where, how, **{"Idempotency-Key": "k"})
    assert (done.status_code, again.json()) == (200, done.json())
    assert (await office.post("clerk", where, how)).json()["code"] == "notification.settled"
    assert (await office.get("clerk", "/v1/undelivered-notifications")).json()["items"] == []
    unknown = {"key": str(uuid4()), "status": "failed", "at": dated.now().isoformat()}
    assert (await office.client.post("/v1/delivery-reports", json=unknown, headers=provider)).status_code == 404


async def test_a_provider_that_is_away_is_asked_again_and_one_that_is_silent_is_given_up(
    office: Office, dated: Context, telling: Telling, providers: Providers, application: UUID, clock: Clock
) -> None:
    await office.officer("clerk", "unit", office.school)
    providers.sms.kill()
    providers.mail.switch(busy=True)
    await happened(dated, application, "application.lapsed")
    await telling.hear()
    assert (await telling.sweep(), await telling.sweep()) == (2, 0)
    providers.sms.restart()
    providers.sms.switch(silent=True)
    providers.mail.switch(refuse=True)
    clock.at += timedelta(seconds=10)
    assert (await telling.sweep(), providers.told()) == (2, (1, 0))
    assert (await office.get("clerk", "/v1/undelivered-notifications")).json()["items"] == []
    clock.at += timedelta(hours=24)
    assert await telling.sweep() == 1
    [task] = (await office.get("clerk", "/v1/undelivered-notifications")).json()["items"]
    assert sorted((one["way"], one["code"]) for one in task["failures"]) == [
        ("email", "mailbox_refused"), ("sms", "no_report"),
    ]  # fmt: skip
    [sms] = providers.sms.messages()
    await telling.delivered(UUID(sms["key"]), clock())  # late, but it arrived
    assert (await office.get("clerk", "/v1/undelivered-notifications")).json()["items"] == []


async def test_without_couriers_somebody_hears_of_it(
    office: Office, dated: Context, application: UUID, clock: Clock
) -> None:
    await office.officer("clerk", "unit", office.school)
    await happened(dated, application, "application.voided")
    alone = Factory(dated).telling()
    assert (await alone.hear(), await alone.sweep()) == (1, 2)
    [task] = (await office.get("clerk", "/v1/undelivered-notifications")).json()["items"]
    assert {one["code"] for one in task["failures"]} == {"not_set_up"}


async def test_reminders_before_a_deadline_ends_once_at_each_distance(
    office: Office, dated: Context, telling: Telling, application: UUID, clock: Clock
) -> None:
    for at, told in (
        (IN_WINDOW, 0), (WINDOW_ENDS - timedelta(hours=24, seconds=1), 0), (WINDOW_ENDS - timedelta(hours=24), 1),
        (WINDOW_ENDS - timedelta(hours=3), 0), (WINDOW_ENDS - timedelta(hours=2), 1), (WINDOW_ENDS, 0),
    ):  # fmt: skip
        clock.at = at
        assert (await telling.remind(), await telling.remind()) == (told, 0), at
    items = (await office.get("gul", "/v1/me/notifications")).json()["items"]
    assert [item["event"] for item in items] == [REMINDER, REMINDER]
    assert [item["text"].partition("足")[2][:4] for item in items] == ["2小时。", "24小时"]
    assert datetime.fromisoformat(items[0]["due_at"]) == WINDOW_ENDS


async def test_integrators_hear_of_it_without_any_identity(
    dated: Context, telling: Telling, application: UUID, office: Office
) -> None:
    await Factory(dated).people().connect("client:one", office.school)
    local = replace(dated, settings=dated.settings.model_copy(update={"webhooks_local": True}))
    url = "http://127.0.0.1:9/hook"
    await local.webhooks.register("client:one", None, url, ["application.returned"])
    for event in ("application.returned", "application.submitted"):
        await happened(dated, application, event, tier="unit", tier_title="单位审核", due_at=DUE)
    await telling.hear()
    [owed] = await local.webhooks.deliveries("client:one", endpoint=None, state=State.OWED, after=None, limit=9)
    async with dated.db.begin() as tx:
        body = (await tx.execute(text("select body::jsonb from review.webhook_messages"))).scalar_one()
        [programme] = (await tx.execute(text("select programme from review.applications"))).scalars()
    assert owed.type == body["type"] == "application.returned"
    assert body["data"] == {
        "application": str(application), "programme": str(programme), "state": "draft", "tier": "unit", "submission": 0,
        "due_at": DUE.isoformat(),
    }  # fmt: skip


async def test_an_event_that_cannot_be_told_holds_up_no_other(
    dated: Context, telling: Telling, application: UUID, clock: Clock
) -> None:
    await happened(dated, application, "application.accepted")
    async with dated.db.begin() as tx:
        await tx.execute(text('update review.outbox set body = body || \'{"colour": "red"}\''))
    await happened(dated, application, "application.accepted")
    assert (await telling.hear(), await telling.hear()) == (2, 0)
    async with dated.db.begin() as tx:
        assert (await tx.execute(text("select count(*) from review.notifications"))).scalar_one() == 1
        await tx.execute(text("update review.outbox set body = body - 'colour'"))
    clock.at += timedelta(seconds=30)
    assert await telling.hear() == 1
    async with dated.db.begin() as tx:
        assert (await tx.execute(text("select count(*) from review.notifications"))).scalar_one() == 2
        assert (await tx.execute(text("select count(*) from review.outbox"))).scalar_one() == 0


async def test_services_tell_in_their_own_transaction(dated: Context, application: UUID) -> None:
    async with dated.db.connect() as tx:
        found = await rooms.find(tx, application)
        assert found is not None
        assert await notify(tx, found, "fee.notified", {"due_at": DUE}, dated.now()) is True
        assert await notify(tx, found, "fee.unheard_of", {}, dated.now()) is False
        await tx.rollback()
    async with dated.db.begin() as tx:
        assert (await tx.execute(text("select count(*) from review.notifications"))).scalar_one() == 0
