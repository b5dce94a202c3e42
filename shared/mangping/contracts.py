"""What services tell one another. Random ids, classes and flags only: identities travel sealed, by reference."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

ImageFormat = Literal["jpg", "png"]
ScanClass = Literal[
    "name", "unit", "id_number", "phone", "seal", "face", "eyes", "qrcode", "barcode", "signature", "fingerprint"
]


class Message(BaseModel):
    """Travels through the queue named in QUEUES."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RedactScan(Message):
    """api -> redaction worker: one attempt at one scan."""

    attempt_id: UUID
    job_id: UUID
    source: UUID  # vault id of the scan
    identity: UUID | None  # vault id of a SealedIdentity
    renditions: UUID  # the root from which the vault ids of the manifest and of every page derive
    classes: tuple[ScanClass, ...]
    third_parties: bool
    image_format: ImageFormat


class ScanRedacted(Message):
    """redaction worker -> api: the manifest of this job is sealed and final. Its vault id names the message."""

    job_id: UUID
    manifest: UUID


QUEUES: dict[type[Message], str] = {RedactScan: "mangping:redaction", ScanRedacted: "mangping:api"}


class Sealed(BaseModel):
    """Lies in the vault, is never sent."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SealedIdentity(Sealed):
    """Whose traces to look for, as the form knows them."""

    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    id_numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


class FindingRecord(Sealed):
    """One finding; `polygon` is [[x, y], ...] in pixels of the source page."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)
    cls: Annotated[str, Field(alias="class")]
    polygon: tuple[tuple[float, float], ...]
    confidence: float
    finder: str
    why: str
    covered: bool = True


class ClarityRecord(Sealed):
    """The verdict, its reason codes, and (as further keys) the measures that decided it."""

    model_config = ConfigDict(frozen=True, extra="allow")
    clear: bool
    reasons: tuple[str, ...] = ()


class PageRecord(Sealed):
    """What one rendition is and how it came about. `ms` is milliseconds by stage, `models` hash prefixes by model."""

    width: int
    height: int
    orientation_degrees: int
    skew_degrees: float
    clarity: ClarityRecord
    verified: bool
    needs_human: tuple[str, ...]
    findings: tuple[FindingRecord, ...]
    ms: dict[str, float] = {}
    models: dict[str, str] = {}


class ManifestPage(Sealed):
    page: int  # from 1
    rendition: UUID
    record: PageRecord


class Refusal(Sealed):
    code: str
    message: str
    remedy: str = ""


class Manifest(Sealed):
    """The commit point of a redaction: all pages, or one refusal with its code and its Chinese words."""

    job_id: UUID
    pages: tuple[ManifestPage, ...] = ()
    refused: Refusal | None = None


def manifest_id(renditions: UUID) -> UUID:
    """Where the manifest of a job lies: the same at every attempt, and unguessable without the job's random root."""
    return uuid5(renditions, "manifest")


def page_id(renditions: UUID, page: int) -> UUID:
    """Where the rendition of a page (from 1) lies, together with its record."""
    return uuid5(renditions, f"page/{page}")
