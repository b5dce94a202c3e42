"""/v1/programmes: the notices that are open for application, each as a pack of rules."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from mangping import cursor
from mangping.headers import AFTER, IDEMPOTENT, LIMIT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import FORM, PROBLEMS
from mangping_api.shapes.applications import Kind, Level
from mangping_api.shapes.figures import FiguresOut
from mangping_api.shapes.programmes import ChangesOut, LoadedOut, ProgrammeIn, ProgrammeOut, ProgrammesOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/programmes", tags=["programmes"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.post(
    "", name="load_programme", summary="装载政策包", status_code=201, response_model=LoadedOut, responses=PROBLEMS
)
async def load(asked: ProgrammeIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Load a policy pack for an organisation that you administer. It is refused whole, with `faults`, when any line is
    wrong. A loaded version never changes; a correction is the next version."""
    status, body = await make.programmes().load(me, key, asked.organisation, asked.text)
    return JSONResponse(body, status, headers={"Location": f"/v1/programmes/{body['id']}"})


@router.get("", name="list_programmes", summary="评审批次列表", responses=PROBLEMS)
async def newest(
    me: Me, make: Make,
    after: AFTER = None,
    limit: LIMIT = 20,
    pack: Annotated[str | None, Query(description="only versions of this pack", max_length=100)] = None,
) -> ProgrammesOut:  # fmt: skip
    """Programmes, newest first."""
    place = cursor.read(after) if after else None
    found = await make.programmes().newest(me, pack=pack, after=place, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return ProgrammesOut(
        items=tuple(ProgrammeOut.of(programme) for programme in found[:limit]),
        next=cursor.write((last.created_at, last.id)) if last else None,
    )


@router.get("/{id}", name="get_programme", summary="查看评审批次", responses=PROBLEMS)
async def get(id: UUID, me: Me, make: Make) -> ProgrammeOut:
    """One version of one pack."""
    return ProgrammeOut.of((await make.programmes().find(me, id))[0])


@router.get(
    "/{id}/form", name="get_programme_form", summary="申报表单（JSON Schema）", response_class=Response,
    responses={**PROBLEMS, **FORM},
)  # fmt: skip
async def form(id: UUID, me: Me, make: Make) -> Response:
    """The form as JSON Schema 2020-12, with titles, help and the citing rules, from which any frontend can draw it."""
    told = await make.programmes().form(me, id, f"/v1/programmes/{id}/form")
    return JSONResponse(told, media_type="application/schema+json")


@router.get("/{id}/figures", name="get_programme_figures", summary="期限、收费与公布事项", responses=PROBLEMS)
async def figures(id: UUID, me: Me, make: Make, kind: Kind | None = None, level: Level | None = None) -> FiguresOut:
    """What the notice says today: windows with how each was counted, counts, bans, offices, each with its rules; with
    `kind` and `level` also the fee."""
    return FiguresOut.of(await make.programmes().figures(me, id, kind, level))


@router.get("/{id}/changes", name="get_programme_changes", summary="两个版本的差异", responses=PROBLEMS)
async def changes(
    id: UUID, since: Annotated[UUID, Query(description="the other version's programme id")], me: Me, make: Make
) -> ChangesOut:
    """What this version of a pack says differently from another: a line of Chinese for each change, with its rules."""
    return ChangesOut(items=await make.programmes().changes(me, id, since))
