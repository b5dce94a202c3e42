"""/v1/applications/{id}/transfers: a document piece by piece, taken up where it broke off."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from mangping.headers import IDEMPOTENT
from mangping.web import body_of

from mangping_api.domain.access import Viewer
from mangping_api.openapi_parts import PIECE_BODY, PROBLEMS
from mangping_api.shapes.attachments import TransferIn, TransferOut
from mangping_api.wiring import Factory, factory, viewer

router = APIRouter(prefix="/v1/applications/{id}/transfers", tags=["attachments"])
Make = Annotated[Factory, Depends(factory)]
Me = Annotated[Viewer, Depends(viewer)]


@router.post("", name="begin_transfer", summary="开始或续接分段上传", response_model=TransferOut, responses=PROBLEMS)
async def begin(id: UUID, asked: TransferIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Say which content goes where. The same content again finds what is under way (`received`) or already there
    (`attachment`), so that asking twice does no harm."""
    transfer, attachment = await make.transfers().begin(me, id, asked.slot(), asked.sha256, asked.size)
    return _told(TransferOut.of(transfer, attachment))


@router.get("/{transfer}", name="get_transfer", summary="查看分段上传", responses=PROBLEMS)
async def get(id: UUID, transfer: UUID, me: Me, make: Make) -> TransferOut:
    """How much has come in. Unfinished ones are forgotten after a day."""
    return TransferOut.of(await make.transfers().find(me, id, transfer))


@router.put(
    "/{transfer}", name="continue_transfer", summary="上传一段", response_model=TransferOut, responses=PROBLEMS,
    openapi_extra=PIECE_BODY,
)  # fmt: skip
async def go_on(
    id: UUID, transfer: UUID, request: Request, me: Me, make: Make,
    upload_offset: Annotated[int, Header(ge=0, le=2**40, description="bytes received so far")],
) -> Response:  # fmt: skip
    """One piece, as the bare body, from `Upload-Offset`; the last one makes the attachment. A piece that breaks off
    leaves nothing: ask how far it stands and send it again."""
    found, attachment = await make.transfers().go_on(me, id, transfer, upload_offset, body_of(request))
    return _told(TransferOut.of(found, attachment))


def _told(transfer: TransferOut) -> Response:
    return JSONResponse(transfer.model_dump(mode="json"), headers={"Cache-Control": "private, no-store"})
