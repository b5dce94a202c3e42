"""POST /v1/objects: a scan comes in and is known by a random id from then on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT
from mangping.tokens import Bearer
from mangping.web import body_of

from mangping_api.handlers.uploads import media_type, read_form
from mangping_api.openapi_parts import FILE_BODY, PROBLEMS
from mangping_api.services.objects import Upload
from mangping_api.wire import ObjectOut
from mangping_api.wiring import Factory, caller, factory

router = APIRouter(prefix="/v1/objects", tags=["objects"])


@router.post(
    "", name="upload_object", summary="上传扫描件", status_code=201, response_model=ObjectOut, responses=PROBLEMS,
    openapi_extra=FILE_BODY,
)  # fmt: skip
async def upload(
    request: Request, me: Annotated[Bearer, Depends(caller)], make: Annotated[Factory, Depends(factory)],
    key: IDEMPOTENT = None,
) -> Response:  # fmt: skip
    """Upload one scan, as multipart field `file` or as the bare body.

    JPEG, PNG, TIFF, BMP, WebP or PDF. It is sealed while it arrives.
    An upload that no job refers to is erased after a day.
    """
    objects = make.objects()
    if media_type(request) == "multipart/form-data":
        _, stored = await read_form(request, lambda chunks: objects.receive(me.owner, chunks))
    else:
        stored = await objects.receive(me.owner, body_of(request))
    status, body = await objects.named(make.once(), me.owner, key, stored, _view)
    return JSONResponse(body, status)


def _view(stored: Upload) -> dict[str, Any]:
    return ObjectOut.of(stored).model_dump(mode="json")
