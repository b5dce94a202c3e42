"""Findings about words and papers: exact texts, statements, verdicts of the tiers, printing, what the unit hands in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from mangping.policy.conditions import full_months
from mangping.policy.findings import Asked, Finding
from mangping.policy.paper import ExactText, PaperItem
from mangping.policy.parts import ACTS, ROLES, Attestation

SPACE = re.compile(r"\s+")


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


def _signed(asked: Asked, one: Attestation) -> Iterator[Finding]:
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
