"""What a pack says in figures and words for one application: deadlines, fee, limits, bans, what is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mangping.clock import Calendar, Deadline
from mangping.policy.citations import Citation
from mangping.policy.findings import Asked
from mangping.policy.judge_late import fee, fee_deadline, money
from mangping.policy.judge_time import closing, correction_deadline, publicity_deadline
from mangping.policy.load import Policy
from mangping.policy.parts import Cited, Period

EFFECTS = {
    "no_application": "不得申报", "no_promotion": "不得晋升高一级职称", "blacklist": "列入黑名单", "void": "无效",
    "revoke": "撤销已取得的资格",
    "archive": "记入诚信档案库", "disqualify": "取消申报资格",
}  # fmt: skip
STARTS = {"next_application_year": "从申报年度下一年度起", "finding": "从认定之日起", "decision": "从决定之日起"}
BASES = {"put_to_vote": "提交表决人数", "accepted": "受理人数", "present": "到会人数"}
ROUNDING = {"floor": "舍去小数", "ceiling": "进位取整", "half_up": "四舍五入"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of the pack as people read it, with its rules; a deadline keeps how it was counted."""

    key: str
    title: str
    value: str
    rules: tuple[Citation, ...]
    deadline: Deadline | None = None

    def __str__(self) -> str:
        return f"{' '.join(rule.rule for rule in self.rules)} {self.title}：{self.value}"


def figures(
    policy: Policy, facts: Mapping[str, Any], now: datetime, *, calendar: Calendar | None = None
) -> tuple[Figure, ...]:
    """Every figure that stands for these facts, in the order of the pack. Raises Uncovered outside the pack's days."""
    asked = Asked.of(policy, "submit", facts, now, calendar)
    makers = (_time, _running, _rules, _materials, _fees, _late, _published)
    return tuple(figure for make in makers for figure in make(asked))


def _figure(asked: Asked, key: str, title: str, value: str, *parts: Cited, deadline: Deadline | None = None) -> Figure:
    return Figure(key, title, value, asked.policy.cited(*parts), deadline)


def _end(deadline: Deadline) -> str:
    """24:00 of a day is kept as 00:00 of the next; people read it as 24:00."""
    if deadline.end.hour == deadline.end.minute == 0:
        return f"{(deadline.end - timedelta(days=1)):%Y-%m-%d} 24:00"
    return f"{deadline.end:%Y-%m-%d %H:%M}"


def _time(asked: Asked) -> Iterator[Figure]:
    for window in asked.policy.pack.windows:
        deadline = closing(asked, window)
        opens = f"{window.opens} 00:00" if window.opens else "即日"
        value = f"{opens}至{_end(deadline) if deadline else '另行通知'}" if window.announced else "另行通知"
        value += "（拟定）" if window.provisional else ""
        yield _figure(asked, f"window.{window.key}", window.title, value, window, deadline=deadline)


def _running(asked: Asked) -> Iterator[Figure]:
    pack = asked.policy.pack
    if (correction := correction_deadline(asked)) and pack.correction:
        yield _figure(asked, "correction", "补正截止", _end(correction), pack.correction, deadline=correction)
    if posted := publicity_deadline(asked):
        yield _figure(asked, "publicity", "公示期满", _end(posted), pack.publicity, deadline=posted)
    if (due := fee_deadline(asked)) and pack.fees:
        yield _figure(asked, "fee_due", "缴款截止", _end(due), pack.fees.due, deadline=due)


def _rules(asked: Asked) -> Iterator[Figure]:
    pack = asked.policy.pack
    for number, one in enumerate(pack.criteria):
        if asked.surely(one.when):
            yield _figure(asked, f"criteria.{number}", "评审条件", f"{one.number}《{one.title}》", one)
    for tier in pack.tiers:
        joint = "共同同意" if tier.needs == "all" and len(tier.bodies) > 1 else "同意"
        yield _figure(asked, f"tier.{tier.key}", tier.title, f"{'、'.join(tier.bodies)}{joint}", tier)
    if pack.submissions:
        scope = "仅计提交评委会的次数" if pack.submissions.counts == "committee" else "每次提交都计"
        yield _figure(asked, "submissions", "提交次数", f"不超过{pack.submissions.max}次，{scope}", pack.submissions)
    if pack.correction and pack.correction.period:
        yield _figure(asked, "correction_period", "补正期限", _period(pack.correction.period), pack.correction)
    if pack.seniority and pack.seniority.cutoff:
        yield _figure(asked, "cutoff", "资历截止", pack.seniority.cutoff, pack.seniority)


def _period(period: Period) -> str:
    pairs = ((period.hours, "小时"), (period.days, "日"), (period.working_days, "个工作日"))
    return "".join(f"{count}{unit}" for count, unit in pairs if count is not None)


def _materials(asked: Asked) -> Iterator[Figure]:
    pack = asked.policy.pack
    if pack.masking.blind:
        classes = "、".join(one.title for one in pack.masking.classes)
        yield _figure(asked, "masking", "遮盖", classes, pack.masking.blind, *pack.masking.classes)
    if pack.materials.waived:
        items = "、".join(pack.materials.waived.items)
        yield _figure(asked, "waived", "以承诺代替，不再要求提供", items, pack.materials.waived)
    for column in pack.materials.columns:
        if column.panel == "excluded":
            yield _figure(asked, f"excluded.{column.key}", "不提供给评委", column.title, column)


def _fees(asked: Asked) -> Iterator[Figure]:
    if price := fee(asked):
        yield _figure(asked, "fee", f"{price.kind}{price.level}收费", money(price.fen), price)
    fees = asked.policy.pack.fees
    if fees and fees.channels:
        yield _figure(asked, "fee_channels", "缴款渠道", "、".join(fees.channels.allowed), fees.channels)


def _late(asked: Asked) -> Iterator[Figure]:
    pack = asked.policy.pack
    for rate in pack.pass_rates:
        levels = "、".join(rate.levels)
        value = f"{rate.percent}%（基数为{BASES[rate.base]}，{ROUNDING[rate.rounding]}）" if rate.percent else "不设置"
        yield _figure(asked, f"pass_rate.{levels}", f"{levels}通过率", value, rate)
    for ban in pack.bans:
        length = f"{ban.years}年" if ban.years else f"不少于{ban.months}个月" if ban.months else ""
        value = f"{STARTS.get(ban.starts or '', '')}{length}{EFFECTS[ban.effect]}"
        yield _figure(asked, f"ban.{ban.key}", ban.title, value, ban)


def _published(asked: Asked) -> Iterator[Figure]:
    for one in asked.policy.pack.published:
        yield _figure(asked, f"published.{one.key}", one.title, one.value, one)
