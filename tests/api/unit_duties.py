"""A school's duties over HTTP, for tests: the notice with its own order of steps, and what the school does in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from mangping.clock import BEIJING
from mangping_api.main import build
from mangping_api.wiring import Context

from tests.api.office import PLAIN_PACK, Clock, Office
from tests.api.reviewing import Tiers, open_tiers
from tests.conftest import Env, settings_of

# All of the unit's duties as in the notice, but for the papers it uploads (test_unit_documents.py).
FORWARD_PACK = PLAIN_PACK
# With steps in order, a group and posts, as another notice wants them.
STRICT_PACK = FORWARD_PACK.replace(
    "unit_duties:\n",
    """unit_duties:
  - key: steps
    at: [forward]
    require: >-
      record.steps.map(x, x.step) == ['审议', '公示', '推荐'] && record.steps[0].until < record.steps[1].since &&
      record.steps[1].until < record.steps[2].since
    place: 推荐程序
    message: 审议、公示、推荐须先后依次进行，时间不能重叠
    cite: KP-18
  - key: group_size
    at: [forward]
    require: deliberation.size >= 5 && deliberation.size <= 7 && deliberation.technical * 3 >= deliberation.size * 2
    place: 审议推荐小组
    message: 小组须为5-7人，专业技术人员不少于三分之二
    cite: KP-15
  - key: may_recommend
    at: [forward]
    require: deliberation.passed && deliberation.assessed && deliberation.recommends == '同意'
    place: 单位推荐意见
    message: 审议不通过、没有考评或者没有同意推荐的，不得推荐
    cite: KP-18
  - key: quota
    at: [forward]
    when: unit.posts_needed
    require: unit.posts_left > 0 && unit.plan_filed && unit.posts_approved_by.size() == 2
    place: 用岗数
    message: 没有剩余用岗数
    cite: KP-18
""",
    1,
).replace("  no_objection: {cite: KP-41}\n", "  no_objection: {cite: KP-41}\n  again_on_change: {cite: KP-17}\n", 1)
MEMBERS = [{"name": f"成员{n}", "technical": n < 4, "level": "中级" if n < 4 else None} for n in range(6)]


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@asynccontextmanager
async def school(
    env: Env, context: Context, token: Callable[..., str], at: str, pack: str = FORWARD_PACK
) -> AsyncIterator[Tiers]:
    clock = Clock(beijing(at))
    dated = replace(context, now=clock)
    app = build(settings_of(env), context=dated)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client,
    ):
        yield await open_tiers(client, dated, token, clock, pack)


async def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def begun_as(tiers: Tiers, who: str, **person: Any) -> UUID:
    """A draft of somebody with this name and these numbers."""
    await tiers.office.register(who, **person)
    body = {"programme": str(tiers.programme), "kind": "评审", "level": "初级", "path": "正常"}
    return UUID((await ok(await tiers.office.post(who, "/v1/applications", body), 201))["id"])


async def put(office: Office, who: str, path: str, body: Any) -> httpx.Response:
    return await office.client.put(path, json=body, headers=office.as_(who))


def posting(tiers: Tiers, *applications: UUID, **more: Any) -> dict[str, Any]:
    entries = [{"application": str(id), "more": [{"title": "族别", "text": "维吾尔族"}]} for id in applications]
    return {
        "unit": str(tiers.office.school), "programme": str(tiers.programme), "place": "校务公开栏",
        "audience": "全校师生", "storage_place": "教务处", "contact": "教务处", "entries": entries, **more,
    }  # fmt: skip


async def posted(tiers: Tiers, *applications: UUID, **more: Any) -> str:
    answer = await tiers.office.post(tiers.school, "/v1/postings", posting(tiers, *applications, **more))
    told: str = (await ok(answer, 201))["id"]
    return told


async def certified(tiers: Tiers, posting: str) -> dict[str, str]:
    told: dict[str, str] = (await ok(await tiers.office.post(tiers.school, f"/v1/postings/{posting}/certificate")))[
        "certificate"
    ]
    return told


async def deliberated(tiers: Tiers, id: UUID, since: str, until: str, **more: Any) -> httpx.Response:
    office = tiers.office
    body = {"programme": str(tiers.programme), "document_number": "某校〔2024〕3号", "members": MEMBERS}
    group = (await ok(await office.post(tiers.school, f"/v1/organisations/{office.school}/groups", body), 201))["id"]
    told = {
        "group": group, "since": since, "until": until, "yes": 6, "no": 0, "passed": True, "opinion": {"工作成绩": "好"},
        "assessed_on": since, "assessment": "说课", **more,
    }  # fmt: skip
    return await put(office, tiers.school, f"/v1/applications/{id}/deliberation", told)


async def recommended(tiers: Tiers, id: UUID, **more: Any) -> httpx.Response:
    return await put(tiers.office, tiers.school, f"/v1/applications/{id}/recommendation", {"agrees": True, **more})


async def planned(tiers: Tiers, posts: int) -> str:
    """The two bureaux beside the school's line have approved it, and it is filed."""
    office = tiers.office
    body = {"programme": str(tiers.programme), "posts": posts}
    plan: str = (await ok(await put(office, tiers.school, f"/v1/organisations/{office.school}/post-plan", body)))["id"]
    hr, education = tiers.bureaux
    for who, name, place in (
        (tiers.education, "教育行政部门", education), (tiers.hr, "人力资源和社会保障部门", hr),
    ):  # fmt: skip
        told = {"body": name, "organisation": str(place), "version": 1}
        await ok(await office.post(who, f"/v1/post-plans/{plan}/approvals", told), 201)
    await ok(await office.post(tiers.school, f"/v1/post-plans/{plan}/file"))
    return plan
