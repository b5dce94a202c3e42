"""A deadline of an application, as it is kept and shown: by which rule, since when, how counted, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from mangping.clock import Deadline
from mangping.policy import Policy
from mangping.policy.findings import Asked
from mangping.policy.judge_time import closing, correction_deadline
from mangping.policy.timing import Tier, Window

from mangping_api.domain.application import Act, Application
from mangping_api.domain.course import ON_LAPSE

WINDOW, CORRECTION, ARRIVAL = "window.", "correction.", "arrival"  # kinds, or how they begin


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


def of_windows(policy: Policy, stated: Mapping[str, str], now: datetime) -> list[Running]:
    """The printed windows that have an end and bind an application of which so much is `stated`; a draft lapses with the
    last one for submitting, and what has not arrived where the notice wants it by then is ended as the notice says."""
    asked = Asked.of(policy, "submit", {"application": {**stated}}, now)
    found = _closings(policy, asked)
    ends = [counted.end for window, counted in found if "submit" in window.acts]
    arrival = policy.pack.arrival
    return [
        Running(ARRIVAL, f"到达截止（{window.title}）", counted, ON_LAPSE[arrival.on_late])
        for window, counted in found if arrival and window.key == arrival.window
    ] + [
        Running(
            f"{WINDOW}{window.key}", window.title, counted,
            Act.LAPSE if "submit" in window.acts and counted.end == max(ends) else None,
        )
        for window, counted in found
    ]  # fmt: skip


def of_correction(policy: Policy, application: Application, facts: Mapping[str, Any], now: datetime) -> Running | None:
    """The clock of a return, which `facts` tell of: what the notice or the officer sets, but never beyond the stage that
    the notice names. None when nothing ends it."""
    rule = policy.pack.correction
    if rule is None:
        return None
    asked = Asked.of(policy, "resubmit", facts, now)
    stages = [window.key for window in policy.pack.windows if not rule.may_pass_window and "submit" in window.acts]
    ends = [counted for window, counted in _closings(policy, asked) if window.key in (rule.not_after, *stages)]
    if (own := correction_deadline(asked)) is not None:
        ends.append(own)
    if not ends:
        return None
    counted = min(ends, key=lambda one: one.end)
    return Running(f"{CORRECTION}{application.revision}", "补正截止", counted, ON_LAPSE[rule.on_lapse])


def of_tier(policy: Policy, tier: Tier, application: Application, now: datetime) -> datetime | None:
    """By when a tier must have let an application go; None where the notice sets no end."""
    asked = Asked.of(policy, tier.before, {"application": {**application.stated}}, now)
    arrival = policy.pack.arrival if application.arrived_at is None else None
    ends = [
        counted.end for window, counted in _closings(policy, asked)
        if tier.before in window.acts or (arrival and window.key == arrival.window)
    ]  # fmt: skip
    return min(ends, default=None)


def _closings(policy: Policy, asked: Asked) -> list[tuple[Window, Deadline]]:
    """Of the windows that bind it, as far as anybody can tell."""
    found = ((window, closing(asked, window)) for window in policy.pack.windows if asked.perhaps(window.when))
    return [(window, counted) for window, counted in found if counted is not None]
