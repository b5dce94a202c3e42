"""Deadlines that have ended: the clock does what the notice says, once, whatever was down meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

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
from mangping_api.storage import deadlines, reviews

_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Lapses:
    db: AsyncEngine
    now: Now

    async def sweep(self) -> int:
        """How many ended deadlines were dealt with, all in one transaction with what they brought about."""
        total = 0
        while True:
            async with self.db.begin() as tx:
                due = await deadlines.take_due(tx, at=self.now(), limit=_LIMIT)
                for id, passed in due:
                    application = await storage.find(tx, id, lock=True)
                    if application is not None and passed.on_end and MACHINE.may(application.state, passed.on_end):
                        await self._take(tx, application, passed)
            crash_at("lapses.committed")
            total += len(due)
            if len(due) < _LIMIT:
                return total

    async def _take(self, tx: Tx, application: Application, passed: Running) -> None:
        assert passed.on_end is not None
        edge, done = course.taken(application, passed.on_end, Party.CLOCK)
        await storage.save(tx, done)
        await reviews.close_desks(tx, done.id, self.now())
        told = {"deadline": passed.kind, "rule": passed.counted.rule, "end": passed.counted.end.isoformat()}
        policy = await policy_of(tx, done)
        await moves.record(tx, done, policy, edge.event, "clock", self.now(), told, due_at=passed.counted.end)
