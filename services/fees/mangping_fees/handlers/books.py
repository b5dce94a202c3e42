"""/v1/statements, /v1/reconciliations, /v1/books: the three books of every day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from mangping.headers import AFTER, LIMIT
from mangping.web import body_of

from mangping_fees.domain.reconciliation import Resolution
from mangping_fees.handlers.parts import PRIVATE, PROBLEMS, XLSX, Make, Me, given, page, place_of
from mangping_fees.shapes.books import (
    BooksOut,
    DifferenceOut,
    DifferencesOut,
    ReconciliationOut,
    ReconciliationsOut,
    ResolveIn,
    StatementOut,
    StatementsOut,
)

router = APIRouter(prefix="/v1", tags=["books"])
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_PAGE = {**PRIVATE, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
Trans = Annotated[str, Path(pattern=r"^[0-9A-Za-z._:+-]{1,64}$")]


@router.post(
    "/statements", name="upload_statement", status_code=202, response_model=StatementOut,
    responses={**PROBLEMS, 200: {"model": StatementOut, "description": "This very file was received before"}},
    openapi_extra=_FILE,
)  # fmt: skip
async def upload(request: Request, me: Me, make: Make, response: Response) -> StatementOut:
    """Hand in the daily file of finance or of the collecting agent. It is read, and the day reconciled, soon after."""
    kept, new = await make.statements().receive(me.owner, body_of(request))
    response.status_code = 202 if new else 200
    return StatementOut.of(kept)


@router.get("/statements", name="list_statements", responses=PROBLEMS)
async def statements(make: Make, after: AFTER = None, limit: LIMIT = 20) -> StatementsOut:
    """Daily files, newest first, and whether they were taken or refused."""
    found = await make.statements().newest(after=place_of(after), limit=limit + 1)
    items, following = page(found, limit, lambda held: (held.received_at, held.id))
    return StatementsOut(items=tuple(StatementOut.of(held) for held in items), next=following)


@router.get("/reconciliations", name="list_reconciliations", responses=PROBLEMS)
async def reconciliations(
    make: Make, day: Annotated[date | None, Query(description="only of this day")] = None, limit: LIMIT = 20
) -> ReconciliationsOut:
    """Reconciliations, the newest day first: totals of the three books, then lines by verdict."""
    found = await make.reconciliation().runs(day=day, limit=limit)
    return ReconciliationsOut(items=tuple(ReconciliationOut.of(run) for run in found))


@router.get("/reconciliations/{id}/differences", name="list_differences", responses=PROBLEMS)
async def differences(
    id: UUID, make: Make,
    after: Annotated[str | None, Query(description="`next` of the page before", max_length=64)] = None,
    limit: LIMIT = 20, all: Annotated[bool, Query(description="also those that were dealt with")] = False,
) -> DifferencesOut:  # fmt: skip
    """Lines on which the three books do not agree: the cashier's work items."""
    found = await make.reconciliation().differences(id, after=after, limit=limit + 1, open_only=not all)
    items = found[:limit]
    following = items[-1].bank_trans_no if len(found) > limit else None
    return DifferencesOut(items=tuple(DifferenceOut.of(one) for one in items), next=following)


@router.get(
    "/reconciliations/{id}/report",
    name="read_report",
    response_class=Response,
    responses=given("text/html", "The report"),
)
async def report(id: UUID, make: Make) -> Response:
    """The day's report as a page to read or print."""
    return Response(await make.reports().html(id), media_type="text/html; charset=utf-8", headers=_PAGE)


@router.get(
    "/reconciliations/{id}/report.xlsx", name="download_report", response_class=Response,
    responses=given(XLSX, "The report as a table"),
)  # fmt: skip
async def table(id: UUID, make: Make) -> Response:
    """The same as a spreadsheet, with every difference (up to a million)."""
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="reconciliation-{id}.xlsx"'}
    return Response(await make.reports().xlsx(id), media_type=XLSX, headers=headers)


@router.post(
    "/reconciliations/{id}/differences/{bank_trans_no}/resolve", name="resolve_difference", status_code=204,
    responses=PROBLEMS,
)  # fmt: skip
async def resolve(id: UUID, bank_trans_no: Trans, asked: ResolveIn, me: Me, make: Make) -> None:
    """A difference was dealt with, and how."""
    await make.reconciliation().resolve(id, bank_trans_no, Resolution(asked.resolution), me.owner)


@router.get("/books", name="get_books", responses=PROBLEMS)
async def books(make: Make) -> BooksOut:
    """Every sum at this moment; `whole` is false only if money was lost or counted twice."""
    return BooksOut.of(await make.notices().books())
