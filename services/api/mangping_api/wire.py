"""What integrators send and get: the shapes of the API, apart from what is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from mangping.contracts import ImageFormat, ManifestPage, PageRecord, Refusal, ScanClass, SealedIdentity
from pydantic import BaseModel, ConfigDict, Field

from mangping_api.codes import CODES
from mangping_api.domain.redaction_job import EVERY_CLASS, Job, Order, State
from mangping_api.services.objects import Upload
from mangping_api.storage.redaction_batches import Progress

MAX_BATCH = 10_000
_Text = Annotated[str, Field(min_length=1, max_length=200)]
_Texts = Annotated[tuple[_Text, ...], Field(max_length=20)]
_IDENTITY: dict[str, Any] = {
    "names": ["古丽·买买提"],
    "units": ["库尔勒市第三中学"],
    "id_numbers": [],
    "phones": ["13800000000"],
}
_OBJECT = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"


class In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Identity(In):
    """Whose traces to look for, as the form knows them. Former names and units are further entries. Sealed at once."""

    model_config = ConfigDict(json_schema_extra={"examples": [_IDENTITY]})
    names: _Texts = ()
    units: _Texts = ()
    id_numbers: _Texts = ()
    phones: _Texts = ()

    def sealed(self) -> SealedIdentity:
        return SealedIdentity(**self.model_dump())


class OrderIn(In):
    classes: Annotated[tuple[ScanClass, ...], Field(min_length=1, description="what to cover")] = EVERY_CLASS
    third_parties: Annotated[bool, Field(description="cover other people's names and units too")] = False
    image_format: Annotated[ImageFormat, Field(description="png is lossless")] = "jpg"

    def order(self) -> Order:
        return Order(tuple(dict.fromkeys(self.classes)), self.third_parties, self.image_format)


class JobIn(OrderIn):
    """One scan that was uploaded before."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"object": _OBJECT, "identity": _IDENTITY}]})
    object: UUID
    identity: Identity = Identity()


class JobForm(OrderIn):
    """The fields beside the file of a multipart submission."""

    identity: Identity = Identity()


class BatchItem(In):
    object: UUID
    identity: Identity = Identity()


class BatchIn(OrderIn):
    """Many scans that were uploaded before."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [{"object": _OBJECT, "identity": _IDENTITY}]}]})
    items: Annotated[tuple[BatchItem, ...], Field(min_length=1, max_length=MAX_BATCH)]


class Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class ObjectOut(Out):
    id: UUID
    size: Annotated[int, Field(description="bytes")]

    @classmethod
    def of(cls, upload: Upload) -> ObjectOut:
        return cls(id=upload.id, size=upload.size)


class PageOut(PageRecord):
    """One rendition; polygons are in pixels of the source page."""

    page: Annotated[int, Field(description="from 1")]
    rendition: Annotated[str, Field(description="where to download it")]

    @classmethod
    def of_page(cls, job_id: UUID, page: ManifestPage) -> PageOut:
        where = f"/v1/redaction-jobs/{job_id}/renditions/{page.page}"
        return cls(page=page.page, rendition=where, **page.record.model_dump(by_alias=True))


class JobSummary(Out):
    id: UUID
    state: State
    batch: UUID | None
    created_at: datetime
    finished_at: datetime | None
    attempts: int
    verified: Annotated[bool, Field(description="nothing of the identity can be read on any page any more")]
    needs_human: Annotated[tuple[str, ...], Field(description="stable codes of what an officer must look at")]
    refusal: Annotated[Refusal | None, Field(description="why the scan cannot be used")]

    @classmethod
    def fields_of(cls, job: Job) -> dict[str, Any]:
        return {
            "id": job.id, "state": job.state, "batch": job.batch_id, "created_at": job.created_at,
            "finished_at": job.finished_at, "attempts": job.attempt, "verified": job.verified,
            "needs_human": job.needs_human, "refusal": job.refusal,
        }  # fmt: skip

    @classmethod
    def of(cls, job: Job) -> JobSummary:
        return cls(**cls.fields_of(job))


class JobOut(JobSummary):
    classes: tuple[ScanClass, ...]
    third_parties: bool
    image_format: ImageFormat
    findings: Annotated[dict[str, int], Field(description="findings on all pages, counted by class")]
    pages: tuple[PageOut, ...]

    @classmethod
    def of_job(cls, job: Job, pages: list[ManifestPage]) -> JobOut:
        counted: dict[str, int] = {}
        for page in pages:
            for finding in page.record.findings:
                counted[finding.cls] = counted.get(finding.cls, 0) + 1
        return cls(
            **cls.fields_of(job), classes=job.order.classes, third_parties=job.order.third_parties,
            image_format=job.order.image_format, findings=counted,
            pages=tuple(PageOut.of_page(job.id, page) for page in pages),
        )  # fmt: skip


class JobsOut(Out):
    items: tuple[JobSummary, ...]
    next: Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class BatchOut(Out):
    id: UUID
    total: int
    created_at: datetime
    states: Annotated[dict[State, int], Field(description="jobs by state")]
    finished: Annotated[int, Field(description="jobs for which no answer is owed any more")]
    verified: int
    needs_human: Annotated[int, Field(description="jobs an officer must look at")]

    @classmethod
    def of(cls, progress: Progress) -> BatchOut:
        return cls(
            id=progress.id, total=progress.total, created_at=progress.created_at, states=progress.states,
            finished=progress.total - progress.states[State.QUEUED], verified=progress.verified,
            needs_human=progress.needs_human,
        )  # fmt: skip


class Problem(Out):
    """RFC 9457. `code` is stable; `title` and `remedy` are Chinese, for people."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "type": "urn:mangping:problem:application.unknown", "title": "没有这份申报。", "status": 404,
        "code": "application.unknown", "remedy": "请检查申报编号。", "request_id": _OBJECT,
    }]})  # fmt: skip
    type: str
    title: str
    status: int
    code: Annotated[str, Field(json_schema_extra={"enum": list(CODES)})]
    remedy: str
    request_id: str
    errors: tuple[dict[str, str], ...] = ()
    faults: tuple[dict[str, Any], ...] = ()  # of a policy pack: line, key, message
    findings: tuple[dict[str, Any], ...] = ()  # of an application that cannot be submitted
    places: tuple[dict[str, Any], ...] = ()  # of what a 否 leaves uncovered: page, class, polygon
    items: tuple[dict[str, Any], ...] = ()  # of a review: what nobody has judged yet
    pages: tuple[int, ...] = ()  # of a document: what an officer has yet to look at
