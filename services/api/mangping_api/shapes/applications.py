"""Applications, as they are sent and got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from mangping.policy import Finding, Policy
from pydantic import ConfigDict, Field

from mangping_api.domain.application import Act, Application, Section, State
from mangping_api.domain.deadline import Running, Standing
from mangping_api.services.applications import Choice, told
from mangping_api.services.timelines import Timeline
from mangping_api.shapes.figures import FigureOut, RawEnd, RuleOut, Trace
from mangping_api.wire import In, Out

_ID = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"
_Word = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")]

Kind = Annotated[Literal["评审", "初次确定", "授予"], Field(description="申报类型")]
Level = Annotated[Literal["初级", "中级", "副高级", "正高级"], Field(description="申报级别")]


class ApplicationIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [
        {"programme": _ID, "kind": "评审", "level": "初级", "specialty": "语文", "path": "正常"}
    ]})  # fmt: skip
    programme: UUID
    kind: Kind
    level: Level
    specialty: Annotated[_Word, Field(description="申报专业")] = ""
    path: Annotated[_Word, Field(description="申报方式")] = ""
    committee: Annotated[_Word, Field(description="拟报评委会")] = ""
    held_level: Annotated[_Word, Field(description="现有职称级别")] = ""

    def choice(self) -> Choice:
        stated = {name: getattr(self, name) for name in ("specialty", "path", "committee", "held_level")}
        return Choice(self.programme, self.kind, self.level, stated)


class ApplicationStateOut(Out):
    id: UUID
    state: State


class ApplicationOut(Out):
    id: UUID
    programme: UUID
    unit: UUID
    kind: str
    level: str
    stated: dict[str, str]
    state: State
    tier: Annotated[str, Field(description="the tier where it lies, or lay last; empty before the first")]
    submissions: Annotated[int, Field(description="已提交次数")]
    created_at: datetime
    submitted_at: datetime | None
    returned_at: datetime | None
    suspended_at: Annotated[datetime | None, Field(description="while an inquiry is open")]

    @classmethod
    def of(cls, application: Application) -> ApplicationOut:
        return cls.model_validate(application, from_attributes=True)


class ApplicationsOut(Out):
    items: tuple[ApplicationOut, ...]
    next: Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class SectionIn(In):
    """The whole of one section, filled or not; what is wrong with it is told by the findings."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"content": {"class_teacher_years": 3, "awards": "无"}}]})
    content: Annotated[dict[Annotated[str, Field(max_length=100)], Any], Field(max_length=200)]


class SectionOut(Out):
    section: str
    version: Annotated[int, Field(description="0: nothing was saved yet; it is also the ETag")]
    content: dict[str, Any]

    @classmethod
    def of(cls, section: Section) -> SectionOut:
        return cls(section=section.key, version=section.version, content=dict(section.content))


class FindingOut(Out):
    """One defect: where, what, by which rule of the notice, and what to do."""

    code: str
    blocking: bool
    place: str
    field: str
    message: str
    remedy: str
    trace: tuple[str, ...]
    rules: tuple[RuleOut, ...]


class FindingsOut(Out):
    blocking: Annotated[int, Field(description="how many of them forbid submitting")]
    items: tuple[FindingOut, ...]

    @classmethod
    def of(cls, findings: tuple[Finding, ...]) -> FindingsOut:
        items = tuple(FindingOut.model_validate(one) for one in told(findings))
        return cls(blocking=sum(one.blocking for one in items), items=items)


class EventOut(Out):
    at: datetime
    event: str
    by: Literal["applicant", "clock", "office"]
    tier: Annotated[str | None, Field(description="the tier where it lay then")]
    body: Annotated[str | None, Field(description="the office that acted")]


class DeadlineOut(Out):
    """Ends are exclusive instants: 24:00 of a day is 00:00 of the next."""

    kind: str
    title: str
    rules: tuple[RuleOut, ...]
    started_at: datetime
    raw_end: RawEnd
    end: datetime
    trace: Trace
    on_end: Act | None
    state: Standing

    @classmethod
    def of(cls, running: Running, policy: Policy) -> DeadlineOut:
        cited = policy.catalogue.get([running.counted.rule])
        return cls(
            kind=running.kind, title=running.title, started_at=running.counted.started_at,
            rules=tuple(map(RuleOut.of, cited)),
            raw_end=running.counted.raw_end, end=running.counted.end, trace=running.counted.trace,
            on_end=running.on_end, state=running.standing,
        )  # fmt: skip


class TimelineOut(Out):
    events: tuple[EventOut, ...]
    deadlines: tuple[DeadlineOut, ...]
    figures: Annotated[
        tuple[FigureOut, ...] | None,
        Field(description="what the notice says of this application; null on a day the pack does not answer for"),
    ]

    @classmethod
    def of(cls, line: Timeline) -> TimelineOut:
        mine = f"person:{line.application.person}"
        by: dict[str, Literal["applicant", "clock", "office"]] = {mine: "applicant", "clock": "clock"}
        return cls(
            events=tuple(
                EventOut(
                    at=one.at,
                    event=one.event,
                    by=by.get(one.actor, "office"),
                    tier=one.facts.get("tier"),
                    body=one.facts.get("body"),
                )
                for one in line.events
            ),
            deadlines=tuple(DeadlineOut.of(one, line.policy) for one in line.running),
            figures=None if line.figures is None else tuple(map(FigureOut.of, line.figures)),
        )
