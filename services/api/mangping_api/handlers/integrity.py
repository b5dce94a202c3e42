"""/v1/integrity: the register of findings, looking back, appeals."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS
from mangping_api.shapes.integrity import (
    AnsweredOut,
    AnswerIn,
    AppealedOut,
    AppealIn,
    FindingIn,
    FindingMadeOut,
    FindingsFoundOut,
    IntegrityEntryOut,
    IntegritySearchIn,
    LookedBackOut,
    LooksBackOut,
)
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1", tags=["integrity"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.post(
    "/integrity", name="enter_finding", summary="认定违规并登记诚信档案", status_code=201,
    response_model=FindingMadeOut, responses=PROBLEMS,
)  # fmt: skip
async def enter(asked: FindingIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Enter a finding with its ban. It holds at once, in every programme, under whichever account."""
    return _answered(await make.integrity().enter(me, key, asked.charge()))


@router.post("/integrity/search", name="search_integrity", summary="查询诚信档案", responses=PROBLEMS)
async def search(asked: IntegritySearchIn, me: Me, make: Make, key: IDEMPOTENT = None) -> FindingsFoundOut:
    """Everything the register holds about one ID number. A key changes nothing: asking again asks again."""
    found = await make.integrity().search(me, asked.id_number)
    return FindingsFoundOut(items=tuple(IntegrityEntryOut.of(one) for one in found))


@router.get("/me/integrity", name="get_my_integrity", summary="查看本人诚信档案", responses=PROBLEMS)
async def mine(me: Me, make: Make) -> FindingsFoundOut:
    """What the register holds about you."""
    found = await make.integrity().mine(me)
    return FindingsFoundOut(items=tuple(IntegrityEntryOut.of(one, own=True) for one in found))


@router.post(
    "/integrity/{id}/appeal", name="appeal_finding", summary="申诉", response_model=AppealedOut, responses=PROBLEMS
)
async def appeal(id: UUID, asked: AppealIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Appeal against an entry about you, once. It holds until the appeal is answered."""
    return _answered(await make.integrity().appeal(me, key, id, asked.words))


@router.post(
    "/integrity/{id}/answer", name="answer_appeal", summary="答复申诉", response_model=AnsweredOut, responses=PROBLEMS
)
async def answer(id: UUID, asked: AnswerIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Answer an appeal, as another officer of the office that made the entry."""
    return _answered(await make.integrity().answer(me, key, id, asked.words, lift=asked.lift))


@router.get("/applications/{id}/reviewers", name="look_back", summary="倒查审核人", responses=PROBLEMS)
async def look_back(id: UUID, me: Me, make: Make) -> LooksBackOut:
    """Who passed an application, tier by tier, with their opinion."""
    found = await make.integrity().looked_back(me, id)
    return LooksBackOut(items=tuple(LookedBackOut(**one) for one in found))


def _answered(answer: tuple[int, dict[str, object]]) -> Response:
    return JSONResponse(answer[1], answer[0])
