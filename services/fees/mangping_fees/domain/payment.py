"""Word of money, as any gateway tells it. Amounts are int fen, instants are aware; nothing here names a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """How the money came. A direct transfer to the treasury account is never credit (GL-88)."""

    COUNTER = "counter"  # 银行柜面
    QR = "qr"  # 二维码聚合支付
    MOBILE_BANK = "mobile_bank"  # 手机银行
    TRANSFER = "transfer"  # 直接转账


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Money arrived. Heard at least once, in any order; `bank_trans_no` is unique in a region for good.

    `event_id` is the sender's id of this word (message id, webhook-id); what a query found is told under
    "query:<bank_trans_no>". `unit_code` is None where the sender does not say it.
    """

    event_id: str
    region_code: str
    pay_code: str
    bank_trans_no: str
    amount_fen: int
    channel: Channel
    paid_at: datetime
    unit_code: str | None = None


@dataclass(frozen=True, slots=True)
class DeductionFailed:
    """扣款不成功: nothing was paid, the due date stays (GL-89)."""

    event_id: str
    region_code: str
    pay_code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PayPageOpened:
    """Somebody opened the page behind the QR code; tells nothing about money."""

    event_id: str
    region_code: str
    pay_code: str
    at: datetime


GatewayEvent = Confirmation | DeductionFailed | PayPageOpened
