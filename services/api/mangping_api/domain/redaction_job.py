"""A redaction job: what is owed, where it stands, and which acts lead on from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import get_args
from uuid import UUID

from mangping.contracts import ImageFormat, ManifestPage, MaskBox, RedactScan, Refusal, ScanClass
from mangping.errors import Refused

EVERY_CLASS: tuple[ScanClass, ...] = get_args(ScanClass)
LOST_TOO_OFTEN = "redaction.gave_up"


class State(StrEnum):
    QUEUED = "queued"  # an answer is owed
    DONE = "done"  # every page has its rendition
    REFUSED = "refused"  # the scan cannot be used; the caller must act
    FAILED = "failed"  # every attempt was lost; an officer must look
    ERASING = "erasing"  # gone for the caller, its objects are being swept out
    ERASED = "erased"


class Act(StrEnum):
    COMPLETE = "complete"
    REFUSE = "refuse"
    RESEND = "resend"
    GIVE_UP = "give_up"
    RETRY = "retry"
    ERASE = "erase"
    FINISH_ERASING = "finish_erasing"


@dataclass(frozen=True, slots=True)
class Edge:
    to: State
    event: str


EDGES: dict[tuple[State, Act], Edge] = {
    (State.QUEUED, Act.COMPLETE): Edge(State.DONE, "redaction_job.completed"),
    (State.QUEUED, Act.REFUSE): Edge(State.REFUSED, "redaction_job.refused"),
    (State.QUEUED, Act.RESEND): Edge(State.QUEUED, "redaction_job.resent"),
    (State.QUEUED, Act.GIVE_UP): Edge(State.FAILED, "redaction_job.given_up"),
    # A late answer is still an answer.
    (State.FAILED, Act.COMPLETE): Edge(State.DONE, "redaction_job.completed"),
    (State.FAILED, Act.REFUSE): Edge(State.REFUSED, "redaction_job.refused"),
    (State.FAILED, Act.RETRY): Edge(State.QUEUED, "redaction_job.retried"),
    (State.QUEUED, Act.ERASE): Edge(State.ERASING, "redaction_job.erasure_asked"),
    (State.DONE, Act.ERASE): Edge(State.ERASING, "redaction_job.erasure_asked"),
    (State.REFUSED, Act.ERASE): Edge(State.ERASING, "redaction_job.erasure_asked"),
    (State.FAILED, Act.ERASE): Edge(State.ERASING, "redaction_job.erasure_asked"),
    (State.ERASING, Act.FINISH_ERASING): Edge(State.ERASED, "redaction_job.erased"),
    # A worker that was still busy wrote while or after its job was swept: sweep again.
    (State.ERASING, Act.COMPLETE): Edge(State.ERASING, "redaction_job.erasure_repeated"),
    (State.ERASING, Act.REFUSE): Edge(State.ERASING, "redaction_job.erasure_repeated"),
    (State.ERASED, Act.COMPLETE): Edge(State.ERASING, "redaction_job.erasure_repeated"),
    (State.ERASED, Act.REFUSE): Edge(State.ERASING, "redaction_job.erasure_repeated"),
}
VISIBLE = (State.QUEUED, State.DONE, State.REFUSED, State.FAILED)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of every scan of a submission."""

    classes: tuple[ScanClass, ...] = EVERY_CLASS
    third_parties: bool = False
    image_format: ImageFormat = "jpg"


@dataclass(frozen=True, slots=True)
class Job:
    """`renditions` is the random root of the vault ids of the manifest and the pages. Nothing here names a person."""

    id: UUID
    owner: str
    batch_id: UUID | None
    state: State
    source: UUID
    identity: UUID | None
    renditions: UUID
    order: Order
    attempt: int
    attempt_id: UUID
    created_at: datetime
    finished_at: datetime | None = None
    verified: bool = False
    needs_human: tuple[str, ...] = ()
    refusal: Refusal | None = None
    drawn: tuple[MaskBox, ...] = ()
    removed: tuple[MaskBox, ...] = ()

    def message(self) -> RedactScan:
        """The present attempt, as the worker gets it."""
        return RedactScan(
            attempt_id=self.attempt_id, job_id=self.id, source=self.source, identity=self.identity,
            renditions=self.renditions, classes=self.order.classes, third_parties=self.order.third_parties,
            image_format=self.order.image_format, drawn=self.drawn, removed=self.removed,
        )  # fmt: skip


def decide(state: State, act: Act) -> Edge:
    """The edge this act takes. Refused (409) when the table has none."""
    if (edge := EDGES.get((state, act))) is None:
        raise Refused("redaction_job.wrong_state", "任务当前状态不允许此操作。", "请先查询任务状态。", status=409)
    return edge


def verdict(pages: Sequence[ManifestPage]) -> tuple[bool, tuple[str, ...]]:
    """(verified, what a human must look at) of a whole job: one doubtful page makes the job doubtful."""
    reasons = Counter(reason for page in pages for reason in page.record.needs_human)
    return bool(pages) and all(page.record.verified for page in pages), tuple(reasons)


def backoff(attempt: int, first: float) -> timedelta:
    """How long to wait before attempt number `attempt` + 1, in steps that double, an hour at most."""
    return timedelta(seconds=min(first * 2 ** (attempt - 1), 3600))
