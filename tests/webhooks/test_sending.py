"""What is owed is sent on the published schedule, signed, and known again; what is dead can be sent once more."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from mangping.errors import Refused
from mangping.vault import Keys
from mangping.webhooks.schedule import SCHEDULE, again_at
from mangping.webhooks.signature import Secret, verify
from mangping.webhooks.store import Standing, State
from sqlalchemy import text

from tests.webhooks.conftest import OTHER, OWNER, Answering, House, store
from tests.webhooks.receiver import receiving

URL = "http://127.0.0.1:9/hook"


async def registered(house: House, url: str = URL, *events: str) -> tuple[str, Secret]:
    endpoint, secret = await house.webhooks.register(OWNER, None, url, events or ("thing.made",))
    return str(endpoint.id), secret


def test_the_schedule_is_the_published_one() -> None:
    hours = [one.total_seconds() / 3600 for one in SCHEDULE]
    assert hours == [0, 5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24]


async def test_an_event_arrives_signed_by_the_secret_that_was_shown(house: House) -> None:
    async with receiving() as receiver:
        _, secret = await registered(house, receiver.url)
        assert (await house.make(id="1", state="made"), await house.make("thing.broken")) == (1, 0)
        assert (await house.sender().sweep(), await house.sender().sweep()) == (1, 0)
        [(headers, body)] = receiver.heard
    told = verify([secret], headers, body, house.clock())
    [delivery] = await house.deliveries()
    assert told.id == f"msg_{delivery.message_id.hex}"
    made = {"type": "thing.made", "timestamp": "2024-09-10T01:00:00+00:00", "data": {"id": "1", "state": "made"}}
    assert json.loads(body) == made
    assert (delivery.state, delivery.tries, delivery.next_at) == (State.DELIVERED, 1, None)


async def test_an_event_is_owed_with_what_made_it_true_or_not_at_all(house: House) -> None:
    await registered(house)
    async with house.engine.connect() as tx:
        assert await store.owe(tx, "thing.made", {}, at=house.clock()) == 1
        await tx.rollback()
    assert await house.deliveries() == []


async def test_ten_attempts_on_the_schedule_then_a_dead_letter_that_can_be_sent_again(house: House) -> None:
    await registered(house)
    await house.make()
    deaf, sent_at = Answering(500), []
    while owed := await house.deliveries(State.OWED):
        assert owed[0].next_at is not None
        house.clock.at = owed[0].next_at - timedelta(seconds=1)
        assert await house.sender(deaf).sweep() == 0  # not a second early
        house.clock.at = owed[0].next_at
        assert await house.sender(deaf).sweep() == 1
        sent_at.append(house.clock.at)
    waits = [later - earlier for earlier, later in pairwise(sent_at)]
    assert (len(sent_at), tuple(waits)) == (10, SCHEDULE[1:])
    assert len({headers["webhook-id"] for _, headers, _ in deaf.posted}) == 1
    assert len({body for _, _, body in deaf.posted}) == 1
    [dead] = await house.deliveries(State.DEAD)
    again = await house.webhooks.redeliver(OWNER, "key-1", dead.id)
    assert (again.state, again.tries, again.next_at) == (State.OWED, 0, house.clock())
    hearing = Answering(200)
    await house.sender(hearing).sweep()
    repeated = await house.webhooks.redeliver(OWNER, "key-1", dead.id)  # the same request again does nothing
    assert (repeated.state, await house.sender(hearing).sweep()) == (State.DELIVERED, 0)
    assert hearing.posted[0][1]["webhook-id"] == deaf.posted[0][1]["webhook-id"]
    _, attempts = await house.webhooks.delivery(OWNER, dead.id)
    assert [(one.number, one.status) for one in attempts] == [*((n, 500) for n in range(1, 11)), (11, 200)]
    assert again_at(10, house.clock()) is None


async def test_410_ends_an_endpoint_and_what_it_is_owed(house: House) -> None:
    id, _ = await registered(house)
    await house.make()
    await house.sender(Answering(500)).sweep()
    await house.make()
    await house.sender(Answering(410)).sweep()
    [endpoint] = await house.webhooks.newest(OWNER, after=None, limit=9)
    assert (str(endpoint.id), endpoint.state, endpoint.version) == (id, Standing.GONE, 2)
    assert [one.state for one in await house.deliveries()] == [State.DEAD, State.DEAD]
    assert await house.make() == 0
    first = (await house.deliveries())[0]
    with pytest.raises(Refused) as refused:
        await house.webhooks.redeliver(OWNER, None, first.id)
    assert refused.value.code == "webhook.not_active"
    events = ("thing.made",)
    back = await house.webhooks.change(OWNER, endpoint.id, 2, url=URL, events=events, active=True)
    await house.webhooks.redeliver(OWNER, None, first.id)
    assert (back.state, back.version, await house.sender(Answering()).sweep()) == (Standing.ACTIVE, 3, 1)


async def test_two_secrets_sign_while_they_overlap(house: House) -> None:
    _, old = await registered(house)
    [endpoint] = await house.webhooks.newest(OWNER, after=None, limit=9)
    _, new = await house.webhooks.renew_secret(OWNER, "renew", endpoint.id, timedelta(hours=24))
    _, same = await house.webhooks.renew_secret(OWNER, "renew", endpoint.id, timedelta(hours=24))
    assert (new.key == same.key, new.key == old.key) == (True, False)
    await house.make()
    answering = Answering()
    await house.sender(answering).sweep()
    house.clock.forward(hours=24)
    await house.make()
    await house.sender(answering).sweep()
    (_, both, first), (_, alone, second) = answering.posted
    at = house.clock.at - timedelta(hours=24)
    assert verify([old], both, first, at).id == verify([new], both, first, at).id
    verify([new], alone, second, house.clock())
    with pytest.raises(Refused):
        verify([old], alone, second, house.clock())


async def test_secrets_lie_sealed_and_are_shown_once(house: House) -> None:
    endpoint, secret = await house.webhooks.register(OWNER, "key", URL, ["thing.made"])
    again, same = await house.webhooks.register(OWNER, "key", URL, ["thing.made"])
    assert (again, same.key) == (endpoint, secret.key)
    async with house.engine.begin() as tx:
        held = ""
        for name in ("webhook_endpoints", "webhook_secrets", "idempotency_keys", "audit"):
            whole = await tx.execute(text(f"select string_agg(t::text, ' ') from hooks.{name} t"))
            held += str(whole.scalar_one())
        sealed = (await tx.execute(text("select sealed from hooks.webhook_secrets"))).scalar_one()
    assert secret.text() not in held
    assert secret.key not in bytes(sealed)
    assert secret.text().encode() not in bytes(sealed)


async def test_secrets_follow_the_current_key(house: House) -> None:
    _, secret = await registered(house)
    (name, key), fresh = next(iter(house.keys.keys.items())), bytes(range(32))
    later = House(house.engine, Keys("k2", {name: key, "k2": fresh}), house.clock)
    await later.sender().forget()
    alone = House(house.engine, Keys("k2", {"k2": fresh}), house.clock)
    await alone.make()
    answering = Answering()
    await alone.sender(answering).sweep()
    [(_, headers, body)] = answering.posted
    assert verify([secret], headers, body, house.clock()).sent_at == house.clock()


async def test_an_owner_knows_only_their_own(house: House) -> None:
    endpoint, _ = await house.webhooks.register(OWNER, None, URL, ["thing.made"])
    await house.make()
    [delivery] = await house.deliveries()
    theirs = house.webhooks
    for ask in (
        theirs.find(OTHER, endpoint.id), theirs.delivery(OTHER, delivery.id), theirs.redeliver(OTHER, None, delivery.id),
        theirs.renew_secret(OTHER, None, endpoint.id, timedelta()),
        theirs.change(OTHER, endpoint.id, 1, url=URL, events=(), active=True),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            await ask
        assert refused.value.status == 404
    await theirs.remove(OTHER, endpoint.id)
    assert await theirs.find(OWNER, endpoint.id) == endpoint
    await theirs.remove(OWNER, endpoint.id)
    assert await house.deliveries() == []


@pytest.mark.parametrize(
    ("url", "events", "code"),
    [
        ("https://169.254.169.254/", ["thing.made"], "webhook.address_forbidden"),
        ("https://10.0.0.1/", ["thing.made"], "webhook.address_forbidden"),
        ("https://no-such-name.invalid/", ["thing.made"], "webhook.name_unknown"),
        ("ftp://127.0.0.1/", ["thing.made"], "webhook.url"),
        (URL, ["thing.unheard_of"], "webhook.event"),
    ],
)
async def test_where_nothing_can_go_nothing_is_registered(house: House, url: str, events: list[str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        await house.webhooks.register(OWNER, None, url, events)
    assert refused.value.code == code


async def test_a_slow_endpoint_holds_up_nobody_and_a_claim_runs_out(house: House) -> None:
    await registered(house)
    for _ in range(40):
        await house.make()
    await registered(house, "http://127.0.0.1:10/other")
    await house.make()
    async with house.engine.begin() as tx:
        until = house.clock() + timedelta(seconds=60)
        first = await store.claim(tx, at=house.clock(), until=until, limit=32, each=8)
        assert sorted({one.url[-5:] for one in first}) == ["/hook", "other"]
        assert len(first) == 9
    answering = Answering()
    assert await house.sender(answering).sweep() == 33  # what the other sender holds is left to it
    house.clock.forward(seconds=61)
    assert await house.sender(answering).sweep() == 9
    assert {one.state for one in await house.deliveries()} == {State.DELIVERED}


async def test_what_is_old_is_forgotten(house: House) -> None:
    await registered(house)
    await house.make()
    house.clock.forward(days=29)
    assert await house.sender().forget() == 0
    house.clock.forward(days=2)
    assert (await house.sender().forget(), await house.deliveries()) == (1, [])
