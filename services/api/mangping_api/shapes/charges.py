"""Charges, as they are sent and got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from mangping_api.domain.charge import State
from mangping_api.services.charges import Shown
from mangping_api.wire import In, Out

_ID = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"


class RosterIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"programme": _ID, "applications": [_ID]}]})
    programme: UUID
    applications: Annotated[
        tuple[UUID, ...], Field(min_length=1, max_length=2000, description="本单位已接收材料的申报")
    ]


class RosterMadeOut(Out):
    id: UUID
    state: State
    amount_fen: Annotated[int, Field(description="合计，分")]


class ChargedOut(Out):
    application: UUID
    kind: str
    level: str
    fen: Annotated[int, Field(description="分")]


class ChargeOut(Out):
    """What is to be paid, by when and how that was counted. Links are given to whoever pays."""

    id: UUID
    state: State
    by_unit: Annotated[bool, Field(description="由单位按花名册缴费")]
    amount_fen: Annotated[int, Field(description="本申报应缴，分；花名册为合计")]
    lines: tuple[ChargedOut, ...]
    received_at: Annotated[datetime | None, Field(description="通知送达时刻，缴款期限由此起算")]
    due_at: Annotated[datetime | None, Field(description="截止时刻，不含")]
    due_rule: Annotated[str | None, Field(description="期限所依据的规则编号")]
    due_trace: Annotated[tuple[str, ...], Field(description="期限怎样算出")]
    paid_at: datetime | None
    refusal: Annotated[str | None, Field(description="不能开具的原因，稳定代码")]
    pay_url: Annotated[str | None, Field(description="二维码所载的缴款地址")]
    notice: Annotated[str | None, Field(description="缴款通知书，收费服务")]
    receipt: Annotated[str | None, Field(description="财政电子票据，收费服务；对账后可下载")]

    @classmethod
    def of(cls, shown: Shown, fees_url: str) -> ChargeOut:
        charge = shown.charge
        notice = f"{fees_url}/v1/my/notices/{charge.notice_id}" if shown.pays and charge.notice_id else None
        paid = charge.paid_at is not None or charge.state is State.REFUNDED
        payable = shown.pays and charge.state not in (State.CANCELLING, State.CANCELLED)
        return cls(
            id=charge.id, state=charge.state, by_unit=charge.unit is not None,
            amount_fen=sum(line.fen for line in shown.lines),
            lines=tuple(
                ChargedOut(application=one.application_id, kind=one.kind, level=one.level, fen=one.fen)
                for one in shown.lines
            ),
            received_at=charge.received_at, due_at=charge.due_at, due_rule=charge.due_rule, due_trace=charge.due_trace,
            paid_at=charge.paid_at, refusal=charge.refusal, pay_url=charge.pay_url if payable else None,
            notice=notice, receipt=f"{notice}/receipt" if notice and paid else None,
        )  # fmt: skip
