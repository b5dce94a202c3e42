"""/v1/applications/{id}/attachments: documents into their columns, and what of them is covered."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from mangping.headers import IDEMPOTENT, etag, version_of
from mangping.web import begun, body_of

from mangping_api.domain.access import Viewer
from mangping_api.domain.attachment import Slot
from mangping_api.handlers.uploads import media_type, read_form
from mangping_api.openapi_parts import EDITING, ETAG, FILE_BODY, PROBLEMS, RENDITION
from mangping_api.shapes.attachments import AttachmentOut, AttachmentsOut, MaskingIn, RecheckOut
from mangping_api.shapes.people import MadeOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/applications/{id}", tags=["attachments"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]
_Key = Annotated[str, Query(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
_Word = Annotated[str | None, Query(max_length=60)]


@router.post(
    "/attachments", name="upload_attachment", summary="上传附件", status_code=201, response_model=MadeOut,
    responses={**PROBLEMS, 200: {"model": MadeOut, "description": "The same file was in this place already"}},
    openapi_extra=FILE_BODY,
)  # fmt: skip
async def upload(
    id: UUID, request: Request, me: Me, make: Make, column: _Key, item: _Key, side: _Word = None,
    year: Annotated[int | None, Query(ge=1990, le=2100)] = None, part: _Word = None,
    valid_until: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")] = None, key: IDEMPOTENT = None,
) -> Response:  # fmt: skip
    """Upload a document into a column, as multipart field `file` or as the bare body. It is sealed while it arrives and
    redacted at once; ask at `Location` how it stands. What the form says is brought by the unit, its officer uploads while
    the application lies claimed at the unit's desk; all else its applicant."""
    attachments, slot = make.attachments(), Slot(column, item, side, year, part, valid_until)
    if media_type(request) == "multipart/form-data":
        _, answer = await read_form(request, lambda chunks: attachments.upload(me, key, id, slot, chunks))
    else:
        answer = await attachments.upload(me, key, id, slot, body_of(request))
    headers = {"Location": f"/v1/applications/{id}/attachments/{answer[1]['id']}"}
    return JSONResponse(answer[1], answer[0], headers=headers)


@router.get("/attachments", name="list_attachments", summary="附件列表与处理进度", responses=PROBLEMS)
async def everything(id: UUID, me: Me, make: Make) -> AttachmentsOut:
    """Every attachment in the order of its upload, with the boxes proposed on each page."""
    return AttachmentsOut.of(await make.attachments().all(me, id))


@router.get(
    "/attachments/{attachment}", name="get_attachment", summary="查看附件", response_model=AttachmentOut,
    responses={**PROBLEMS, **ETAG},
)  # fmt: skip
async def get(id: UUID, attachment: UUID, me: Me, make: Make) -> Response:
    """One attachment; its `ETag` goes into `If-Match` of the decision."""
    return _told(AttachmentOut.of(await make.attachments().find(me, id, attachment)))


@router.put(
    "/attachments/{attachment}/masking", name="decide_masking", summary="遮盖：是、否与遮盖框",
    response_model=AttachmentOut, responses={**PROBLEMS, **EDITING, **ETAG},
)  # fmt: skip
async def decide(
    id: UUID, attachment: UUID, asked: MaskingIn, me: Me, make: Make,
    if_match: Annotated[str | None, Header(description="the `ETag` you read")] = None,
) -> Response:  # fmt: skip
    """Decide whether the document needs covering, and add or take away boxes (moving one is both). Changed boxes send it
    through the redaction again; what was taken away waits for an officer."""
    version = version_of(if_match, "attachment")
    decided = await make.attachments().decide(me, id, attachment, asked.decision, asked.masks(), version=version)
    return _told(AttachmentOut.of(decided))


@router.delete(
    "/attachments/{attachment}", name="remove_attachment", summary="删除附件", status_code=204, responses=PROBLEMS
)
async def remove(id: UUID, attachment: UUID, me: Me, make: Make) -> None:
    """Take a document out of its column. Its sealed objects are erased soon after."""
    await make.attachments().remove(me, id, attachment)


@router.get(
    "/attachments/{attachment}/renditions/{page}", name="preview_attachment", summary="查看遮盖件",
    response_class=Response, responses={**PROBLEMS, **RENDITION},
)  # fmt: skip
async def preview(
    id: UUID, attachment: UUID, page: Annotated[int, Path(ge=1, le=100_000)], me: Me, make: Make
) -> Response:
    """The rendition of one page (from 1), upright and covered, as experts would get it."""
    job, found, chunks = await make.attachments().rendition(me, id, attachment, page)
    headers = {
        "Mangping-Verified": "true" if found.record.verified else "false", "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    media = {"jpg": "image/jpeg", "png": "image/png"}[job.order.image_format]
    return StreamingResponse(await begun(chunks), media_type=media, headers=headers)


@router.post(
    "/recheck", name="recheck_masking", summary="确认已逐张检查遮盖", response_model=RecheckOut, responses=PROBLEMS
)
async def recheck(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Confirm that you looked over the covering of every page once more. Any later change asks for it again."""
    status, body = await make.attachments().recheck(me, key, id)
    return JSONResponse(body, status)


def _told(attachment: AttachmentOut) -> Response:
    headers = {"ETag": etag(attachment.version), "Cache-Control": "private, no-store"}
    return JSONResponse(attachment.model_dump(mode="json"), headers=headers)
