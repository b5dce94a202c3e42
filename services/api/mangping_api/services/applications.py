"""Applications: begun, filled in part by part, checked, handed in whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.clock import Unscheduled
from mangping.db import Tx
from mangping.errors import NeedsHuman, Refused
from mangping.policy import Figure, Finding, Policy, Uncovered, evaluate, figures
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import attachment, deadline, facts
from mangping_api.domain.access import OFFICERS, Thing, Viewer
from mangping_api.domain.application import MACHINE, Act, Application, Party, Section, State
from mangping_api.domain.attachment import Looked
from mangping_api.domain.cursor import Place
from mangping_api.domain.deadline import Running, Standing
from mangping_api.services import organisations, programmes
from mangping_api.services.once import Answer, Once
from mangping_api.storage import applications as storage
from mangping_api.storage import attachments, deadlines, people
from mangping_api.storage import programmes as packs
from mangping_api.storage.applications import Event, Whole
from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Choice:
    """What an applicant chooses when beginning: the programme, kind and level, and what else packs may ask of it."""

    programme: UUID
    kind: str
    level: str
    stated: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Timeline:
    """`figures` is None on a day that the pack does not answer for."""

    application: Application
    events: list[Event]
    running: list[Running]
    policy: Policy
    figures: tuple[Figure, ...] | None


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
            running = _deadlines(policy, at)
            person = await people.find(tx, self.keys, viewer.person)
            assert person is not None  # the viewer
            unit = await organisations.known(tx, person.unit)
            made = Application(
                uuid4(), person.id, unit.id, unit.line, programme.id, programme.year, choice.kind, choice.level,
                choice.stated, State.DRAFT, 0, at,
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
        async with self.db.begin() as tx:
            return await admitted(tx, viewer, id)

    async def newest(self, viewer: Viewer, *, after: Place | None, limit: int) -> list[Application]:
        viewer.admit(Thing(owner=viewer.person), unknown())
        async with self.db.begin() as tx:
            return await storage.newest(
                tx, person=viewer.person, officer_at=viewer.places(OFFICERS), after=after, limit=limit
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
            if application.state is not State.DRAFT:
                raise Refused(
                    "application.closed", "申报已提交或已办结，不能修改。", "如需修改，请先撤回。", status=409
                )
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

    async def findings(self, viewer: Viewer, id: UUID) -> tuple[Finding, ...]:
        """Every defect at once, as a submission at this instant would be told."""
        async with self.db.begin() as tx:
            whole = await self._whole(tx, viewer, id)
            return await self._evaluated(tx, whole, await attachments.of(tx, id), self.once.now())

    async def submit(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """All of it, or nothing: refused (422) with every blocking finding."""

        async def act(tx: Tx, at: datetime) -> Answer:
            await storage.alone(tx, viewer.person)
            whole = await self._whole(tx, viewer, id, lock=True)
            edge = MACHINE.decide(whole.application.state, Act.SUBMIT, Party.APPLICANT)
            looked = await attachments.of(tx, id)
            attachment.settled(looked)
            found = await self._evaluated(tx, whole, looked, at)
            if any(finding.blocking for finding in found):
                message, remedy = "申报还有必须改正的问题，未提交。", "请按 findings 逐项改正后重新提交。"
                raise Refused("application.defective", message, remedy, details={"findings": told(found)})
            number = whole.application.submissions + 1
            done = replace(whole.application, state=edge.to, submissions=number, submitted_at=at)
            await storage.save(tx, done)
            await deadlines.stand(tx, id, Standing.MET, was=Standing.RUNNING)
            content = {"submission": number, "content": self.keys.digest(_canonical(whole.sections))}
            await _record(tx, done, edge.event, viewer.actor, at, content)
            return 200, {"id": str(id), "state": done.state}

        return await self.once.run(viewer.actor, key, ("submit_application", id), act)

    async def withdraw(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """Back into the applicant's hands; it must be submitted again before its window closes."""

        async def act(tx: Tx, at: datetime) -> Answer:
            application = await admitted(tx, viewer, id, lock=True)
            edge = MACHINE.decide(application.state, Act.WITHDRAW, Party.APPLICANT)
            rule = (await packs.policy(tx, application.programme)).pack.submissions
            number = application.submissions - (0 if rule and rule.withdrawal_counts else 1)
            done = replace(application, state=edge.to, submissions=number)
            await storage.save(tx, done)
            await deadlines.stand(tx, id, Standing.RUNNING, was=Standing.MET)
            await _record(tx, done, edge.event, viewer.actor, at, {"submissions": number})
            return 200, {"id": str(id), "state": done.state}

        return await self.once.run(viewer.actor, key, ("withdraw_application", id), act)

    async def abandon(self, viewer: Viewer, key: str | None, id: UUID) -> Answer:
        """Given up for good; a new one may be begun while the window is open."""

        async def act(tx: Tx, at: datetime) -> Answer:
            application = await admitted(tx, viewer, id, lock=True)
            edge = MACHINE.decide(application.state, Act.ABANDON, Party.APPLICANT)
            done = replace(application, state=edge.to)
            await storage.save(tx, done)
            await deadlines.stand(tx, id, Standing.MET, was=Standing.RUNNING)
            await _record(tx, done, edge.event, viewer.actor, at, {})
            return 200, {"id": str(id), "state": done.state}

        return await self.once.run(viewer.actor, key, ("abandon_application", id), act)

    async def timeline(self, viewer: Viewer, id: UUID) -> Timeline:
        """What happened, what runs until when, and what the notice says of this application."""
        async with self.db.begin() as tx:
            whole = await self._whole(tx, viewer, id)
            policy = await packs.policy(tx, whole.application.programme)
            events, running = await storage.events(tx, id), await deadlines.of(tx, id)
        try:
            said = figures(policy, _facts(policy, whole, ()), self.once.now())
        except (Uncovered, Unscheduled):
            said = None
        return Timeline(whole.application, events, running, policy, said)

    async def _whole(self, tx: Tx, viewer: Viewer, id: UUID, *, lock: bool = False) -> Whole:
        found = await storage.whole(tx, self.keys, id, lock=lock)
        if found is None:
            raise unknown()
        viewer.admit(found.application.thing(), unknown())
        return found

    async def _evaluated(self, tx: Tx, whole: Whole, looked: Sequence[Looked], at: datetime) -> tuple[Finding, ...]:
        policy = await packs.policy(tx, whole.application.programme)
        try:
            return evaluate(policy, "submit", _facts(policy, whole, looked), at)
        except Uncovered:
            raise programmes.uncovered() from None
        except Unscheduled:
            raise NeedsHuman("calendar.unscheduled") from None


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


def _facts(policy: Policy, whole: Whole, looked: Sequence[Looked]) -> dict[str, Any]:
    return facts.assemble(
        policy, whole.application, whole.person, whole.unit, whole.sections, whole.same_level_same_year,
        attachment.files(policy, looked), attachment.secrets(policy, looked),
    )  # fmt: skip


async def _record(
    tx: Tx, application: Application, event: str, actor: str, at: datetime, told: Mapping[str, Any]
) -> None:
    await ledger.record(tx, storage.stream(application.id), event, actor=actor, at=at, facts=told)


def _deadlines(policy: Policy, at: datetime) -> list[Running]:
    try:
        running = deadline.of_windows(policy, at)
    except Uncovered:
        raise programmes.uncovered() from None
    if any(one.on_end is not None and one.counted.passed(at) for one in running):
        raise Refused("application.late", "本批次申报时间已经截止。", "请留意下一批次的通知。", status=409)
    return running


def _canonical(sections: Sequence[Section]) -> bytes:
    """What was handed in, so that it can be told later whether it is still the same."""
    held = {section.key: (section.version, section.content) for section in sections}
    return hashlib.sha256(json.dumps(held, ensure_ascii=False, sort_keys=True).encode()).digest()


def closed() -> Refused:
    return Refused("application.closed", "申报已提交或已办结，不能修改。", "如需修改，请先撤回。", status=409)


def unknown() -> Refused:
    return Refused("application.unknown", "没有这份申报。", "请检查申报编号。", status=404)
