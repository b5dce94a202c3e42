"""Attachments and their masking, as they are sent and got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from mangping.contracts import ManifestPage, MaskBox, Refusal
from mangping.policy.paper import Bringer
from pydantic import ConfigDict, Field

from mangping_api.domain.attachment import Decision, Looked, Masks, Reason, Removal, Slot
from mangping_api.domain.redaction_job import State
from mangping_api.domain.transfer import Transfer
from mangping_api.services.amendments import RecheckList
from mangping_api.wire import In, Out

_BOX: dict[str, Any] = {"page": 1, "cls": "name", "polygon": [[10, 10], [60, 10], [60, 30], [10, 30]]}


class RemovalIn(In):
    """A box of `proposals`, exactly as it was given."""

    box: MaskBox
    reason: Annotated[Reason | None, Field(description="needed for a class that the notice demands to be covered")] = (
        None
    )


class MaskingIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "yes", "drawn": [_BOX], "removed": []}]})
    decision: Annotated[Decision, Field(description="是否需要遮盖")]
    drawn: Annotated[tuple[MaskBox, ...], Field(max_length=200, description="boxes you add")] = ()
    removed: Annotated[tuple[RemovalIn, ...], Field(max_length=200, description="proposed boxes you take away")] = ()

    def masks(self) -> Masks:
        return Masks(self.drawn, tuple(Removal(one.box, one.reason) for one in self.removed))


class RemovalOut(Out):
    box: MaskBox
    reason: Reason | None


class ProposalOut(Out):
    """A box that the redaction covers; its class may be one that no applicant can take away."""

    page: int
    cls: str
    polygon: tuple[tuple[float, float], ...]


class AttachedPageOut(Out):
    page: Annotated[int, Field(description="from 1")]
    width: int
    height: int
    orientation_degrees: Annotated[int, Field(description="the rendition is turned upright by so much")]
    clear: bool
    unclear_because: tuple[str, ...]
    verified: bool
    needs_human: tuple[str, ...]
    proposals: Annotated[tuple[ProposalOut, ...], Field(description="what is covered, in pixels of the source page")]
    rendition: str

    @classmethod
    def of(cls, where: str, page: ManifestPage) -> AttachedPageOut:
        record = page.record
        return cls(
            page=page.page, width=record.width, height=record.height, orientation_degrees=record.orientation_degrees,
            clear=record.clarity.clear, unclear_because=record.clarity.reasons, verified=record.verified,
            needs_human=record.needs_human, rendition=f"{where}/renditions/{page.page}",
            proposals=tuple(
                ProposalOut(page=page.page, cls=one.cls, polygon=one.polygon)
                for one in record.findings if one.covered
            ),
        )  # fmt: skip


class AttachmentOut(Out):
    id: UUID
    column: str
    item: str
    side: str | None
    year: int | None
    part: str | None
    valid_until: str | None
    format: str
    size: Annotated[int, Field(description="bytes")]
    created_at: datetime
    version: Annotated[int, Field(description="also the ETag")]
    state: Annotated[State, Field(description="queued: an answer is still owed")]
    verified: Annotated[bool, Field(description="nothing of the identity can be read on any page any more")]
    refusal: Annotated[Refusal | None, Field(description="why the file cannot be used")]
    decision: Decision
    stated: Annotated[dict[str, str | int | bool], Field(description="what people state of it: issuer, months, dates")]
    kinds: Annotated[tuple[str, ...], Field(description="what the titles on its pages say it is")]
    by: Annotated[Bringer, Field(description="who brought it, and alone may change it")]
    upright: Annotated[
        bool | None,
        Field(description="false: a page was turned upright; accept that with POST …/upright, or upload anew"),
    ]
    drawn: tuple[MaskBox, ...]
    removed: tuple[RemovalOut, ...]
    pages: tuple[AttachedPageOut, ...]

    @classmethod
    def of(cls, looked: Looked) -> AttachmentOut:
        held, slot, job = looked.attachment, looked.attachment.slot, looked.job
        where = f"/v1/applications/{held.application}/attachments/{held.id}"
        return cls(
            id=held.id, column=slot.column, item=slot.item, side=slot.side, year=slot.year, part=slot.part,
            valid_until=slot.valid_until, format=held.format, size=held.size, created_at=held.created_at,
            version=held.version, state=job.state, verified=job.verified, refusal=job.refusal,
            decision=held.decision, by=held.by, stated=dict(held.stated), kinds=tuple(sorted(looked.kinds)),
            upright=(held.upright or not looked.turned) if looked.pages else None, drawn=held.masks.drawn,
            removed=tuple(RemovalOut(box=one.box, reason=one.reason) for one in held.masks.removed),
            pages=tuple(AttachedPageOut.of(where, page) for page in looked.pages),
        )  # fmt: skip


class AttachmentsOut(Out):
    pending: Annotated[int, Field(description="for how many an answer is still owed")]
    items: tuple[AttachmentOut, ...]

    @classmethod
    def of(cls, held: list[Looked]) -> AttachmentsOut:
        return cls(pending=sum(one.pending for one in held), items=tuple(AttachmentOut.of(one) for one in held))


class StatedIn(In):
    """What you state of a document. A fact that is null or left out is taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"facts": {"issuer": "某市教育局", "months": 6}}]})
    facts: Annotated[dict[Annotated[str, Field(max_length=40)], str | int | bool | None], Field(max_length=20)]


class PageToCheckOut(Out):
    attachment: UUID
    column: Annotated[str, Field(description="title of the column")]
    page: int
    rendition: str
    boxes: Annotated[str, Field(description="where the boxes are drawn, as SVG")]
    decision: Decision
    covered: Annotated[int, Field(description="places that are covered")]
    removed: Annotated[tuple[RemovalOut, ...], Field(description="proposed boxes taken away, each with its reason")]
    needs_human: tuple[str, ...]


class RecheckListOut(Out):
    """Everything to be looked over before a submission: each page, and each field that names its writer."""

    due: Annotated[bool, Field(description="something changed since the last confirmation, or there was none")]
    changed_at: datetime | None
    confirmed_at: datetime | None
    pending: Annotated[int, Field(description="documents for which an answer is still owed")]
    pages: tuple[PageToCheckOut, ...]
    fields: Annotated[tuple[str, ...], Field(description="fields in which an identity stands uncovered")]

    @classmethod
    def of(cls, listed: RecheckList) -> RecheckListOut:
        pages = tuple(_page_to_check(listed, one, page) for one in listed.looked for page in one.pages)
        return cls(
            due=listed.due, changed_at=listed.application.masks_changed_at,
            confirmed_at=listed.application.rechecked_at, pending=sum(one.pending for one in listed.looked),
            pages=pages, fields=listed.fields,
        )  # fmt: skip


def _page_to_check(listed: RecheckList, one: Looked, page: ManifestPage) -> PageToCheckOut:
    held = one.attachment
    where = f"/v1/applications/{held.application}/attachments/{held.id}"
    removed = (mask for mask in held.masks.removed if mask.box.page == page.page)
    return PageToCheckOut(
        attachment=held.id, column=listed.titles[held.slot.column], page=page.page,
        rendition=f"{where}/renditions/{page.page}", boxes=f"{where}/boxes/{page.page}", decision=held.decision,
        covered=sum(finding.covered for finding in page.record.findings),
        removed=tuple(RemovalOut(box=mask.box, reason=mask.reason) for mask in removed),
        needs_human=page.record.needs_human,
    )  # fmt: skip


class TransferIn(In):
    """A document that will come piece by piece, known by its content."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"column": "education_hours", "item": "ce_certificate", "sha256": "0" * 64, "size": 1048576}
    ]})  # fmt: skip
    column: Annotated[str, Field(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
    item: Annotated[str, Field(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
    side: Annotated[str | None, Field(max_length=60)] = None
    year: Annotated[int | None, Field(ge=1990, le=2100)] = None
    part: Annotated[str | None, Field(max_length=60)] = None
    valid_until: Annotated[str | None, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1, le=2**40, description="bytes")]

    def slot(self) -> Slot:
        return Slot(self.column, self.item, self.side, self.year, self.part, self.valid_until)


class TransferOut(Out):
    id: Annotated[UUID | None, Field(description="null once the document is whole")]
    received: Annotated[int, Field(description="bytes; go on from here")]
    size: int
    attachment: Annotated[UUID | None, Field(description="what it became")]

    @classmethod
    def of(cls, transfer: Transfer, attachment: UUID | None = None) -> TransferOut:
        left = None if attachment else transfer.id
        return cls(id=left, received=transfer.received, size=transfer.size, attachment=attachment)


class RecheckOut(Out):
    id: UUID
    attachments: int
    pages: int
