"""Errors say who must act: the caller (Refused), an officer (NeedsHuman), the clock (Transient). Else it is our bug."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class MangpingError(Exception):
    """Base of the errors the house raises on purpose."""


class Refused(MangpingError):
    """The caller must act. `code` is stable; `message` and `remedy` are Chinese and never repeat what the caller sent.

    `details` are further members of the problem document: lists of what is wrong, place by place.
    """

    def __init__(
        self, code: str, message: str, remedy: str = "", *, status: int = 422, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(code)
        self.code, self.message, self.remedy, self.status = code, message, remedy, status
        self.details = dict(details or {})


class NeedsHuman(MangpingError):
    """An officer must look; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transient(MangpingError):
    """Nobody must act but the clock: the same call may go through later."""
