"""The reconciler of half-done states: whatever owes a step is claimed, and its state says which step."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from mangping.clock import Now
from mangping.logs import about
from mangping.sweeping import sparing_others
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain.notice import Notice, State, backoff
from mangping_fees.storage import notices

_log = logging.getLogger("mangping.fees.steps")
_LIMIT, _AT_ONCE = 50, 8
Step = Callable[[Notice], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Steps:
    db: AsyncEngine
    now: Now
    hold: timedelta  # what a dead worker had claimed is free after so long
    first_backoff: float  # seconds
    by_state: Mapping[State, Step]

    async def sweep(self) -> int:
        """One step for each notice that owes one; returns how many there were."""
        async with self.db.begin() as tx:
            owed = await notices.claim_due_steps(tx, at=self.now(), hold=self.hold, limit=_LIMIT)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(notice: Notice) -> None:
            async with gate:
                await self._take(notice)

        async with asyncio.TaskGroup() as group:
            for notice in owed:
                group.create_task(one(notice))
        return len(owed)

    async def _take(self, notice: Notice) -> None:
        """What fails is told and tried again later; it never holds up the others."""
        with about(notice_id=notice.id), sparing_others(_log, "step.held_up", state=notice.state):
            if (step := self.by_state.get(notice.state)) is not None:
                await step(notice)
        await self._put_off(notice)

    async def _put_off(self, before: Notice) -> None:
        """Still where it was: look again later, later each time. Moved on: whoever moved it has said when."""
        async with self.db.begin() as tx:
            present = await notices.find(tx, before.id, lock=True)
            if present is None or present.version != before.version:
                return
            step_at = None
            if present.state in self.by_state:
                step_at = self.now() + backoff(present.tries, self.first_backoff)
            await notices.save(tx, replace(present, step_at=step_at, tries=present.tries + 1))
