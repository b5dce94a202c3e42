"""Cases that an official can read: an applicant, an act, an instant, and the rules that must speak up.

A folder holds base.yaml (the facts of an applicant in good order) and case files; a case changes a few facts by dotted
key (null takes one away). Times are Beijing time. `expect` lists every finding as "RULES place", `figures` some figures
as "RULES title：value", `shows` the rules that the case shows by their silence.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pydantic import Field

from mangping.clock import BEIJING
from mangping.policy.evaluate import evaluate
from mangping.policy.figures import figures
from mangping.policy.findings import Finding
from mangping.policy.lines import read
from mangping.policy.load import Policy
from mangping.policy.parts import Act, Part, RuleId, Text

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?")
IDS = re.compile(r"[A-Z]{2}-[0-9]{2,3}")


class Case(Part):
    """One case as written."""

    title: Text
    act: Act
    now: str = Field(pattern=MOMENT.pattern)
    facts: dict[str, Any] = Field(default_factory=dict)
    expect: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    shows: tuple[RuleId, ...] = ()

    @property
    def rules(self) -> set[str]:
        """The ids this case puts to the test."""
        return {*self.shows, *(rule for line in (*self.expect, *self.figures) for rule in IDS.findall(line))}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case found, written as the case writes it."""

    expect: tuple[str, ...]
    figures: tuple[str, ...]
    findings: tuple[Finding, ...]


def parse(text: str, file: str) -> tuple[Case, ...]:
    """Raises ValueError naming the file for what is not a list of cases."""
    document = read(text, file)
    if document.faults or not isinstance(document.value, list):
        raise ValueError("; ".join(map(str, document.faults)) or f"{file}: not a list of cases")
    return tuple(Case.model_validate({**one, **_tuples(one)}) for one in document.value)


def facts(text: str, file: str) -> dict[str, Any]:
    """The base facts of a folder. Raises ValueError naming the file."""
    document = read(text, file)
    if document.faults or not isinstance(document.value, dict):
        raise ValueError("; ".join(map(str, document.faults)) or f"{file}: not a map of facts")
    return cast(dict[str, Any], _moments(document.value))


def run(policy: Policy, base: Mapping[str, Any], case: Case) -> Outcome:
    """The case on the base facts. Raises KeyError for a changed key that leads nowhere."""
    changed = copy.deepcopy(dict(base))
    for key, value in case.facts.items():
        _change(changed, key.split("."), _moments(value))
    now = datetime.fromisoformat(case.now).replace(tzinfo=BEIJING)
    found = evaluate(policy, case.act, changed, now)
    lines = tuple(" ".join((*finding.rule_ids, finding.place)) for finding in found)
    told = tuple(map(str, figures(policy, changed, now))) if case.figures else ()
    return Outcome(lines, tuple(line for line in told if line in case.figures), found)


def _tuples(case: Any) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(value) for key, value in case.items() if isinstance(value, list)}


def _moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _moments(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_moments(part) for part in value]
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return datetime.fromisoformat(value).replace(tzinfo=BEIJING).isoformat()
    return value


def _change(holder: Any, path: list[str], value: Any) -> None:
    head, *rest = path
    at: Any = int(head) if isinstance(holder, list) else head
    if rest:
        if isinstance(holder, dict) and at not in holder:
            raise KeyError(".".join(path))
        _change(holder[at], rest, value)
    elif value is None and isinstance(holder, dict):
        holder.pop(at)
    else:
        holder[at] = value
