"""/v1/applications: begin, fill in, check, hand in, take back."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from fastapi.responses import JSONResponse
from mangping import cursor
from mangping.headers import AFTER, IDEMPOTENT, LIMIT, etag, version_of

from mangping_api.domain.access import Viewer
from mangping_api.domain.application import State
from mangping_api.openapi_parts import EDITING, ETAG, PROBLEMS
from mangping_api.shapes.applications import (
    ApplicationIn,
    ApplicationOut,
    ApplicationsOut,
    ApplicationStateOut,
    FindingsOut,
    Kind,
    Level,
    SectionIn,
    SectionOut,
    TimelineOut,
)
from mangping_api.storage.applications import Wanted
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/applications", tags=["applications"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]
SectionKey = Annotated[str, Path(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]


@router.post(
    "", name="begin_application", summary="新建申报", status_code=201, response_model=ApplicationStateOut,
    responses=PROBLEMS,
)  # fmt: skip
async def begin(asked: ApplicationIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Begin an application in a programme. It stays bound to this version of the programme's rules."""
    status, body = await make.applications().begin(me, key, asked.choice())
    return JSONResponse(body, status, headers={"Location": f"/v1/applications/{body['id']}"})


@router.get("", name="list_applications", summary="申报列表", responses=PROBLEMS)
async def newest(
    me: Me, make: Make,
    programme: Annotated[UUID | None, Query()] = None,
    kind: Annotated[Kind | None, Query()] = None,
    level: Annotated[Level | None, Query()] = None,
    unit: Annotated[UUID | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    person: Annotated[UUID | None, Query(description="as found by POST /v1/people/search")] = None,
    after: AFTER = None,
    limit: LIMIT = 20,
) -> ApplicationsOut:  # fmt: skip
    """Your own applications, and those handed in below the organisations where you are an officer or that lay on your
    desks; newest first."""
    wanted = Wanted(programme, kind, level, unit, state, person)
    place = cursor.read(after) if after else None
    found = await make.applications().newest(me, wanted, after=place, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return ApplicationsOut(
        items=tuple(ApplicationOut.of(application) for application in found[:limit]),
        next=cursor.write((last.created_at, last.id)) if last else None,
    )


@router.get("/{id}", name="get_application", summary="查看申报", responses=PROBLEMS)
async def get(id: UUID, me: Me, make: Make) -> ApplicationOut:
    """How an application stands, without its content."""
    return ApplicationOut.of(await make.applications().find(me, id))


@router.get(
    "/{id}/sections/{section}", name="get_section", summary="查看表单的一部分", response_model=SectionOut,
    responses={**PROBLEMS, **ETAG},
)  # fmt: skip
async def get_section(id: UUID, section: SectionKey, me: Me, make: Make) -> Response:
    """One section as it was last saved; its `ETag` goes into `If-Match` of the next save."""
    return _section(SectionOut.of(await make.applications().section(me, id, section)))


@router.put(
    "/{id}/sections/{section}", name="save_section", summary="保存表单的一部分", response_model=SectionOut,
    responses={**PROBLEMS, **EDITING, **ETAG},
)  # fmt: skip
async def save_section(
    id: UUID, section: SectionKey, asked: SectionIn, me: Me, make: Make,
    if_match: Annotated[str | None, Header(description='the `ETag` you read: "0" before the first save')] = None,
) -> Response:  # fmt: skip
    """Save one section, filled or not. `texts` holds the exact texts, `attestations` the statements you sign."""
    saved = await make.applications().save_section(
        me, id, section, asked.content, version=version_of(if_match, "section")
    )
    return _section(SectionOut.of(saved))


@router.get("/{id}/findings", name="get_findings", summary="全部问题项", responses=PROBLEMS)
async def findings(id: UUID, me: Me, make: Make) -> FindingsOut:
    """Every defect at once: rule, verbatim quote, place, what to do. A submission now would be told the same."""
    return FindingsOut.of(await make.submissions().findings(me, id))


@router.post(
    "/{id}/submit", name="submit_application", summary="提交申报", response_model=ApplicationStateOut,
    responses=PROBLEMS,
)  # fmt: skip
async def submit(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Hand it in, whole or not at all: a defect that forbids it answers 422 with every finding."""
    return _answered(await make.submissions().submit(me, key, id))


@router.post(
    "/{id}/withdraw", name="withdraw_application", summary="撤回申报", response_model=ApplicationStateOut,
    responses=PROBLEMS,
)  # fmt: skip
async def withdraw(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Take a submitted application back as a draft. It must be submitted again before its window closes. What had been
    returned is in correction again, and its clock runs on."""
    return _answered(await make.submissions().withdraw(me, key, id))


@router.post(
    "/{id}/abandon", name="abandon_application", summary="放弃申报", response_model=ApplicationStateOut,
    responses=PROBLEMS,
)  # fmt: skip
async def abandon(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Give up for good what is in your hands."""
    return _answered(await make.submissions().abandon(me, key, id))


@router.get("/{id}/timeline", name="get_timeline", summary="办理过程与期限", responses=PROBLEMS)
async def timeline(id: UUID, me: Me, make: Make) -> TimelineOut:
    """What happened, each deadline with its rule and how it was counted, and what the notice says: fee, bans, offices."""
    return TimelineOut.of(await make.timelines().of(me, id))


def _section(section: SectionOut) -> Response:
    headers = {"ETag": etag(section.version), "Cache-Control": "private, no-store"}
    return JSONResponse(section.model_dump(mode="json"), headers=headers)


def _answered(answer: tuple[int, dict[str, Any]]) -> Response:
    return JSONResponse(answer[1], answer[0])
