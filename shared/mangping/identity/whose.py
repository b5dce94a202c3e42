"""Whose strings to look for, and what a find answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "unit", "id_number", "phone"]


@dataclass(frozen=True, slots=True)
class Identity:
    """The applicant as the form knows them. Former names and former units are simply further entries."""

    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    id_numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.units or self.id_numbers or self.phones)

    def __repr__(self) -> str:
        return "Identity(…)"  # never in a log or a traceback


@dataclass(frozen=True, slots=True)
class Hit:
    """Characters [start, end) of the text that name the applicant.

    `near` marks a weak resemblance: read that place again with a better reader before believing it. `why` is a short
    English phrase that never repeats the text.
    """

    cls: Kind
    start: int
    end: int
    confidence: float
    near: bool
    why: str
