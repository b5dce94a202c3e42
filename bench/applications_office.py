"""A bureau with a school, a programme, and real drafts that are complete to the last page, made by the api itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import yaml
from mangping.clock import BEIJING
from mangping.contracts import ClarityRecord, ManifestPage, PageRecord
from mangping.identity.numbers import check_character
from mangping_api.domain.redaction_job import State
from mangping_api.storage import redaction_jobs
from mangping_api.tables import applications, attachments
from mangping_api.wiring import Context, Factory
from sqlalchemy import select, update

from bench.applications_review import BUREAU, Bureau, judged, open_bodies, sent_up, without_publicity

ROOT = Path(__file__).resolve().parents[1]
PACK = ROOT / "services/api/policy/korla-primary-2024.yaml"
PLAN = ROOT / "deploy/local/applicants.yaml"
NOW = datetime(2024, 10, 10, 9, tzinfo=BEIJING)
Json = dict[str, Any]
Token = Callable[[str], str]
# A page on which one name was covered, with the measures that a real record carries.
RECORD = PageRecord(
    width=1654, height=2339, orientation_degrees=0, skew_degrees=0.3, clarity=ClarityRecord(clear=True), verified=True,
    needs_human=(), findings=(), kinds=("continuing_education",),
    ms=dict.fromkeys(("decode", "straighten", "read", "clarity", "find", "by_hand", "verify"), 100.0),
    models=dict.fromkeys(("text-det-tiny", "text-rec-tiny", "text-rec-small", "orientation"), "0123456789ab"),
)  # fmt: skip
UNTITLED = RECORD.model_copy(update={"kinds": ()})  # no title says what it is


@dataclass(frozen=True)
class Office:
    """`drafts` may be submitted at any time; `model` lies at the second tier, unjudged there, and is what the copies are
    made of; as many as there are drafts lie there judged."""

    client: httpx.AsyncClient
    context: Context
    drafts: list[str]
    tokens: list[str]
    officer: str
    model: str
    bureau: Bureau

    def told(self) -> Json:
        """What `office_of` makes it of again."""
        ids = {"drafts": self.drafts, "model": self.model}
        return {**ids, "files": self.bureau.files, "unit": self.bureau.school}

    async def get(self, number: int, path: str) -> httpx.Response:
        where = f"/v1/applications/{self.drafts[number]}{path}"
        return await self.client.get(where, headers=_bearer(self.tokens[number]))

    async def list(self, number: int) -> httpx.Response:
        return await self.client.get("/v1/applications", headers=_bearer(self.tokens[number]))

    async def officers_list(self) -> httpx.Response:
        return await self.client.get("/v1/applications", headers=_bearer(self.officer))

    async def submit(self, number: int) -> httpx.Response:
        where = f"/v1/applications/{self.drafts[number]}/submit"
        headers = {**_bearer(self.tokens[number]), "Idempotency-Key": uuid4().hex}
        return await self.client.post(where, headers=headers)

    async def withdraw(self, number: int) -> httpx.Response:
        """Back to a draft that was never submitted, so that the notice's count does not end the measurement."""
        where = f"/v1/applications/{self.drafts[number]}/withdraw"
        answer = await self.client.post(where, headers=_bearer(self.tokens[number]))
        async with self.context.db.begin() as tx:
            mine = applications.c.id == UUID(self.drafts[number])
            await tx.execute(update(applications).where(mine).values(submissions=0))
        return answer


async def open_office(client: httpx.AsyncClient, context: Context, token: Token, drafts: int, files: int) -> Office:
    """`drafts` complete drafts of as many people, each with `files` attachments of one page, as many before the bureau,
    and the model."""
    root = str(await Factory(context).people().appoint("sub:bench-admin", "职称办"))
    ask = _Asking(client, token)
    text = without_publicity(PACK.read_text("utf-8"))
    programme = (await ask("bench-admin", "POST", "/v1/programmes", {"organisation": root, "text": text}))["id"]
    plans = json.loads(json.dumps(yaml.safe_load(PLAN.read_text("utf-8")), default=str))
    plan = next(one for one in plans if one["pack"] == PACK.stem)
    body = {"parent": root, "name": "某市第三小学", "kind": "unit", "region": "CN-XJ"}
    unit = (await ask("bench-admin", "POST", "/v1/organisations", body))["id"]
    await ask("bench-admin", "PUT", f"/v1/organisations/{unit}/facts", {"facts": plan["unit"]})
    officer = (await ask("bench-officer", "POST", "/v1/me", _person(unit, 999_999)))["id"]
    await ask("bench-admin", "POST", f"/v1/people/{officer}/roles", {"role": "office", "organisation": root})
    await open_bodies(ask, root, unit, programme, _person)
    everybody = [f"applicant-{number}" for number in range(2 * drafts + 1)]
    own = [files if n < drafts else max(1, files - 1) for n in range(len(everybody))]  # the school brings one more
    ids = [await _draft(context, ask, programme, unit, plan, who, n, own[n]) for n, who in enumerate(everybody)]

    async def bring(who: str, id: str) -> None:
        where, slot = f"/v1/applications/{id}", "unit_documents&item=ethics_statement"
        await _uploaded(context, ask, who, where, slot, f"{id} ethics", UNTITLED)

    for who, id in zip(everybody[drafts:], ids[drafts:], strict=True):
        await sent_up(ask, who, id, bring)
    *before_them, model = ids[drafts:]
    for id in before_them:
        await judged(ask, BUREAU, id)
    return office_of(
        client, context, token, {"drafts": ids[:drafts], "model": model, "files": before_them, "unit": unit}
    )


def office_of(client: httpx.AsyncClient, context: Context, token: Token, told: Json) -> Office:
    """One that stands already, from what `Office.told` said of it."""
    bureau = Bureau(client, _bearer(token(BUREAU)), told["files"], told["unit"])
    tokens = [token(f"applicant-{number}") for number in range(len(told["drafts"]))]
    return Office(client, context, told["drafts"], tokens, token("bench-officer"), told["model"], bureau)


@dataclass(frozen=True)
class _Asking:
    client: httpx.AsyncClient
    token: Token

    async def __call__(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Json:
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = await self.client.request(method, path, headers={**_bearer(self.token(who)), **headers}, **sent)
        assert answer.is_success, (path, answer.text)
        told: Json = answer.json() if answer.content else {}
        return told


async def _draft(
    context: Context, ask: _Asking, programme: str, unit: str, plan: Json, who: str, number: int, files: int
) -> str:
    await ask(who, "POST", "/v1/me", _person(unit, number))
    asked = {"programme": programme, **plan["choice"]}
    id = str((await ask(who, "POST", "/v1/applications", asked))["id"])
    where = f"/v1/applications/{id}"
    form = await ask(who, "GET", f"/v1/programmes/{programme}/form")
    for key, section in form["properties"].items():
        content = {name: plan["form"][name] for name in section["properties"] if name in plan["form"]}
        await ask(who, "PUT", f"{where}/sections/{key}", {"content": content}, **{"If-Match": '"0"'})
    texts = {one["key"]: one["text"] for one in form["x-texts"]}
    await ask(who, "PUT", f"{where}/sections/texts", {"content": texts}, **{"If-Match": '"0"'})
    for file in range(files):
        slot = "education_hours&item=ce_certificate" if file == 0 else "achievements&item=evidence"
        made = await _uploaded(context, ask, who, where, slot, f"{who} {file}")
        masking = f"{where}/attachments/{made}/masking"
        await ask(who, "PUT", masking, {"decision": "no"}, **{"If-Match": '"1"'})
    await ask(who, "POST", f"{where}/recheck")
    return id


async def _uploaded(
    context: Context, ask: _Asking, who: str, where: str, slot: str, words: str, page: PageRecord = RECORD
) -> str:
    """A picture with these words, through the redaction; its id."""
    picture, kind = b"\xff\xd8\xff\xe0" + words.encode(), {"Content-Type": "application/octet-stream"}
    made = await ask(who, "POST", f"{where}/attachments?column={slot}", picture, **kind)
    await _redacted(context, UUID(made["id"]), page)
    return str(made["id"])


async def _redacted(context: Context, attachment: UUID, page: PageRecord) -> None:
    """As if the worker had answered; what a page costs is measured elsewhere."""
    async with context.db.begin() as tx:
        query = select(attachments.c.job_id).where(attachments.c.id == attachment)
        job = await redaction_jobs.find(tx, (await tx.execute(query)).scalar_one())
        assert job is not None
        await redaction_jobs.save(tx, replace(job, state=State.DONE, verified=True, finished_at=context.now()))
        await redaction_jobs.add_pages(tx, job.id, [ManifestPage(page=1, rendition=uuid4(), record=page)])


def _person(unit: str, number: int) -> Json:
    first = f"620198{1960 + number % 40}0101{number // 40 % 1000:03}"
    return {"unit": unit, "name": "测试甲", "id_number": first + check_character(first), "phone": "16400000000"}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
