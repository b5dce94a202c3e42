"""/v1/public: what anyone may see, without a token."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader, Template, select_autoescape

from mangping_api.domain import spoken
from mangping_api.openapi_parts import PAGE, PROBLEMS
from mangping_api.shapes.postings import PublicityOut
from mangping_api.wiring import Factory, factory

router = APIRouter(prefix="/v1/public", tags=["public"])
Make = Annotated[Factory, Depends(factory)]
# Found by nobody who was not given the address; nothing on the page may load anything or run.
HEADERS = {
    "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
}  # fmt: skip


@router.get(
    "/publicity/{id}", name="show_publicity", summary="公示页", response_model=PublicityOut,
    responses={**PROBLEMS, **PAGE},
)  # fmt: skip
async def publicity(id: UUID, request: Request, make: Make) -> Response:
    """The posting, for anyone, while it stands posted: as a page, or as JSON when that is asked for."""
    told = PublicityOut.of(await make.postings().public(id))
    if "text/html" in request.headers.get("Accept", "text/html"):
        return HTMLResponse(_template().render(page=told, day=spoken.day), headers=HEADERS)
    return JSONResponse(told.model_dump(mode="json"), headers=HEADERS)


@cache
def _template() -> Template:
    return page_template("publicity.html.j2")


def page_template(name: str) -> Template:
    """A page for anybody: everything that is put in is escaped."""
    folder = Path(__file__).parents[1] / "templates"
    return Environment(
        loader=FileSystemLoader(folder), autoescape=select_autoescape(default=True), trim_blocks=True,
        lstrip_blocks=True,
    ).get_template(name)  # fmt: skip
