"""/v1/notices: for cashiers and integrators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse
from mangping.db import Tx
from mangping.headers import AFTER, IDEMPOTENT, LIMIT, etag
from mangping.web import begun

from mangping_fees.domain.notice import Act, Notice, State
from mangping_fees.handlers.parts import (  # fmt: skip
    IF_MATCH,
    IF_NONE_MATCH,
    PDF,
    PRIVATE,
    PROBLEMS,
    TAGGED,
    Make,
    Me,
    given,
    page,
    place_of,
    version_of,
)
from mangping_fees.services.once import Answer
from mangping_fees.shapes.notices import NoticeOut, NoticesOut, NoticeSummary, UndeliveredListOut, UndeliveredOut
from mangping_fees.wiring import Factory

router = APIRouter(prefix="/v1/notices", tags=["notices"])


@router.get("", name="list_notices", responses=PROBLEMS)
async def newest(
    make: Make, after: AFTER = None, limit: LIMIT = 20,
    state: Annotated[State | None, Query(description="only notices in this state")] = None,
    application: Annotated[UUID | None, Query(description="only notices of this application")] = None,
    undated: Annotated[bool, Query(description="only those whose end cannot be counted yet")] = False,
) -> NoticesOut:  # fmt: skip
    """Payment notices, newest first."""
    found = await make.notices().newest(
        after=place_of(after), limit=limit + 1, state=state, application=application, undated=undated
    )
    return listed(found, limit)


@router.get("/undelivered", name="list_undelivered", responses=PROBLEMS)
async def undelivered(make: Make, after: AFTER = None, limit: LIMIT = 20) -> UndeliveredListOut:
    """Messages that failed for good, oldest first, each with why, of notices that nobody is known to have received. The
    time to pay has not begun: reach the payer another way, have them open the notice, or void it."""
    found = await make.notices().unheard(after=place_of(after), limit=limit + 1)
    items, following = page(found, limit, lambda one: (one.created_at, one.id))
    return UndeliveredListOut(items=tuple(UndeliveredOut.of_failed(one) for one in items), next=following)


@router.get("/{id}", name="get_notice", response_model=NoticeOut, responses=TAGGED)
async def get(id: UUID, make: Make, seen: IF_NONE_MATCH = None) -> Response:
    """A notice with its lines, deliveries, payments and receipt, and how its due instant was counted."""
    return shown(NoticeOut.of_whole(await make.notices().find(id)), seen)


@router.post("/{id}/void", name="void_notice", status_code=202, response_model=NoticeSummary, responses=PROBLEMS)
async def void(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None, seen: IF_MATCH = None) -> Response:
    """Take a notice back that nobody has paid. It is void once the gateway has said so; money that was first wins."""
    return await _act(make, id, Act.VOID, me.owner, key, version_of(seen))


@router.post("/{id}/retry", name="retry_notice", status_code=202, response_model=NoticeSummary, responses=PROBLEMS)
async def retry(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None, seen: IF_MATCH = None) -> Response:
    """Ask the gateway again for the code of a notice that it declined, after its cause was removed."""
    return await _act(make, id, Act.RETRY, me.owner, key, version_of(seen))


@router.get("/{id}/receipt", name="download_receipt", response_class=Response, responses=PDF)
async def receipt(id: UUID, make: Make) -> Response:
    """The e-receipt (财政电子票据) as PDF, once the payment is reconciled."""
    return await file(await make.receipts().open(id))


@router.get(
    "/{id}/pdf", name="download_notice", response_class=Response, responses=given("application/pdf", "The notice")
)
async def pdf(id: UUID, make: Make) -> Response:
    """The notice (缴款通知书) on paper, with the payer's name and the QR code of the pay page."""
    return Response(await make.papers().notice(id), media_type="application/pdf", headers=PRIVATE)


def listed(found: list[Notice], limit: int) -> NoticesOut:
    items, following = page(found, limit, lambda notice: (notice.created_at, notice.id))
    return NoticesOut(items=tuple(NoticeSummary.of(notice) for notice in items), next=following)


def shown(told: NoticeOut, seen: str | None) -> Response:
    tag = etag(told.version)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if seen is not None and seen.strip().removeprefix("W/") == tag:
        return Response(status_code=304, headers=headers)
    return JSONResponse(told.model_dump(mode="json"), headers=headers)


async def file(chunks: AsyncIterator[bytes]) -> Response:
    """A PDF that is for its reader only."""
    return StreamingResponse(await begun(chunks), media_type="application/pdf", headers=PRIVATE)


async def _act(make: Factory, id: UUID, what: Act, actor: str, key: str | None, version: int | None) -> Response:
    async def do(tx: Tx, _: datetime) -> Answer:
        moved = await make.notices().act(tx, id, what, actor, version)
        return 202, NoticeSummary.of(moved).model_dump(mode="json")

    status, body = await make.once().run(actor, key, (what, id, version), do)
    return JSONResponse(body, status, headers={"ETag": etag(body["version"])})
