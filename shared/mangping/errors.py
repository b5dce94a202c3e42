"""Errors say who must act: the caller (Refused), an officer (NeedsHuman), the clock (Transient). Anything else is our bug."""

from __future__ import annotations


class MangpingError(Exception):
    """Base of the errors the house raises on purpose."""


class Refused(MangpingError):
    """The caller must act. `code` is stable; `message` and `remedy` are Chinese and never repeat what the caller sent."""

    def __init__(self, code: str, message: str, remedy: str = "", *, status: int = 422) -> None:
        super().__init__(code)
        self.code, self.message, self.remedy, self.status = code, message, remedy, status


class NeedsHuman(MangpingError):
    """An officer must look; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transient(MangpingError):
    """Nobody must act but the clock: the same call may go through later."""
