"""A small review: a school, two bureaux that must both agree, and the notice without what other parts of it ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
from mangping_api.main import build
from mangping_api.wiring import Context

from tests.api.office import IN_WINDOW, PLAIN_PACK, Clock, Office, begun, fill, load_pack, open_office
from tests.conftest import NewEnv, settings_of

OPINION = "本单位已对提供的申报材料逐一审核，真实准确，同意推荐"
STATEMENTS = ["political", "teaching"]
# The school passes applications on by "review": publicity and the school's papers belong to "forward".
REVIEW_PACK = (
    PLAIN_PACK.replace("before: forward", "before: review", 1)
    .replace("  - key: political\n    at: [forward]", "  - key: political\n    at: [review]", 1)
    .replace("  - key: teaching\n    at: [forward]", "  - key: teaching\n    at: [review]", 1)
    .replace("  - key: every_item\n    at: [forward]", "  - key: every_item\n    at: [review]", 1)
    .replace("    role: unit\n    at: [paper]", "    role: unit\n    at: [review, paper]", 1)
)
BODIES = ("库尔勒市人力资源和社会保障局", "库尔勒市教育局")


@dataclass
class Tiers:
    """`school`, `hr` and `education` are officers by their subjects; `programme` has its bodies bound."""

    office: Office
    clock: Clock
    programme: UUID
    bureaux: tuple[UUID, UUID]
    school: str = "unit-3"
    hr: str = "hr-1"
    education: str = "education-1"

    async def act(self, who: str, id: UUID, act: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.office.post(who, f"/v1/reviews/{id}/{act}", body, **headers)

    async def done(self, who: str, id: UUID, act: str, body: Any = None) -> dict[str, Any]:
        answer = await self.act(who, id, act, body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def sheet(self, who: str, id: UUID) -> dict[str, Any]:
        answer = await self.office.get(who, f"/v1/reviews/{id}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def put(self, who: str, id: UUID, item: str, body: Any) -> httpx.Response:
        path, headers = f"/v1/reviews/{id}/items/{item}", self.office.as_(who)
        return await self.office.client.put(path, json=body, headers=headers)

    async def judged(self, who: str, id: UUID, **defects: str) -> None:
        """Every item in order, but for {section: reason}."""
        for one in (await self.sheet(who, id))["items"]:
            reason = defects.get(one["item"].partition(".")[2])
            told = {"verdict": "defect", "reason": reason} if reason else {"verdict": "ok"}
            answer = await self.put(who, id, one["item"], {"seen": one["seen"], **told})
            assert answer.status_code == 200, answer.text

    async def signed(self, who: str, id: UUID, **more: Any) -> dict[str, Any]:
        """Claimed, judged and signed."""
        await self.done(who, id, "claim")
        await self.judged(who, id)
        return await self.done(who, id, "sign", {"agree": True, "seen": (await self.sheet(who, id))["seen"], **more})

    async def recommended(self, id: UUID) -> None:
        """The school has signed and passed it on."""
        await self.signed(self.school, id, texts={"opinion": OPINION}, attested=STATEMENTS)
        assert (await self.done(self.school, id, "pass"))["tier"] == "city"

    async def sent_back(self, who: str, id: UUID, **defects: str) -> dict[str, Any]:
        await self.done(who, id, "claim")
        await self.judged(who, id, **defects)
        return await self.done(who, id, "return", {})

    async def submitted(self, subject: str) -> UUID:
        id = await begun(self.office, subject, self.programme)
        await fill(self.office, subject, id)
        answer = await self.office.post(subject, f"/v1/applications/{id}/submit")
        assert answer.status_code == 200, answer.text
        return id


async def open_tiers(
    client: httpx.AsyncClient, context: Context, token: Callable[..., str], clock: Clock, pack: str = REVIEW_PACK
) -> Tiers:
    office = await open_office(client, context, token)
    made = []
    for name in BODIES:
        body = {"parent": str(office.root), "name": name, "kind": "authority", "region": "CN-XJ", "former_names": []}
        made.append(UUID((await office.post(office.admin, "/v1/organisations", body)).json()["id"]))
    programme = await load_pack(office, pack)
    tiers = Tiers(office, clock, programme, (made[0], made[1]))
    await office.officer(tiers.school, "unit", office.school)
    await office.officer(tiers.hr, "authority", made[0])
    await office.officer(tiers.education, "authority", made[1])
    bound = [{"tier": "city", "body": name, "organisation": str(id)} for name, id in zip(BODIES, made, strict=True)]
    path = f"/v1/programmes/{programme}/bodies"
    answer = await client.put(path, json={"bodies": bound}, headers=office.as_(office.admin))
    assert answer.status_code == 200, answer.text
    return tiers


@asynccontextmanager
async def at_work(
    new_env: NewEnv, token: Callable[..., str], pack: str = REVIEW_PACK
) -> AsyncIterator[tuple[Tiers, Context]]:
    """A review under this pack, in a database of its own, by a clock that the test sets."""
    env, clock = new_env(), Clock(IN_WINDOW)
    context = Context.open(settings_of(env), name="tests")
    dated = replace(context, now=clock)
    app = build(settings_of(env), context=dated)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client,
    ):
        yield await open_tiers(client, dated, token, clock, pack), dated
    await context.close()
