"""/v1/refunds and /v1/suspense: money that is not where it belongs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from mangping.db import Tx
from mangping.headers import AFTER, IDEMPOTENT, LIMIT

from mangping_fees.domain.refund import State
from mangping_fees.handlers.parts import PROBLEMS, Make, Me, page, place_of
from mangping_fees.services.once import Answer
from mangping_fees.shapes.payments import FinishIn, PaymentOut, PaymentsOut, RefundIn, RefundOut, RefundsOut

router = APIRouter(prefix="/v1", tags=["refunds"])


@router.get("/suspense", name="list_suspense", responses=PROBLEMS)
async def suspense(make: Make, after: AFTER = None, limit: LIMIT = 20) -> PaymentsOut:
    """Money that is not credit, newest first, and why: wrong amount, void or unknown code, late, second, transfer."""
    found = await make.refunds().suspense(after=place_of(after), limit=limit + 1)
    items, following = page(found, limit, lambda payment: (payment.heard_at, payment.id))
    return PaymentsOut(items=tuple(PaymentOut.of(payment) for payment in items), next=following)


@router.get("/refunds", name="list_refunds", responses=PROBLEMS)
async def newest(
    make: Make, after: AFTER = None, limit: LIMIT = 20,
    state: Annotated[State | None, Query(description="only refunds in this state")] = None,
) -> RefundsOut:  # fmt: skip
    """The refund queue, newest first."""
    found = await make.refunds().newest(after=place_of(after), limit=limit + 1, state=state)
    items, following = page(found, limit, lambda refund: (refund.requested_at, refund.id))
    return RefundsOut(items=tuple(RefundOut.of(refund) for refund in items), next=following)


@router.post("/refunds", name="request_refund", status_code=201, response_model=RefundOut, responses=PROBLEMS)
async def request(asked: RefundIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """Ask for a payment to be sent back. Two other people must approve."""

    async def do(tx: Tx, _: datetime) -> Answer:
        made = await make.refunds().request(tx, asked.payment, asked.reason, me.owner)
        return 201, RefundOut.of(made).model_dump(mode="json")

    status, body = await make.once().run(me.owner, key, ("request_refund", asked.payment, asked.reason), do)
    return JSONResponse(body, status)


@router.post("/refunds/{id}/approve", name="approve_refund", responses=PROBLEMS)
async def approve(id: UUID, me: Me, make: Make) -> RefundOut:
    """Approve a refund. 403 for whoever asked for it or has approved it already."""
    return RefundOut.of(await make.refunds().approve(id, me.owner))


@router.post("/refunds/{id}/reject", name="reject_refund", responses=PROBLEMS)
async def reject(id: UUID, me: Me, make: Make) -> RefundOut:
    """Reject a refund that is not approved yet."""
    return RefundOut.of(await make.refunds().reject(id, me.owner))


@router.post("/refunds/{id}/finish", name="finish_refund", response_model=RefundOut, responses=PROBLEMS)
async def finish(id: UUID, asked: FinishIn, me: Me, make: Make, key: IDEMPOTENT = None) -> Response:
    """The treasury has sent an approved refund, under this reference."""

    async def do(tx: Tx, _: datetime) -> Answer:
        done = await make.refunds().finish(tx, id, asked.reference, me.owner)
        return 200, RefundOut.of(done).model_dump(mode="json")

    status, body = await make.once().run(me.owner, key, ("finish_refund", id, asked.reference), do)
    return JSONResponse(body, status)
