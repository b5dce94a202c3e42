"""A sweep deals with what is due, each by itself: what cannot be dealt with never holds up the rest."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from mangping.logs import describe

_LIMIT = 100
_T = TypeVar("_T", bound=Hashable)


@contextmanager
def sparing_others(log: logging.Logger, event: str, **facts: object) -> Iterator[None]:
    """What fails within ends here: told by its kind and by the `facts`, random ids that name nobody. It stays as it was
    and comes again; those behind it are dealt with all the same."""
    try:
        yield
    except Exception as error:
        log.warning(event, extra={"facts": {**facts, "error": describe(error)}})


async def each(
    log: logging.Logger,
    event: str,
    found: Callable[[int], Awaitable[Sequence[_T]]],
    deal: Callable[[_T], Awaitable[int]],
) -> int:
    """How much was dealt with, until nothing new is `found` (at most so many). What `deal` leaves as it was (0), or fails
    at, comes again with the next round."""
    total, left = 0, set[_T]()
    while True:
        page = await found(limit := _LIMIT + len(left))
        fresh = [one for one in page if one not in left]
        for one in fresh:
            dealt = 0
            with sparing_others(log, event, of=one):
                dealt = await deal(one)
            total += dealt
            if not dealt:
                left.add(one)
        if not fresh or len(page) < limit:
            return total
