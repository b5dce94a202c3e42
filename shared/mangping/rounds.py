"""What a worker does again and again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import DBAPIError

from mangping.errors import Transient

_log = logging.getLogger("mangping.rounds")


async def every(seconds: float, name: str, round_: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    """Run a round, pause, run the next. What fails is logged and tried again: the record of what is owed stays."""
    while not stop.is_set():
        try:
            await round_()
        except (Transient, DBAPIError, OSError):
            _log.warning("round.held_up", extra={"facts": {"round": name}}, exc_info=True)
        except Exception:  # our bug: told with its frames, and the other rounds go on
            _log.exception("round.failed", extra={"facts": {"round": name}})
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
