"""The unit's duties, as they are sent and got."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from mangping.policy.judge_teaching import Reckoned
from pydantic import ConfigDict, Field

from mangping_api.domain.application import State
from mangping_api.domain.deliberation import Assessment, Deliberation, Level, Member, Recommendation, Votes
from mangping_api.domain.post_plan import Plan
from mangping_api.domain.publicity import Line, Objection, Outcome, Posting, Shown
from mangping_api.services.hand_ins import HandIn
from mangping_api.services.postings import Channel, Notice, Page
from mangping_api.services.standings import Place
from mangping_api.shapes.people import Name
from mangping_api.storage.standings import Counted, Kind, Matter
from mangping_api.wire import In, Out

_ID = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"
Words = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00]*\S[^\x00]*$")]
Short = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$")]
Maybe = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Count = Annotated[int, Field(ge=0, le=100)]


class MemberIn(In):
    name: Name
    technical: Annotated[bool, Field(description="是否专业技术人员")]
    level: Annotated[Level | None, Field(description="职称级别")] = None


class GroupIn(In):
    """审议推荐小组 of a unit for one programme."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "programme": _ID, "document_number": "某校〔2024〕3号",
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
        "group": _ID, "since": "2024-08-01", "until": "2024-08-02", "yes": 6, "no": 0, "abstained": 0, "passed": True,
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


class LineIn(In):
    title: Short
    text: Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]


class EntryIn(In):
    application: UUID
    more: Annotated[
        tuple[LineIn, ...], Field(max_length=20, description="模板中由单位填写的内容：族别、政治面貌、思想政治条件等")
    ] = ()  # fmt: skip


class PostingIn(In):
    """A posting begins as it is sent; its end is counted by the notice. A supplement posts what changed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "unit": _ID, "programme": _ID, "kind": "first", "place": "校务公开栏", "storage_place": "教务处",
        "audience": "全校师生", "contact": "教务处，0996-2000000", "entries": [{"application": _ID}],
    }]})  # fmt: skip
    unit: UUID
    programme: UUID
    kind: Literal["first", "supplement"] = "first"
    place: Annotated[Maybe, Field(description="张贴地点")] = ""
    storage_place: Annotated[Maybe, Field(description="申报材料存放位置")] = ""
    audience: Annotated[Maybe, Field(description="公示对象")] = ""
    contact: Annotated[Maybe, Field(description="异议受理方式")] = ""
    contents: Annotated[
        tuple[Short, ...] | None, Field(max_length=40, description="公示内容；不填即通知要求的全部内容")
    ] = None  # fmt: skip
    entries: Annotated[tuple[EntryIn, ...], Field(min_length=1, max_length=100)]

    def notice(self) -> Notice:
        more = {one.application: tuple(Line(line.title, line.text) for line in one.more) for one in self.entries}
        return Notice(
            self.unit, self.programme, self.kind, tuple(one.application for one in self.entries), self.place,
            self.storage_place, self.audience, self.contact, self.contents, more,
        )  # fmt: skip


class PostedOut(Out):
    id: UUID
    ends_at: datetime
    page: Annotated[str, Field(description="where the public sees it, without a token")]


class LineOut(Out):
    title: str
    text: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class ShownOut(Out):
    name: str
    id_number: Annotated[str, Field(description="only a part of it")]
    what: str
    lines: tuple[LineOut, ...]

    @classmethod
    def of(cls, shown: Shown) -> ShownOut:
        lines = tuple(LineOut(title=one.title, text=one.text, head=one.head, rows=one.rows) for one in shown.lines)
        return cls(name=shown.name, id_number=shown.id_number, what=shown.what, lines=lines)


class PostingOut(Out):
    id: UUID
    unit: UUID
    programme: UUID
    kind: str
    place: str
    storage_place: str
    audience: str
    contact: str
    contents: tuple[str, ...]
    applications: tuple[UUID, ...]
    posted_at: datetime
    ends_at: datetime
    rule: str
    trace: tuple[str, ...]
    photos: int
    withdrawn_at: datetime | None
    certificate: dict[str, str] | None
    certified_at: datetime | None

    @classmethod
    def of(cls, posting: Posting) -> PostingOut:
        told = {name: getattr(posting, name) for name in cls.model_fields if name in Posting.__slots__}
        counted = posting.counted
        return cls(**told, ends_at=counted.end, rule=counted.rule, trace=counted.trace)


class PostingWholeOut(PostingOut):
    shown: tuple[ShownOut, ...]

    @classmethod
    def of_whole(cls, posting: Posting, shown: tuple[Shown, ...]) -> PostingWholeOut:
        return cls(**PostingOut.of(posting).model_dump(), shown=tuple(ShownOut.of(one) for one in shown))


class PostingsOut(Out):
    items: tuple[PostingOut, ...]
    next: Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class PhoneOut(Out):
    title: str
    value: str


class PublicityOut(Out):
    """What the public may know, and only while it stands posted."""

    unit: str
    programme: str
    kind: str
    contents: tuple[str, ...]
    place: str
    storage_place: str
    contact: str
    first_day: date
    last_day: date
    shown: tuple[ShownOut, ...]
    phones: tuple[PhoneOut, ...]

    @classmethod
    def of(cls, page: Page) -> PublicityOut:
        posting = page.posting
        return cls(
            unit=page.unit, programme=page.programme, kind=posting.kind, contents=posting.contents,
            place=posting.place, storage_place=posting.storage_place, contact=posting.contact,
            first_day=posting.first_day, last_day=posting.last_day,
            shown=tuple(ShownOut.of(one) for one in page.shown),
            phones=tuple(PhoneOut(title=one.title, value=one.value) for one in page.phones),
        )  # fmt: skip


class PhotoOut(Out):
    id: UUID
    number: int


class WithdrawnOut(Out):
    id: UUID
    withdrawn_at: datetime


class CertificateOut(Out):
    id: UUID
    certificate: dict[str, str]


class ObjectionIn(In):
    """An objection that reached the unit, by phone or in writing."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"application": _ID, "channel": "phone", "name": "某同志", "contact": "13800000000", "words": "对课时数有疑异"}
    ]})  # fmt: skip
    application: UUID
    channel: Channel
    name: Maybe = ""
    contact: Maybe = ""
    words: Words

    def made(self, posting: UUID, at: datetime) -> Objection:
        return Objection(
            uuid4(), posting, self.application, self.channel, self.name, self.contact, self.words, at
        )  # fmt: skip


class ObjectionStateOut(Out):
    id: UUID
    state: str


class ObjectionOut(ObjectionStateOut):
    application: UUID
    channel: str
    name: str
    contact: str
    words: str
    received_at: datetime
    handling: str
    settled_at: datetime | None

    @classmethod
    def of(cls, one: Objection) -> ObjectionOut:
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class ObjectionsOut(Out):
    items: tuple[ObjectionOut, ...]


class SettleIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "dismissed", "handling": "经查课表，属实"}]})
    outcome: Annotated[Outcome, Field(description="upheld: 属实; dismissed: 不属实")]
    handling: Words


class PostPlanIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"programme": _ID, "posts": 2}]})
    programme: UUID
    posts: Annotated[int, Field(ge=0, le=1000, description="拟评审用岗数")]


class PostPlanStateOut(Out):
    id: UUID
    posts: int
    version: int


class ApprovalIn(In):
    """`version` is that of the plan that was looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"body": "教育行政部门", "organisation": _ID, "version": 1}
    ]})  # fmt: skip
    body: Short
    organisation: UUID
    version: Annotated[int, Field(ge=1, le=100_000)]


class ApprovedOut(Out):
    id: UUID
    body: str


class FiledOut(Out):
    id: UUID
    filed_at: datetime


class ApprovalOut(Out):
    body: str
    organisation: UUID
    approved_at: datetime


class PostPlanOut(PostPlanStateOut):
    unit: UUID
    programme: UUID
    planned_at: datetime
    filed_at: datetime | None
    approvals: tuple[ApprovalOut, ...]
    used: int
    left: int

    @classmethod
    def of(cls, plan: Plan) -> PostPlanOut:
        told = {name: getattr(plan, name) for name in cls.model_fields if name != "approvals"}
        return cls(**told, approvals=tuple(ApprovalOut(**asdict(one)) for one in plan.approvals))


class PledgeIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"programme": _ID}]})
    programme: UUID


class PledgedOut(Out):
    unit: UUID
    programme: UUID


class StatementIn(In):
    """What a unit files of itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"programme": _ID, "kind": "explanation", "words": "一名申报人学历不符，今后逐项核对。"}
    ]})  # fmt: skip
    programme: UUID
    kind: Literal["explanation", "rectification"]
    words: Words


class MeasureIn(In):
    """What an office above does about a unit; a suspension holds for the following year."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"programme": _ID, "kind": "bulletin", "words": "对该单位审核质量予以通报。"}
    ]})  # fmt: skip
    programme: UUID
    kind: Literal["bulletin", "suspension"]
    words: Words


class MatterMadeOut(Out):
    id: UUID
    kind: Kind
    year: int


class MatterOut(MatterMadeOut):
    words: str
    organisation: UUID
    recorded_at: datetime

    @classmethod
    def of(cls, matter: Matter) -> MatterOut:
        return cls(**{name: getattr(matter, name) for name in cls.model_fields})


class MattersOut(Out):
    items: tuple[MatterOut, ...]


class CountedOut(Out):
    unit: UUID
    name: str
    applicants: int
    ineligible: int
    percent: Annotated[int, Field(description="whole percent of those not eligible, rounded down")]
    returned: Annotated[int, Field(description="returns of all of them together")]
    states: dict[str, int]
    tiers: Annotated[dict[str, int], Field(description="where those under review lie now")]

    @classmethod
    def of(cls, counted: Counted) -> CountedOut:
        return cls(**{name: getattr(counted, name) for name in cls.model_fields})


class StatisticsOut(Out):
    items: tuple[CountedOut, ...]


class ShownFieldOut(Out):
    title: str
    value: str


class PlaceOut(Out):
    application: UUID
    name: str
    kind: str
    level: str
    state: State
    agrees: bool | None
    rank: int | None
    tied: bool | None
    reason: str | None
    compared: Annotated[tuple[ShownFieldOut, ...], Field(description="what the notice compares equals by")]

    @classmethod
    def of(cls, place: Place) -> PlaceOut:
        compared = tuple(ShownFieldOut(title=title, value=value) for title, value in place.shown)
        told = {name: getattr(place.ranked, name) for name in cls.model_fields if name not in ("name", "compared")}
        return cls(**told, name=place.name, compared=compared)


class RankingOut(Out):
    items: tuple[PlaceOut, ...]


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


class PaperIn(In):
    """One paper as it lies there. `watermark`: the code printed on it."""

    copies: Annotated[int, Field(ge=1, le=20)] = 1
    original: bool | None = None
    duplex: bool | None = None
    watermark: Annotated[str | None, Field(max_length=40)] = None
    seals: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    signatures: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    parts: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    issued_on: date | None = None
    level: Short | None = None
    handwritten: bool | None = None


class WrittenIn(In):
    text: Annotated[str, Field(max_length=2000)]
    handwritten: bool | None = None
    fingerprint: bool | None = None


class HandInIn(In):
    """Papers by the keys of the notice's list, and the words written on them by the keys of its texts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "handed_by": "单位", "items": {"review_form": {"copies": 2, "seals": ["相关部门"], "duplex": True}},
        "texts": {"opinion": {"text": "本单位已对提供的申报材料逐一审核，真实准确，同意推荐", "handwritten": True}},
    }]})  # fmt: skip
    handed_by: Annotated[Literal["单位", "个人"], Field(description="报送人")]
    items: Annotated[dict[Annotated[str, Field(max_length=60)], PaperIn], Field(max_length=40)]
    texts: Annotated[
        dict[Annotated[str, Field(max_length=60)], WrittenIn], Field(max_length=20, default_factory=dict)
    ]  # fmt: skip
    roster: Annotated[tuple[Short, ...], Field(max_length=500, description="申报人员花名册")] = ()
    web_equals_print: Annotated[bool, Field(description="网上填报与送审报表是否一致")] = False

    def handed(self) -> HandIn:
        items = {key: one.model_dump(mode="json", exclude_none=True) for key, one in self.items.items()}
        texts = {key: one.model_dump(mode="json", exclude_none=True) for key, one in self.texts.items()}
        return HandIn(self.handed_by, items, texts, self.roster, self.web_equals_print)


class HandedInOut(Out):
    id: UUID
    received_at: datetime
