"""An application: where it stands, who may do what with it from there, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from mangping.machine import Edge, Machine

from mangping_api.domain.access import Thing


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ABANDONED = "abandoned"  # the applicant gave it up
    LAPSED = "lapsed"  # its window closed before it was submitted


class Act(StrEnum):
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ABANDON = "abandon"
    LAPSE = "lapse"


class Party(StrEnum):
    APPLICANT = "applicant"
    CLOCK = "clock"


EDGES: dict[tuple[State, Act], Edge[State, Party]] = {
    (State.DRAFT, Act.SUBMIT): Edge(State.SUBMITTED, "application.submitted", Party.APPLICANT),
    (State.SUBMITTED, Act.WITHDRAW): Edge(State.DRAFT, "application.withdrawn", Party.APPLICANT),
    (State.DRAFT, Act.ABANDON): Edge(State.ABANDONED, "application.abandoned", Party.APPLICANT),
    (State.DRAFT, Act.LAPSE): Edge(State.LAPSED, "application.lapsed", Party.CLOCK),
}
MACHINE: Machine[State, Act, Party] = Machine("application", "申报", State.DRAFT, EDGES)
LIVE = (State.DRAFT, State.SUBMITTED)


@dataclass(frozen=True, slots=True)
class Application:
    """`line` are the organisations above the unit, from the root down, and the unit. `stated` is what the applicant
    chose beside kind and level: specialty, path, committee, held_level."""

    id: UUID
    person: UUID
    unit: UUID
    line: tuple[UUID, ...]
    programme: UUID
    year: int
    kind: str
    level: str
    stated: Mapping[str, str]
    state: State
    submissions: int
    created_at: datetime
    submitted_at: datetime | None = None
    masks_changed_at: datetime | None = None  # an attachment or its masking
    rechecked_at: datetime | None = None  # the applicant looked over every page

    def thing(self) -> Thing:
        """As policies see it. Once submitted it stays known to officers, also while it is back in its applicant's hands."""
        return Thing(self.person, self.line, handed_in=self.submitted_at is not None)


@dataclass(frozen=True, slots=True)
class Section:
    """`version` counts its saves from 1; 0 says that nothing was saved yet."""

    key: str
    version: int
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)
