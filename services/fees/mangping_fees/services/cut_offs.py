"""日切: two days in a row are reconciled, so what was paid around their midnight is matched across it, or is a person's.

Each pair of runs is settled once, whichever came first; a corrected file makes a new run, and with it a new pair.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from uuid import UUID

from mangping.clock import Now
from mangping.db import Tx
from mangping.faults import crash_at
from mangping.sweeping import sparing_others
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.services.settlement import Settlement
from mangping_fees.storage import cut_offs as storage
from mangping_fees.storage import reconciliations
from mangping_fees.storage.reconciliations import Run
from mangping_fees.tables import ledger

_log = logging.getLogger("mangping.fees.cut_offs")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class CutOffs:
    db: AsyncEngine
    now: Now
    settlement: Settlement

    async def sweep(self) -> int:
        """Every midnight between two reconciled days that is not settled; returns how many."""
        async with self.db.begin() as tx:
            unmet = await storage.unmet(tx)
        for earlier, later in unmet:
            with sparing_others(_log, "cut_offs.held_up", earlier=earlier, later=later):
                await self._settle(earlier, later)
        return len(unmet)

    async def _settle(self, earlier_id: UUID, later_id: UUID) -> None:
        async with self.db.begin() as tx:
            earlier, later = await _run(tx, earlier_id), await _run(tx, later_id)
        heard = await self._hear(earlier, later)
        crash_at("midnight.heard")
        async with self.db.begin() as tx:
            await reconciliations.hold(tx, earlier.region_code)
            if (earlier.id, later.id) not in await storage.unmet(tx):
                return
            at = self.now()
            matched = await storage.match(tx, earlier, later, at)
            await storage.fold(tx, earlier, later, at)
            left = await storage.leave_to_cashier(tx, earlier, later)
            await storage.meet(tx, earlier, later)
            for run in (await _run(tx, earlier.id), await _run(tx, later.id)):
                totals = await reconciliations.totals(tx, run) if heard else run.totals
                told = replace(run, verdicts=await storage.counted(tx, run), totals=totals)
                await reconciliations.close(tx, told)
            stream = f"books:{earlier.region_code}:{earlier.day}"
            facts = {"earlier": str(earlier.id), "later": str(later.id), "matched": matched, "left": left}
            await ledger.record(tx, stream, "books.met", actor="clock", at=at, facts=facts)
        crash_at("midnight.settled")

    async def _hear(self, earlier: Run, later: Run) -> int:
        """Word that got lost: what finance tells of the one day and the agent of the other is taken like any word."""
        heard = 0
        while True:
            async with self.db.begin() as tx:
                lost = await storage.unheard(tx, earlier, later, most=_BATCH)
            for word in lost:
                await self.settlement.take(word)
            heard += len(lost)
            if len(lost) < _BATCH:
                return heard


async def _run(tx: Tx, id: UUID) -> Run:
    found = await reconciliations.find(tx, id)
    assert found is not None
    return found
