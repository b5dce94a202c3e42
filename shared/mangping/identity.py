"""Whose strings to look for, and finding them in text. Pure: used by the redaction worker and by the api's text fields."""

from __future__ import annotations

from dataclasses import dataclass


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
