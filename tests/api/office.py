"""A small office that the tests share: a bureau with two schools, an administrator, people with tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
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


class Clock:
    """A clock that the test sets: `clock.at = ...`."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


IN_WINDOW = datetime(2024, 10, 10, 4, tzinfo=UTC)
WINDOW_ENDS = datetime(2024, 10, 25, 16, tzinfo=UTC)  # 2024-10-26T00:00+08:00
# The same notice without uploads, for what has nothing to do with them.
PLAIN_PACK = (
    PACK.replace("{key: ce_certificate, title", "{key: ce_certificate, need: optional, title", 1)
    .replace("{key: ethics_statement, title", "{key: ethics_statement, need: optional, title", 1)
    .replace("  recheck: {cite: KP-28}\n", "", 1)
    .replace("        - {key: summary, title: 个人总结, type: long_text, cite: KP-16}",
             "        - {key: summary, title: 个人总结, type: long_text, blind: {cite: KP-29}, cite: KP-16}", 1)
)  # fmt: skip
UNIT_FACTS = {"region": "库尔勒市", "kind": "中小学", "rural": False}
PLEDGE = (
    "本人承诺以上填报的内容和提交的材料完全真实有效,对因提供有关信息、证件不实的,自愿承担相应责任,"
    "并从申报年度下一年度起3年内,不得申报专业技术资格"
)
SECTIONS: dict[str, dict[str, Any]] = {
    "basic": {
        "sex": "女", "taught_subject": "语文", "studied_subject": "语文", "certificate_subject": "语文",
        "work_since": "2019-09-01",
    },
    "record": {
        "education": [{"school": "某师范大学", "degree": "大学本科", "until": "2019-07"}],
        "history": [{"since": "2019-09", "until": "至今", "where": "本单位"}],
        "teacher_certificate": "20196500000000001", "putonghua": "二级甲等", "assessments": "2023年合格",
    },
    "teaching": {"class_teacher_years": 4, "lessons_5_years": 3200},
    "achievements": {
        "achievements": [{"date": "2024-05-01", "what": "市级公开课"}], "awards": "无",
        "summary": "本人在本单位担任语文教学工作。",
    },
    "education_hours": {"continuing_education": [{"year": 2024, "subject": "合计", "amount": 20}]},
    "texts": {"pledge": PLEDGE},
}  # fmt: skip


async def begun(office: Office, subject: str, programme: UUID) -> UUID:
    """A draft of this person, who is registered first."""
    await office.register(subject)
    body = {"programme": str(programme), "kind": "评审", "level": "初级", "path": "正常"}
    answer = await office.post(subject, "/v1/applications", body)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def save(
    office: Office, subject: str, id: UUID, section: str, content: Any, version: int | None = 0
) -> httpx.Response:
    headers = office.as_(subject) | ({} if version is None else {"If-Match": f'"{version}"'})
    path = f"/v1/applications/{id}/sections/{section}"
    return await office.client.put(path, json={"content": content}, headers=headers)


async def fill(office: Office, subject: str, id: UUID) -> None:
    """Everything the notice asks for."""
    body = {"facts": UNIT_FACTS}
    path = f"/v1/organisations/{office.school}/facts"
    assert (await office.client.put(path, json=body, headers=office.as_(office.admin))).status_code == 200
    for section, content in SECTIONS.items():
        assert (await save(office, subject, id, section, content)).status_code == 200
