"""May this act be done: all defects at once, in the order of the pack, each with its rules. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from mangping import identity
from mangping.clock import Calendar
from mangping.policy import (
    judge_education,
    judge_form,
    judge_late,
    judge_materials,
    judge_people,
    judge_signed,
    judge_teaching,
    judge_time,
)
from mangping.policy.findings import Asked, Finding
from mangping.policy.load import Policy
from mangping.policy.parts import Act

Judge = Callable[[Asked], Iterator[Finding]]
JUDGES: tuple[Judge, ...] = (
    judge_time.windows,
    judge_time.arrival,
    judge_time.submissions,
    judge_time.correction,
    judge_people.entering,
    judge_people.seniority,
    judge_form.form,
    judge_education.education,
    judge_materials.materials,
    judge_materials.masking,
    judge_signed.texts,
    judge_time.publicity,
    judge_people.duties,
    judge_teaching.load,
    judge_signed.tiers,
    judge_signed.attestations,
    judge_signed.papers,
    judge_late.fees,
    judge_late.defence,
)


def evaluate(
    policy: Policy, act: Act, facts: Mapping[str, Any], now: datetime, *, calendar: Calendar | None = None
) -> tuple[Finding, ...]:
    """Every finding of the act on these facts at this instant (aware). No finding: the act may be done.

    Raises Uncovered on a day outside the pack, mangping.clock.Unscheduled where a period cannot be counted.
    """
    asked = Asked.of(policy, act, facts, now, calendar)
    try:
        return tuple(chain.from_iterable(judge(asked) for judge in JUDGES))
    finally:
        identity.forget()
