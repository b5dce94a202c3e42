"""A small office that the tests share: a bureau with two schools, an administrator, people with tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from mangping.identity.numbers import check_character
from mangping_api.wiring import Context, Factory

from tests.conftest import ROOT

_serial = count(1)


@dataclass
class Office:
    """`as_(subject)` are the headers of that person."""

    client: httpx.AsyncClient
    context: Context
    token: Callable[..., str]
    root: UUID
    school: UUID
    other_school: UUID
    admin: str

    def as_(self, subject: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(subject, client_id='', azp='')}"}

    async def post(self, subject: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.client.post(path, json=body, headers={**self.as_(subject), **headers})

    async def get(self, subject: str, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(path, params=query, headers=self.as_(subject))

    async def register(self, subject: str, *, unit: UUID | None = None, **more: Any) -> UUID:
        answer = await self.post(subject, "/v1/me", person(unit or self.school, **more))
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])

    async def officer(self, subject: str, role: str, place: UUID) -> UUID:
        id = await self.register(subject)
        body = {"role": role, "organisation": str(place)}
        assert (await self.post(self.admin, f"/v1/people/{id}/roles", body)).status_code == 201
        return id


def id_number() -> str:
    """A fresh, invented, valid ID number."""
    first = f"110105{1960 + next(_serial) % 40}0101{next(_serial) % 1000:03}"
    return first + check_character(first)


def person(unit: UUID, **more: Any) -> dict[str, Any]:
    told = {"unit": str(unit), "name": "阿依古丽·买买提", "id_number": id_number(), "phone": "13800000000"}
    return {**told, **more}


async def open_office(client: httpx.AsyncClient, context: Context, token: Callable[..., str]) -> Office:
    serial = next(_serial)
    admin = f"admin-{serial}"
    root = await Factory(context).people().appoint(f"sub:{admin}", f"某市职称办{serial}")
    office = Office(client, context, token, root, root, root, admin)
    made = []
    for name in ("某市第三中学", "某市第四中学"):
        body = {"parent": str(root), "name": name, "kind": "unit", "region": "CN-XJ", "former_names": ["某市旧校"]}
        made.append(UUID((await office.post(admin, "/v1/organisations", body)).json()["id"]))
    office.school, office.other_school = made
    return office


PACK = (ROOT / "services/api/policy/korla-primary-2024.yaml").read_text("utf-8")


async def load_pack(office: Office, text: str = PACK) -> UUID:
    body = {"organisation": str(office.root), "text": text}
    answer = await office.post(office.admin, "/v1/programmes", body)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])
