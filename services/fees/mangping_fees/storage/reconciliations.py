"""The three books of a day side by side. The database joins and filters; only lines that differ ever leave it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mangping.db import Tx
from sqlalchemy import Row, and_, any_, delete, exists, func, insert, literal, or_, select, text, update

from mangping_fees.domain.payment import Channel
from mangping_fees.domain.reconciliation import Entry, Item, Verdict, bounds
from mangping_fees.domain.statement import LineStatus
from mangping_fees.storage.statements import be_patient
from mangping_fees.tables import differences, payments, reconciliations, statements

_runs = reconciliations
# Every bank transaction that one of the books has for the day. What another day's books settled is closed thereafter.
_JOINED = """
with mine as (
    select bank_trans_no from fees.payments
    where region_code = :region and paid_at >= :start and paid_at < :end
), keys as (
    select bank_trans_no from mine
    union select bank_trans_no from fees.statement_lines where statement_id = :finance
    union select bank_trans_no from fees.statement_lines where statement_id = :agent
)
select k.bank_trans_no,
    p.pay_code as p_pay_code, p.amount_fen as p_amount, p.paid_at as p_paid_at, p.channel as p_channel,
    f.pay_code as f_pay_code, f.amount_fen as f_amount, f.paid_at as f_paid_at, f.channel as f_channel,
    f.status as f_status,
    a.pay_code as a_pay_code, a.amount_fen as a_amount, a.paid_at as a_paid_at, a.channel as a_channel,
    a.status as a_status
from keys k
left join fees.payments p on p.region_code = :region and p.bank_trans_no = k.bank_trans_no
left join fees.statement_lines f on f.statement_id = :finance and f.bank_trans_no = k.bank_trans_no
left join fees.statement_lines a on a.statement_id = :agent and a.bank_trans_no = k.bank_trans_no
"""
_AGREE = """
p.pay_code = f.pay_code and f.pay_code = a.pay_code and p.amount_fen = f.amount_fen and f.amount_fen = a.amount_fen
and f.status = 'paid' and a.status = 'paid'
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One reconciliation of one day. `totals` is {book: {"count", "sum_fen"}}, `verdicts` counts lines by verdict."""

    id: UUID
    region_code: str
    day: date
    finance: UUID
    agent: UUID
    totals: dict[str, dict[str, int]]
    verdicts: dict[str, int]
    started_at: datetime
    closed_at: datetime | None = None
    next_run: UUID | None = None  # the day after's, with which what was paid around midnight has been settled


@dataclass(frozen=True, slots=True)
class Difference:
    reconciliation_id: UUID
    bank_trans_no: str
    verdict: Verdict
    pay_codes: tuple[str, ...]
    ours_fen: int | None
    finance_fen: int | None
    agent_fen: int | None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None
    waits_for: date | None = None  # the neighbouring day in whose books the rest of it may stand
    other_run: UUID | None = None  # where the clock found the rest of it, or what took its place


async def hold(tx: Tx, region_code: str) -> None:
    """Until the transaction ends nobody else writes in the books of this region. It may take long."""
    await be_patient(tx)
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"books:{region_code}", 0))))


async def ready(tx: Tx) -> list[tuple[str, date, UUID, UUID]]:
    """(region, day, finance's file, the agent's file) that are both there and not reconciled with one another yet."""
    finance, agent = statements.alias("finance"), statements.alias("agent")
    done = exists().where(_runs.c.finance == finance.c.id, _runs.c.agent == agent.c.id, _runs.c.closed_at.is_not(None))
    query = select(finance.c.region_code, finance.c.day, finance.c.id, agent.c.id).where(
        finance.c.source == "finance", agent.c.source == "agent", finance.c.state == "taken", agent.c.state == "taken",
        finance.c.region_code == agent.c.region_code, finance.c.day == agent.c.day, ~done,
    )  # fmt: skip
    return [(row[0], row[1], row[2], row[3]) for row in await tx.execute(query.order_by(finance.c.day))]


async def restart(tx: Tx, run: Run) -> Run:
    """The run of these two files, begun anew: one that died half-way leaves nothing behind."""
    row = (
        await tx.execute(select(_runs).where(_runs.c.finance == run.finance, _runs.c.agent == run.agent))
    ).one_or_none()
    if row is None:
        await tx.execute(insert(_runs).values(**asdict(run)))
        return run
    await tx.execute(delete(differences).where(differences.c.reconciliation_id == row.id))
    return Run(**row._mapping)


async def totals(tx: Tx, run: Run) -> dict[str, dict[str, int]]:
    """Count and sum of each book: totals first."""
    start, end = bounds(run.day)
    ours = "select count(*), coalesce(sum(amount_fen), 0) from fees.payments where region_code = :region " \
        "and paid_at >= :start and paid_at < :end"  # fmt: skip
    told = (await tx.execute(text(ours), {"region": run.region_code, "start": start, "end": end})).one()
    found = {"ours": {"count": int(told[0]), "sum_fen": int(told[1])}}
    for book, id in (("finance", run.finance), ("agent", run.agent)):
        row = (await tx.execute(select(statements.c.lines, statements.c.sum_fen).where(statements.c.id == id))).one()
        found[book] = {"count": int(row[0]), "sum_fen": int(row[1])}
    return found


async def settle_matches(tx: Tx, run: Run) -> int:
    """Payments that all three books tell alike belong to the books of this day from now on; how many there are."""
    marked = f"""
        update fees.payments p set books_of = :day
        from fees.statement_lines f, fees.statement_lines a
        where p.region_code = :region and f.statement_id = :finance and a.statement_id = :agent
        and f.bank_trans_no = p.bank_trans_no and a.bank_trans_no = p.bank_trans_no and {_AGREE}
    """
    return (await tx.execute(text(marked), _bound(run))).rowcount


async def differing(tx: Tx, run: Run) -> AsyncIterator[Item]:
    """Lines on which the books do not agree, streamed."""
    query = text(f"{_JOINED} where ({_AGREE}) is not true order by k.bank_trans_no")
    async with tx.stream(query, _bound(run)) as rows:
        async for row in rows:
            yield Item(row.bank_trans_no, _entry(row, "p"), _entry(row, "f"), _entry(row, "a"))


async def add_differences(tx: Tx, found: Sequence[Difference]) -> None:
    if found:
        await tx.execute(insert(differences), [{**asdict(one), "pay_codes": list(one.pay_codes)} for one in found])


async def close(tx: Tx, run: Run) -> None:
    await tx.execute(update(_runs).where(_runs.c.id == run.id).values(**asdict(run)))


async def closed_days(tx: Tx, region_code: str, days: Collection[date]) -> set[date]:
    """Those of these days whose present files are reconciled with one another."""
    present = exists().where(statements.c.id == _runs.c.finance, statements.c.state == "taken")
    other = exists().where(statements.c.id == _runs.c.agent, statements.c.state == "taken")
    query = select(_runs.c.day).where(
        _runs.c.region_code == region_code, _runs.c.day.in_(days), _runs.c.closed_at.is_not(None), present, other
    )
    return set((await tx.execute(query)).scalars())


async def in_doubt(tx: Tx, region_code: str, pay_code: str) -> bool:
    """Whether an unresolved difference names this code: some book has money for it."""
    query = (
        select(differences.c.bank_trans_no)
        .join(_runs, _runs.c.id == differences.c.reconciliation_id)
        .where(
            _runs.c.region_code == region_code, differences.c.resolved_at.is_(None),
            literal(pay_code) == any_(differences.c.pay_codes),
            or_(differences.c.finance_fen.is_not(None), differences.c.agent_fen.is_not(None)),
            # What we hold ourselves has been judged already.
            ~and_(differences.c.ours_fen.is_not(None), exists().where(
                payments.c.bank_trans_no == differences.c.bank_trans_no, payments.c.region_code == region_code,
                payments.c.doubt.is_not(None),
            )),
        ).limit(1)
    )  # fmt: skip
    return (await tx.execute(query)).first() is not None


async def runs(tx: Tx, *, day: date | None, limit: int) -> list[Run]:
    query = select(_runs).order_by(_runs.c.day.desc(), _runs.c.started_at.desc()).limit(limit)
    return [Run(**row._mapping) for row in await tx.execute(query.where(_runs.c.day == day) if day else query)]


async def find(tx: Tx, id: UUID) -> Run | None:
    row = (await tx.execute(select(_runs).where(_runs.c.id == id))).one_or_none()
    return Run(**row._mapping) if row else None


async def found_differences(tx: Tx, id: UUID, *, after: str | None, limit: int, open_only: bool) -> list[Difference]:
    query = select(differences).where(differences.c.reconciliation_id == id)
    if open_only:
        query = query.where(differences.c.resolved_at.is_(None))
    if after is not None:
        query = query.where(differences.c.bank_trans_no > after)
    rows = await tx.execute(query.order_by(differences.c.bank_trans_no).limit(limit))
    return [_difference(row) for row in rows]


async def open_differences(tx: Tx, id: UUID) -> tuple[int, int]:
    """How many wait for a person, and how many for the neighbouring day's books."""
    waiting = differences.c.verdict == Verdict.CUT_OFF
    query = select(func.count().filter(~waiting), func.count().filter(waiting)).where(
        differences.c.reconciliation_id == id, differences.c.resolved_at.is_(None)
    )
    row = (await tx.execute(query)).one()
    return int(row[0]), int(row[1])


async def days_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, date]:
    """The days of these reconciliations."""
    rows = await tx.execute(select(_runs.c.id, _runs.c.day).where(_runs.c.id.in_(ids)))
    return {row.id: row.day for row in rows}


async def open_difference(tx: Tx, id: UUID, bank_trans_no: str) -> Difference | None:
    query = select(differences).where(
        differences.c.reconciliation_id == id, differences.c.bank_trans_no == bank_trans_no,
        differences.c.resolved_at.is_(None),
    )  # fmt: skip
    row = (await tx.execute(query)).one_or_none()
    return _difference(row) if row else None


async def resolve(tx: Tx, id: UUID, bank_trans_no: str, *, by: str, at: datetime, words: str) -> bool:
    """False when there is no such open difference."""
    which = and_(
        differences.c.reconciliation_id == id, differences.c.bank_trans_no == bank_trans_no,
        differences.c.resolved_at.is_(None),
    )  # fmt: skip
    done = update(differences).where(which).values(resolved_by=by, resolved_at=at, resolution=words)
    return (await tx.execute(done)).rowcount == 1


def _bound(run: Run) -> dict[str, Any]:
    start, end = bounds(run.day)
    return {
        "region": run.region_code, "day": run.day, "start": start, "end": end, "finance": run.finance,
        "agent": run.agent,
    }  # fmt: skip


def _entry(row: Row[Any], book: str) -> Entry | None:
    held = row._mapping
    if held[f"{book}_pay_code"] is None:
        return None
    status = LineStatus.PAID if book == "p" else LineStatus(held[f"{book}_status"])
    return Entry(
        held[f"{book}_pay_code"], held[f"{book}_amount"], held[f"{book}_paid_at"], Channel(held[f"{book}_channel"]),
        status,
    )  # fmt: skip


def _difference(row: Row[Any]) -> Difference:
    return Difference(**{**row._mapping, "verdict": Verdict(row.verdict), "pay_codes": tuple(row.pay_codes)})
