"""Findings about what follows acceptance: fees and their clock, defence and its exemptions."""

from __future__ import annotations

from collections.abc import Iterator

from mangping.clock import Deadline
from mangping.policy.conditions import Unknown
from mangping.policy.findings import Asked, Finding
from mangping.policy.judge_time import closing, counted
from mangping.policy.pack import Exempt, ExemptCounts, Fee
from mangping.policy.parts import LAPSES


def fee(asked: Asked) -> Fee | None:
    """What this kind and level pays."""
    kind, level = (asked.group("application").get(name) for name in ("kind", "level"))
    fees = asked.policy.pack.fees
    return next((one for one in fees.table if (one.kind, one.level) == (kind, level)), None) if fees else None


def fee_deadline(asked: Asked) -> Deadline | None:
    """By a printed window, or counted from the receipt of the notice; None while it is not running."""
    fees = asked.policy.pack.fees
    if fees is None:
        return None
    due = fees.due
    if due.window:
        return closing(asked, next(one for one in asked.policy.pack.windows if one.key == due.window))
    notified = asked.instant("payment", "notified_at")
    return counted(asked, due.period, notified, due) if due.period and notified else None


def money(yuan: int) -> str:
    return f"{yuan // 100}.{yuan % 100:02}元"


def fees(asked: Asked) -> Iterator[Finding]:
    if asked.act != "pay":
        return
    rules, paid = asked.policy.pack.fees, asked.group("payment")
    if rules is None:
        yield asked.find("fee.none", (), "评审费", "通知没有规定收费，不得收取", "请勿缴费")
        return
    price = fee(asked)
    if price is None:
        yield asked.find("fee.unknown", rules.table, "评审费", "没有这一类型和级别的收费标准", "请核对申报类型和级别")
    elif paid.get("amount_fen") != price.fen and not paid.get("part"):
        message = f"金额与收费标准{money(price.fen)}不符"
        yield asked.find("fee.amount", price, "评审费", message, f"请按{money(price.fen)}缴款")
    if rules.gate and asked.group("record").get("state") != rules.gate.state:
        message = f"申报状态不是“{rules.gate.state}”，还不能缴费"
        yield asked.find("fee.gate", rules.gate, "评审费", message, "请等候状态变更后缴费")
    yield from _paying(asked)


def _paying(asked: Asked) -> Iterator[Finding]:
    rules, paid = asked.policy.pack.fees, asked.group("payment")
    if rules is None:
        return
    if rules.channels and paid.get("channel") not in rules.channels.allowed:
        message = f"不支持这一缴款渠道，可用：{'、'.join(rules.channels.allowed)}"
        yield asked.find("fee.channel", rules.channels, "缴款渠道", message, "请改用规定的渠道")
    if rules.whole and paid.get("part"):
        yield asked.find("fee.part", rules.whole, "评审费", "须一次性交清，不得分次缴纳", "请一次缴清全额")
    if rules.retry and paid.get("failed"):
        message, remedy = "扣款不成功，尚未缴款，期限不变", "请查明原因并在期限内重新缴款"
        yield asked.find("fee.failed", rules.retry, "缴款", message, remedy, blocking=False)
    deadline = fee_deadline(asked)
    if deadline is None and rules.due.period:
        yield from asked.unknown("payment.notified_at", rules.due, "缴款期限")
    elif deadline and rules.due.period and deadline.passed(asked.now):
        message = f"缴款期限已于{deadline.end:%Y-%m-%d %H:%M}届满，{LAPSES[rules.due.on_lapse]}"
        yield asked.find("fee.late", rules.due, "缴款期限", message, "已过期限，不能缴款", trace=deadline.trace)


def exemption(asked: Asked) -> tuple[Exempt, tuple[ExemptCounts, ...]] | None:
    """The first exemption that applies, and how an exempt applicant is scored. Raises Unknown."""
    rule = asked.policy.pack.defence
    if rule is None:
        return None
    found = next((one for one in rule.exempt if asked.answers.holds(one.when)), None)
    return None if found is None else (found, tuple(one for one in rule.counts if asked.answers.holds(one.when)))


def defence(asked: Asked) -> Iterator[Finding]:
    rule = asked.policy.pack.defence
    if rule is None or asked.act != "defend":
        return
    try:
        needed, found = asked.answers.holds(rule.required), exemption(asked)
    except Unknown as unknown:
        yield from asked.unknown(unknown.name, rule, "答辩")
        return
    if found:
        how = {"mean": "按当年参加该专业现场答辩人员的平均分赋分", "pass": "按通过现场答辩环节对待"}
        message = f"{found[0].title}，免于答辩" + "".join(f"，{how[one.counts_as]}" for one in found[1])
        yield asked.find("defence.exempt", [found[0], *found[1]], "答辩", message, "不必安排答辩", blocking=False)
    elif needed:
        yield asked.find("defence.required", rule, "答辩", "须参加答辩", "请安排答辩", blocking=False)
