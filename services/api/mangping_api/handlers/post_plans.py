"""Post plans (用岗计划)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.shapes.post_plans import ApprovalIn, ApprovedOut, FiledOut, PostPlanIn, PostPlanOut, PostPlanStateOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1", tags=["post plans"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.put(
    "/organisations/{id}/post-plan", name="plan_posts", summary="报拟评审用岗数", response_model=PostPlanStateOut,
    responses=PROBLEMS,
)  # fmt: skip
async def plan(id: UUID, asked: PostPlanIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Ask for posts in a programme. A changed number must be approved anew."""
    return _answered(await make.post_plans().plan(me, key, id, asked.programme, asked.posts))


@router.get("/post-plans/{id}", name="get_post_plan", summary="查看用岗计划", responses=PROBLEMS)
async def get(id: UUID, me: Me, make: Make) -> PostPlanOut:
    """Posts asked for, approvals, and how many are left."""
    return PostPlanOut.of(await make.post_plans().find(me, id))


@router.post(
    "/post-plans/{id}/approvals", name="approve_posts", summary="核准用岗数", status_code=201,
    response_model=ApprovedOut, responses={**PROBLEMS, 412: PROBLEMS[409]},
)  # fmt: skip
async def approve(id: UUID, asked: ApprovalIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Approve this number of posts for a body that the notice names, as an officer of the organisation that it is."""
    return _answered(await make.post_plans().approve(me, key, id, asked.body, asked.organisation, asked.version))


@router.post(
    "/post-plans/{id}/file", name="file_post_plan", summary="上报用岗计划表", response_model=FiledOut,
    responses=PROBLEMS,
)  # fmt: skip
async def file(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Send the plan table up."""
    return _answered(await make.post_plans().file(me, key, id))


def _answered(answer: tuple[int, dict[str, object]]) -> Response:
    return JSONResponse(answer[1], answer[0])
