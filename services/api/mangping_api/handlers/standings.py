"""/v1/organisations/{id}/…: pledges, matters, lists and numbers of units."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS, XLSX
from mangping_api.shapes.standings import (
    MatterMadeOut,
    MatterOut,
    MattersOut,
    MeasureIn,
    PlaceOut,
    PledgedOut,
    PledgeIn,
    RankingOut,
    StatementIn,
    StatisticsOut,
    UnitCountedOut,
)
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/organisations/{id}", tags=["unit"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]
Programme = Annotated[UUID, Query(description="the programme it is about")]


@router.post(
    "/pledge", name="sign_unit_pledge", summary="职称工作负责人签署承诺书", status_code=201,
    response_model=PledgedOut, responses=PROBLEMS,
)  # fmt: skip
async def pledge(id: UUID, asked: PledgeIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Sign, as the person responsible for title work at this unit, for one programme."""
    return _answered(await make.standings().pledge(me, key, id, asked.programme))


@router.post(
    "/statements", name="file_unit_statement", summary="单位说明、整改方案", status_code=201,
    response_model=MatterMadeOut, responses=PROBLEMS,
)  # fmt: skip
async def state(id: UUID, asked: StatementIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """File a unit's explanation, or its written plan of rectification."""
    return _answered(await make.standings().file(me, key, id, asked.programme, asked.kind, asked.words))


@router.post(
    "/measures", name="take_unit_measure", summary="通报、暂停次年推荐", status_code=201,
    response_model=MatterMadeOut, responses=PROBLEMS,
)  # fmt: skip
async def measure(id: UUID, asked: MeasureIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Put a bulletin about a unit on record, or suspend its recommending in the following year."""
    return _answered(await make.standings().file(me, key, id, asked.programme, asked.kind, asked.words))


@router.get("/matters", name="list_unit_matters", summary="单位的说明、整改与通报", responses=PROBLEMS)
async def matters(id: UUID, programme: Programme, me: Me, make: Make) -> MattersOut:
    """What was filed of and about a unit in a programme, oldest first."""
    found = await make.standings().matters(me, id, programme)
    return MattersOut(items=tuple(MatterOut.of(one) for one in found))


@router.get("/ranking", name="get_ranking", summary="单位推荐排序", responses=PROBLEMS)
async def ranking(id: UUID, programme: Programme, me: Me, make: Make) -> RankingOut:
    """A unit's applicants in the order of its recommendation, with what the notice compares equals by."""
    found = await make.standings().ranking(me, id, programme)
    return RankingOut(items=tuple(PlaceOut.of(one) for one in found))


@router.get(
    "/applicants.xlsx", name="download_applicants", summary="申报人员花名册", response_class=Response,
    responses={**PROBLEMS, **XLSX},
)  # fmt: skip
async def applicants(id: UUID, programme: Programme, me: Me, make: Make) -> Response:
    """A unit's applicants of a programme whose application is on its way or accepted, as the table that it hands in. It
    bears ID numbers: for officers of the unit and above it, and each look is on record."""
    headers = {
        "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'attachment; filename="applicants-{id}.xlsx"',
    }  # fmt: skip
    table = await make.applicant_lists().table(me, id, programme)
    return Response(table, media_type=next(iter(XLSX[200]["content"])), headers=headers)


@router.get("/statistics", name="get_statistics", summary="各单位各层级统计", responses=PROBLEMS)
async def statistics(id: UUID, programme: Programme, me: Me, make: Make) -> StatisticsOut:
    """Unit by unit at or below an organisation: applicants by state and tier, returns, share of those not eligible."""
    found = await make.standings().counted(me, id, programme)
    return StatisticsOut(items=tuple(UnitCountedOut.of(one) for one in found))


def _answered(answer: tuple[int, dict[str, object]]) -> Response:
    return JSONResponse(answer[1], answer[0])
