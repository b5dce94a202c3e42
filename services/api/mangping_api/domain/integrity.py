"""The integrity register: what was found of whom, on which basis, what it brings and until when. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from mangping.errors import Refused
from mangping.policy import Policy
from mangping.policy.pack import Ban

Effect = Literal[
    "void", "no_application", "no_promotion", "blacklist", "revoke", "archive", "disqualify", "veto", "sanction",
    "investigation", "aftermath", "none",
]  # fmt: skip
# Whose conduct a case may be about.
Subject = Literal["评委会", "申报人", "申报人所在单位", "推荐单位", "评委会组建单位", "评审专家", "办事机构工作人员"]
Cause = Literal[
    "弄虚作假", "填报虚假信息", "提供虚假材料", "抄袭", "剽窃", "不当署名", "论文代写代发", "虚假刊发", "同年度重复申报",
    "师德失范", "记过以上处分", "立案审查调查", "违纪违法处分处罚", "隐瞒歪曲事实", "谋取利益", "诬告陷害",
]  # fmt: skip
Conclusion = Literal["属实", "部分属实", "不属实", "诬告陷害"]
Channel = Literal["phone", "letter", "visit"]
EFFECTS: tuple[str, ...] = get_args(Effect)
CONCLUSIONS: tuple[str, ...] = get_args(Conclusion)
# What an office enters without a ban of a notice, by its cause: the effect, and whether a last day must be given.
OF_OFFICE: dict[Cause, tuple[Effect, bool]] = {
    "师德失范": ("veto", False), "记过以上处分": ("sanction", True), "立案审查调查": ("investigation", False),
    "违纪违法处分处罚": ("aftermath", True),
}  # fmt: skip
ENDLESS = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Entry:
    """`until` is the last day it holds; None: without end. Of the person only a digest is known here."""

    id: UUID
    effect: Effect
    cause: Cause
    decided_on: date
    until: date | None
    lifted: bool = False

    def holds(self, day: date) -> bool:
        return not self.lifted and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Complaint:
    """`content` and `decision` name people: in clear only in memory."""

    id: UUID
    application: UUID
    line: tuple[UUID, ...]
    channel: Channel
    subject: Subject
    content: Mapping[str, str] = field(repr=False)
    received_at: datetime
    state: Literal["open", "decided"] = "open"
    conclusion: Conclusion | None = None
    basis: tuple[str, ...] = ()
    decision: str = field(default="", repr=False)
    decided_at: datetime | None = None


def register_facts(entries: Iterable[Entry], day: date) -> dict[str, Any]:
    """What the register says of a person on this day, as packs ask it. Nothing entered: nothing is so.

    A ban counts from its decision: the year in which it was found is lost as well (the pledges' own words).
    """
    held = [one for one in entries if one.holds(day)]
    effects, ethics = {one.effect for one in held}, [one for one in held if one.cause == "师德失范"]
    barring = [one for one in held if one.effect in ("no_application", "disqualify")]
    return {
        "barred_until": _last(barring),
        "archived_until": _last(one for one in held if one.effect in ("archive", "no_promotion")),
        "blacklisted": "blacklist" in effects,
        "ethics_fault": bool(ethics),
        "ethics_barred": any(one.effect in ("no_application", "disqualify") for one in ethics),
        "sanction_major": "sanction" in effects,
        "investigated": "investigation" in effects,
        "sanction_effective": "aftermath" in effects,
    }


def harder(vouched: Mapping[str, Any], register: Mapping[str, Any]) -> dict[str, Any]:
    """A unit may vouch for what speaks against its person, never against the register."""
    told: dict[str, Any] = {}
    for name, value in register.items():
        own = vouched.get(name)
        told[name] = max(own, value) if isinstance(own, type(value)) else value
    return told


def last_day(policy: Policy, ban: Ban, decided_on: date, given: date | None) -> date | None:
    """The last day of a ban of the pack: as the notice counts it, else as the officer gives it; disqualified is who is
    disqualified for the rest of the application year. Refused when an officer shortens what the notice says."""
    if ban.effect == "disqualify":
        return max(date(policy.pack.year, 12, 31), decided_on)
    counted = _counted(policy, ban, decided_on)
    if counted is None:
        return given
    if given is not None and given < counted:
        message, remedy = "期限短于通知规定。", "请按通知规定的期限填写，或不填由系统计算。"
        raise Refused("integrity.until", message, remedy)
    return max(counted, given or counted)


def _counted(policy: Policy, ban: Ban, decided_on: date) -> date | None:
    if ban.years is None and ban.months is None:
        return None
    first = date(policy.pack.year + 1, 1, 1) if ban.starts == "next_application_year" else decided_on
    months = 12 * (ban.years or 0) + (ban.months or 0)
    year, month = first.year + (first.month - 1 + months) // 12, (first.month - 1 + months) % 12 + 1
    after = _same_day(year, month, first.day)
    return after - timedelta(days=1) if ban.starts == "next_application_year" else after


def _same_day(year: int, month: int, day: int) -> date:
    """The corresponding day, or the last of the month (Civil Code 202)."""
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def ban_of(policy: Policy, key: str) -> Ban:
    """Refused (422) when the notice has no such ban."""
    found = next((ban for ban in policy.pack.bans if ban.key == key), None)
    if found is None:
        raise Refused("integrity.ban", "本批次的通知没有这一项处理。", "请从通知规定的处理（bans）中选择。")
    return found


def _last(entries: Iterable[Entry]) -> str:
    days = [one.until or ENDLESS for one in entries]
    return max(days).isoformat() if days else ""
