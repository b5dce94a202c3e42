"""/v1/redaction-batches: many scans in one order."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT
from mangping.tokens import Bearer

from mangping_api.domain.redaction_job import State
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.services.submission import Item
from mangping_api.storage.redaction_batches import Progress
from mangping_api.wire import BatchIn, BatchOut
from mangping_api.wiring import Factory, caller, factory

router = APIRouter(prefix="/v1/redaction-batches", tags=["redaction batches"])
Me = Annotated[Bearer, Depends(caller)]
Make = Annotated[Factory, Depends(factory)]


@router.post(
    "",
    name="submit_redaction_batch",
    summary="批量提交遮盖任务",
    status_code=202,
    response_model=BatchOut,
    responses=PROBLEMS,
)
async def submit(asked: BatchIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Order the redaction of up to 10 000 scans that were uploaded before. All of them are taken, or none."""
    items = [Item(item.object, item.identity.sealed(), str(item.object)) for item in asked.items]
    status, body = await make.submission().many(me.owner, key, asked.order(), items, _view)
    return JSONResponse(body, status, headers={"Location": f"/v1/redaction-batches/{body['id']}"})


@router.get("/{id}", name="get_redaction_batch", summary="查看批量任务进度", responses=PROBLEMS)
async def get(id: UUID, me: Me, make: Make) -> BatchOut:
    """How far a batch has come. Its jobs: `GET /v1/redaction-jobs?batch=…`."""
    return BatchOut.of(await make.redaction_batches().progress(me.owner, id))


def _view(id: UUID, total: int, at: datetime) -> dict[str, Any]:
    states = dict.fromkeys(State, 0) | {State.QUEUED: total}
    return BatchOut.of(Progress(id, total, at, states, 0, 0)).model_dump(mode="json")
