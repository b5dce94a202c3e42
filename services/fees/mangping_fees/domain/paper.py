"""缴款通知书 on paper: what it says, word by word. Pure; the template only lays it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mangping.clock import BEIJING, WEEKDAYS, until
from mangping.contracts import SealedPayer
from mangping.money import capitals, yuan

from mangping_fees.domain.notice import PAYABLE, Line, Notice, State
from mangping_fees.domain.payment import Channel
from mangping_fees.domain.tariff import Tariff

CHANNELS = {
    Channel.COUNTER: "银行柜面",
    Channel.QR: "扫描二维码",
    Channel.MOBILE_BANK: "手机银行",
    Channel.TRANSFER: "转账",
}
ROLLS = {
    "off_days": "，最后一日遇休息日顺延", "statutory_only": "，最后一日遇法定节假日顺延", "none": "，最后一日遇节假日不顺延",
}  # fmt: skip
# Where it stands, as a person holding the paper must know it; nothing for one that simply waits to be paid.
STANDINGS = {
    State.EXPIRING: "已过期限", State.EXPIRED: "已过期限", State.VOIDING: "已作废", State.VOIDED: "已作废", State.PAID: "已缴款",
    State.RECONCILED: "已缴款", State.RECEIPTED: "已缴款", State.REFUNDED: "已退付",
}  # fmt: skip


def facts(notice: Notice, lines: Sequence[Line], payer: SealedPayer, tariff: Tariff) -> dict[str, Any]:
    """What the template is told. The notice has its pay code."""
    assert notice.pay_code is not None
    assert notice.issued_at is not None
    return {
        "bill_no": notice.bill_no, "pay_code": " ".join(_fours(notice.pay_code)), "issued": _day(notice.issued_at),
        "region_code": notice.region_code, "unit_code": notice.unit_code, "unit_name": notice.unit_name,
        "payer": payer.name, "payer_kind": "统一社会信用代码" if payer.credit_code else "手机号码",
        "payer_mark": payer.credit_code or _masked(payer.mobile), "items": _items(lines),
        "people": len({line.application_id for line in lines}), "total": yuan(notice.amount_fen),
        "capitals": capitals(notice.amount_fen), "due": _due(notice, tariff), "due_quote": tariff.due.quote,
        "due_rule": tariff.due.cite, "due_trace": list(notice.due_trace), "lapse": tariff.due.lapse,
        "channels": "、".join(CHANNELS[channel] for channel in Channel if channel in notice.channels),
        # Money that comes otherwise goes to suspense and back (RULES C.4): said where this notice takes no transfers.
        "no_transfer": Channel.TRANSFER not in notice.channels,
        "roll": ROLLS[tariff.due.roll], "standing": STANDINGS.get(notice.state, ""), "payable": notice.state in PAYABLE,
    }  # fmt: skip


def _items(lines: Sequence[Line]) -> list[dict[str, str]]:
    """One row a charge: the same charge of several people is a quantity."""
    rows: dict[tuple[str, int], list[Line]] = {}
    for line in lines:
        rows.setdefault((line.project_code, line.amount_fen), []).append(line)
    return [
        {
            "code": code, "name": some[0].name, "unit": some[0].unit, "quantity": str(len(some)), "each": yuan(fen),
            "amount": yuan(fen * len(some)), "basis": some[0].basis,
        }
        for (code, fen), some in rows.items()
    ]  # fmt: skip


def _due(notice: Notice, tariff: Tariff) -> str:
    if notice.due_at is not None:
        return until(notice.due_at, whole=True)
    return f"收到本通知之日的次日起{tariff.due.days}日内" if tariff.due.days else "待定"


def _day(instant: datetime) -> str:
    local = instant.astimezone(BEIJING)
    return f"{local.year}年{local.month}月{local.day}日（星期{WEEKDAYS[local.weekday()]}）"


def _fours(code: str) -> list[str]:
    return [code[at : at + 4] for at in range(0, len(code), 4)]


def _masked(mobile: str) -> str:
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= 11 else ""
