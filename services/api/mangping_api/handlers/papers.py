"""Papers of an application: issue, list, download; and a public lookup for whoever holds a print."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from jinja2 import Template
from mangping.errors import Refused
from mangping.headers import IDEMPOTENT
from mangping.web import begun

from mangping_api.domain import spoken
from mangping_api.domain.access import Viewer
from mangping_api.handlers.publicity import HEADERS, page_template
from mangping_api.openapi_parts import PAGE, PROBLEMS
from mangping_api.shapes.papers import PaperIn, PaperMadeOut, PaperOut, PapersOut, VerifiedOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(tags=["papers"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]
# As the page of a posting, but for its form, which asks here again.
_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'"),
}
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


@router.get(
    "/v1/public/papers", name="look_up_paper", summary="水印编号核验页", response_class=HTMLResponse,
    responses={**PROBLEMS, **PAGE},
)  # fmt: skip
async def look_up(make: Make, code: Annotated[str, Query(max_length=40, description="水印编号")] = "") -> Response:
    """The address printed on papers, as a page: type the code of a print, and read whether it was issued."""
    return await _page(make, code)


@router.get(
    "/v1/public/papers/{code}", name="verify_paper", summary="核验水印编号", response_model=VerifiedOut,
    responses={**PROBLEMS, **PAGE},
)  # fmt: skip
async def verify(code: Annotated[str, Path(max_length=40)], request: Request, make: Make) -> Response:
    """Without a token: whether a paper with this code was issued, and whether it is the newest. No name is told. A page
    for browsers, as phones open it from the QR code; else JSON."""
    if "text/html" in request.headers.get("Accept", ""):
        return await _page(make, code)
    return JSONResponse(VerifiedOut.of(await make.papers().verify(code)).model_dump(mode="json"))


async def _page(make: Factory, typed: str) -> Response:
    """404 for a code that no paper has, which the page says as well."""
    found = None
    if typed:
        with suppress(Refused):
            found = VerifiedOut.of(await make.papers().verify(typed))
    issued = spoken.instant(found.issued_at) if found else ""
    html = _template().render(found=found, typed=found.code if found else typed, issued=issued)
    return HTMLResponse(html, 404 if typed and found is None else 200, headers=_HEADERS)


@cache
def _template() -> Template:
    return page_template("verification.html.j2")
