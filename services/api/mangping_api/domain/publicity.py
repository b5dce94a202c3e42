"""Publicity (公示): what is posted where until when, objections, the certificate of the result. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from mangping.clock import BEIJING, Deadline
from mangping.errors import Refused
from mangping.policy import Policy
from mangping.policy.findings import Asked
from mangping.policy.judge_time import counted
from mangping.policy.paper import FormField

from mangping_api.domain import spoken

Kind = Literal["first", "supplement"]
Outcome = Literal["upheld", "dismissed"]
MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is shown of an applicant: its heading, and a text or rows of cells."""

    title: str
    text: str = field(default="", repr=False)
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a posting shows of one applicant; of the ID number only a part."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    what: str
    lines: tuple[Line, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Posting:
    """`applications` are those it is about. `counted` says when its time is over, by which rule and how it was counted."""

    id: UUID
    unit: UUID
    programme: UUID
    line: tuple[UUID, ...]
    kind: Kind
    place: str
    storage_place: str
    audience: str
    contact: str = field(repr=False)
    contents: tuple[str, ...]
    applications: tuple[UUID, ...]
    posted_at: datetime
    counted: Deadline
    photos: int = 0
    withdrawn_at: datetime | None = None
    certificate: Mapping[str, str] | None = None
    certified_at: datetime | None = None

    def posted(self, now: datetime) -> bool:
        """Whether the public may see it."""
        return self.withdrawn_at is None and self.posted_at <= now and not self.counted.passed(now)

    @property
    def first_day(self) -> date:
        return self.posted_at.astimezone(BEIJING).date()

    @property
    def last_day(self) -> date:
        return (self.counted.end.astimezone(BEIJING) - timedelta(microseconds=1)).date()


@dataclass(frozen=True, slots=True)
class Objection:
    id: UUID
    posting: UUID
    application: UUID
    channel: Literal["phone", "letter", "visit"]
    name: str = field(repr=False)
    contact: str = field(repr=False)
    words: str = field(repr=False)
    received_at: datetime
    state: Literal["open", "upheld", "dismissed"] = "open"
    handling: str = field(default="", repr=False)
    settled_at: datetime | None = None


def end_of(policy: Policy, posted_at: datetime, now: datetime) -> Deadline:
    """By the legal clock of the pack."""
    rule = policy.pack.publicity
    return counted(Asked.of(policy, "forward", {}, now), rule.period, posted_at, rule)


def in_part(id_number: str) -> str:
    """An ID number as the public may see it: the first three and the last four characters."""
    return f"{id_number[:3]}{'*' * (len(id_number) - 7)}{id_number[-4:]}" if len(id_number) > 7 else ""


def shown(
    policy: Policy, name: str, id_number: str, what: str, form: Mapping[str, Any], more: Sequence[Line]
) -> Shown:  # fmt: skip
    """What is shown of an applicant: the fields the pack names, in its order, and what the unit adds of the template's
    own words (族别, 思想政治条件 …). No phone, no full number, no attachment."""
    fields = {field.key: field for section in policy.pack.form.sections for field in section.fields}
    keys = policy.pack.publicity.shows.fields if policy.pack.publicity.shows else ()
    lines = [_line(fields[key], form[key]) for key in keys if form.get(key)]
    return Shown(name, in_part(id_number), what, (*lines, *more))


def _line(field: FormField, value: Any) -> Line:
    if not isinstance(value, list):
        return Line(field.title, spoken.value(field, value))
    rows = [row for row in value if isinstance(row, Mapping)][:MOST_ROWS]
    cells = tuple(tuple(spoken.value(column, row.get(column.key)) for column in field.columns) for row in rows)
    return Line(field.title, head=tuple(column.title for column in field.columns), rows=cells)


def result(policy: Policy, posting: Posting) -> dict[str, str]:
    """What the certificate of the result states of the record, under the names the pack asks for."""
    first, last, days = posting.first_day, posting.last_day, policy.pack.publicity.period.working_days
    between = f"{spoken.day(first)}至{spoken.day(last)}"
    known = {
        "方式": f"{posting.place or posting.audience}张贴，并在平台公示", "时间": between, "起止日期": between,
        "公示天数": f"{days}个工作日（共{(last - first).days + 1}天）", "结果": "公示期间未收到投诉、举报，公示无异议",
        "无异议": "公示无异议", "无投诉举报": "公示期间无投诉、举报",
    }  # fmt: skip
    asked = policy.pack.publicity.certificate
    return {item: known[item] for item in asked.items if item in known} if asked else known


def may_certify(posting: Posting, objections: Sequence[Objection], now: datetime) -> None:
    """Refused (409) before its time is over, after it was withdrawn, and while an objection is not dismissed."""
    if posting.withdrawn_at is not None:
        raise Refused("posting.withdrawn", "该公示已经撤下。", "请重新公示。", status=409)
    if not posting.counted.passed(now):
        raise Refused("posting.running", "公示尚未期满。", "请在公示期满后登记结果。", status=409)
    if any(one.state != "dismissed" for one in objections):
        message, remedy = "公示有异议尚未核查，或核查属实。", "请先核查异议；属实的不能出具无异议证明。"
        raise Refused("posting.objected", message, remedy, status=409)


def facts(
    postings: Sequence[Posting], objections: Sequence[Objection], changed_at: datetime | None
) -> dict[str, Any]:  # fmt: skip
    """The group `publicity` of facts of one application, of its postings oldest first; withdrawn ones were never there.

    The first posting that stands is told; a later supplement answers a change. `objections` is known once the result is
    registered, or as soon as one is open or upheld."""
    standing = [one for one in postings if one.withdrawn_at is None]
    first = next((one for one in reversed(standing) if one.kind == "first"), None)
    if first is None:
        return {}
    told: dict[str, Any] = {
        "posted_at": first.posted_at, "contents": list(first.contents), "place": first.place,
        "storage_place": first.storage_place, "audience": first.audience, "contact": first.contact,
        "photos": first.photos,
    }  # fmt: skip
    if any(one.state != "dismissed" for one in objections):
        told["objections"] = True
    elif first.certified_at is not None:
        told |= {"objections": False, "certificate": dict(first.certificate or {})}
    if changed_at is not None and changed_at > first.posted_at:
        told["changed_at"] = changed_at
        later = [one.posted_at for one in standing if one.kind == "supplement" and one.posted_at >= first.posted_at]
        if later:
            told["supplement_posted_at"] = max(later)
    return told
