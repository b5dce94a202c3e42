"""What services tell one another. Random ids, classes and flags only: identities travel sealed, by reference."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

ImageFormat = Literal["jpg", "png"]
ScanClass = Literal[
    "name", "unit", "id_number", "phone", "seal", "face", "eyes", "qrcode", "barcode", "signature", "fingerprint"
]
# What a box may stand for: a class that is asked for, or a mark that nobody could read and is covered whatever is asked.
MaskClass = Literal[ScanClass, "unreadable"]

# What kind of document a page says it is, by its title; "secret" is a mark of secrecy upon it.
DocumentKind = Literal[
    "id_card", "diploma", "degree", "register", "title_certificate", "teacher_certificate", "putonghua",
    "continuing_education", "exemption", "assessment", "award", "patent", "pledge", "recommendation", "publicity",
    "insurance", "secret",
]  # fmt: skip


class Message(BaseModel):
    """Travels through the queue named in QUEUES."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


_Pixel = Annotated[float, Field(ge=-1000, le=100_000)]


class MaskBox(BaseModel):
    """A box drawn or taken away by hand; `polygon` is ((x, y), ...) in pixels of the source page."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    page: Annotated[int, Field(ge=1, le=100_000)]
    cls: MaskClass
    polygon: Annotated[
        tuple[tuple[_Pixel, _Pixel], ...],
        Field(min_length=3, max_length=40),
    ]


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
    drawn: tuple[MaskBox, ...] = ()
    removed: tuple[MaskBox, ...] = ()


class ScanRedacted(Message):
    """redaction worker -> api: the manifest of this job is sealed and final. Its vault id names the message."""

    job_id: UUID
    manifest: UUID


class FeeLine(BaseModel):
    """One application that a notice charges for. `item` is what is charged ("review"), `attempt` counts from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    application_id: UUID
    item: str = "review"
    attempt: Annotated[int, Field(ge=1, le=99)]
    kind: str
    level: str


class FeeOrder(Message):
    """api -> fees: charge this. One line, or a unit's roster that is paid as a whole or not at all.

    A line with a higher attempt takes the place of the open notice of that application and item. The same order may be
    sent again at any time, under a fresh message id: it is placed once, and all that is known of it is told again.
    """

    order_id: UUID
    programme: str
    region: str
    lines: Annotated[tuple[FeeLine, ...], Field(min_length=1, max_length=2000)]
    payer: UUID  # vault id of a SealedPayer
    applicant: str  # the subject, opaque, who may see the notice
    accepted_at: AwareDatetime


class FeeCancel(Message):
    """api -> fees: the application of this order was disqualified or is void. What is not paid is taken back, what is paid
    is put up for refund. May be sent again at any time, also before the order: it is answered each time."""

    order_id: UUID


class FeeCancelled(Message):
    """fees -> api: what became of it. Money that was on its way may still follow as a FeeSettled: then ask again."""

    order_id: UUID
    outcome: Literal["withdrawn", "refund"]


class FeeIssued(Message):
    """fees -> api: the notice has its pay code. `pay_url` is what its QR code carries; a printed end is known at once."""

    order_id: UUID
    applications: tuple[UUID, ...]
    amount_fen: int
    notice_id: UUID
    pay_url: str
    due_at: AwareDatetime | None = None
    due_rule: str | None = None
    due_trace: tuple[str, ...] = ()


class FeeRefused(Message):
    """fees -> api: no notice comes of this order; an officer must look. `code` is stable."""

    order_id: UUID
    applications: tuple[UUID, ...]
    code: str


class FeeNotified(Message):
    """fees -> api: the notice was received, its clock runs. `due_at` is exclusive."""

    order_id: UUID
    applications: tuple[UUID, ...]
    received_at: AwareDatetime
    due_at: AwareDatetime
    due_rule: str
    due_trace: tuple[str, ...]


class FeeSettled(Message):
    """fees -> api: paid in full and in time. May follow a FeeExpired: money that came in time wins."""

    order_id: UUID
    applications: tuple[UUID, ...]
    amount_fen: int
    paid_at: AwareDatetime
    channel: str


class FeeExpired(Message):
    """fees -> api: not paid in time, and the books of the last day are reconciled: the applications are abandoned."""

    order_id: UUID
    applications: tuple[UUID, ...]
    due_at: AwareDatetime


class FeeRefunded(Message):
    """fees -> api: what was paid went back."""

    order_id: UUID
    applications: tuple[UUID, ...]
    amount_fen: int


EventName = Literal[
    "application.submitted", "application.resubmitted", "application.withdrawn", "application.arrived",
    "application.returned", "application.accepted", "application.not_accepted", "application.abandoned",
    "application.lapsed", "application.disqualified", "application.voided", "application.accepted_again",
]  # fmt: skip


class ApplicationEvent(Message):
    """api -> itself: something that people may be told of happened to an application. It names nobody: whoever tells
    people reads from the database what they may know.

    `tier` and `tier_title` say where it happened (arrived: where it lies now), "" in the applicant's hands; `due_at` is
    the end (exclusive) of the clock that began with it, as of a return; `submission` counts from 1, 0 before the first.
    """

    event: EventName
    application_id: UUID
    programme_id: UUID
    at: AwareDatetime
    tier: str = ""
    tier_title: str = ""
    submission: int = 0
    due_at: AwareDatetime | None = None


_API, _FEES = "mangping:api", "mangping:fees"
# What a service says to itself never leaves its database: its worker takes it out of the outbox, so no queue can lose it.
_API_ITSELF = "mangping:api:itself"
STAYS = frozenset({_API_ITSELF})
QUEUES: dict[type[Message], str] = {
    RedactScan: "mangping:redaction",
    ScanRedacted: _API,
    ApplicationEvent: _API_ITSELF,
    FeeOrder: _FEES,
    FeeCancel: _FEES,
    FeeIssued: _API,
    FeeRefused: _API,
    FeeNotified: _API,
    FeeSettled: _API,
    FeeExpired: _API,
    FeeRefunded: _API,
    FeeCancelled: _API,
}


class Sealed(BaseModel):
    """Lies in the vault, is never sent. What does not fit is told without its text."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class SealedIdentity(Sealed):
    """Whose traces to look for, as the form knows them."""

    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    id_numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


class SealedPayer(Sealed):
    """Who gets a notice: its name, and where the applicant wants to be told (GL-85)."""

    name: str
    mobile: str = ""
    email: str = ""
    credit_code: str = ""  # 统一社会信用代码, when a unit pays


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
    likeness: str = ""  # hexadecimal; pages that differ in few of its bits are the same picture
    kinds: tuple[str, ...] = ()  # of DocumentKind; what no title tells is of no kind
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
