"""Findings about the teaching load, and its arithmetic: what was taught, waived and converted, year by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mangping.policy.findings import Asked, Finding
from mangping.policy.teaching import Conversion, TeachingLoad

PLACE = "教学工作量"
Claims = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """{year: hours taught}, the years without a load, and the hours that papers stand for."""

    taught: Mapping[int, int]
    waived: tuple[int, ...]
    converted: int


def reckoned(rule: TeachingLoad, claims: Claims) -> Reckoned:
    """What the claims come to by the rule alone, whatever hours they state for papers and waived years."""
    taught: dict[int, int] = {}
    for claim in claims:
        if claim.get("kind") == rule.taught:
            year = _whole(claim, "year")
            taught[year] = taught.get(year, 0) + _whole(claim, "hours")
    waived = sorted({_whole(claim, "year") for claim in claims if _waives(rule, claim)})
    papers = [claim for claim in claims if claim.get("kind") == rule.paper]
    return Reckoned(taught, tuple(waived), sum(hours(rule, claim) for claim in papers))


def hours(rule: TeachingLoad, claim: Mapping[str, Any]) -> int:
    """Standard hours that a paper stands for; 0 in a journal that counts for nothing."""
    found = _conversion(rule, claim)
    chars = _whole(claim, "chars")
    if found is None:
        return 0
    return chars * found.hours // 1000 if rule.thousands == "in_part" else chars // 1000 * found.hours


def load(asked: Asked) -> Iterator[Finding]:
    rule = asked.policy.pack.teaching_load
    if rule is None or asked.act not in rule.at:
        return
    group = asked.group("teaching")
    claims, research = group.get("claims"), group.get("research")
    if claims is None or research is None:
        missing = "claims" if claims is None else "research"
        yield from asked.unknown(f"teaching.{missing}", rule.once, PLACE)
        return
    yield from _twice(asked, rule, claims)
    for claim in claims:
        yield from _waived(asked, rule, claim)
        yield from _converted(asked, rule, claim, research)


def _twice(asked: Asked, rule: TeachingLoad, claims: Claims) -> Iterator[Finding]:
    seen: set[str] = set()
    for claim in claims:
        evidence = str(claim.get("evidence", ""))
        if not evidence or evidence in seen:
            message = "同一份材料计入了两项工作量" if evidence else "有一项工作量没有对应的材料"
            yield asked.find("load.twice", rule.once, PLACE, message, "一份材料只能计入一项，请更正核算表")
        seen.add(evidence)


def _waived(asked: Asked, rule: TeachingLoad, claim: Mapping[str, Any]) -> Iterator[Finding]:
    waiver = next((one for one in rule.waivers if one.kind == claim.get("kind")), None)
    if waiver is None:
        return
    if _whole(claim, "hours"):
        message = f"{claim.get('year')}年因{waiver.kind}减免教学工作量，不得再计课时"
        yield asked.find("load.waived", (waiver, rule.once), PLACE, message, "请删去该年度的课时，只登记减免")
    if waiver.years == "first" and claim.get("year") != claim.get("began"):
        message = f"{waiver.kind}只减免第一年的教学工作量"
        yield asked.find("load.first_year", waiver, PLACE, message, "请只登记入学第一年")


def _converted(
    asked: Asked, rule: TeachingLoad, claim: Mapping[str, Any], research: Sequence[Any]
) -> Iterator[Finding]:
    if claim.get("kind") != rule.paper:
        return
    found, right = _conversion(rule, claim), hours(rule, claim)
    if _whole(claim, "hours") != right:
        rate = f"每千字折算{found.hours}个标准课时" if found else "该类刊物的论文不能折算"
        message = f"折算课时应为{right}，填写为{_whole(claim, 'hours')}"
        yield asked.find("load.converted", found or rule.conversions, PLACE, message, f"{rate}，请更正")
    if claim.get("title") in research:
        message = "已折算课时的论文又计入科研成果"
        yield asked.find("load.research", rule.leaves_research, "科研成果", message, "请从科研成果中剔除，或不折算")


def _waives(rule: TeachingLoad, claim: Mapping[str, Any]) -> bool:
    waiver = next((one for one in rule.waivers if one.kind == claim.get("kind")), None)
    return waiver is not None and (waiver.years == "each" or claim.get("year") == claim.get("began"))


def _conversion(rule: TeachingLoad, claim: Mapping[str, Any]) -> Conversion | None:
    return next((one for one in rule.conversions if one.journal == claim.get("journal")), None)


def _whole(claim: Mapping[str, Any], key: str) -> int:
    value = claim.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
