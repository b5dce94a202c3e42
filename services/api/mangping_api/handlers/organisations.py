"""/v1/organisations: units, bureaus and offices, as a tree."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from mangping import cursor
from mangping.headers import AFTER, IDEMPOTENT, LIMIT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.shapes.people import FactsIn, MadeOut, OrganisationIn, OrganisationOut, OrganisationsOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/organisations", tags=["organisations"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.post(
    "", name="found_organisation", summary="新建单位", status_code=201, response_model=MadeOut, responses=PROBLEMS
)
async def found(asked: OrganisationIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Make an organisation below one that you administer."""
    status, body = await make.organisations().found(
        me, key, parent=asked.parent, name=asked.name, kind=asked.kind, region=asked.region,
        former_names=asked.former_names,
    )  # fmt: skip
    return JSONResponse(body, status, headers={"Location": f"/v1/organisations/{body['id']}"})


@router.get("", name="list_organisations", summary="单位列表", responses=PROBLEMS)
async def oldest(
    me: Me, make: Make,
    after: AFTER = None,
    limit: LIMIT = 20,
    mine: Annotated[bool, Query(description="only those at or below organisations where you hold a role")] = False,
) -> OrganisationsOut:  # fmt: skip
    """Organisations, oldest first."""
    place = cursor.read(after) if after else None
    found = await make.organisations().oldest(me, mine=mine, after=place, limit=limit + 1)
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return OrganisationsOut(
        items=tuple(OrganisationOut.of(organisation) for organisation, _ in found[:limit]),
        next=cursor.write((last[1], last[0].id)) if last else None,
    )


@router.get("/{id}", name="get_organisation", summary="查看单位", responses=PROBLEMS)
async def get(id: UUID, me: Me, make: Make) -> OrganisationOut:
    """One organisation."""
    return OrganisationOut.of(await make.organisations().find(me, id))


@router.put("/{id}/facts", name="state_organisation_facts", summary="登记单位情况", responses=PROBLEMS)
async def state_facts(id: UUID, asked: FactsIn, me: Me, make: Make) -> OrganisationOut:
    """State what policy packs ask about a unit: its kind, its sector, whether it is rural. Replaces what was stated."""
    return OrganisationOut.of(await make.organisations().state_facts(me, id, asked.facts))
