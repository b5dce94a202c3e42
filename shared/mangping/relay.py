"""Outbox to queue. What was claimed and not settled is claimed again: a message may be pushed twice, never lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping.clock import Now
from mangping.errors import Transient
from mangping.faults import crash_at
from mangping.ledger import Ledger
from mangping.queue import Queue

_log = logging.getLogger("mangping.relay")
_LIMIT = 200
Turn = Callable[[datetime], ColumnElement[bool]]  # which messages of the outbox may leave at an instant


async def relay_once(
    db: AsyncEngine, ledger: Ledger, queue: Queue, now: Now, *, hold: float = 15, turn: Turn | None = None
) -> int:
    """Push what is owed and due, of that what has its `turn`; returns how many left. Raises Transient when the queue
    cannot be reached.

    What a relay that died had claimed is free again after `hold` seconds.
    """
    async with db.begin() as tx:
        at = now()
        claimed = await ledger.claim(
            tx, limit=_LIMIT, at=at, until=at + timedelta(seconds=hold), among=turn(at) if turn else None
        )  # fmt: skip
    if not claimed:
        return 0
    crash_at("relay.claimed")
    for message in claimed:
        await queue.send(message.queue, message.kind, message.body, message.message_id)
    crash_at("relay.pushed")
    async with db.begin() as tx:
        await ledger.settle(tx, [message.message_id for message in claimed])
    return len(claimed)


async def relay(
    db: AsyncEngine, ledger: Ledger, queue: Queue, now: Now, *, stop: asyncio.Event, idle: float, hold: float,
    turn: Turn | None = None,
) -> None:  # fmt: skip
    """Push until `stop`, looking again after `idle` seconds when nothing was owed."""
    while not stop.is_set():
        try:
            sent = await relay_once(db, ledger, queue, now, hold=hold, turn=turn)
        except (Transient, DBAPIError, OSError):
            _log.warning("relay.held_up")
            sent = 0
        if not sent:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), idle)
