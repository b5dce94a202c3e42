"""An attachment: an uploaded document in its column, what was found on its pages, what the applicant decided. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from typing import Any, Literal
from uuid import UUID

from mangping.contracts import FindingRecord, ManifestPage, MaskBox, MaskClass, ScanClass
from mangping.errors import Refused
from mangping.policy import Policy
from mangping.policy.facts import FILES
from mangping.policy.judge_form import is_day
from mangping.policy.paper import Bringer, Item, MaterialColumn

from mangping_api.domain.redaction_job import Job, Order, State

Format = Literal["jpg", "png", "pdf"]
Reason = Literal["not_identity", "misplaced", "needed_for_review"]
REASONS: dict[Reason, str] = {
    "not_identity": "不是本人身份信息", "misplaced": "框的位置不对，已另行框出", "needed_for_review": "遮盖后无法评审",
}  # fmt: skip
_MAGIC: dict[bytes, Format] = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png", b"%PDF-": "pdf"}
# A pack's masking class -> what the redaction covers for it.
_CLASSES: dict[str, tuple[ScanClass, ...]] = {
    "name": ("name",), "unit": ("unit",), "photo": ("face",), "photo_eyes": ("eyes",), "id_number": ("id_number",),
    "unit_seal": ("seal",), "phone": ("phone",), "signature": ("signature", "fingerprint"),
}  # fmt: skip
_ALWAYS: tuple[ScanClass, ...] = ("name", "unit", "id_number", "phone", "qrcode", "barcode")
_UNREAD: MaskClass = "unreadable"  # it may say anything: whoever takes such a cover away says why
_NEAR = 8  # of 256 bits in which two pages of the same picture may differ
_PLAIN = 24  # a page with fewer bits than that, or as few unset, is hardly more than blank
_MOST_PAGES = 200


class Decision(StrEnum):
    UNDECIDED = "undecided"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a document belongs: a column of the pack and an item of it; side, year and part where the item asks."""

    column: str
    item: str
    side: str | None = None
    year: int | None = None
    part: str | None = None
    valid_until: str | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A proposed box that the applicant took away, and why."""

    box: MaskBox
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Masks:
    drawn: tuple[MaskBox, ...] = ()
    removed: tuple[Removal, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """`digest` is a keyed hash of the content; `version` counts changes from 1. `stated` is what people say of it
    (FILES), `upright` that its applicant took the pages as the redaction turned them; `by` is who brought it."""

    id: UUID
    application: UUID
    slot: Slot
    format: Format
    size: int
    digest: str
    job_id: UUID
    decision: Decision
    masks: Masks
    version: int
    created_at: datetime
    stated: Mapping[str, Any] = field(default_factory=dict)
    upright: bool = False
    by: Bringer = "applicant"


@dataclass(frozen=True, slots=True)
class Looked:
    """An attachment with its redaction: the job, and its pages once it is done."""

    attachment: Attachment
    job: Job
    pages: tuple[ManifestPage, ...] = field(default=())

    @property
    def pending(self) -> bool:
        return self.job.state is State.QUEUED

    @property
    def turned(self) -> bool:
        """Whether a page had to be turned upright."""
        return any(page.record.orientation_degrees for page in self.pages)

    @property
    def kinds(self) -> set[str]:
        """What its pages say they are."""
        return {kind for page in self.pages for kind in page.record.kinds}

    def proposals(self) -> Iterator[tuple[int, FindingRecord]]:
        """(page, finding) of everything that is covered."""
        for page in self.pages:
            for finding in page.record.findings:
                if finding.covered:
                    yield page.page, finding


def sniffed(head: bytes) -> Format | None:
    """What a file is by its first bytes; its name and its declared type are never believed."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def place(policy: Policy, slot: Slot) -> tuple[MaterialColumn, Item]:
    """Refused (422) when the pack has no such column, item, side or part."""
    for column in policy.pack.materials.columns:
        for item in column.items:
            here = (column.key, item.key) == (slot.column, slot.item)
            if here and slot.side in (None, *item.sides) and slot.part in (None, *item.parts):
                return column, item
    raise Refused("attachment.slot", "本批次没有这个材料栏目。", "请对照申报表单（form）中的材料栏目上传。")


def allowed(policy: Policy, item: Item) -> tuple[Format, ...]:
    general = policy.pack.materials.formats
    return item.formats or (general.allowed if general else ("jpg", "png", "pdf"))


def limit(column: MaterialColumn) -> int:
    """Bytes that a document of this column may have."""
    return column.max_mb * 1024 * 1024


def doubtful(policy: Policy, looked: Looked) -> tuple[int, ...]:
    """The pages that only a human can answer for, of a document that a panel is to see covered."""
    seen = {column.key for column in policy.pack.materials.columns if column.panel == "shown"}
    blind = policy.pack.masking.profile != "none" and looked.attachment.slot.column in seen
    asked = blind and looked.job.state is State.DONE
    return tuple(page.page for page in looked.pages if asked and not page.record.verified)


def order(policy: Policy) -> Order:
    """What is covered on every page: what the pack names, and what would always tell who it is."""
    named = [cls for one in policy.pack.masking.classes for cls in _CLASSES[one.key]]
    return Order(tuple(dict.fromkeys((*named, *_ALWAYS))))


def check(policy: Policy, looked: Looked, decision: Decision, masks: Masks) -> None:
    """Refused when a box lies on no page, a removal takes away nothing or, of a required class or of what nobody could
    read, gives no reason, or a 否 contradicts what was found; the details say where."""
    pages = {page.page for page in looked.pages}
    boxes = (*masks.drawn, *(removal.box for removal in masks.removed))
    if any(box.page not in pages for box in boxes):
        raise Refused("masking.page", "遮盖框所在的页不存在或尚未处理完。", "请等待处理完成后再框选。", status=409)
    known = {(page, finding.cls, finding.polygon) for page, finding in looked.proposals()}
    known |= {(one.box.page, one.box.cls, one.box.polygon) for one in looked.attachment.masks.removed}
    required = {_UNREAD, *(cls for one in policy.pack.masking.classes for cls in _CLASSES[one.key])}
    for removal in masks.removed:
        if (removal.box.page, removal.box.cls, removal.box.polygon) not in known:
            raise Refused("masking.unproposed", "要去掉的遮盖框不在系统给出的框之内。", "请从 proposals 中原样选取。")
        if removal.box.cls in required and removal.reason is None:
            raise Refused("masking.reason", "去掉必须遮盖或无法识读的内容，须说明理由。", "请选择理由；审核人会看到。")
    if decision is Decision.NO and (found := [*_places(looked, masks)]):
        message, remedy = "选择了【否】，但图片中有须遮盖的内容。", "请改选【是】并遮盖，或说明理由去掉相应的框。"
        raise Refused("masking.contradicted", message, remedy, details={"places": found})


def _places(looked: Looked, masks: Masks) -> Iterator[dict[str, Any]]:
    gone = {(one.box.page, one.box.cls, one.box.polygon) for one in masks.removed}
    for page, finding in looked.proposals():
        if (page, finding.cls, finding.polygon) not in gone:
            yield {"page": page, "class": finding.cls, "polygon": [list(point) for point in finding.polygon]}


def of_applicant(held: Iterable[Looked]) -> list[Looked]:
    """Those that the applicant answers for."""
    return [one for one in held if one.attachment.by == "applicant"]


def settled(held: Sequence[Looked]) -> None:
    """Refused (409) while an answer is owed for any document."""
    if any(one.pending for one in held):
        raise Refused("attachments.pending", "还有附件在处理中。", "请等待处理完成后再操作。", status=409)


def stated(given: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody states of an upload, as it is kept; None takes a statement back. Refused when it is unknown or of
    the wrong kind."""
    for name, value in given.items():
        kind = FILES.get(name, ("", ""))[0]
        fits = {
            "str": isinstance(value, str) and 0 < len(value) <= 200 and "\0" not in value,
            "int": isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10_000,
            "bool": isinstance(value, bool), "date": is_day(value),
        }  # fmt: skip
        if kind not in fits or not (value is None or fits[kind]):
            raise Refused("facts.invalid", "有不认识的事项，或其取值类型不对。", "请对照接口文档中的事项清单填写。")
    return {name: value for name, value in given.items() if value is not None}


def files(
    policy: Policy, looked: Sequence[Looked], released: Container[UUID] = ()
) -> dict[str, list[dict[str, Any]]]:  # fmt: skip
    """The attachments as facts for a policy, every column in the order of the uploads; a human has answered for those
    that are `released`."""
    marks = _marks(looked)
    told: dict[str, list[dict[str, Any]]] = {column.key: [] for column in policy.pack.materials.columns}
    for one in looked:
        file = _file(one, marks[one.attachment.id], released=one.attachment.id in released)
        if (other := _belongs_to(policy, one)) is not None:
            file["belongs_to"] = other
        told[one.attachment.slot.column].append(file)
    return told


def secrets(policy: Policy, looked: Sequence[Looked]) -> list[str]:
    """The titles of the columns in which a page bears a mark of secrecy."""
    titles = {column.key: column.title for column in policy.pack.materials.columns}
    return list(dict.fromkeys(titles[one.attachment.slot.column] for one in looked if "secret" in one.kinds))


def _belongs_to(policy: Policy, one: Looked) -> str | None:
    """Another column whose documents bear this title, when none of its own does; None when nothing tells."""
    expected = {
        column.key: {kind for item in column.items for kind in item.kinds}
        for column in policy.pack.materials.columns
    }  # fmt: skip
    own = expected.get(one.attachment.slot.column, set())
    if not own or own & one.kinds:
        return None
    return next((key for key, kinds in expected.items() if kinds & one.kinds), None)


def _file(one: Looked, mark: str, *, released: bool) -> dict[str, Any]:
    held, slot = one.attachment, one.attachment.slot
    told: dict[str, Any] = {
        **held.stated, "item": slot.item, "format": held.format, "side": slot.side, "year": slot.year, "part": slot.part,
        "valid_until": slot.valid_until or "", "hash": mark, "mask": held.decision.value, "pages": len(one.pages) or 1,
        "boxes": len(held.masks.drawn),
    }  # fmt: skip
    if not one.pending:
        opens = one.job.state not in (State.REFUSED, State.FAILED)  # what lost every attempt is uploaded anew, too
        told |= {"opens": opens, "verified": one.job.verified or released}
    if one.pages and not one.pending:  # what nobody could look at is not told
        covered = sum(1 for _ in one.proposals())
        told |= {
            "clear": all(page.record.clarity.clear for page in one.pages), "boxes": covered, "hits": covered,
            "upright": held.upright or not one.turned,
        }  # fmt: skip
    return told


def _marks(looked: Sequence[Looked]) -> dict[UUID, str]:
    """For each attachment a mark that it shares with those of the same content or the same picture."""
    marks = {one.attachment.id: one.attachment.digest for one in looked}
    for first, second in combinations(looked, 2):
        if _same_picture(first, second):
            joined, dropped = marks[first.attachment.id], marks[second.attachment.id]
            marks = {id: joined if mark == dropped else mark for id, mark in marks.items()}
    return marks


def _same_picture(first: Looked, second: Looked) -> bool:
    ones, others = ([page.record.likeness for page in one.pages[:_MOST_PAGES]] for one in (first, second))
    return any(_near(one, other) for one in ones for other in others if one and other)


def _near(one: str, other: str) -> bool:
    a, b, bits = int(one, 16), int(other, 16), 4 * len(one)
    telling = all(_PLAIN <= value.bit_count() <= bits - _PLAIN for value in (a, b))
    return telling and (a ^ b).bit_count() <= _NEAR
