"""The three books of a day: totals first, then lines. Repeatable, and nothing is ever posted twice by it."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

from mangping.clock import Now
from mangping.errors import Refused
from mangping.faults import crash_at
from mangping.logs import describe
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain.payment import Confirmation
from mangping_fees.domain.reconciliation import Item, Verdict, verdict
from mangping_fees.domain.statement import LineStatus
from mangping_fees.services.settlement import Settlement
from mangping_fees.storage import reconciliations as storage
from mangping_fees.storage.reconciliations import Difference, Run
from mangping_fees.storage.statements import be_patient
from mangping_fees.tables import ledger

_log = logging.getLogger("mangping.fees.reconciliation")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Reconciliation:
    db: AsyncEngine
    now: Now
    settlement: Settlement

    async def sweep(self) -> int:
        """Every day whose two files are there and whose books are not closed; returns how many were looked at."""
        async with self.db.begin() as tx:
            ready = await storage.ready(tx)
        for region_code, day, finance, agent in ready:
            try:
                await self.run(region_code, day, finance, agent)
            except Exception as error:  # its books stay open; the days behind it are closed all the same
                facts = {"region": region_code, "day": day, "error": describe(error)}
                _log.warning("books.held_up", extra={"facts": facts})
        return len(ready)

    async def run(self, region_code: str, day: date, finance: UUID, agent: UUID) -> Run:
        """First what both files know and we do not becomes ours; then the books are compared and closed."""
        await self._hear(region_code, day, finance, agent)
        crash_at("reconciliation.heard")
        async with self.db.begin() as tx:
            began = Run(uuid4(), region_code, day, finance, agent, {}, {}, self.now())
            await be_patient(tx)
            run = await storage.restart(tx, began)
            matched = await storage.settle_matches(tx, run)
            counted: Counter[str] = Counter({Verdict.MATCH: matched})
            batch: list[Difference] = []
            found: list[Item] = []
            async for item in storage.differing(tx, run):
                found.append(item)
                if len(found) == _BATCH:
                    await storage.add_differences(tx, [_difference(run, one) for one in found])
                    counted.update(verdict(one, day) for one in found)
                    found.clear()
            batch = [_difference(run, one) for one in found]
            await storage.add_differences(tx, batch)
            counted.update(one.verdict for one in batch)
            told = {name.value: counted[name] for name in Verdict}
            closed = replace(run, totals=await storage.totals(tx, run), verdicts=told, closed_at=self.now())
            await storage.close(tx, closed)
            await ledger.record(
                tx, f"books:{region_code}:{day}", "books.closed", actor="clock", at=self.now(), facts=told
            )
        crash_at("reconciliation.closed")
        return closed

    async def runs(self, *, day: date | None, limit: int) -> list[Run]:
        async with self.db.begin() as tx:
            return await storage.runs(tx, day=day, limit=limit)

    async def differences(self, id: UUID, *, after: str | None, limit: int, open_only: bool) -> list[Difference]:
        """Refused (404) when there is no such reconciliation."""
        async with self.db.begin() as tx:
            if await storage.find(tx, id) is None:
                raise Refused("reconciliation.unknown", "没有这次对账。", "请检查编号。", status=404)
            return await storage.found_differences(tx, id, after=after, limit=limit, open_only=open_only)

    async def resolve(self, id: UUID, bank_trans_no: str, words: str, actor: str) -> None:
        """The cashier has dealt with a difference. Refused (404) when it is not open."""
        async with self.db.begin() as tx:
            at = self.now()
            if not await storage.resolve(tx, id, bank_trans_no, by=actor, at=at, words=words):
                raise Refused("difference.unknown", "没有这条待处理差异。", "请刷新差异列表。", status=404)
            await ledger.record(tx, f"books:{id}", "difference.resolved", actor=actor, at=at)

    async def _hear(self, region_code: str, day: date, finance: UUID, agent: UUID) -> None:
        """Word that got lost on its way: when both files tell a payment alike, it is taken like any other word."""
        while True:
            async with self.db.begin() as tx:
                await be_patient(tx)
                run = Run(uuid4(), region_code, day, finance, agent, {}, {}, self.now())
                lost: list[Confirmation] = []
                async for item in storage.differing(tx, run):
                    if (word := _word(region_code, item)) is not None:
                        lost.append(word)
                    if len(lost) == _BATCH:
                        break
            for word in lost:
                await self.settlement.take(word)
            if len(lost) < _BATCH:
                return


def _word(region_code: str, item: Item) -> Confirmation | None:
    f, a = item.finance, item.agent
    if item.ours is not None or f is None or a is None:
        return None
    if (f.pay_code, f.amount_fen, f.status) != (a.pay_code, a.amount_fen, a.status) or f.status is LineStatus.REVERSED:
        return None
    return Confirmation(
        f"books:{item.bank_trans_no}", region_code, a.pay_code, item.bank_trans_no, a.amount_fen, a.channel, a.paid_at
    )


def _difference(run: Run, item: Item) -> Difference:
    books = (item.ours, item.finance, item.agent)
    codes = tuple(dict.fromkeys(entry.pay_code for entry in books if entry is not None))
    ours, finance, agent = (entry.amount_fen if entry is not None else None for entry in books)
    return Difference(run.id, item.bank_trans_no, verdict(item, run.day), codes, ours, finance, agent)
