"""/v1/postings: what a unit posts, objections to it, the certificate of its result."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from mangping import cursor
from mangping.headers import AFTER, IDEMPOTENT, LIMIT
from mangping.web import body_of

from mangping_api.domain.access import Viewer
from mangping_api.domain.attachment import sniffed
from mangping_api.handlers.uploads import media_type, read_form
from mangping_api.openapi_parts import FILE_BODY, PHOTO, PROBLEMS
from mangping_api.shapes.postings import (
    CertificateOut,
    ObjectionIn,
    ObjectionOut,
    ObjectionsOut,
    ObjectionStateOut,
    PhotoOut,
    PostedOut,
    PostingIn,
    PostingOut,
    PostingsOut,
    PostingWholeOut,
    SettleIn,
    WithdrawnOut,
)
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1", tags=["publicity"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.post(
    "/postings", name="post_publicity", summary="单位公示", status_code=201, response_model=PostedOut,
    responses=PROBLEMS,
)  # fmt: skip
async def post(asked: PostingIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Post applicants of a unit, from now until the end that the notice's working days give."""
    status, body = await make.postings().post(me, key, asked.notice())
    return JSONResponse(body, status, headers={"Location": f"/v1/postings/{body['id']}"})


@router.get("/organisations/{id}/postings", name="list_postings", summary="单位的公示", responses=PROBLEMS)
async def newest(
    id: UUID, me: Me, make: Make,
    after: AFTER = None,
    limit: LIMIT = 20,
) -> PostingsOut:  # fmt: skip
    """A unit's postings, newest first."""
    place = cursor.read(after) if after else None
    found = await make.postings().newest(me, id, after=place, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return PostingsOut(
        items=tuple(PostingOut.of(one) for one in found[:limit]),
        next=cursor.write((last.posted_at, last.id)) if last else None,
    )


@router.get("/postings/{id}", name="get_posting", summary="查看公示记录", responses=PROBLEMS)
async def get(id: UUID, me: Me, make: Make) -> PostingWholeOut:
    """A posting as it was posted, how its end was counted, and its result."""
    return PostingWholeOut.of_whole(*await make.postings().find(me, id))


@router.post(
    "/postings/{id}/withdraw", name="withdraw_posting", summary="撤下公示", response_model=WithdrawnOut,
    responses=PROBLEMS,
)  # fmt: skip
async def withdraw(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Take a posting down. It then never counted; what it was about must be posted anew."""
    return _answered(await make.postings().withdraw(me, key, id))


@router.post(
    "/postings/{id}/photos", name="add_posting_photo", summary="上传公示照片", status_code=201,
    response_model=PhotoOut, responses=PROBLEMS, openapi_extra=FILE_BODY,
)  # fmt: skip
async def add_photo(id: UUID, request: Request, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Add a photo (JPEG or PNG) of the posting where it hangs. It is sealed while it arrives."""
    postings = make.postings()
    if media_type(request) == "multipart/form-data":
        _, answer = await read_form(request, lambda chunks: postings.add_photo(me, key, id, chunks))
    else:
        answer = await postings.add_photo(me, key, id, body_of(request))
    return _answered(answer)


@router.get(
    "/postings/{id}/photos/{number}", name="get_posting_photo", summary="查看公示照片", response_class=Response,
    responses={**PROBLEMS, **PHOTO},
)  # fmt: skip
async def photo(id: UUID, number: Annotated[int, Path(ge=1, le=1000)], me: Me, make: Make) -> Response:
    """One photo (from 1) as it was uploaded."""
    held = await make.postings().photo(me, id, number)
    media = {"jpg": "image/jpeg", "png": "image/png"}.get(str(sniffed(held[:16])), "application/octet-stream")
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return Response(held, media_type=media, headers=headers)


@router.post(
    "/postings/{id}/objections", name="raise_objection", summary="登记异议", status_code=201,
    response_model=ObjectionStateOut, responses=PROBLEMS,
)  # fmt: skip
async def raise_objection(id: UUID, asked: ObjectionIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Record an objection that reached the unit. Until it is dismissed there is no certificate."""
    return _answered(await make.postings().object_to(me, key, id, asked.made(id, make.context.now())))


@router.get("/postings/{id}/objections", name="list_objections", summary="异议列表", responses=PROBLEMS)
async def objections(id: UUID, me: Me, make: Make) -> ObjectionsOut:
    """Objections to a posting, oldest first."""
    found = await make.postings().objections(me, id)
    return ObjectionsOut(items=tuple(ObjectionOut.of(one) for one in found))


@router.post(
    "/postings/{id}/objections/{objection}/settle", name="settle_objection", summary="核查异议",
    response_model=ObjectionStateOut, responses=PROBLEMS,
)  # fmt: skip
async def settle(
    id: UUID, objection: UUID, asked: SettleIn, me: Me, make: Make, key: IDEMPOTENT = None
) -> Response:  # fmt: skip
    """Say how an objection was looked into and whether it is so."""
    return _answered(await make.postings().settle(me, key, id, objection, asked.outcome, asked.handling))


@router.post(
    "/postings/{id}/certificate", name="certify_posting", summary="出具公示结果证明", response_model=CertificateOut,
    responses=PROBLEMS,
)  # fmt: skip
async def certify(id: UUID, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Certify the result once the time is over and no objection stands; its dates come from the record."""
    return _answered(await make.postings().certify(me, key, id))


def _answered(answer: tuple[int, dict[str, object]]) -> Response:
    return JSONResponse(answer[1], answer[0])
