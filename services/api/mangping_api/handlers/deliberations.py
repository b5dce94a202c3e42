"""The unit's own steps for one applicant: group, deliberation, recommendation, teaching load."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.services.duties import day
from mangping_api.shapes.deliberations import (
    DeliberationIn,
    DeliberationOut,
    GroupIn,
    GroupOut,
    RecommendationIn,
    RecommendationOut,
    TeachingLoadIn,
    TeachingLoadOut,
)
from mangping_api.shapes.hand_ins import HandedInOut, HandInIn
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1", tags=["unit"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.post(
    "/organisations/{id}/groups", name="found_review_group", summary="成立审议推荐小组", status_code=201,
    response_model=GroupOut, responses=PROBLEMS,
)  # fmt: skip
async def found(id: UUID, asked: GroupIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Set up a unit's group by its document. A changed group is a new one."""
    status, body = await make.deliberations().found_group(
        me, key, id, asked.programme, asked.document_number, asked.made()
    )  # fmt: skip
    return JSONResponse(body, status)


@router.put("/applications/{id}/deliberation", name="record_deliberation", summary="登记审议", responses=PROBLEMS)
async def record(id: UUID, asked: DeliberationIn, me: Me, make: Make) -> DeliberationOut:
    """Record what the group found of an applicant: days, votes, opinion by aspect, defence or trial lesson."""
    return DeliberationOut.of(await make.deliberations().record(me, id, asked.held()))


@router.get("/applications/{id}/deliberation", name="get_deliberation", summary="查看审议", responses=PROBLEMS)
async def get(id: UUID, me: Me, make: Make) -> DeliberationOut:
    """What the group found."""
    return DeliberationOut.of(await make.deliberations().find(me, id))


@router.put("/applications/{id}/recommendation", name="recommend_applicant", summary="单位推荐", responses=PROBLEMS)
async def recommend(id: UUID, asked: RecommendationIn, me: Me, make: Make) -> RecommendationOut:
    """Say whether the unit recommends an applicant, as of today, and where on its list. Takes a post where the notice
    wants one."""
    made = asked.made(day(make.context.now()))
    return RecommendationOut.of(await make.deliberations().recommend(me, id, made))


@router.put(
    "/applications/{id}/teaching-load", name="record_teaching_load", summary="核算教学工作量", responses=PROBLEMS
)
async def teaching(id: UUID, asked: TeachingLoadIn, me: Me, make: Make) -> TeachingLoadOut:
    """Record what counts for which year on which evidence; answers what it comes to by the notice's rates."""
    return TeachingLoadOut.of(*await make.standings().record_teaching(me, id, asked.content()))


@router.post(
    "/applications/{id}/hand-in", name="take_papers", summary="接收纸质材料", response_model=HandedInOut,
    responses=PROBLEMS,
)  # fmt: skip
async def take_papers(id: UUID, asked: HandInIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Receive the papers of an accepted application, all or none: what the notice finds wrong comes back at once."""
    status, body = await make.hand_ins().take(me, key, id, asked.handed())
    return JSONResponse(body, status)
