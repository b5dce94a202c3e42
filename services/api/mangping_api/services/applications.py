"""Applications: begun, and filled in part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.cursor import Place
from mangping.db import Tx, single
from mangping.errors import Refused
from mangping.policy import Finding, Policy, Uncovered
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import deadline, facts
from mangping_api.domain.access import OFFICERS, Thing, Viewer
from mangping_api.domain.application import OPEN, Application, Section, State
from mangping_api.domain.deadline import Running
from mangping_api.services import organisations, programmes
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as storage
from mangping_api.storage import deadlines, people
from mangping_api.storage import programmes as packs
from mangping_api.storage.applications import Wanted
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Choice:
    """What an applicant chooses when beginning: the programme, kind and level, and what else packs may ask of it."""

    programme: UUID
    kind: str
    level: str
    stated: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Applications:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def begin(self, viewer: Viewer, key: str | None, choice: Choice) -> Answer:
        """A draft, with the deadlines of its programme. Refused when the programme does not take this kind and level
        (422), its window has closed, or a live application is there (409)."""

        async def act(tx: Tx, at: datetime) -> Answer:
            viewer.admit(Thing(owner=viewer.person), unknown())
            programme, policy = await programmes.known(tx, choice.programme)
            if not any((one.kind, one.level) == (choice.kind, choice.level) for one in policy.pack.kinds):
                message, remedy = "本批次不受理所选的申报类型和级别。", "请改选本批次受理的类型和级别。"
                raise Refused("application.kind", message, remedy)
            running = _deadlines(policy, choice.stated, at)
            person = await people.find(tx, self.keys, viewer.person)
            assert person is not None  # the viewer
            if await storage.used_up(tx, person.id, programme.id):
                message, remedy = "您本年度在本批次的申报已经办结，不再受理。", "请留意下一年度的通知。"
                raise Refused("application.used_up", message, remedy, status=409)
            unit = await organisations.known(tx, person.unit)
            used, at_committee = await storage.counted(
                tx, person.id, programme.id
            )  # of the year, whatever was given up
            made = Application(
                uuid4(), person.id, unit.id, unit.line, programme.id, programme.year, choice.kind, choice.level,
                choice.stated, State.DRAFT, used, at, committee_submissions=at_committee,
            )  # fmt: skip
            if not await storage.add(tx, made):
                message, remedy = "您在本批次已有申报。", "请继续填写原有申报，或先放弃它。"
                raise Refused("application.exists", message, remedy, status=409)
            await deadlines.add(tx, made.id, running)
            told = {"programme": str(programme.id), "pack": programme.pack, "version": programme.version}
            await _record(tx, made, "application.begun", viewer.actor, at, told)
            return 201, {"id": str(made.id), "state": made.state}

        return await self.once.run(viewer.actor, key, ("begin_application", asdict(choice)), act)

    async def find(self, viewer: Viewer, id: UUID) -> Application:
        async with single(self.db).connect() as tx:
            return await admitted(tx, viewer, id)

    async def newest(self, viewer: Viewer, wanted: Wanted, *, after: Place | None, limit: int) -> list[Application]:
        viewer.admit(Thing(owner=viewer.person), unknown())
        async with single(self.db).connect() as tx:
            return await storage.newest(
                tx, person=viewer.person, officer_at=viewer.places(OFFICERS), wanted=wanted, after=after, limit=limit
            )

    async def section(self, viewer: Viewer, id: UUID, key: str) -> Section:
        """What was saved of a section; refused (404) when the form has none of this name."""
        async with self.db.begin() as tx:
            application = await admitted(tx, viewer, id)
            facts.fitting(await packs.policy(tx, application.programme), key, {})
            return await storage.section(tx, self.keys, id, key)

    async def save_section(
        self, viewer: Viewer, id: UUID, key: str, content: Mapping[str, Any], *, version: int
    ) -> Section:
        """The whole of one section, filled or not. Refused (412) when `version` is not the one that is kept."""
        async with self.db.begin() as tx:
            application = await admitted(tx, viewer, id, lock=True)
            if application.state not in OPEN:
                raise closed()
            fitting = facts.fitting(await packs.policy(tx, application.programme), key, content)
            kept = await storage.section(tx, self.keys, id, key)
            if kept.version != version:
                message, remedy = "这一部分已在别处修改。", "请重新读取后再修改保存。"
                raise Refused("section.changed", message, remedy, status=412)
            saved, at = Section(key, version + 1, fitting), self.once.now()
            await storage.save_section(tx, self.keys, id, saved, at)
            told = {"section": key, "version": saved.version}
            await _record(tx, application, "application.section_saved", viewer.actor, at, told)
        return saved


def told(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as JSON: what is wrong, where, by which rule in which words, and what to do."""
    return [
        {
            "code": one.code, "blocking": one.blocking, "place": one.place, "field": one.field, "message": one.message,
            "remedy": one.remedy, "trace": list(one.trace),
            "rules": [{"rule": rule.rule, "article": rule.article, "quote": rule.quote} for rule in one.rules],
        }
        for one in findings
    ]  # fmt: skip


async def admitted(tx: Tx, viewer: Viewer, id: UUID, *, lock: bool = False) -> Application:
    """An application that may not be known and one that never was are the same to the caller."""
    if (found := await storage.find(tx, id, lock=lock)) is None:
        raise unknown()
    viewer.admit(found.thing(), unknown())
    return found


async def policy_of(tx: Tx, application: Application) -> Policy:
    return await packs.policy(tx, application.programme)


async def _record(
    tx: Tx, application: Application, event: str, actor: str, at: datetime, told: Mapping[str, Any]
) -> None:
    await ledger.record(tx, storage.stream(application.id), event, actor=actor, at=at, facts=told)


def _deadlines(policy: Policy, stated: Mapping[str, str], at: datetime) -> list[Running]:
    try:
        running = deadline.of_windows(policy, stated, at)
    except Uncovered:
        raise programmes.uncovered() from None
    if any(one.on_end is not None and one.counted.passed(at) for one in running):
        raise Refused("application.late", "本批次申报时间已经截止。", "请留意下一批次的通知。", status=409)
    return running


def closed() -> Refused:
    return Refused("application.closed", "申报已提交或已办结，不能修改。", "如需修改，请先撤回。", status=409)


def unknown() -> Refused:
    return Refused("application.unknown", "没有这份申报。", "请检查申报编号。", status=404)
