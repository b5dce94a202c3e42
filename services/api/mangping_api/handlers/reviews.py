"""/v1/reviews: what waits, one verdict at a time, and what a tier decides."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from mangping import cursor
from mangping.headers import AFTER, IDEMPOTENT, LIMIT

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PROBLEMS, STALE
from mangping_api.shapes.applications import Kind, Level
from mangping_api.shapes.reviews import (
    BodiesIn,
    BoundOut,
    ClaimOut,
    MovedOut,
    QueueOut,
    RefuseIn,
    ReturnedOut,
    ReturnIn,
    ReturnsOut,
    SheetOut,
    SignIn,
    TiersOut,
    VerdictIn,
    VerdictOut,
    WaitingOut,
)
from mangping_api.storage.applications import Wanted
from mangping_api.storage.desks import Asked
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])
returns = APIRouter(prefix="/v1/applications", tags=["reviews"])
bodies = APIRouter(prefix="/v1/programmes", tags=["reviews"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]
ItemKey = Annotated[str, Path(max_length=80, pattern=r"^(section\.[a-z][a-z0-9_]*|attachment\.[0-9a-f-]{36})$")]


@router.get("", name="list_reviews", summary="待审队列", responses=PROBLEMS)
async def queue(
    me: Me, make: Make,
    programme: Annotated[UUID | None, Query()] = None,
    kind: Annotated[Kind | None, Query()] = None,
    level: Annotated[Level | None, Query()] = None,
    unit: Annotated[UUID | None, Query(description="the applicant's unit")] = None,
    person: Annotated[UUID | None, Query(description="as found by POST /v1/people/search")] = None,
    tier: Annotated[str | None, Query(max_length=60)] = None,
    overdue: Annotated[bool | None, Query(description="past the end that the notice sets")] = None,
    claimed: Annotated[Literal["me", "others", "nobody"] | None, Query()] = None,
    after: AFTER = None,
    limit: LIMIT = 20,
) -> QueueOut:  # fmt: skip
    """What waits at your own desks, the oldest deadline first."""
    asked = Asked(Wanted(programme, kind, level, unit, None, person), tier, overdue, claimed, me.person)
    place = cursor.read(after) if after else None
    found = await make.desks().queue(me, asked, after=place, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return QueueOut(
        items=tuple(WaitingOut.of(one) for one in found[:limit]),
        next=cursor.write((last.desk.ranked_at, last.application.id)) if last else None,
    )


@router.get("/{id}", name="get_review", summary="逐项审核表", responses=PROBLEMS)
async def sheet(id: UUID, me: Me, make: Make) -> SheetOut:
    """Every item with its content or its pages and renditions, what changed since the hand-in before, what every body
    said of it, and what would hold it up now."""
    return SheetOut.of(await make.reviews().sheet(me, id))


@router.post("/{id}/claim", name="claim_review", summary="领取", response_model=ClaimOut, responses=PROBLEMS)
async def claim(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Take a file before you, so that no colleague works on it too. Claim it again to keep it longer."""
    return _answered(await make.desks().claim(me, key, id))


@router.post("/{id}/release", name="release_review", summary="释放", response_model=ClaimOut, responses=PROBLEMS)
async def release(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Let go of a file that you claimed. Your verdicts stay."""
    return _answered(await make.desks().release(me, key, id))


@router.post("/{id}/recuse", name="recuse_review", summary="回避", response_model=ClaimOut, responses=PROBLEMS)
async def recuse(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """You are related to the applicant: you will not act on this file again."""
    return _answered(await make.desks().recuse(me, key, id))


@router.put(
    "/{id}/items/{item}", name="judge_item", summary="审查一项", response_model=VerdictOut,
    responses={**PROBLEMS, **STALE},
)  # fmt: skip
async def judge(id: UUID, item: ItemKey, asked: VerdictIn, me: Me, make: Make) -> VerdictOut:
    """One item in order, or a defect with its reason, place, and boxes that must be covered. There is no verdict on
    several items at once. Your newest counts, until the item is changed."""
    verdict, found, policy = await make.reviews().judge(me, id, item, asked.given())
    return VerdictOut.of(verdict, found, policy, named=True)


@router.post(
    "/{id}/sign", name="sign_review", summary="签署审核意见", response_model=MovedOut, responses={**PROBLEMS, **STALE}
)
async def sign(id: UUID, asked: SignIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Your body's word on the whole, bound to you, your organisation, the time and what you were shown."""
    return _answered(await make.decisions().sign(me, key, id, asked.word()))


@router.post("/{id}/pass", name="pass_review", summary="上报或接收", response_model=MovedOut, responses=PROBLEMS)
async def pass_on(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """To the next tier, or accepted by the last one, once every body that must agree has signed and the notice allows."""
    return _answered(await make.decisions().pass_on(me, key, id))


@router.post("/{id}/return", name="return_review", summary="退回", response_model=MovedOut, responses=PROBLEMS)
async def send_back(id: UUID, asked: ReturnIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Back to the applicant with every defect at once. After the last submission that the notice grants, it is closed."""
    return _answered(await make.decisions().send_back(me, key, id, asked.correct_until))


@router.post("/{id}/refuse", name="refuse_review", summary="不予受理", response_model=MovedOut, responses=PROBLEMS)
async def refuse(id: UUID, asked: RefuseIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Not accepted, for a reason that stands in the notice. It ends here."""
    return _answered(await make.decisions().refuse(me, key, id, asked.defect()))


@returns.get("/{id}/returns", name="get_returns", summary="退回记录", responses=PROBLEMS)
async def returned(id: UUID, me: Me, make: Make) -> ReturnsOut:
    """Every return, oldest first, with all its defects and where they are."""
    found, policy = await make.returns().of(me, id)
    return ReturnsOut(items=tuple(ReturnedOut.of(one, reached_at, policy) for one, reached_at in found))


@bodies.get("/{id}/bodies", name="get_bodies", summary="各层级审核单位", responses=PROBLEMS)
async def tiers(id: UUID, me: Me, make: Make) -> TiersOut:
    """The tiers of a programme in their order, and which organisations are the bodies that it names."""
    return TiersOut.of(*await make.bodies().of(me, id))


@bodies.put(
    "/{id}/bodies", name="bind_bodies", summary="指定各层级审核单位", response_model=BoundOut, responses=PROBLEMS
)
async def bind(id: UUID, asked: BodiesIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Say which organisations are the bodies that the programme names, in place of what was said before. Of several the
    nearest above an applicant's unit is theirs."""
    return _answered(await make.bodies().bind(me, key, id, asked.bindings()))


def _answered(answer: tuple[int, dict[str, Any]]) -> Response:
    return JSONResponse(answer[1], answer[0])
