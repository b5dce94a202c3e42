"""Deadlines that have ended: the clock does what the notice says, once, whatever was down meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from mangping import sweeping
from mangping.clock import Now
from mangping.db import Tx
from mangping.faults import crash_at
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain import course
from mangping_api.domain.application import MACHINE, Application, Party
from mangping_api.domain.deadline import Running
from mangping_api.services import moves
from mangping_api.services.applications import policy_of
from mangping_api.storage import applications as storage
from mangping_api.storage import deadlines
from mangping_api.storage.deadlines import Due

_log = logging.getLogger("mangping.api.lapses")


@dataclass(frozen=True, slots=True)
class Lapses:
    db: AsyncEngine
    now: Now

    async def sweep(self) -> int:
        """How many ended deadlines were dealt with, each in one transaction with what it brought about."""
        return await sweeping.each(_log, "lapse.held_up", self._due, self._lapse)

    async def _due(self, limit: int) -> Sequence[Due]:
        async with self.db.begin() as tx:
            return await deadlines.due(tx, at=self.now(), limit=limit)

    async def _lapse(self, one: Due) -> int:
        async with self.db.begin() as tx:
            passed = await deadlines.take(tx, one, at=self.now())
            if passed is None:
                return 0
            application = await storage.find(tx, one.application)
            if application is not None and passed.on_end and MACHINE.may(application.state, passed.on_end):
                await self._take(tx, application, passed)
        crash_at("lapses.committed")
        return 1

    async def _take(self, tx: Tx, application: Application, passed: Running) -> None:
        assert passed.on_end is not None
        edge, done = course.taken(application, passed.on_end, Party.CLOCK)
        await storage.save(tx, done)
        await moves.ended(tx, done, self.now())
        told = {"deadline": passed.kind, "rule": passed.counted.rule, "end": passed.counted.end.isoformat()}
        policy = await policy_of(tx, done)
        await moves.record(tx, done, policy, edge.event, "clock", self.now(), told, due_at=passed.counted.end)
