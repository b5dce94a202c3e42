"""One message to whoever must pay: by which channel, what for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from mangping.clock import until
from mangping.couriers.base import Way as Way


class Purpose(StrEnum):
    ISSUED = "issued"
    DAY_BEFORE = "day_before"
    HOURS_BEFORE = "hours_before"
    FAILED = "failed"  # 扣款不成功


TITLE = "职称评审缴款通知书"  # of an e-mail
REMINDERS = {Purpose.DAY_BEFORE: timedelta(days=1), Purpose.HOURS_BEFORE: timedelta(hours=2)}


@dataclass(frozen=True, slots=True)
class Delivery:
    """`next_at` is when it is (tried again to be) sent, None when nothing more is owed. `error` is a stable code."""

    id: UUID
    notice_id: UUID
    channel: Way
    purpose: Purpose
    created_at: datetime
    next_at: datetime | None
    tries: int = 0
    provider_id: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    opened_at: datetime | None = None
    error: str | None = None


def words(purpose: Purpose, amount: str, pay_url: str, due_at: datetime | None, lapse: str) -> str:
    """What is sent. No name and no number of the person: a telephone may lie in another's hand.

    `lapse` are the notice's words about who does not pay; empty where it has none.
    """
    end = f"，请于{until(due_at)}前缴款" + (f"，{lapse}" if lapse else "") if due_at else ""
    opening = {
        Purpose.ISSUED: "您的职称评审缴款通知书已开具",
        Purpose.DAY_BEFORE: "提醒：您的职称评审费尚未缴纳，距截止不足一日",
        Purpose.HOURS_BEFORE: "提醒：您的职称评审费尚未缴纳，距截止不足两小时",
        Purpose.FAILED: "您的职称评审费扣款不成功，请查明原因后重新缴款，截止时间不变",
    }[purpose]
    return f"{opening}，金额{amount}元{end}。缴款：{pay_url}"
