"""/v1/postings/{id}/exhibits: the documents of the posted, for those who work at their unit, while they are posted."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from mangping_api.domain.access import Viewer
from mangping_api.handlers.amendments import streamed
from mangping_api.openapi_parts import ORIGINAL, PROBLEMS
from mangping_api.shapes.exhibits import ExhibitsOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/postings/{id}/exhibits", tags=["publicity"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.get("", name="list_exhibits", summary="在线查看公示人员的申报资料（目录）", responses=PROBLEMS)
async def everything(id: UUID, me: Me, make: Make) -> ExhibitsOut:
    """The applicants' documents in the columns that the notice opens to staff. For whoever the unit has vouched for as
    on post there, while the posting stands; anybody else is told that there is no such posting."""
    return ExhibitsOut.of(id, await make.exhibits().of(me, id))


@router.get(
    "/{attachment}", name="view_exhibit", summary="在线查看公示人员的申报资料（原件）", response_class=Response,
    responses={**PROBLEMS, **ORIGINAL},
)  # fmt: skip
async def one(id: UUID, attachment: UUID, me: Me, make: Make) -> Response:
    """One document as it was uploaded. That you looked at it is written down."""
    return await streamed(*await make.exhibits().open(me, id, attachment), disposition="inline")
