"""300 applications move at once, by random acts of applicants and officers, while api, worker and Valkey are killed at
every step; then each file is in one legal state, its chain is whole, and each event was told once."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4

import httpx
import pytest
from mangping import rehearsal
from mangping.contracts import EventName
from mangping_api.domain import deadline
from mangping_api.domain.application import EDGES, Act, Application, Section, State
from mangping_api.domain.person import Person
from mangping_api.main import build
from mangping_api.services.audit import Audit
from mangping_api.storage import applications, deadlines, people
from mangping_api.storage import programmes as packs
from mangping_api.wiring import Context
from sqlalchemy import text

from deploy.local.servers import free_port
from deploy.local.stack import Stack
from deploy.simulators.sms.process import Sms
from tests.api.office import IN_WINDOW, SECTIONS, UNIT_FACTS, Clock, id_number
from tests.api.reviewing import OPINION, REVIEW_PACK, STATEMENTS, Tiers, open_tiers
from tests.conftest import Env, NewEnv, settings_of
from tests.fees.storm import Mortal, plagues, somewhere

# The bureaux may receive while applicants still hand in: all of it happens at once.
PACK = REVIEW_PACK.replace("opens: 2024-10-26", "opens: 2024-09-30")
COUNT, SEED, AT_ONCE = 300, 20241010, 24
DOOR = ("once.acted", "once.committed")
CLERK = ("telling.told", "telling.committed", "telling.claimed", "telling.sent")
# What becomes of how many; the others rest with their school, as in life.
LIVES = {
    "accepted": 30, "returned_by_city": 30, "returned_by_school": 60, "withdrawn": 50, "abandoned": 30, "raced": 40,
}  # fmt: skip
# What was taken back or corrected was handed in again, so it lies at its school, like what rests there.
ENDS = {
    "accepted": State.ACCEPTED, "returned_by_city": State.RETURNED, "returned_by_school": State.SUBMITTED,
    "withdrawn": State.SUBMITTED, "abandoned": State.ABANDONED, "rests": State.SUBMITTED,
}  # fmt: skip


@pytest.fixture
def env(new_env: NewEnv, stack: Stack, tmp_path: Path) -> Env:
    clock = tmp_path / "clock"
    rehearsal.set_to(clock, IN_WINDOW)
    return {
        **new_env(), "MANGPING_BIND": f"127.0.0.1:{free_port()}", "MANGPING_REHEARSAL_CLOCK": str(clock),
        "MANGPING_SWEEP_SECONDS": "0.2", "MANGPING_RELAY_HOLD_SECONDS": "1",
    }  # fmt: skip


@pytest.fixture
def sms(env: Env, stack: Stack, tmp_path: Path) -> Any:
    (tmp_path / "sms").mkdir()
    url = f"http://{env['MANGPING_BIND']}/v1/delivery-reports"
    provider = Sms.start(tmp_path / "sms", report_url=url, report_token=stack.token("sms-provider", "deliveries:write"))
    env |= {"MANGPING_SMS_URL": f"{provider.url}/", "MANGPING_SMS_TOKEN": provider.key}
    yield provider
    provider.stop()


@pytest.fixture
async def tiers(env: Env, sms: Sms, token: Callable[..., str]) -> AsyncIterator[Tiers]:
    """A school and two bureaux, made in peace."""
    opened = replace(Context.open(settings_of(env), name="tests"), now=(clock := Clock(IN_WINDOW)))
    app = build(settings_of(env), context=opened)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client,
    ):
        yield await open_tiers(client, opened, token, clock, PACK)


async def drafts(tiers: Tiers, context: Context) -> dict[str, UUID]:
    """{subject: application}: complete, not yet handed in."""
    office, keys, at, made = tiers.office, context.vault.keys, IN_WINDOW - timedelta(days=1), {}
    facts = await office.client.put(
        f"/v1/organisations/{office.school}/facts", json={"facts": UNIT_FACTS}, headers=office.as_(office.admin)
    )
    assert facts.status_code == 200
    async with context.db.begin() as tx:
        policy = await packs.policy(tx, tiers.programme)
        line = (office.root, office.school)
        for number in range(COUNT):
            subject = f"teacher-{number}"
            told: dict[str, Any] = {"name": "测试甲", "id_number": id_number(), "phone": f"138{number:08}"}
            person = Person(uuid4(), f"sub:{subject}", office.school, **told)
            await people.add(tx, keys, person, at)
            held = Application(
                uuid4(), person.id, office.school, line, tiers.programme, 2024, "评审", "初级", {"path": "正常"},
                State.DRAFT, 0, at,
            )  # fmt: skip
            await applications.add(tx, held)
            for name, content in SECTIONS.items():
                await applications.save_section(tx, keys, held.id, Section(name, 1, content), at)
            await deadlines.add(tx, held.id, deadline.of_windows(policy, held.stated, IN_WINDOW))
            made[subject] = held.id
    return made


@dataclass
class World:
    """The front door as people meet it: it may be gone at any moment, and comes back."""

    client: httpx.AsyncClient
    tiers: Tiers
    tokens: dict[str, dict[str, str]]

    async def ask(self, method: str, who: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Asked again, under the same key, until there is an answer."""
        headers = self.tokens[who] | headers | ({"Idempotency-Key": uuid4().hex} if method == "POST" else {})
        end = time.monotonic() + 120
        while True:
            try:
                answer = await self.client.request(method, path, json=body, headers=headers)
                if answer.status_code < 500:
                    return answer
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, f"{method} {path}: no answer"
            await asyncio.sleep(0.1)

    async def did(self, who: str, id: UUID, act: str, body: Any = None) -> bool:
        """Whether it was done; a refusal in a legal order of things is 403, 404, 409 or 412."""
        answer = await self.ask("POST", who, f"/v1/{act.format(id=id)}", body)
        assert answer.status_code in (200, 403, 404, 409, 412, 422), answer.text
        return answer.status_code == 200

    async def judged(self, who: str, id: UUID, **defects: str) -> str | None:
        """Claimed and every item judged; the digest of all that was seen, or None when the file moved meanwhile."""
        if not await self.did(who, id, "reviews/{id}/claim"):
            return None
        sheet = (await self.ask("GET", who, f"/v1/reviews/{id}")).json()
        for one in sheet.get("items", ()):
            reason = defects.get(one["item"].partition(".")[2])
            told = {"verdict": "defect", "reason": reason} if reason else {"verdict": "ok"}
            answer = await self.ask("PUT", who, f"/v1/reviews/{id}/items/{one['item']}", {"seen": one["seen"], **told})
            if answer.status_code != 200:
                return None
        seen: str | None = sheet.get("seen")
        return seen

    async def signed(self, who: str, id: UUID, **more: Any) -> bool:
        seen = await self.judged(who, id)
        return seen is not None and await self.did(who, id, "reviews/{id}/sign", {"agree": True, "seen": seen, **more})

    async def recommended(self, id: UUID) -> bool:
        word = {"texts": {"opinion": OPINION}, "attested": STATEMENTS}
        return await self.signed(self.tiers.school, id, **word) and await self.did(
            self.tiers.school, id, "reviews/{id}/pass"
        )

    async def sent_back(self, who: str, id: UUID) -> bool:
        seen = await self.judged(who, id, teaching="课时数与证明不符")
        return seen is not None and await self.did(who, id, "reviews/{id}/return", {})

    async def corrected(self, who: str, id: UUID, version: int) -> bool:
        right = {"content": SECTIONS["teaching"] | {"lessons_5_years": 3000 + version}}
        path = f"/v1/applications/{id}/sections/teaching"
        await self.ask("PUT", who, path, right, **{"If-Match": f'"{version}"'})
        return await self.did(who, id, "applications/{id}/submit")

    async def live(self, who: str, id: UUID, way: str) -> State:
        """Where it must stand at the end: nobody but its applicant and its officers touches it, so every act is done, and
        of two that race exactly one."""
        school, hr, education = self.tiers.school, self.tiers.hr, self.tiers.education
        assert await self.did(who, id, "applications/{id}/submit")
        if way in ("withdrawn", "abandoned"):
            assert await self.did(who, id, "applications/{id}/withdraw")
        if way == "withdrawn":
            assert await self.did(who, id, "applications/{id}/submit")
        if way == "abandoned":
            assert await self.did(who, id, "applications/{id}/abandon")
        if way == "raced":  # the applicant takes it back while the school returns it
            assert await self.judged(school, id, teaching="课时数与证明不符") is not None
            taken, returned = await asyncio.gather(
                self.did(who, id, "applications/{id}/withdraw"), self.did(school, id, "reviews/{id}/return", {})
            )
            assert taken != returned
            return State.DRAFT if taken else State.RETURNED
        if way == "returned_by_school":
            assert await self.sent_back(school, id)
            assert await self.corrected(who, id, 1)
        if way in ("accepted", "returned_by_city"):
            assert await self.recommended(id)
        if way == "returned_by_city":
            assert await self.sent_back(hr, id)
        if way == "accepted":
            assert all(await asyncio.gather(self.signed(hr, id), self.signed(education, id)))
            assert await self.did(hr, id, "reviews/{id}/pass")
        return ENDS[way]


async def rows(context: Context, query: str) -> list[Any]:
    async with context.db.begin() as tx:
        return list(await tx.execute(text(query)))


async def quiet(context: Context) -> None:
    """Until nothing is owed any more."""
    owed = (
        "select (select count(*) from review.outbox) + "
        "(select count(*) from review.notification_deliveries where next_at is not null)"
    )
    end = time.monotonic() + 120
    while (left := (await rows(context, owed))[0][0]) > 0:
        assert time.monotonic() < end, f"{left} messages are still owed"
        await asyncio.sleep(0.2)


async def test_every_file_is_in_one_legal_state_and_every_event_was_told_once(
    env: Env, tiers: Tiers, sms: Sms, stack: Stack, tmp_path: Path, token: Callable[..., str]
) -> None:
    dice, context = random.Random(SEED), tiers.office.context
    made = await drafts(tiers, context)
    ways = [way for way, count in LIVES.items() for _ in range(count)]
    ways += ["rests"] * (COUNT - len(ways))
    dice.shuffle(ways)
    door = Mortal("mangping_api.__main__", env, tmp_path / "door.log", patience_s=20)
    clerk = Mortal("mangping_api.worker", env, tmp_path / "clerk.log", patience_s=8)
    deep = [f"{step}@{times}" for step in DOOR for times in (3, 40, 100, 200)]
    dice.shuffle(deep)
    tokens = {who: tiers.office.as_(who) for who in (*made, tiers.school, tiers.hr, tiers.education)}
    gate = asyncio.Semaphore(AT_ONCE)
    with plagues((door, deep), (clerk, somewhere(dice, CLERK, 4) + somewhere(dice, CLERK, 1))) as died:
        async with httpx.AsyncClient(base_url=f"http://{env['MANGPING_BIND']}", timeout=60, trust_env=False) as client:
            world = World(client, tiers, tokens)

            async def one(who: str, id: UUID, way: str) -> tuple[str, State]:
                async with gate:
                    return str(id), await world.live(who, id, way)

            storm = asyncio.create_task(_upset(stack, dice))
            everyone = list(zip(made.items(), ways, strict=True))
            dice.shuffle(everyone)
            ends = dict(await asyncio.gather(*(one(who, id, way) for (who, id), way in everyone)))
            await storm
            await asyncio.to_thread(died)
            await quiet(context)
    await _check(context, ends, sms)
    assert {*DOOR, *CLERK} <= {*door.deaths, *clerk.deaths}, (door.deaths, clerk.deaths)


async def _upset(stack: Stack, dice: random.Random) -> None:
    """Valkey dies twice, once with all that it held."""
    for lose_data in (False, True):
        await asyncio.sleep(dice.uniform(2, 5))
        await asyncio.to_thread(stack.kill_valkey, lose_data=lose_data)
        await asyncio.sleep(0.3)
        await asyncio.to_thread(stack.restart_valkey)


async def _check(context: Context, ends: dict[str, State], sms: Sms) -> None:
    assert await Audit(context.db).broken() == {}
    states = {str(row[0]): State(row[1]) for row in await rows(context, "select id, state from review.applications")}
    assert states == ends
    lying = {
        str(row[0]) for row in await rows(context, "select application_id from review.desks where closed_at is null")
    }
    assert lying == {id for id, state in states.items() if state is State.SUBMITTED}
    running = (
        "select a.state, d.kind from review.applications a join review.deadlines d on d.application_id = a.id "
        "where d.state = 'running' and d.on_end is not null"
    )
    ticking = {(State(row[0]), row[1].partition(".")[0]) for row in await rows(context, running)}
    clocks = {State.DRAFT: "window", State.RETURNED: "correction"}
    assert ticking == {(state, clock) for state, clock in clocks.items() if state in states.values()}
    chain: dict[str, list[str]] = {id: [] for id in states}
    for row in await rows(
        context, "select stream, event from review.audit where stream like 'application:%' order by stream, seq"
    ):
        chain[row[0].partition(":")[2]].append(row[1])
    assert {id: _reached(events) for id, events in chain.items()} == states
    told = Counter(
        (row[0], row[1]) for row in await rows(context, "select application_id::text, event from review.notifications")
    )
    passed = {"application.passed": "application.arrived"}
    owed = Counter(
        (id, passed.get(event, event)) for id, events in chain.items() for event in events
        if passed.get(event, event) in get_args(EventName)
    )  # fmt: skip
    assert told == owed
    sent = Counter(one["key"] for one in await asyncio.to_thread(sms.messages))
    asked = {
        row[0] for row in await rows(context, "select id::text from review.notification_deliveries where way = 'sms'")
    }
    assert (set(sent), set(sent.values())) == (asked, {1})


def _reached(events: Sequence[str]) -> State:
    """The one state to which the table of edges leads by these events, one after the other; other events move nothing."""
    moving, here, returned = {edge.event for edge in EDGES.values()}, State.DRAFT, False
    for event in (event for event in events if event in moving):
        back = Act.TAKE_BACK if returned else Act.WITHDRAW  # told by the same event
        [here] = {
            edge.to for (at, act), edge in EDGES.items()
            if at is here and edge.event == event and (act is back or event != "application.withdrawn")
        }  # fmt: skip
        returned = returned or event == "application.returned"
    return here
