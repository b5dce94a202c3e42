"""/v1/redaction-jobs: order a blind rendition of a scan, see how it stands, take it away."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from mangping import cursor
from mangping.errors import Refused
from mangping.headers import AFTER, IDEMPOTENT, LIMIT
from mangping.tokens import Bearer
from mangping.web import begun
from pydantic import BaseModel, ValidationError

from mangping_api.domain.redaction_job import Job, State
from mangping_api.handlers.uploads import malformed, media_type, read_form
from mangping_api.openapi_parts import JOB_BODY, PROBLEMS, RENDITION
from mangping_api.services.submission import Item
from mangping_api.wire import JobForm, JobIn, JobOut, JobsOut, JobSummary
from mangping_api.wiring import Factory, caller, factory

router = APIRouter(prefix="/v1/redaction-jobs", tags=["redaction jobs"])
Me = Annotated[Bearer, Depends(caller)]
Make = Annotated[Factory, Depends(factory)]
VisibleState = Literal["queued", "done", "refused", "failed"]
Model = TypeVar("Model", bound=BaseModel)
_MEDIA = {"jpg": "image/jpeg", "png": "image/png"}


@router.post(
    "",
    name="submit_redaction_job",
    summary="提交遮盖任务",
    status_code=202,
    response_model=JobOut,
    responses=PROBLEMS,
    openapi_extra=JOB_BODY,
)
async def submit(request: Request, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Order the redaction of one scan, uploaded here (multipart) or before (JSON with its object id).

    Answers at once; ask at `Location` how it stands. The identity is sealed and never shown again.
    """
    match media_type(request):
        case "multipart/form-data":
            fields, stored = await read_form(request, lambda chunks: make.objects().receive(me.owner, chunks))
            form = parse(JobForm, _form(fields))
            order, item = form.order(), Item(stored.id, form.identity.sealed(), stored.sha256)
        case "application/json":
            asked = parse(JobIn, await _json(request))
            order, item = asked.order(), Item(asked.object, asked.identity.sealed(), str(asked.object))
        case _:
            raise Refused(
                "body.media_type",
                "不支持的 Content-Type。",
                "请使用 multipart/form-data 或 application/json。",
                status=415,
            )
    status, body = await make.submission().one(me.owner, key, order, item, _view)
    return JSONResponse(body, status, headers={"Location": f"/v1/redaction-jobs/{body['id']}"})


@router.get("", name="list_redaction_jobs", summary="遮盖任务列表", responses=PROBLEMS)
async def newest(
    me: Me, make: Make,
    after: AFTER = None,
    limit: LIMIT = 20,
    batch: Annotated[UUID | None, Query(description="only jobs of this batch")] = None,
    state: Annotated[VisibleState | None, Query(description="only jobs in this state")] = None,
) -> JobsOut:  # fmt: skip
    """Your jobs, newest first, without their pages."""
    place = cursor.read(after) if after else None
    wanted = State(state) if state else None
    jobs = await make.redaction_jobs().newest(me.owner, after=place, limit=limit + 1, batch=batch, state=wanted)
    more = len(jobs) > limit
    last = jobs[limit - 1] if more else None
    return JobsOut(
        items=tuple(JobSummary.of(job) for job in jobs[:limit]),
        next=cursor.write((last.created_at, last.id)) if last else None,
    )


@router.get("/{id}", name="get_redaction_job", summary="查看遮盖任务", responses=PROBLEMS)
async def get(id: UUID, me: Me, make: Make) -> JobOut:
    """How a job stands, and once it is done what was found on each page. While an answer is owed it is `queued`."""
    return JobOut.of_job(*await make.redaction_jobs().find(me.owner, id))


@router.post(
    "/{id}/retry", name="retry_redaction_job", summary="重试失败的任务", status_code=202, response_model=JobOut,
    responses=PROBLEMS,
)  # fmt: skip
async def retry(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Try a failed job again after an officer has looked at it."""
    status, body = await make.redaction_jobs().retry(me.owner, key, id, _view)
    return JSONResponse(body, status)


@router.delete("/{id}", name="erase_redaction_job", summary="删除遮盖任务", status_code=204, responses=PROBLEMS)
async def erase(id: UUID, me: Me, make: Make) -> None:
    """Erase the scan, the identity and every rendition. The job is gone at once, its sealed objects soon after."""
    await make.redaction_jobs().erase(me.owner, id)


@router.get(
    "/{id}/renditions/{page}",
    name="download_rendition",
    summary="下载遮盖件",
    response_class=Response,
    responses={**PROBLEMS, **RENDITION},
)
async def rendition(id: UUID, page: Annotated[int, Path(ge=1, le=100_000)], me: Me, make: Make) -> Response:
    """The rendition of one page (from 1). `Mangping-Verified: false`: an officer must look before anyone else does."""
    job, found, chunks = await make.redaction_jobs().rendition(me.owner, id, page)
    headers = {
        "Mangping-Verified": "true" if found.record.verified else "false",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(await begun(chunks), media_type=_MEDIA[job.order.image_format], headers=headers)


def parse(model: type[Model], value: Any) -> Model:
    """As the framework would have done it, with the same kind of error."""
    try:
        return model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in error.errors()]) from None


def _form(fields: dict[str, str]) -> dict[str, Any]:
    """Multipart fields as the JSON they stand for: identity is JSON, classes a comma list, third_parties a boolean."""
    told: dict[str, Any] = dict(fields)
    try:
        if "identity" in fields:
            told["identity"] = json.loads(fields["identity"])
    except ValueError:
        raise malformed() from None
    if "classes" in fields:
        told["classes"] = [name.strip() for name in fields["classes"].split(",")]
    if fields.get("third_parties") in ("true", "false"):
        told["third_parties"] = fields["third_parties"] == "true"
    return told


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise Refused("request.malformed", "请求正文不是有效的 JSON。", "请检查请求正文。", status=400) from error


def _view(job: Job) -> dict[str, Any]:
    return JobOut.of_job(job, []).model_dump(mode="json")
