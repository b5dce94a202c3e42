"""Findings from checks, seniority, continuing education, texts, attestations, tiers, papers, fees and defence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from mangping.policy.conditions import Unknown, full_months, full_years
from mangping.policy.findings import Asked, Finding
from mangping.policy.judge_materials import everything
from mangping.policy.paper import ExactText, PaperItem
from mangping.policy.parts import ACTS, ROLES, Check
from mangping.policy.timing import Education

SPACE = re.compile(r"\s+")


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
    if rule is None or not (asked.filling or asked.act == "receive") or not isinstance(since, str):
        return
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


def _day(text: str) -> str:
    return text if len(text) == 10 else f"{text}-01"


def _deferred(asked: Asked) -> int:
    rule = asked.policy.pack.seniority
    rows = asked.group("form").get("assessments")
    if rule is None or rule.deferrals is None or not isinstance(rows, list):
        return 0
    return sum(
        rule.deferrals.add.get(row.get("result", ""), 0) for row in rows if row.get("year") in rule.deferrals.years
    )


def education(asked: Asked) -> Iterator[Finding]:
    rules = asked.policy.pack.continuing_education
    if not asked.filling:
        return
    for line in rules.required:
        yield from asked.asks(line.when, line, "继续教育", lambda line=line: _hours(asked, line))  # type: ignore[misc]
    for source in rules.sources:
        for row in _rows(asked):
            first = source.from_year if source.base_year_included else source.from_year + 1
            if row.get("subject") == source.subject and row.get("year", 0) >= first and row.get("source") == "手动上传":
                message = f"{row['year']}年{source.subject}课证书须从系统获取"
                yield asked.find("education.source", source, "继续教育", message, "请从系统获取，不要手动上传")
    yield from _exemption(asked)


def _rows(asked: Asked) -> list[Mapping[str, Any]]:
    rows = asked.group("form").get("continuing_education")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _hours(asked: Asked, line: Education) -> Iterator[Finding]:
    exempt = _exempt_years(asked)
    for year in line.years:
        rows = [row for row in _rows(asked) if row.get("year") == year]
        done = sum(row.get("amount", 0) for row in rows if line.subject in ("合计", row.get("subject")))
        if done < line.amount and year not in exempt:
            what = "" if line.subject == "合计" else line.subject
            message = f"{year}年{what}继续教育{done}{line.unit}，不少于{line.amount}{line.unit}"
            remedy = "供评审参考，不影响提交" if line.reference_only else "请补足，或上传经审批的免学表"
            yield asked.find("education.short", line, "继续教育", message, remedy, blocking=not line.reference_only)


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


def folded(text: str) -> str:
    """As texts are compared: no white space, one width of punctuation, one kind of quotation mark."""
    plain = SPACE.sub("", unicodedata.normalize("NFKC", text))
    return plain.translate(str.maketrans("“”‘’｡", "\"\"''。"))


def texts(asked: Asked) -> Iterator[Finding]:
    for text in asked.policy.pack.texts:
        if asked.act in text.at:
            yield from asked.asks(text.when, text, text.title, lambda text=text: _text(asked, text))  # type: ignore[misc]


def _text(asked: Asked, rule: ExactText) -> Iterator[Finding]:
    given = asked.group("texts").get(rule.key)
    written = given if isinstance(given, Mapping) else {"text": given}
    words = written.get("text")
    if not isinstance(words, str) or not words.strip():
        yield asked.find("text.missing", rule, rule.title, f"没有填写{rule.title}", _remedy(rule))
        return
    good = {folded(one) for one in (rule.text, *(variant.text for variant in rule.variants))}
    if not rule.free and folded(words) not in good:
        yield asked.find("text.differs", rule, rule.title, f"{rule.title}与规定的文字不一致", _remedy(rule))
    if rule.handwritten and written.get("handwritten") is False:
        yield asked.find("text.printed", rule, rule.title, f"{rule.title}须手写", "请手写后重新上传")
    if rule.fingerprint and written.get("fingerprint") is not True:
        yield asked.find("text.fingerprint", rule.fingerprint, rule.title, "没有签字按手印", "请签字按手印后重新上传")


def _remedy(rule: ExactText) -> str:
    how = "手写" if rule.handwritten else "填写"
    return f"请由{ROLES[rule.role]}填写明确意见" if rule.free else f"请{how}：“{rule.text}”"


def attestations(asked: Asked) -> Iterator[Finding]:
    for one in asked.policy.pack.attestations:
        if asked.act in one.at:
            yield from asked.asks(one.when, one, ROLES[one.role], lambda one=one: _signed(asked, one))  # type: ignore[misc]


def _signed(asked: Asked, one: Any) -> Iterator[Finding]:
    if one.key not in asked.facts.get("attested", ()):
        who = ROLES[one.role]
        message = f"{who}没有签署：“{one.statement}”"
        yield asked.find("attestation.missing", one, f"{who}声明", message, f"请由{who}核实后签署", field=one.key)


def tiers(asked: Asked) -> Iterator[Finding]:
    verdicts = [one for one in asked.group("record").get("verdicts", ()) if isinstance(one, Mapping)]
    for tier in asked.policy.pack.tiers:
        if tier.before != asked.act:
            continue
        own = [one for one in verdicts if one.get("tier") == tier.key and one.get("agree") is True]
        agreed = {one.get("body") for one in own}
        lacking = [body for body in tier.bodies if body not in agreed]
        if lacking and (tier.needs == "all" or len(lacking) == len(tier.bodies)):
            message = f"{tier.title}：{'、'.join(lacking)}尚未同意"
            yield asked.find("tier.missing", tier, tier.title, message, f"请逐级审核后再{ACTS[asked.act]}")
        if tier.signed and any(not one.get("signed_by") for one in own):
            message = f"{tier.title}的审核意见没有落实到具体审核人"
            yield asked.find("tier.unsigned", tier.signed, tier.title, message, "请由审核人本人签名")


def papers(asked: Asked) -> Iterator[Finding]:
    rules = asked.policy.pack.papers
    if asked.act == "print" and rules.printing and asked.group("record").get("state") != rules.printing.state:
        message = f"申报状态不是“{rules.printing.state}”，不能打印"
        yield asked.find("print.state", rules.printing, rules.printing.title, message, "请等候状态变更后打印")
    for item in rules.items if asked.act == "paper" else ():
        yield from asked.asks(item.when, item, item.title, lambda item=item: _paper(asked, item))  # type: ignore[misc]


def _paper(asked: Asked, item: PaperItem) -> Iterator[Finding]:
    given = asked.group("paper").get(item.key)
    if not isinstance(given, Mapping):
        yield asked.find("paper.missing", item, item.title, f"没有收到“{item.title}”", "请补交")
        return
    copies = given.get("copies", 1)
    wrong: list[tuple[bool, Any, str]] = [
        (copies < item.copies, item.copies_cite or item, f"须{item.copies}份，现有{copies}份"),
        (item.original and given.get("original") is not True, item, "须为原件"),
        (item.duplex and given.get("duplex") is not True, item.copies_cite or item, "须A4纸正反双面打印"),
        (bool(item.watermark) and given.get("watermark") is not True, item.watermark, "没有核验通过的水印，无效"),
        (_older(asked, item, given), item, f"须为近{item.max_age_months}个月内出具"),
    ]
    wrong += [(one not in given.get("seals", ()), item.seals_cite or item, f"缺少{one}印章") for one in item.seals]
    wrong += [(one not in given.get("signatures", ()), item, f"缺少{one}签字") for one in item.signatures]
    wrong += [(one not in given.get("parts", ()), item, f"缺少{one}") for one in item.parts]
    for bad, cited, message in wrong:
        if bad:
            yield asked.find("paper.defect", cited, item.title, f"“{item.title}”{message}", "请补正后再交")


def _older(asked: Asked, item: PaperItem, given: Mapping[str, Any]) -> bool:
    if item.max_age_months is None:
        return False
    issued = given.get("issued_on")
    if not isinstance(issued, str):
        return True
    months = full_months(issued, asked.today)
    return months > item.max_age_months or (months == item.max_age_months and issued[8:10] != asked.today[8:10])
