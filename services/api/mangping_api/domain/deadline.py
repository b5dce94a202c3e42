"""A deadline of an application, as it is kept and shown: by which rule, since when, how counted, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mangping.clock import Deadline
from mangping.policy import Policy
from mangping.policy.findings import Asked
from mangping.policy.judge_time import closing

from mangping_api.domain.application import Act


class Standing(StrEnum):
    RUNNING = "running"
    MET = "met"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Running:
    """`on_end` is what the clock does at its end; None: it is only shown."""

    kind: str
    title: str
    counted: Deadline
    on_end: Act | None
    standing: Standing = Standing.RUNNING


def of_windows(policy: Policy, now: datetime) -> list[Running]:
    """The printed windows of a programme that have an end; a draft lapses with the last one for submitting."""
    asked = Asked.of(policy, "submit", {}, now)
    found = []
    for window in policy.pack.windows:
        if (counted := closing(asked, window)) is not None:
            found.append((window, counted))
    ends = [counted.end for window, counted in found if "submit" in window.acts]
    return [
        Running(
            f"window.{window.key}", window.title, counted,
            Act.LAPSE if "submit" in window.acts and counted.end == max(ends) else None,
        )
        for window, counted in found
    ]  # fmt: skip
