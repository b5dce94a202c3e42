"""Complaints, the integrity register and lists of journals, as they are sent and got."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from pydantic import ConfigDict, Field

from mangping_api.domain.integrity import Cause, Channel, Complaint, Conclusion, Subject
from mangping_api.domain.journal import Journal, Kind
from mangping_api.services.integrity import Charge
from mangping_api.shapes.parts import Maybe, Short, Words
from mangping_api.storage.integrity import Finding
from mangping_api.storage.journals import JournalList
from mangping_api.wire import In, Out

_ID = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"
Basis = Annotated[tuple[Short, ...], Field(max_length=20, description="处理依据：法规、文件和条款")]


class ComplaintIn(In):
    """A complaint that reached an office."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "application": _ID, "channel": "letter", "subject": "申报人", "name": "某同志", "contact": "13800000000",
        "words": "反映获奖证书不实",
    }]})  # fmt: skip
    application: UUID
    channel: Channel
    subject: Annotated[Subject, Field(description="反映的是谁的行为")] = "申报人"
    name: Maybe = ""
    contact: Maybe = ""
    words: Words

    def made(self, at: datetime) -> Complaint:
        content = {"name": self.name, "contact": self.contact, "words": self.words}
        return Complaint(uuid4(), self.application, (), self.channel, self.subject, content, at)


class ComplaintStateOut(Out):
    id: UUID
    state: str


class ComplaintDecidedOut(ComplaintStateOut):
    conclusion: Conclusion


class ComplaintOut(ComplaintStateOut):
    application: UUID
    channel: str
    subject: str
    name: str
    contact: str
    words: str
    received_at: datetime
    conclusion: str | None
    basis: tuple[str, ...]
    decision: str
    decided_at: datetime | None

    @classmethod
    def of(cls, one: Complaint) -> ComplaintOut:
        told = {name: getattr(one, name) for name in cls.model_fields if name in Complaint.__slots__}
        return cls(**told, **one.content)


class ComplaintsOut(Out):
    items: tuple[ComplaintOut, ...]
    next: Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class DecisionIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [
        {"conclusion": "不属实", "basis": ["桂人社规〔2021〕11号第八章"], "words": "经核查原件，证书真实。"}
    ]})  # fmt: skip
    conclusion: Conclusion
    basis: Basis = ()
    words: Words


class WhoIn(In):
    name: Short
    id_number: Annotated[str, Field(max_length=40)]


class FindingIn(In):
    """What an office found. `ban` is one of the notice's; without it the cause says what it brings."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "application": _ID, "subject": "申报人", "cause": "提供虚假材料", "ban": "pledge",
        "basis": ["职称评审管理暂行规定（人社部令第40号）"], "words": "获奖证书系伪造。",
    }]})  # fmt: skip
    application: UUID
    subject: Subject = "申报人"
    cause: Cause
    basis: Basis = ()
    words: Words
    ban: Annotated[str | None, Field(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")] = None
    until: Annotated[date | None, Field(description="期限止日；通知规定期限的不必填")] = None
    complaint: UUID | None = None
    attested: Annotated[tuple[Short, ...], Field(max_length=10, description="经办人签署的声明")] = ()
    who: Annotated[WhoIn | None, Field(description="申报人以外的责任人")] = None

    def charge(self) -> Charge:
        who = (self.who.name, self.who.id_number) if self.who else None
        return Charge(
            self.application, self.subject, self.cause, self.basis, self.words, self.ban, self.until, self.complaint,
            self.attested, who,
        )  # fmt: skip


class FindingMadeOut(Out):
    id: UUID
    effect: str
    until: Annotated[str, Field(description="the last day; empty: without end")]
    state: Annotated[str, Field(description="of the application now")]


class LookedBackOut(Out):
    tier: str
    body: str
    organisation: UUID
    reviewer: UUID
    agree: bool
    opinion: str
    at: datetime


class LooksBackOut(Out):
    items: tuple[LookedBackOut, ...]


class IntegrityEntryOut(Out):
    id: UUID
    name: str
    id_number: str
    subject: str
    cause: str
    basis: tuple[str, ...]
    words: str
    effect: str
    decided_on: date
    until: date | None
    lifted: bool
    application: UUID | None
    looked_back: tuple[dict[str, Any], ...]
    entered_at: datetime
    appeal: str
    appealed_at: datetime | None
    answer: str
    answered_at: datetime | None

    @classmethod
    def of(cls, found: Finding, *, own: bool = False) -> IntegrityEntryOut:
        """`own`: for the person it is about, who is not told the reviewers."""
        entry = found.entry
        return cls(
            id=entry.id, name=found.name, id_number=found.id_number, subject=found.subject, cause=entry.cause,
            basis=found.basis, words=found.words, effect=entry.effect, decided_on=entry.decided_on, until=entry.until,
            lifted=entry.lifted, application=found.application,
            looked_back=() if own else tuple(dict(one) for one in found.looked_back), entered_at=found.entered_at,
            appeal=found.appeal, appealed_at=found.appealed_at, answer=found.answer, answered_at=found.answered_at,
        )  # fmt: skip


class FindingsFoundOut(Out):
    items: tuple[IntegrityEntryOut, ...]


class IntegritySearchIn(In):
    """By POST: numbers stay out of addresses."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id_number": "11010519491231002X"}]})
    id_number: Annotated[str, Field(max_length=40)]


class AppealIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"words": "证书系原单位补发，附证明。"}]})
    words: Words


class AppealedOut(Out):
    id: UUID
    appealed_at: datetime


class AnswerIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"lift": False, "words": "经复核，维持原认定。"}]})
    lift: Annotated[bool, Field(description="是否撤销该条记录")]
    words: Words


class AnsweredOut(Out):
    id: UUID
    lifted: bool


class JournalIn(In):
    """A journal, by any of its names."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "示例学报", "issn": "0000-0019"}]})
    title: Maybe = ""
    issn: Annotated[str, Field(max_length=30)] = ""
    cn: Annotated[str, Field(max_length=30)] = ""
    reason: Maybe = ""

    def journal(self) -> Journal:
        return Journal(self.title, self.issn, self.cn, self.reason)


class JournalListIn(In):
    """A whole list. A further edition of a list of risks replaces the one before; catalogues stay side by side."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "organisation": _ID, "kind": "core", "name": "中国核心期刊要目总览", "edition": "2023",
        "journals": [{"title": "示例学报", "issn": "0000-0019", "cn": "CN 11-1234/G4"}],
    }]})  # fmt: skip
    organisation: UUID
    kind: Annotated[Kind, Field(description="risk: 风险刊物; core: 核心期刊目录")]
    name: Short
    edition: Short
    journals: Annotated[tuple[JournalIn, ...], Field(min_length=1, max_length=20_000)]


class JournalListMadeOut(Out):
    id: UUID
    journals: int


class JournalListOut(JournalListMadeOut):
    kind: str
    name: str
    edition: str
    loaded_at: datetime

    @classmethod
    def of(cls, made: JournalList) -> JournalListOut:
        return cls(**{name: getattr(made, name) for name in cls.model_fields})


class JournalListsOut(Out):
    items: tuple[JournalListOut, ...]


class JournalFoundOut(Out):
    kind: str
    list: str
    edition: str
    title: str
    reason: str

    @classmethod
    def of(cls, made: JournalList, found: Journal) -> JournalFoundOut:
        return cls(kind=made.kind, list=made.name, edition=made.edition, title=found.title, reason=found.reason)


class JournalsFoundOut(Out):
    items: tuple[JournalFoundOut, ...]
