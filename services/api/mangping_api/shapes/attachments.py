"""Attachments and their masking, as they are sent and got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from mangping.contracts import ManifestPage, MaskBox, Refusal
from pydantic import ConfigDict, Field

from mangping_api.domain.attachment import Decision, Looked, Masks, Reason, Removal
from mangping_api.domain.redaction_job import State
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
            decision=held.decision, drawn=held.masks.drawn,
            removed=tuple(RemovalOut(box=one.box, reason=one.reason) for one in held.masks.removed),
            pages=tuple(AttachedPageOut.of(where, page) for page in looked.pages),
        )  # fmt: skip


class AttachmentsOut(Out):
    pending: Annotated[int, Field(description="for how many an answer is still owed")]
    items: tuple[AttachmentOut, ...]

    @classmethod
    def of(cls, held: list[Looked]) -> AttachmentsOut:
        return cls(pending=sum(one.pending for one in held), items=tuple(AttachmentOut.of(one) for one in held))


class RecheckOut(Out):
    id: UUID
    attachments: int
    pages: int
