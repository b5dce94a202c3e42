"""Findings about continuing education: hours by year and subject, where certificates come from, exemptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mangping.policy.findings import Asked, Finding
from mangping.policy.judge_form import rows
from mangping.policy.judge_materials import everything
from mangping.policy.timing import Education

FIELD = "continuing_education"


def education(asked: Asked) -> Iterator[Finding]:
    rules = asked.policy.pack.continuing_education
    if not asked.filling:
        return
    for line in rules.required:
        yield from asked.asks(line.when, line, "继续教育", lambda line=line: _hours(asked, line))  # type: ignore[misc]
    for source in rules.sources:
        for row in rows(asked, FIELD):
            first = source.from_year if source.base_year_included else source.from_year + 1
            if (
                row.get("subject") == source.subject
                and _number(row, "year") >= first
                and row.get("source") == "手动上传"
            ):
                message = f"{row['year']}年{source.subject}课证书须从系统获取"
                yield asked.find("education.source", source, "继续教育", message, "请从系统获取，不要手动上传")
    yield from _exemption(asked)


def _hours(asked: Asked, line: Education) -> Iterator[Finding]:
    exempt = _exempt_years(asked)
    for year in line.years:
        own = [row for row in rows(asked, FIELD) if row.get("year") == year]
        done = sum(_number(row, "amount") for row in own if line.subject in ("合计", row.get("subject")))
        if done < line.amount and year not in exempt:
            what = "" if line.subject == "合计" else line.subject
            message = f"{year}年{what}继续教育{done}{line.unit}，不少于{line.amount}{line.unit}"
            remedy = "供评审参考，不影响提交" if line.reference_only else "请补足，或上传经审批的免学表"
            yield asked.find("education.short", line, "继续教育", message, remedy, blocking=not line.reference_only)


def _number(row: Mapping[str, Any], key: str) -> int:
    """What is no whole number counts as nothing (and is found by the form's own judge)."""
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _exemptions(asked: Asked) -> list[Mapping[str, Any]]:
    rule = asked.policy.pack.continuing_education.exemption
    held = everything(asked).values() if rule else ()
    return [one for some in held for one in some if rule and one.get("item") == rule.document]


def _exempt_years(asked: Asked) -> set[Any]:
    rule = asked.policy.pack.continuing_education.exemption
    good = (
        one for one in _exemptions(asked) if one.get("approved") is True and rule and one.get("reason") in rule.reasons
    )
    return {one.get("year") for one in good}


def _exemption(asked: Asked) -> Iterator[Finding]:
    rule = asked.policy.pack.continuing_education.exemption
    for one in _exemptions(asked):
        if rule and one.get("reason") not in rule.reasons:
            message = "免学理由不在规定的事项之内"
            yield asked.find(
                "education.reason", rule.closed_list or rule, "继续教育", message, "请更正，或提供学习证明"
            )
        elif rule and one.get("approved") is not True:
            by = [r for r in rule.reviewers if one.get("reason") in r.reasons and _serves(one, r.still_serving)]
            bodies = "、".join(dict.fromkeys(body for reviewer in by for body in reviewer.bodies))
            remedy = f"请先由{bodies or '规定的部门'}审核"
            yield asked.find("education.unapproved", [rule, *by], "继续教育", "免学表还没有审核合格", remedy)


def _serves(one: Mapping[str, Any], still_serving: bool) -> bool:
    return one.get("still_serving", True) is still_serving
