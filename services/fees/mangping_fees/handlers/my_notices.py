"""/v1/my/notices: an applicant's own notices, and nobody else's."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from mangping.headers import AFTER, LIMIT

from mangping_fees.handlers.notices import file, listed, shown
from mangping_fees.handlers.parts import IF_NONE_MATCH, PDF, PRIVATE, PROBLEMS, TAGGED, Make, Me, given, place_of
from mangping_fees.shapes.notices import NoticeOut, NoticesOut, NoticeSummary

router = APIRouter(prefix="/v1/my/notices", tags=["my notices"])


@router.get("", name="list_my_notices", responses=PROBLEMS)
async def newest(me: Me, make: Make, after: AFTER = None, limit: LIMIT = 20) -> NoticesOut:
    """Your payment notices, newest first."""
    found = await make.notices().newest(after=place_of(after), limit=limit + 1, applicant=me.owner)
    return listed(found, limit)


@router.get("/{id}", name="get_my_notice", response_model=NoticeOut, responses=TAGGED)
async def get(id: UUID, me: Me, make: Make, seen: IF_NONE_MATCH = None) -> Response:
    """One of your notices. Looking at it does not start its clock; `POST …/opened` does."""
    return shown(NoticeOut.of_whole(await make.notices().find(id, applicant=me.owner)), seen)


@router.post("/{id}/opened", name="open_my_notice", responses=PROBLEMS)
async def opened(id: UUID, me: Me, make: Make) -> NoticeSummary:
    """The notice is before your eyes: unless a message reached you before, the time to pay counts from now."""
    return NoticeSummary.of(await make.deliveries().opened(id, me.owner))


@router.get("/{id}/receipt", name="download_my_receipt", response_class=Response, responses=PDF)
async def receipt(id: UUID, me: Me, make: Make) -> Response:
    """Your e-receipt (财政电子票据) as PDF, once the payment is reconciled."""
    await make.notices().find(id, applicant=me.owner)
    return await file(await make.receipts().open(id))


@router.get(
    "/{id}/pdf", name="download_my_notice", response_class=Response, responses=given("application/pdf", "The notice")
)
async def pdf(id: UUID, me: Me, make: Make) -> Response:
    """Your notice (缴款通知书) on paper. Fetching it does not start its clock; `POST …/opened` does."""
    found = await make.papers().notice(id, applicant=me.owner)
    return Response(found, media_type="application/pdf", headers=PRIVATE)


@router.get("/{id}/qr", name="draw_my_qr", response_class=Response, responses=given("image/svg+xml", "The QR code"))
async def qr(id: UUID, me: Me, make: Make) -> Response:
    """The QR code of the pay page."""
    found = await make.papers().qr(id, applicant=me.owner)
    return Response(found, media_type="image/svg+xml", headers=PRIVATE)
