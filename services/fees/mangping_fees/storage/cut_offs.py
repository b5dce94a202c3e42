"""日切: what one day's books have of a payment and the neighbouring day's have the rest of. Joins of differences only."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import func, select, text, update

from mangping_fees.domain.payment import Channel, Confirmation
from mangping_fees.domain.reconciliation import Verdict
from mangping_fees.storage.reconciliations import Run
from mangping_fees.tables import differences, reconciliations

_runs = reconciliations
_TAKEN = """
exists (select from fees.statements s where s.id = {run}.finance and s.state = 'taken')
and exists (select from fees.statements s where s.id = {run}.agent and s.state = 'taken')
"""
_UNMET = f"""
select e.id, l.id from fees.reconciliations e
join fees.reconciliations l on l.region_code = e.region_code and l.day = e.day + 1
where e.next_run is distinct from l.id and e.closed_at is not null and l.closed_at is not null
and {_TAKEN.format(run="e")} and {_TAKEN.format(run="l")}
order by e.day
"""
_FACING = """
{row}.waits_for = case when {row}.reconciliation_id = :earlier then cast(:later_day as date)
    else cast(:earlier_day as date) end
"""
# Finance's line in the one day, the agent's in the other, of one code and amount.
_PAIRS = """
from fees.differences e join fees.differences l on l.bank_trans_no = e.bank_trans_no and l.pay_codes = e.pay_codes
where e.reconciliation_id = :earlier and l.reconciliation_id = :later
and e.waits_for = :later_day and l.waits_for = :earlier_day
and (e.finance_fen is null) <> (l.finance_fen is null) and (e.agent_fen is null) <> (l.agent_fen is null)
and (e.finance_fen is null) <> (e.agent_fen is null)
and coalesce(e.finance_fen, e.agent_fen) = coalesce(l.finance_fen, l.agent_fen)
"""
_UNHEARD = f"""
select e.bank_trans_no, e.pay_codes[1] as pay_code, a.amount_fen, a.channel, a.paid_at
from (select e.bank_trans_no, e.pay_codes {_PAIRS}) e
join fees.statement_lines a on a.statement_id in (:earlier_agent, :later_agent) and a.bank_trans_no = e.bank_trans_no
left join fees.payments p on p.region_code = :region and p.bank_trans_no = e.bank_trans_no
where p.id is null limit :most
"""
_MATCH = f"""
with pairs as (
    select p.id, p.bank_trans_no, p.amount_fen, t.books_of
    from (
        select e.bank_trans_no, e.pay_codes, coalesce(e.finance_fen, e.agent_fen) as fen,
            case when e.finance_fen is not null then e.waits_for - 1 else l.waits_for + 1 end as books_of
        {_PAIRS}
    ) t join fees.payments p on p.region_code = :region and p.bank_trans_no = t.bank_trans_no
    where p.pay_code = t.pay_codes[1] and p.amount_fen = t.fen
), booked as (
    update fees.payments p set books_of = pairs.books_of from pairs where p.id = pairs.id and p.books_of is null
)
update fees.differences d set verdict = 'cut_off', ours_fen = pairs.amount_fen, resolved_by = 'clock',
    resolved_at = :at, resolution = 'matched_across',
    other_run = case when d.reconciliation_id = :earlier then cast(:later as uuid) else cast(:earlier as uuid) end
from pairs
where d.reconciliation_id in (:earlier, :later) and d.bank_trans_no = pairs.bank_trans_no and d.resolved_at is null
"""
# Only we have it on the one day, and one file on the other: one difference is enough for one payment.
_FOLD = f"""
update fees.differences d set resolved_by = 'clock', resolved_at = :at, resolution = 'asked_there',
    other_run = w.reconciliation_id
from fees.differences w
where d.reconciliation_id in (:earlier, :later) and w.reconciliation_id in (:earlier, :later)
and d.reconciliation_id <> w.reconciliation_id and w.bank_trans_no = d.bank_trans_no and w.pay_codes = d.pay_codes
and d.resolved_at is null and w.resolved_at is null and d.finance_fen is null and d.agent_fen is null
and coalesce(w.finance_fen, w.agent_fen) = d.ours_fen
and {_FACING.format(row="d")} and {_FACING.format(row="w")}
"""
# The neighbour's books are there and the rest of it is not: from now on it is the cashier's.
_LEFT = f"""
update fees.differences d set ours_fen = p.amount_fen, verdict = case
    when p.id is null then 'missing_here'
    when p.pay_code <> d.pay_codes[1] or p.amount_fen <> coalesce(d.finance_fen, d.agent_fen, d.ours_fen) then 'amount'
    else 'missing_there' end
from fees.differences w
left join fees.payments p on p.region_code = :region and p.bank_trans_no = w.bank_trans_no
where w.reconciliation_id in (:earlier, :later) and w.resolved_at is null
and {_FACING.format(row="w")}
and d.reconciliation_id = w.reconciliation_id and d.bank_trans_no = w.bank_trans_no
"""
# Only we have it on that day, and all three books agree about it on another.
_ELSEWHERE = f"""
update fees.differences d set resolved_by = 'clock', resolved_at = :at, resolution = 'matched_across', other_run = o.id
from fees.reconciliations r, fees.payments p, fees.reconciliations o
where d.resolved_at is null and d.finance_fen is null and d.agent_fen is null
and r.id = d.reconciliation_id and r.region_code = :region and o.region_code = :region
and (r.id = :run or o.id = :run) and o.day <> r.day and {_TAKEN.format(run="o")}
and p.region_code = :region and p.bank_trans_no = d.bank_trans_no and p.books_of = o.day
"""
_RETIRE = """
with old as (
    select id from fees.reconciliations where region_code = :region and day = :day and id <> :run
), released as (
    update fees.payments p set books_of = null from fees.differences d
    where d.reconciliation_id in (select id from old) and d.resolution = 'matched_across'
    and (d.finance_fen is not null or d.agent_fen is not null)
    and p.region_code = :region and p.bank_trans_no = d.bank_trans_no
), reopened as (
    update fees.differences d set resolved_by = null, resolved_at = null, resolution = null, other_run = null
    where d.other_run in (select id from old) and d.resolution in ('matched_across', 'asked_there')
)
update fees.differences d set resolved_by = 'clock', resolved_at = :at, resolution = 'superseded', other_run = :run
where d.reconciliation_id in (select id from old)
and (d.resolved_at is null or d.resolution in ('matched_across', 'asked_there'))
"""


async def retire(tx: Tx, run: Run, at: datetime) -> None:
    """The day is reconciled anew: what its earlier runs left open is asked here, and what a neighbour had matched with
    them waits again."""
    await tx.execute(text(_RETIRE), {"region": run.region_code, "day": run.day, "run": run.id, "at": at})


async def settle_elsewhere(tx: Tx, run: Run, at: datetime) -> int:
    """Differences of payments that the three books have on another day, be it this run's or its difference; how many."""
    return (await tx.execute(text(_ELSEWHERE), {"region": run.region_code, "run": run.id, "at": at})).rowcount


async def unmet(tx: Tx) -> list[tuple[UUID, UUID]]:
    """Runs of two days in a row whose midnight is not settled yet: of the files that count now, the earlier day first."""
    return [(row[0], row[1]) for row in await tx.execute(text(_UNMET))]


async def unheard(tx: Tx, earlier: Run, later: Run, *, most: int) -> list[Confirmation]:
    """Payments that finance tells in the one day and the agent in the other, and nobody told us."""
    bound = {**_bound(earlier, later), "earlier_agent": earlier.agent, "later_agent": later.agent, "most": most}
    return [
        Confirmation(
            f"books:{row.bank_trans_no}", earlier.region_code, row.pay_code, row.bank_trans_no, row.amount_fen,
            Channel(row.channel), row.paid_at,
        )
        for row in await tx.execute(text(_UNHEARD), bound)
    ]  # fmt: skip


async def match(tx: Tx, earlier: Run, later: Run, at: datetime) -> int:
    """Both sides are closed, and the payment belongs to the books of the day on which finance has it; how many sides."""
    return (await tx.execute(text(_MATCH), {**_bound(earlier, later), "at": at})).rowcount


async def fold(tx: Tx, earlier: Run, later: Run, at: datetime) -> None:
    """What only we have on the one day is asked about where a file's line of it stands."""
    await tx.execute(text(_FOLD), {**_bound(earlier, later), "at": at})


async def leave_to_cashier(tx: Tx, earlier: Run, later: Run) -> int:
    """What waited for the other of the two and is not there; how many."""
    return (await tx.execute(text(_LEFT), _bound(earlier, later))).rowcount


async def meet(tx: Tx, earlier: Run, later: Run) -> None:
    await tx.execute(update(_runs).where(_runs.c.id == earlier.id).values(next_run=later.id))


async def counted(tx: Tx, run: Run) -> dict[str, int]:
    """Lines by verdict as they are now."""
    query = select(differences.c.verdict, func.count()).where(differences.c.reconciliation_id == run.id)
    found: Counter[str] = Counter({row[0]: row[1] for row in await tx.execute(query.group_by(differences.c.verdict))})
    return {**{name.value: found[name] for name in Verdict}, Verdict.MATCH.value: run.verdicts[Verdict.MATCH]}


def _bound(earlier: Run, later: Run) -> dict[str, Any]:
    return {
        "region": earlier.region_code, "earlier": earlier.id, "later": later.id, "earlier_day": earlier.day,
        "later_day": later.day,
    }  # fmt: skip
