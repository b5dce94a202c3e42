"""The books: daily files, three-way reconciliation, its differences, and all sums at one moment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from mangping_fees.domain.reconciliation import Verdict
from mangping_fees.domain.statement import Source
from mangping_fees.storage.payments import Books
from mangping_fees.storage.reconciliations import Difference, Run
from mangping_fees.storage.statements import Statement
from mangping_fees.wire import Fen, In, Next, Out


class StatementOut(Out):
    id: UUID
    state: Literal["received", "taken", "refused", "superseded"]
    sha256: str
    received_at: datetime
    region_code: str | None
    day: date | None
    source: Source | None
    lines: int | None
    sum_fen: int | None
    refusal: Annotated[str | None, Field(description="the stable code of what is wrong with it")]

    @classmethod
    def of(cls, held: Statement) -> StatementOut:
        return cls(
            id=held.id, state=held.state, sha256=held.sha256, received_at=held.received_at,
            region_code=held.region_code, day=held.day, source=held.source, lines=held.lines, sum_fen=held.sum_fen,
            refusal=held.refusal,
        )  # fmt: skip


class StatementsOut(Out):
    items: tuple[StatementOut, ...]
    next: Next


class BookOut(Out):
    count: int
    sum_fen: Fen


class ReconciliationOut(Out):
    id: UUID
    region_code: str
    day: date
    finance: UUID
    agent: UUID
    totals: Annotated[dict[str, BookOut], Field(description="by book: ours, finance, agent")]
    verdicts: Annotated[dict[Verdict, int], Field(description="lines by verdict")]
    closed_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> ReconciliationOut:
        return cls(
            id=run.id, region_code=run.region_code, day=run.day, finance=run.finance, agent=run.agent,
            totals={name: BookOut(**book) for name, book in run.totals.items()},
            verdicts={Verdict(name): count for name, count in run.verdicts.items()}, closed_at=run.closed_at,
        )  # fmt: skip


class ReconciliationsOut(Out):
    items: tuple[ReconciliationOut, ...]


class ResolveIn(In):
    """How it ended. `confirmed`: finance says the money is there, so the payment is reconciled, and money that only a
    file had is taken in first; `next_day` and `no_fault` reconcile a payment that a book had not."""

    resolution: Literal["confirmed", "settled_by_hand", "refunded", "file_corrected", "next_day", "no_fault"]


class DifferenceOut(Out):
    bank_trans_no: str
    verdict: Verdict
    pay_codes: tuple[str, ...]
    ours_fen: int | None
    finance_fen: int | None
    agent_fen: int | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolution: Annotated[
        str | None, Field(description="also matched_across, asked_there and superseded, which the clock says")
    ]
    waits_for: Annotated[date | None, Field(description="the neighbouring day whose books may have the rest of it")]
    other_run: Annotated[UUID | None, Field(description="the reconciliation where the clock found the rest of it")]

    @classmethod
    def of(cls, one: Difference) -> DifferenceOut:
        return cls(
            bank_trans_no=one.bank_trans_no, verdict=one.verdict, pay_codes=one.pay_codes, ours_fen=one.ours_fen,
            finance_fen=one.finance_fen, agent_fen=one.agent_fen, resolved_by=one.resolved_by,
            resolved_at=one.resolved_at, resolution=one.resolution, waits_for=one.waits_for, other_run=one.other_run,
        )  # fmt: skip


class DifferencesOut(Out):
    items: tuple[DifferenceOut, ...]
    next: Next


class BooksOut(Out):
    """All sums in fen at one moment. `whole`: bank = paid + suspense, and paid = receipted + receipt_owed."""

    bank: Fen
    paid: Fen
    suspense: Fen
    receipted: Fen
    receipt_owed: Fen
    refunded: Fen
    whole: bool

    @classmethod
    def of(cls, books: Books) -> BooksOut:
        return cls(
            bank=books.bank, paid=books.paid, suspense=books.suspense, receipted=books.receipted,
            receipt_owed=books.receipt_owed, refunded=books.refunded, whole=books.whole,
        )  # fmt: skip
