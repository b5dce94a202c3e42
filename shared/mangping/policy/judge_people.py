"""Findings about who may apply: kind and level, scope, exclusions, eligibility, seniority; and duties at each act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mangping.policy.conditions import Unknown, full_years
from mangping.policy.findings import Asked, Finding
from mangping.policy.judge_form import is_day, rows
from mangping.policy.parts import Check


def checks(asked: Asked, *lists: tuple[Check, ...]) -> Iterator[Finding]:
    for check in (one for some in lists for one in some if asked.act in one.at):
        yield from asked.asks(check.when, check, check.place, lambda check=check: _check(asked, check))  # type: ignore[misc]


def _check(asked: Asked, check: Check) -> Iterator[Finding]:
    try:
        kept = asked.answers.holds(check.require)
    except Unknown as unknown:
        yield from asked.unknown(unknown.name, check, check.place)
        return
    if not kept:
        code = f"check.{check.key}"
        yield asked.find(code, check, check.place, check.message, check.remedy, blocking=check.blocking)


def entering(asked: Asked) -> Iterator[Finding]:
    """Kind and level, scope, exclusions, eligibility."""
    pack = asked.policy.pack
    if asked.filling:
        kind, level = (asked.group("application").get(name) for name in ("kind", "level"))
        if not any((one.kind, one.level) == (kind, level) for one in pack.kinds):
            message = "本批次不受理所选的申报类型和级别"
            yield asked.find("kind.unknown", pack.kinds, "申报类型和级别", message, "请改选本批次受理的类型和级别")
    yield from checks(asked, pack.scope, pack.exclusions, pack.eligibility)


def duties(asked: Asked) -> Iterator[Finding]:
    yield from checks(asked, asked.policy.pack.unit_duties, asked.policy.pack.review_duties)


def seniority(asked: Asked) -> Iterator[Finding]:
    rule = asked.policy.pack.seniority
    since = asked.group("form").get(rule.since) if rule else None
    if rule is None or not (asked.filling or asked.act == "receive") or not is_day(_day(since)):
        return  # a blank or a wrong date is found by the form's own judge
    place = asked.field_title(rule.since)
    parts: list[Any] = [rule]
    try:
        matched = next((one for one in rule.required if asked.answers.holds(one.when)), None)
        credits = [one for one in rule.credits if asked.answers.holds(one.when)]
    except Unknown as unknown:
        yield from asked.unknown(unknown.name, rule, place)
        return
    needed = asked.group("criteria").get("years_required") if rule.from_criteria else matched and matched.years
    if not isinstance(needed, int):
        message = "通知没有规定这一情形的年限"
        yield asked.find("seniority.unknown", rule, place, message, "请由人社（职改）部门认定", blocking=False)
        return
    parts += [matched] if matched else []
    added = _deferred(asked)
    if added and rule.deferrals:
        parts.append(rule.deferrals)
    parts += credits
    needed += added + sum(one.years for one in credits)
    served = full_years(_day(since), rule.cutoff or asked.today)
    if served < needed:
        until = rule.cutoff or asked.today
        extra = f"（含顺延{added}年）" if added else ""
        message = f"截至{until}满{max(served, 0)}年，须满{needed}年{extra}"
        yield asked.find("seniority.short", parts, place, message, "年限不足，请在满足后申报")


def _day(text: Any) -> str:
    """A month stands for its first day."""
    return f"{text}-01" if isinstance(text, str) and len(text) == 7 else str(text)


def _deferred(asked: Asked) -> int:
    rule = asked.policy.pack.seniority
    if rule is None or rule.deferrals is None:
        return 0
    counted = [row for row in rows(asked, "assessments") if row.get("year") in rule.deferrals.years]
    return sum(rule.deferrals.add.get(str(row.get("result")), 0) for row in counted)
