"""An organisation: a unit, a bureau, a committee's office. They form a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Organisation:
    """`line` are the ids from the root down to this one. `former_names` are covered on scans like the present name."""

    id: UUID
    line: tuple[UUID, ...]
    name: str
    former_names: tuple[str, ...]
    kind: str
    region: str
    facts: Mapping[str, Any] = field(default_factory=dict)  # what packs ask of a unit

    @property
    def parent(self) -> UUID | None:
        return self.line[-2] if len(self.line) > 1 else None
