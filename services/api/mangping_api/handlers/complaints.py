"""/v1/complaints: cases that reach an office, and how they end."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from mangping import cursor
from mangping.headers import AFTER, IDEMPOTENT, LIMIT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.shapes.integrity import (
    ComplaintDecidedOut,
    ComplaintIn,
    ComplaintOut,
    ComplaintsOut,
    ComplaintStateOut,
    DecisionIn,
)
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.post(
    "", name="take_complaint", summary="受理举报", status_code=201, response_model=ComplaintStateOut,
    responses=PROBLEMS,
)  # fmt: skip
async def take(asked: ComplaintIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Take in a complaint about an application. Until the inquiry ends the application waits."""
    status, body = await make.complaints().take(me, key, asked.made(make.context.now()))
    return JSONResponse(body, status, headers={"Location": f"/v1/complaints/{body['id']}"})


@router.get("", name="list_complaints", summary="举报列表", responses=PROBLEMS)
async def oldest(
    me: Me, make: Make, state: Literal["open", "decided"] | None = None,
    after: AFTER = None,
    limit: LIMIT = 20,
) -> ComplaintsOut:  # fmt: skip
    """Complaints below your offices, oldest first."""
    place = cursor.read(after) if after else None
    found = await make.complaints().oldest(me, state, after=place, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return ComplaintsOut(
        items=tuple(ComplaintOut.of(one) for one in found[:limit]),
        next=cursor.write((last.received_at, last.id)) if last else None,
    )


@router.get("/{id}", name="get_complaint", summary="查看举报", responses=PROBLEMS)
async def get(id: UUID, me: Me, make: Make) -> ComplaintOut:
    """One case."""
    return ComplaintOut.of(await make.complaints().find(me, id))


@router.post(
    "/{id}/decide", name="decide_complaint", summary="举报核查结论", response_model=ComplaintDecidedOut,
    responses=PROBLEMS,
)  # fmt: skip
async def decide(id: UUID, asked: DecisionIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """End an inquiry with its conclusion and its legal basis."""
    status, body = await make.complaints().decide(me, key, id, asked.conclusion, asked.basis, asked.words)
    return JSONResponse(body, status)
