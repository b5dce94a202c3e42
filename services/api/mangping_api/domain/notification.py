"""What people are told of an application: by which ways, in which words, and whether it reached them.

No name and no number of the person: a telephone may lie in another's hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from mangping.clock import until
from mangping.couriers.base import Way

REMINDER = "deadline.nearing"
ARRIVING = "arrival.nearing"  # it lies at an office, and must reach another in time
REMIND_HOURS = (24, 2)  # before the end of a deadline on which the clock acts
REPORT_WITHIN = timedelta(hours=24)  # an SMS that no report came for counts as undelivered
_BOTH, _INBOX = (Way.SMS, Way.EMAIL), ()


class Standing(StrEnum):
    OWED = "owed"  # some way is still being tried
    SETTLED = "settled"  # it arrived one way, was read, or is for the inbox only
    UNDELIVERED = "undelivered"  # no way reached them: somebody must tell them
    HANDLED = "handled"  # somebody did


class Handling(StrEnum):
    """What an officer did about an undelivered notification."""

    PHONED = "phoned"
    IN_PERSON = "in_person"
    BY_UNIT = "by_unit"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Template:
    """`text` takes {number}, {tier}, {hours} and {due}; `until` is added when there is an end."""

    title: str
    text: str
    until: str = ""
    ways: tuple[Way, ...] = _INBOX


# Each event once. Where the fees service tells people itself (SMS and e-mail of the notice), the inbox is enough here.
TEMPLATES: Mapping[str, Template] = {
    "application.submitted": Template("申报已提交", "您的申报（编号{number}）已提交，等待审核。"),
    "application.resubmitted": Template("补正已提交", "您补正后的申报（编号{number}）已提交，等待审核。"),
    "application.withdrawn": Template(
        "申报已撤回", "您的申报（编号{number}）已撤回，修改后须重新提交。", "请于{due}前提交。"
    ),
    "application.arrived": Template("申报已到达下一层级", "您的申报（编号{number}）已到达“{tier}”。"),
    "application.returned": Template(
        "申报被退回", "您的申报（编号{number}）被退回，请登录系统查看全部问题。",
        "请于{due}前改正并重新提交，逾期按通知规定处理。", _BOTH,
    ),
    "application.accepted": Template("申报材料已接收", "您的申报（编号{number}）已接收材料。", ways=_BOTH),
    "application.accepted_again": Template("申报恢复", "您的申报（编号{number}）缴费及时，申报恢复有效。", ways=_BOTH),
    "application.not_accepted": Template(
        "申报不予受理", "您的申报（编号{number}）本年度不予受理，原因请登录系统查看。", ways=_BOTH
    ),
    "application.abandoned": Template("申报已放弃", "您的申报（编号{number}）已放弃或被视为放弃，请登录系统查看。", ways=_BOTH),
    "application.lapsed": Template("申报已逾期", "您的申报（编号{number}）未在规定时间内提交，已逾期。", ways=_BOTH),
    "application.disqualified": Template(
        "申报资格被取消", "您的申报（编号{number}）被取消申报资格，原因和申诉办法请登录系统查看。", ways=_BOTH
    ),
    "application.voided": Template("申报无效", "您的申报（编号{number}）被认定无效，原因请登录系统查看。", ways=_BOTH),
    REMINDER: Template(
        "截止时间临近", "提醒：您的申报（编号{number}）距截止不足{hours}小时。",
        "请于{due}前提交，逾期按通知规定处理。", _BOTH,
    ),
    ARRIVING: Template(
        "送达截止时间临近", "提醒：您的申报（编号{number}）还在审核途中，距送达截止不足{hours}小时。",
        "{due}未送达的按通知规定处理，请询问审核单位。", _BOTH,
    ),
    "fee.issued": Template("缴款通知书已开具", "您的申报（编号{number}）的缴款通知书已开具，请及时查看并缴款。"),
    "fee.notified": Template("缴款期限已开始", "您的申报（编号{number}）须缴纳评审费。", "请于{due}前缴款，逾期视为放弃申报。"),
    "fee.settled": Template("缴费成功", "您的申报（编号{number}）已缴费。"),
    "fee.expired": Template("缴款已逾期", "您的申报（编号{number}）未在规定时间内缴费。"),
    "fee.refunded": Template("已退费", "您的申报（编号{number}）的缴费已退回。"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Notification:
    """`facts` may hold tier (its title), due_at (an exclusive end, ISO 8601) and hours."""

    id: UUID
    person: UUID
    application_id: UUID
    event: str
    facts: Mapping[str, Any]
    standing: Standing
    created_at: datetime
    read_at: datetime | None = None
    handled_by: UUID | None = None
    handled_at: datetime | None = None
    handling: Handling | None = None

    @property
    def due_at(self) -> datetime | None:
        told = self.facts.get("due_at")
        return datetime.fromisoformat(told) if told else None

    def words(self) -> Words:
        return words(self.event, self.application_id, self.facts)


@dataclass(frozen=True, slots=True)
class Delivery:
    """`next_at` is when it is tried (again) or, once sent, given up; None when it has ended. `error` is stable."""

    id: UUID
    notification_id: UUID
    way: Way
    created_at: datetime
    next_at: datetime | None
    tries: int = 0
    provider_id: str | None = field(default=None, repr=False)
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    error: str | None = None


def words(event: str, application: UUID, facts: Mapping[str, Any]) -> Words:
    """KeyError for an event without a template."""
    template = TEMPLATES[event]
    due = datetime.fromisoformat(facts["due_at"]) if facts.get("due_at") else None
    told = {
        "number": number(application), "tier": facts.get("tier") or "下一层级", "hours": facts.get("hours", ""),
        "due": until(due) if due else "",
    }  # fmt: skip
    return Words(template.title, (template.text + (template.until if due else "")).format(**told))


def number(application: UUID) -> str:
    """How people name an application over the telephone: the first eight characters of its id."""
    return application.hex[:8].upper()


def stands(notification: Notification, deliveries: Iterable[Delivery]) -> Standing:
    """Where it stands after something happened to it or to one of its deliveries."""
    held = tuple(deliveries)
    if notification.standing is Standing.HANDLED:
        return Standing.HANDLED
    if notification.read_at is not None or not held or any(one.delivered_at for one in held):
        return Standing.SETTLED
    return Standing.OWED if any(one.next_at for one in held) else Standing.UNDELIVERED
