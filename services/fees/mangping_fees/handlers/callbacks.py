"""/v1/gateway-events and /v1/delivery-reports: what gateways and couriers tell unasked."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from mangping.errors import Refused
from mangping.web import body_of

from mangping_fees.handlers.parts import PROBLEMS, Make
from mangping_fees.shapes.notices import DeliveryReportIn

router = APIRouter(prefix="/v1", tags=["callbacks"])
_MAX = 64 * 1024
_SIGNED: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
}


@router.post("/gateway-events", name="take_gateway_event", status_code=204, responses=PROBLEMS, openapi_extra=_SIGNED)
async def gateway_event(request: Request, make: Make) -> None:
    """Word of money or of the pay page, signed after Standard Webhooks (`v1`, `v1sm3`). Taken in once by its id."""
    body = b""
    async for chunk in body_of(request):
        body += chunk
        if len(body) > _MAX:
            raise Refused("webhook.too_large", "回调内容过大。", "请缩减后重新发送。", status=413)
    await make.callbacks().take(request.headers, body)


@router.post("/delivery-reports", name="report_delivery", status_code=204, responses=PROBLEMS)
async def delivery_report(told: DeliveryReportIn, make: Make) -> None:
    """What became of an SMS or e-mail. The first one that arrives starts the time to pay; a failed one never does."""
    if told.status == "delivered":
        await make.deliveries().delivered(told.key, told.at)
    else:
        await make.deliveries().failed(told.key, told.code)
