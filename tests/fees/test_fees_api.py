"""The fees service over HTTP: who sees what, two people for a refund, keys, tags, pages, callbacks, files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from mangping.clock import BEIJING
from mangping.webhooks.signature import Secret, sign
from mangping_fees.gateways.webhook_events import write_event
from mangping_fees.main import build
from mangping_fees.wiring import Context, Factory

from tests.conftest import Env
from tests.fees.bank import Bank, Clock, notice_of, ordered, statement, steps, whole_of
from tests.fees.conftest import settings_of

SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
OTHER_SECRET = "whsec_" + "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4"
Token = Callable[..., str]


@pytest.fixture
async def door(fees: Context, fees_env: Env) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_of(fees_env, webhook_secrets=f'{{"450300": ["{SECRET}"], "652800": ["{OTHER_SECRET}"]}}')
    app = build(settings, context=replace(fees, settings=settings))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://fees") as talking,
    ):
        yield talking


@pytest.fixture
def as_(token: Token) -> Callable[..., dict[str, str]]:
    def headers(who: str, scope: str, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token(who, scope, client_id='', azp='')}", **more}

    return headers


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_an_applicant_sees_their_own_notice_only(
    door: httpx.AsyncClient, as_: Callable[..., dict[str, str]], fees: Context, clock: Clock
) -> None:
    order = await ordered(fees, applicant="sub:one")
    await steps(fees, clock, 2)
    notice = await notice_of(fees, order)
    where = f"/v1/my/notices/{notice.id}"
    mine, other = as_("one", "fees:own"), as_("two", "fees:own")
    assert [item["id"] for item in (await door.get("/v1/my/notices", headers=mine)).json()["items"]] == [str(notice.id)]
    assert (await door.get("/v1/my/notices", headers=other)).json()["items"] == []
    for method, path in [("GET", where), ("POST", f"{where}/opened"), ("GET", f"{where}/receipt")]:
        assert told(await door.request(method, path, headers=other)) == (404, "notice.unknown")
    assert told(await door.get(f"/v1/notices/{notice.id}", headers=mine)) == (403, "scope.missing")
    opened = await door.post(f"{where}/opened", headers=mine)
    due_at = datetime.fromisoformat(opened.json()["due_at"])
    assert (opened.json()["state"], due_at) == ("notified", datetime(2024, 9, 14, tzinfo=BEIJING))
    assert told(await door.get(f"{where}/receipt", headers=mine)) == (404, "receipt.unknown")
    whole = (await door.get(where, headers=mine)).json()
    assert (whole["lines"][0]["amount_fen"], whole["due_rule"], len(whole["due_trace"])) == (38000, "GL-87", 2)


async def test_etag_if_match_and_key(
    door: httpx.AsyncClient, as_: Callable[..., dict[str, str]], fees: Context, clock: Clock
) -> None:
    order = await ordered(fees)
    await steps(fees, clock, 2)
    where = f"/v1/notices/{(await notice_of(fees, order)).id}"
    read, cashier = as_("c", "fees:read"), as_("c", "fees:cashier")
    seen = (await door.get(where, headers=read)).headers["ETag"]
    assert (await door.get(where, headers={**read, "If-None-Match": seen})).status_code == 304
    assert told(await door.post(f"{where}/void", headers={**cashier, "If-Match": '"99"'})) == (412, "notice.changed")
    assert told(await door.post(f"{where}/void", headers={**cashier, "If-Match": "x"})) == (412, "etag.unknown")
    key = {**cashier, "Idempotency-Key": "k-void", "If-Match": seen}
    first, again = [await door.post(f"{where}/void", headers=key) for _ in range(2)]
    assert (first.status_code, first.json()["state"], again.json()) == (202, "voiding", first.json())
    assert told(await door.post(f"{where}/retry", headers=key)) == (409, "idempotency_key.reused")
    assert told(await door.post(f"{where}/void", headers=cashier)) == (409, "notice.wrong_state")


async def test_a_signed_callback_pays_once(door: httpx.AsyncClient, fees: Context, bank: Bank, clock: Clock) -> None:
    clock.at = datetime.now(UTC).astimezone(BEIJING).replace(year=2024, month=9, day=10)
    order = await ordered(fees)
    await steps(fees, clock, 2)
    word = bank.pay(await notice_of(fees, order), event_id=f"msg_{uuid4().hex}")
    body = write_event(word)
    headers = sign([Secret.read(SECRET)], word.event_id, clock(), body)
    for _ in range(2):
        assert (await door.post("/v1/gateway-events", content=body, headers=headers)).status_code == 204
    assert (await notice_of(fees, order)).state == "paid"
    forged = sign([Secret(b"0" * 24)], word.event_id, clock(), body)
    assert told(await door.post("/v1/gateway-events", content=body, headers=forged)) == (401, "webhook.signature")
    assert told(await door.post("/v1/gateway-events", content=body)) == (400, "webhook.headers")


async def test_a_refund_takes_three_people(
    door: httpx.AsyncClient, as_: Callable[..., dict[str, str]], fees: Context, bank: Bank, clock: Clock
) -> None:
    order = await ordered(fees)
    await steps(fees, clock, 2)
    await Factory(fees).settlement().take(bank.pay(await notice_of(fees, order)))
    [payment] = (await Factory(fees).notices().find((await notice_of(fees, order)).id)).payments
    cashier, asked = as_("a", "fees:cashier"), {"payment": str(payment.id), "reason": "withdrawn"}
    assert told(await door.post("/v1/refunds", json=asked, headers=cashier)) == (409, "notice.wrong_state")
    words = [word for held in bank.paid.values() for word in held]
    for source in ("finance", "agent"):
        uploaded = await door.post("/v1/statements", content=statement(source, "2024-09-10", words), headers=cashier)
        assert (uploaded.status_code, uploaded.json()["state"]) == (202, "received")
    await steps(fees, clock)
    keyed = {**cashier, "Idempotency-Key": "r-1"}
    made = [await door.post("/v1/refunds", json=asked, headers=keyed) for _ in range(2)]
    where = f"/v1/refunds/{made[0].json()['id']}"
    assert ([one.status_code for one in made], made[0].json()) == ([201, 201], made[1].json())
    assert told(await door.post("/v1/refunds", json=asked, headers=cashier)) == (409, "refund.exists")
    finish = {"reference": "TK-2024-1"}
    assert told(await door.post(f"{where}/finish", json=finish, headers=cashier)) == (409, "refund.wrong_state")
    for who, expected in [("a", 403), ("b", 200), ("b", 403), ("c", 200), ("d", 409)]:
        assert (await door.post(f"{where}/approve", headers=as_(who, "fees:approve"))).status_code == expected
    assert (await door.post(f"{where}/finish", json=finish, headers=cashier)).json()["state"] == "refunded"
    assert (await notice_of(fees, order)).state == "refunded"
    assert (await door.get("/v1/books", headers=as_("x", "fees:read"))).json()["whole"] is True


async def test_files_differences_and_their_resolution(
    door: httpx.AsyncClient, as_: Callable[..., dict[str, str]], fees: Context, bank: Bank, clock: Clock
) -> None:
    order = await ordered(fees)
    await steps(fees, clock, 2)
    noon = datetime(2024, 9, 11, 12, tzinfo=BEIJING)
    word = bank.pay(await notice_of(fees, order), paid_at=noon)
    await Factory(fees).settlement().take(word)
    cashier, read = as_("a", "fees:cashier"), as_("a", "fees:read")
    agent = statement("agent", "2024-09-11", [word])
    files = [statement("finance", "2024-09-11", []), agent, agent, b"H|1|agent|broken", b"\xff\xfe"]
    answers = []
    for content in files:
        clock.forward(seconds=1)
        answers.append(await door.post("/v1/statements", content=content, headers=cashier))
    assert [answer.status_code for answer in answers] == [202, 202, 200, 202, 202]
    await steps(fees, clock)
    held = (await door.get("/v1/statements?limit=2", headers=read)).json()
    assert [(one["state"], one["refusal"]) for one in held["items"]] == [("refused", "statement.unreadable")] * 2
    assert (await door.get(f"/v1/statements?after={held['next']}", headers=read)).json()["items"][0]["state"] == "taken"
    [run] = (await door.get("/v1/reconciliations?day=2024-09-11", headers=read)).json()["items"]
    assert (run["totals"]["finance"], run["totals"]["agent"]["sum_fen"]) == ({"count": 0, "sum_fen": 0}, 38000)
    assert {name: count for name, count in run["verdicts"].items() if count} == {"missing_there": 1}
    where = f"/v1/reconciliations/{run['id']}/differences"
    [one] = (await door.get(where, headers=read)).json()["items"]
    assert (one["bank_trans_no"], one["ours_fen"], one["finance_fen"]) == (word.bank_trans_no, 38000, None)
    done = {"resolution": "next_day"}
    resolve = f"{where}/{word.bank_trans_no}/resolve"
    assert (await door.post(resolve, json=done, headers=cashier)).status_code == 204
    assert told(await door.post(resolve, json=done, headers=cashier)) == (404, "difference.unknown")
    assert (await door.get(where, headers=read)).json()["items"] == []
    assert told(await door.get(f"/v1/reconciliations/{uuid4()}/differences", headers=read))[0] == 404

    corrected = statement("finance", "2024-09-11", [word])
    await door.post("/v1/statements", content=corrected, headers=cashier)
    await steps(fees, clock)
    newest = (await door.get("/v1/reconciliations?day=2024-09-11", headers=read)).json()["items"][0]
    assert {name: count for name, count in newest["verdicts"].items() if count} == {"match": 1}
    assert (await notice_of(fees, order)).state == "receipted"


async def test_pages_hold_every_notice_once(
    door: httpx.AsyncClient, as_: Callable[..., dict[str, str]], fees: Context
) -> None:
    for _ in range(5):
        await ordered(fees, applicant="sub:lister")
    seen, after = list[UUID](), ""
    while True:
        answer: dict[str, Any] = (
            await door.get(f"/v1/my/notices?limit=2{after}", headers=as_("lister", "fees:own"))
        ).json()
        seen += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        after = f"&after={answer['next']}"
    assert (len(seen), len(set(seen))) == (5, 5)


async def test_a_delivery_report_starts_the_clock(
    door: httpx.AsyncClient, as_: Callable[..., dict[str, str]], fees: Context, clock: Clock
) -> None:
    order = await ordered(fees)
    await steps(fees, clock, 2)
    courier, at = as_("courier", "fees:deliver"), clock().isoformat()
    failed, delivered = [str(one.id) for one in (await whole_of(fees, order)).deliveries]
    for key, status, state in [(failed, "failed", "issued"), (delivered, "delivered", "notified")]:
        report = {"key": key, "status": status, "at": at}
        assert (await door.post("/v1/delivery-reports", json=report, headers=courier)).status_code == 204
        assert (await notice_of(fees, order)).state == state
    unknown = {"key": str(uuid4()), "status": "failed", "at": at}
    assert told(await door.post("/v1/delivery-reports", json=unknown, headers=courier)) == (404, "delivery.unknown")
