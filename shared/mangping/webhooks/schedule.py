"""When a webhook is sent again: the published schedule, each wait counted from the attempt before."""

from __future__ import annotations

from datetime import datetime, timedelta

SCHEDULE = tuple(timedelta(seconds=wait) for wait in (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))


def again_at(tries: int, at: datetime) -> datetime | None:
    """After so many attempts that failed, the last of them at `at`; None: it is dead."""
    return at + SCHEDULE[tries] if tries < len(SCHEDULE) else None
