"""Deliberation, recommendation and teaching loads, as they are sent and got."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from mangping.policy.judge_teaching import Reckoned
from pydantic import ConfigDict, Field

from mangping_api.domain.deliberation import Assessment, Deliberation, Level, Member, Recommendation, Votes
from mangping_api.shapes.parts import ID, Count, Maybe, Short
from mangping_api.shapes.people import Name
from mangping_api.wire import In, Out


class MemberIn(In):
    name: Name
    technical: Annotated[bool, Field(description="是否专业技术人员")]
    level: Annotated[Level | None, Field(description="职称级别")] = None


class GroupIn(In):
    """审议推荐小组 of a unit for one programme."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "programme": ID, "document_number": "某校〔2024〕3号",
        "members": [{"name": "买买提·艾力", "technical": True, "level": "副高级"}],
    }]})  # fmt: skip
    programme: UUID
    document_number: Annotated[Maybe, Field(description="成立小组的学校文件号")] = ""
    members: Annotated[tuple[MemberIn, ...], Field(min_length=1, max_length=50)]

    def made(self) -> tuple[Member, ...]:
        return tuple(Member(one.name, one.technical, one.level) for one in self.members)


class GroupOut(Out):
    id: UUID
    size: int
    technical: int


class DeliberationIn(In):
    """What the group found of one applicant. Days are of Asia/Shanghai."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "group": ID, "since": "2024-08-01", "until": "2024-08-02", "yes": 6, "no": 0, "abstained": 0, "passed": True,
        "opinion": {"思想品德": "好"}, "assessed_on": "2024-07-31", "assessment": "说课", "assessment_opinion": "优秀",
    }]})  # fmt: skip
    group: UUID
    since: date
    until: date
    yes: Count
    no: Count
    abstained: Count = 0
    passed: bool
    opinion: Annotated[
        dict[Short, Annotated[str, Field(max_length=2000)]], Field(max_length=20, description="各方面评价")
    ]  # fmt: skip
    assessed_on: Annotated[date | None, Field(description="答辩或说课日期")] = None
    assessment: Assessment | None = None
    assessment_opinion: Annotated[str, Field(max_length=4000)] = ""

    def held(self) -> Deliberation:
        return Deliberation(
            self.group, self.since, self.until, Votes(self.yes, self.no, self.abstained), self.passed, self.opinion,
            self.assessed_on, self.assessment, self.assessment_opinion,
        )  # fmt: skip


class DeliberationOut(Out):
    group: UUID
    since: date
    until: date
    yes: int
    no: int
    abstained: int
    passed: bool
    opinion: dict[str, str]
    assessed_on: date | None
    assessment: str | None
    assessment_opinion: str

    @classmethod
    def of(cls, held: Deliberation) -> DeliberationOut:
        told = {name: getattr(held, name) for name in Deliberation.__slots__ if name not in ("votes", "opinion")}
        return cls(**told, **asdict(held.votes), opinion=dict(held.opinion))


class RecommendationIn(In):
    """Whether the unit recommends an applicant, and where on its list. `tied`: no better than the one right after, then
    `reason` says why this one comes first (同等条件下优先)."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"agrees": True, "rank": 1, "tied": True, "reason": "师德表现突出"}
    ]})  # fmt: skip
    agrees: bool
    rank: Annotated[int | None, Field(ge=1, le=10_000)] = None
    tied: bool = False
    reason: Short | None = None

    def made(self, today: date) -> Recommendation:
        return Recommendation(self.agrees, today, self.rank, self.tied, self.reason)


class RecommendationOut(Out):
    agrees: bool
    day: date
    rank: int | None
    tied: bool
    reason: str | None

    @classmethod
    def of(cls, made: Recommendation) -> RecommendationOut:
        return cls(**asdict(made))


class ClaimIn(In):
    """One line of a teaching load: `kind` is one of the notice's words; of service `began` is its first year."""

    kind: Short
    year: Annotated[int, Field(ge=1950, le=2100)]
    hours: Annotated[int, Field(ge=0, le=10_000)] = 0
    evidence: Annotated[Short, Field(description="附件编号或材料名称；一份材料只能计入一项")]
    began: Annotated[int | None, Field(ge=1950, le=2100)] = None
    journal: Short | None = None
    title: Short | None = None
    chars: Annotated[int | None, Field(ge=0, le=10_000_000)] = None


class TeachingLoadIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{
        "claims": [{"kind": "授课", "year": 2023, "hours": 120, "evidence": "2023年课表"}], "research": [],
    }]})  # fmt: skip
    claims: Annotated[tuple[ClaimIn, ...], Field(max_length=200)]
    research: Annotated[tuple[Short, ...], Field(max_length=100, description="计入科研成果的论文题名")] = ()

    def content(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


class TeachingLoadOut(Out):
    version: int
    taught: Annotated[dict[int, int], Field(description="standard hours by year")]
    waived: tuple[int, ...]
    converted: Annotated[int, Field(description="standard hours that papers stand for")]

    @classmethod
    def of(cls, version: int, reckoned: Reckoned) -> TeachingLoadOut:
        return cls(version=version, taught=dict(reckoned.taught), waived=reckoned.waived, converted=reckoned.converted)
