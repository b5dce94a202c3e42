"""A sweep deals with what is due, one after the other, each by itself: what cannot be dealt with never holds up the rest."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

from mangping.logs import describe

_LIMIT = 100
_T = TypeVar("_T", bound=Hashable)


async def each(
    log: logging.Logger,
    event: str,
    found: Callable[[int], Awaitable[Sequence[_T]]],
    deal: Callable[[_T], Awaitable[int]],
) -> int:
    """How much was dealt with, until nothing new is `found` (at most so many). What `deal` leaves as it was (0), or fails
    at, comes again with the next round; a failure is told by its kind and by random ids, and names nobody."""
    total, left = 0, set[_T]()
    while True:
        page = await found(limit := _LIMIT + len(left))
        fresh = [one for one in page if one not in left]
        for one in fresh:
            try:
                dealt = await deal(one)
            except Exception as error:
                log.warning(event, extra={"facts": {"of": one, "error": describe(error)}})
                dealt = 0
            total += dealt
            if not dealt:
                left.add(one)
        if not fresh or len(page) < limit:
            return total
