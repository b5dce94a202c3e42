"""Publicity: postings, photos, objections and certificates, as they are sent and got."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from pydantic import ConfigDict, Field

from mangping_api.domain.publicity import Line, Objection, Outcome, Posting, Shown
from mangping_api.services.postings import Channel, Notice, Page
from mangping_api.shapes.parts import ID, Maybe, Short, Words
from mangping_api.wire import In, Out


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
        "unit": ID, "programme": ID, "kind": "first", "place": "校务公开栏", "storage_place": "教务处",
        "audience": "全校师生", "contact": "教务处，0996-2000000", "entries": [{"application": ID}],
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
    exhibits: Annotated[str | None, Field(description="where staff of the unit may see the documents meanwhile")]

    @classmethod
    def of(cls, page: Page) -> PublicityOut:
        posting = page.posting
        return cls(
            unit=page.unit, programme=page.programme, kind=posting.kind, contents=posting.contents,
            place=posting.place, storage_place=posting.storage_place, contact=posting.contact,
            first_day=posting.first_day, last_day=posting.last_day,
            shown=tuple(ShownOut.of(one) for one in page.shown),
            phones=tuple(PhoneOut(title=one.title, value=one.value) for one in page.phones),
            exhibits=f"/v1/postings/{posting.id}/exhibits" if page.online else None,
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
        {"application": ID, "channel": "phone", "name": "某同志", "contact": "13800000000", "words": "对课时数有疑异"}
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
