"""The bodies of callbacks: one JSON object a word of money, and nothing in it that names a person.

    {"type": "payment.confirmed", "timestamp": "2024-09-10T10:00:00+08:00", "data": {"region_code": "450300",
     "pay_code": "…", "bank_trans_no": "…", "amount_fen": 38000, "channel": "qr", "unit_code": "…"}}

`payment.failed` and `payment.page_opened` carry region_code and pay_code. Unknown keys are passed over, unknown types
are refused: the sender must not believe that they were understood.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from mangping.errors import Refused
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from mangping_fees.domain.payment import Channel, Confirmation, DeductionFailed, GatewayEvent, PayPageOpened

_Word = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._:+-]{1,64}$")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


class _Code(_Shape):
    region_code: _Word
    pay_code: _Word


class _Money(_Code):
    bank_trans_no: _Word
    amount_fen: Annotated[int, Field(gt=0, lt=10**14)]
    channel: Literal["counter", "qr", "mobile_bank", "transfer"]
    unit_code: _Word | None = None


class _Confirmed(_Shape):
    type: Literal["payment.confirmed"]
    timestamp: AwareDatetime
    data: _Money


class _Other(_Shape):
    type: Literal["payment.failed", "payment.page_opened"]
    timestamp: AwareDatetime
    data: _Code


_SHAPES: TypeAdapter[_Confirmed | _Other] = TypeAdapter(Annotated[_Confirmed | _Other, Field(discriminator="type")])


def read_event(event_id: str, untrusted: bytes) -> GatewayEvent:
    """Refused (422) for a body that is none of the three."""
    try:
        told = _SHAPES.validate_json(untrusted)
    except ValidationError:
        raise Refused("webhook.body", "回调内容不符合约定。", "请按接口说明检查回调的类型和字段。") from None
    code = told.data.region_code, told.data.pay_code
    if isinstance(told, _Confirmed):
        money = told.data
        return Confirmation(
            event_id, *code, money.bank_trans_no, money.amount_fen, Channel(money.channel), told.timestamp,
            money.unit_code,
        )  # fmt: skip
    if told.type == "payment.failed":
        return DeductionFailed(event_id, *code, told.timestamp)
    return PayPageOpened(event_id, *code, told.timestamp)


def write_event(event: GatewayEvent) -> bytes:
    """The body that says this; its event id travels in the header."""
    code: dict[str, Any] = {"region_code": event.region_code, "pay_code": event.pay_code}
    match event:
        case Confirmation():
            money = {
                "bank_trans_no": event.bank_trans_no, "amount_fen": event.amount_fen, "channel": event.channel.value,
                **({"unit_code": event.unit_code} if event.unit_code else {}),
            }  # fmt: skip
            return _body("payment.confirmed", event.paid_at, code | money)
        case DeductionFailed():
            return _body("payment.failed", event.at, code)
        case PayPageOpened():
            return _body("payment.page_opened", event.at, code)


def _body(kind: str, at: datetime, told: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "timestamp": at.isoformat(), "data": told}, separators=(",", ":")).encode()
