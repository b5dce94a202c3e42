"""Papers of an application: issue, list, download; and a public lookup for whoever holds a print."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import JSONResponse, StreamingResponse
from mangping.web import begun

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import IDEMPOTENT, PROBLEMS
from mangping_api.shapes.papers import PaperIn, PaperMadeOut, PaperOut, PapersOut, VerifiedOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(tags=["papers"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]
_PDF: dict[int | str, dict[str, Any]] = {200: {"description": "The paper", "content": {"application/pdf": {}}}}


@router.post(
    "/v1/applications/{id}/papers", name="issue_paper", summary="生成打印材料", status_code=201,
    response_model=PaperMadeOut, responses=PROBLEMS,
)  # fmt: skip
async def issue(id: UUID, asked: PaperIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Set a form, a notice, a record or a letter as PDF/A, with a code that can be verified. What has not changed since
    is the same paper."""
    status, body = await make.papers().issue(me, key, id, asked.kind)
    return JSONResponse(body, status, headers={"Location": f"/v1/applications/{id}/papers/{body['id']}"})


@router.get("/v1/applications/{id}/papers", name="list_papers", summary="已生成的打印材料", responses=PROBLEMS)
async def every(id: UUID, me: Me, make: Make) -> PapersOut:
    """Newest first. The record of who reviewed what is for officers only."""
    return PapersOut(items=tuple(PaperOut.of(one) for one in await make.papers().all(me, id)))


@router.get(
    "/v1/applications/{id}/papers/{paper}", name="download_paper", summary="下载打印材料", response_class=Response,
    responses={**PROBLEMS, **_PDF},
)  # fmt: skip
async def download(id: UUID, paper: UUID, me: Me, make: Make) -> Response:
    """The PDF, byte for byte as it was issued."""
    found, chunks = await make.papers().find(me, id, paper)
    headers = {
        "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'inline; filename="{found.kind}-{found.code}.pdf"',
    }  # fmt: skip
    return StreamingResponse(await begun(chunks), media_type="application/pdf", headers=headers)


@router.get("/v1/public/papers/{code}", name="verify_paper", summary="核验水印编号", responses=PROBLEMS)
async def verify(code: Annotated[str, Path(max_length=40)], make: Make) -> VerifiedOut:
    """Without a token: whether a paper with this code was issued, and whether it is the newest. No name is told."""
    return VerifiedOut.of(await make.papers().verify(code))
