"""Files at the second tier: sent back once, put right, let go by the school, judged by one of the two bureaux."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]
Ask = Callable[..., Awaitable[Json]]
BODIES = ("库尔勒市人力资源和社会保障局", "库尔勒市教育局")
SCHOOL, BUREAU = "bench-school", "bench-bureau"
ATTESTED = ["political", "teaching"]
CORRECTED = "section.achievements"


def without_publicity(pack: str) -> str:
    """The notice, but the school lets an application go without publicity, which is not measured."""
    for key in (*ATTESTED, "every_item"):
        pack = pack.replace(f"- key: {key}\n    at: [forward]", f"- key: {key}\n    at: [review]", 1)
    return pack.replace("before: forward", "before: review", 1)


@dataclass(frozen=True)
class Bureau:
    """An officer of the first body; `files` lie at its desk, wholly judged, and can be signed over and over. `shown`
    is what the last sheet of each said was seen: of the whole, and of its first item; `pages` are cursors."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    files: list[str]
    school: str
    shown: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)

    async def queue(self, **asked: str) -> httpx.Response:
        return await self.client.get("/v1/reviews", params=asked, headers=self.headers)

    async def first_page(self) -> httpx.Response:
        answer = await self.queue()
        self.pages[:] = [answer.json()["next"]]
        return answer

    async def next_page(self) -> httpx.Response:
        return await self.queue(after=self.pages[0])

    async def claim(self, number: int) -> httpx.Response:
        return await self._post(number, "claim", None)

    async def sheet(self, number: int) -> httpx.Response:
        answer = await self.client.get(f"/v1/reviews/{self.files[number]}", headers=self.headers)
        told = answer.json()
        first = told["items"][0]
        self.shown[number] = (told["seen"], first["item"], first["seen"])
        return answer

    async def judge(self, number: int) -> httpx.Response:
        _, item, seen = self.shown[number]
        path = f"/v1/reviews/{self.files[number]}/items/{item}"
        return await self.client.put(path, json={"verdict": "ok", "seen": seen}, headers=self.headers)

    async def sign(self, number: int) -> httpx.Response:
        return await self._post(number, "sign", {"agree": True, "seen": self.shown[number][0]})

    async def history(self, number: int, what: str) -> httpx.Response:
        return await self.client.get(f"/v1/applications/{self.files[number]}/{what}", headers=self.headers)

    async def look(self, id: str, what: str = "") -> httpx.Response:
        return await self.client.get(f"/v1/applications/{id}{what}", headers=self.headers)

    async def _post(self, number: int, act: str, body: Any) -> httpx.Response:
        headers = {**self.headers, "Idempotency-Key": uuid4().hex}
        return await self.client.post(f"/v1/reviews/{self.files[number]}/{act}", json=body, headers=headers)


async def open_bodies(ask: Ask, root: str, unit: str, programme: str, person: Callable[[str, int], Json]) -> None:
    """Two bureaux for the second tier, and an officer each for the school and the first of them."""
    made = []
    for name in BODIES:
        body = {"parent": root, "name": name, "kind": "authority", "region": "CN-XJ"}
        made.append((await ask("bench-admin", "POST", "/v1/organisations", body))["id"])
    bound = [{"tier": "city", "body": name, "organisation": id} for name, id in zip(BODIES, made, strict=True)]
    await ask("bench-admin", "PUT", f"/v1/programmes/{programme}/bodies", {"bodies": bound})
    for number, (who, role, place) in enumerate([(SCHOOL, "unit", unit), (BUREAU, "authority", made[0])], 999_997):
        officer = (await ask(who, "POST", "/v1/me", person(unit, number)))["id"]
        await ask("bench-admin", "POST", f"/v1/people/{officer}/roles", {"role": role, "organisation": place})


async def sent_up(ask: Ask, applicant: str, id: str, bring: Callable[[str, str], Awaitable[None]]) -> None:
    """From a complete draft to the desks of the second tier, with one return on the way; `bring(who, id)` brings the
    school's own papers."""
    await ask(applicant, "POST", f"/v1/applications/{id}/submit")
    content = await judged(ask, SCHOOL, id, defect="请写明本人在其中的作用。")
    await ask(SCHOOL, "POST", f"/v1/reviews/{id}/return", {})
    put_right = {**content, "summary": f"{content['summary']}本人主持。"}
    path = f"/v1/applications/{id}/sections/{CORRECTED.partition('.')[2]}"
    await ask(applicant, "PUT", path, {"content": put_right}, **{"If-Match": '"1"'})
    await ask(applicant, "POST", f"/v1/applications/{id}/submit")
    await ask(SCHOOL, "POST", f"/v1/reviews/{id}/claim")
    await bring(SCHOOL, id)
    await judged(ask, SCHOOL, id)
    seen = (await ask(SCHOOL, "GET", f"/v1/reviews/{id}"))["seen"]
    word = {"agree": True, "seen": seen, "attested": ATTESTED}
    await ask(SCHOOL, "POST", f"/v1/reviews/{id}/sign", word)
    await ask(SCHOOL, "POST", f"/v1/reviews/{id}/pass")


async def judged(ask: Ask, who: str, id: str, defect: str = "") -> Json:
    """Claimed, and every item that nobody of this tier has judged is in order, but for the `defect` of one section:
    its content."""
    await ask(who, "POST", f"/v1/reviews/{id}/claim")
    sheet = await ask(who, "GET", f"/v1/reviews/{id}")
    tier = sheet["application"]["tier"]
    for one in sheet["items"]:
        if any(said["stands"] and said["tier"] == tier for said in one["verdicts"]):
            continue
        wrong = defect and one["item"] == CORRECTED
        verdict = {"verdict": "defect", "reason": defect} if wrong else {"verdict": "ok"}
        await ask(who, "PUT", f"/v1/reviews/{id}/items/{one['item']}", {"seen": one["seen"], **verdict})
    content: Json = next(one["section"] for one in sheet["items"] if one["item"] == CORRECTED)
    return content
