"""/v1/applications/{id}: what is stated of a document, the originals and boxes, the list to look over, progress."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Response
from fastapi.responses import JSONResponse, StreamingResponse
from mangping.headers import IDEMPOTENT, etag, version_of
from mangping.web import begun

from mangping_api.domain.access import Viewer
from mangping_api.domain.attachment import Format
from mangping_api.openapi_parts import EDITING, ETAG, EVENTS, ORIGINAL, PROBLEMS, SVG
from mangping_api.services.progress import Event
from mangping_api.shapes.attachments import AttachmentOut, RecheckListOut, StatedIn
from mangping_api.shapes.people import MadeOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/applications/{id}", tags=["attachments"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]
_MEDIA = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
_PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


@router.put(
    "/attachments/{attachment}/facts", name="state_attachment", summary="登记附件事项", response_model=AttachmentOut,
    responses={**PROBLEMS, **EDITING, **ETAG},
)  # fmt: skip
async def state(
    id: UUID, attachment: UUID, asked: StatedIn, me: Me, make: Make,
    if_match: Annotated[str | None, Header(description="the `ETag` you read")] = None,
) -> Response:  # fmt: skip
    """State what a document does not tell by itself: `issuer`, `months`, `level`, `since`, `until`, `step`,
    `handwritten`, `handed_by`, and of an exemption `reason`, `approved`, `still_serving`. `looked_over`: it is
    clear, upright and in its column though the machine thinks otherwise; officers see that somebody said so. After the
    submission the unit's officer states it."""
    version = version_of(if_match, "attachment")
    stated = AttachmentOut.of(await make.amendments().state(me, id, attachment, asked.facts, version=version))
    return JSONResponse(stated.model_dump(mode="json"), headers={"ETag": etag(stated.version), **_PRIVATE})


@router.post(
    "/attachments/{attachment}/upright", name="accept_upright", summary="采用转正后的页面", response_model=MadeOut,
    responses=PROBLEMS,
)  # fmt: skip
async def upright(id: UUID, attachment: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """A page came in sideways; the preview shows it upright. Accept that, or upload it anew."""
    status, body = await make.amendments().accept(me, key, id, attachment)
    return JSONResponse(body, status)


@router.get(
    "/attachments/{attachment}/original", name="download_original", summary="下载原件",
    response_class=Response, responses={**PROBLEMS, **ORIGINAL},
)  # fmt: skip
async def original(id: UUID, attachment: UUID, me: Me, make: Make) -> Response:
    """The document as it was uploaded: for its applicant to draw boxes on, for officers to check; that an officer looked
    is written down. No expert gets it."""
    return await streamed(*await make.originals().open(me, id, attachment), disposition="attachment")


@router.get(
    "/attachments/{attachment}/boxes/{page}", name="draw_boxes", summary="遮盖框图层（SVG）", response_class=Response,
    responses={**PROBLEMS, **SVG},
)  # fmt: skip
async def boxes(
    id: UUID, attachment: UUID, page: Annotated[int, Path(ge=1, le=100_000)], me: Me, make: Make
) -> Response:
    """The boxes of one page (from 1) as a transparent SVG in pixels of the source page, to lay over the original:
    proposed red, drawn blue, taken away dashed."""
    svg = await make.originals().boxes(me, id, attachment, page)
    return Response(svg, media_type="image/svg+xml", headers=_PRIVATE)


@router.get("/recheck", name="get_recheck", summary="遮盖检查清单", responses=PROBLEMS)
async def recheck(id: UUID, me: Me, make: Make) -> RecheckListOut:
    """Everything to look over: each page with what is covered and what was taken away and why, and each filled field
    in which an identity stands. A reviewer sees the same list."""
    return RecheckListOut.of(await make.amendments().recheck_list(me, id))


@router.get(
    "/events", name="watch_application", summary="处理进度（事件流）", response_class=Response,
    responses={**PROBLEMS, **EVENTS},
)  # fmt: skip
async def events(
    id: UUID, me: Me, make: Make,
    last_event_id: Annotated[str | None, Header(max_length=64, description="the id you heard last")] = None,
) -> Response:  # fmt: skip
    """Server-sent events: one `progress` whenever a document's standing changes, each the whole picture. The stream
    ends after a minute; go on with `Last-Event-ID`. `GET …/attachments` tells the same to those who poll."""
    progress = make.progress()
    first = await progress.now(me, id)
    stream = _told(progress.watch(me, id, first, last_event_id))
    return StreamingResponse(stream, media_type="text/event-stream", headers={**_PRIVATE, "X-Accel-Buffering": "no"})


async def streamed(format: Format, size: int, chunks: AsyncIterator[bytes], *, disposition: str) -> Response:
    """An original, which no browser may run, keep or take for anything else."""
    headers = {
        **_PRIVATE, "Content-Disposition": disposition, "Content-Security-Policy": "sandbox",
        "Content-Length": str(size),
    }  # fmt: skip
    return StreamingResponse(await begun(chunks), media_type=_MEDIA[format], headers=headers)


async def _told(events: AsyncIterator[Event | None]) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    async for event in events:
        if event is None:
            yield ": still here\n\n"
        else:
            yield f"id: {event.id}\nevent: progress\ndata: {json.dumps(event.body, separators=(',', ':'))}\n\n"
