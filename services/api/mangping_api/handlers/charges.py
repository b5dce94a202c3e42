"""What an application, or a unit's list, is to pay."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.shapes.charges import ChargeOut, RosterIn, RosterMadeOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1", tags=["charges"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.get("/applications/{id}/charge", name="get_charge", summary="查看应缴费用", responses=PROBLEMS)
async def of_application(id: UUID, me: Me, make: Make) -> ChargeOut:
    """The fee of an application: amount, state, due instant and how it was counted; links for whoever pays."""
    shown = await make.charges().of_application(me, id)
    return ChargeOut.of(shown, make.context.settings.fees_url)


@router.post(
    "/organisations/{id}/rosters", name="order_roster", summary="单位按花名册缴费", status_code=201,
    response_model=RosterMadeOut, responses=PROBLEMS,
)  # fmt: skip
async def order(id: UUID, asked: RosterIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Your unit pays for these accepted applications as one bill: all of them or none."""
    status, body = await make.rosters().order(me, key, id, asked.programme, asked.applications)
    return JSONResponse(body, status, headers={"Location": f"/v1/organisations/{id}/rosters/{body['id']}"})


@router.get("/organisations/{id}/rosters/{roster}", name="get_roster", summary="查看缴费花名册", responses=PROBLEMS)
async def of_unit(id: UUID, roster: UUID, me: Me, make: Make) -> ChargeOut:
    """The bill of a list that your unit ordered."""
    return ChargeOut.of(await make.rosters().find(me, id, roster), make.context.settings.fees_url)
