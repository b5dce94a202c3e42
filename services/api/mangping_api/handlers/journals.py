"""/v1/journal-lists: risks and catalogues of core journals."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.shapes.integrity import (
    JournalFoundOut,
    JournalIn,
    JournalListIn,
    JournalListMadeOut,
    JournalListOut,
    JournalListsOut,
    JournalsFoundOut,
)
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1", tags=["journals"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.post(
    "/journal-lists", name="load_journal_list", summary="装载刊物清单", status_code=201,
    response_model=JournalListMadeOut, responses=PROBLEMS,
)  # fmt: skip
async def load(asked: JournalListIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Load an edition of a list, whole or not at all: ISSN with check digit, CN number, or title."""
    lines = [line.journal() for line in asked.journals]
    status, body = await make.journals().load(
        me, key, asked.organisation, asked.kind, asked.name, asked.edition, lines
    )  # fmt: skip
    return JSONResponse(body, status)


@router.get("/journal-lists", name="list_journal_lists", summary="刊物清单", responses=PROBLEMS)
async def everything(me: Me, make: Make) -> JournalListsOut:
    """Lists and editions that are loaded, newest first."""
    return JournalListsOut(items=tuple(JournalListOut.of(one) for one in await make.journals().all(me)))


@router.post("/journals/search", name="search_journals", summary="查询刊物", responses=PROBLEMS)
async def search(asked: JournalIn, me: Me, make: Make, key: IDEMPOTENT = None) -> JournalsFoundOut:
    """In which lists a journal stands, by ISSN, CN number or title. A key changes nothing: asking again asks again."""
    found = await make.journals().check(me, asked.journal())
    return JournalsFoundOut(items=tuple(JournalFoundOut.of(made, one) for made, one in found))
