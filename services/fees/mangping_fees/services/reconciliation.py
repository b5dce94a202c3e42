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
from mangping.sweeping import sparing_others
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.domain.payment import Confirmation
from mangping_fees.domain.reconciliation import Item, Resolution, Verdict, neighbour, stands, verdict
from mangping_fees.domain.statement import LineStatus
from mangping_fees.services.cut_offs import CutOffs
from mangping_fees.services.settlement import Settlement
from mangping_fees.storage import cut_offs, payments, statements
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
        """Every day whose two files are there and whose books are not closed, then the midnights between days that are;
        returns how many days were looked at."""
        async with self.db.begin() as tx:
            ready = await storage.ready(tx)
        for region_code, day, finance, agent in ready:
            with sparing_others(_log, "books.held_up", region=region_code, day=day):
                await self.run(region_code, day, finance, agent)
        await CutOffs(self.db, self.now, self.settlement).sweep()
        return len(ready)

    async def run(self, region_code: str, day: date, finance: UUID, agent: UUID) -> Run:
        """First what both files know and we do not becomes ours; then the books are compared and closed."""
        await self._hear(region_code, day, finance, agent)
        crash_at("reconciliation.heard")
        async with self.db.begin() as tx:
            began = Run(uuid4(), region_code, day, finance, agent, {}, {}, self.now())
            await storage.hold(tx, region_code)
            run = await storage.restart(tx, began)
            await cut_offs.retire(tx, run, began.started_at)
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
            await cut_offs.settle_elsewhere(tx, run, began.started_at)
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

    async def resolve(self, id: UUID, bank_trans_no: str, words: Resolution, actor: str) -> None:
        """The cashier has dealt with a difference. Where that says that the money is in the treasury, it belongs to the
        books of the day from now on, and the notice goes on to its receipt. Refused (404) when it is not open."""
        async with self.db.begin() as tx:
            run, one = await storage.find(tx, id), await storage.open_difference(tx, id, bank_trans_no)
            if run is None or one is None:
                raise _gone()
            ours = await payments.known(tx, run.region_code, bank_trans_no)
            told = None if ours else await statements.line(tx, (run.finance, run.agent), run.region_code, bank_trans_no)
            if words is Resolution.CONFIRMED and one.verdict is Verdict.MISSING_HERE and not (ours or told):
                raise _gone()  # with the file it stood in
        if words is Resolution.CONFIRMED and told is not None:
            await self.settlement.take(told)  # judged like any other word of money
        async with self.db.begin() as tx:
            at = self.now()
            if not await storage.resolve(tx, id, bank_trans_no, by=actor, at=at, words=words):
                raise _gone()
            if stands(words, one.verdict):
                await payments.book(tx, run.region_code, bank_trans_no, run.day)
                await cut_offs.settle_elsewhere(tx, run, at)
            facts = {"trans": bank_trans_no, "resolution": words.value}
            await ledger.record(tx, f"books:{id}", "difference.resolved", actor=actor, at=at, facts=facts)

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


def _gone() -> Refused:
    return Refused("difference.unknown", "没有这条待处理差异。", "请刷新差异列表。", status=404)


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
    said = verdict(item, run.day)
    waits_for = neighbour(item, run.day) if said is Verdict.CUT_OFF else None
    return Difference(run.id, item.bank_trans_no, said, codes, ours, finance, agent, waits_for=waits_for)
