"""Signed HTTP callbacks of a gateway (Standard Webhooks): verified, then read, then handed on once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from mangping.webhooks.signature import ALGORITHMS, TOLERANCE, Secret, verify

from mangping_fees.gateways.base import Sink
from mangping_fees.gateways.webhook_events import read_event

Seen = Callable[[str], Awaitable[bool]]  # whether the inbox holds this id already


async def receive(
    secrets: Sequence[Secret],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    seen: Seen,
    sink: Sink,
    algorithms: Iterable[str] = ALGORITHMS,
    tolerance: timedelta = TOLERANCE,
) -> bool:
    """Take one callback; False when its id was seen before and nothing was done (answer 2xx all the same).

    Refused as in `verify`, or when the body is none of ours (422). Transient of the sink goes through: answer 503.
    """
    told = verify(secrets, headers, body, now, algorithms=algorithms, tolerance=tolerance)
    if await seen(told.id):
        return False
    await sink.take(read_event(told.id, body))
    return True
