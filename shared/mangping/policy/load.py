"""A pack is loaded whole or refused whole: every fault at once, each with file, line and key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from mangping.clock import Unscheduled, national
from mangping.errors import MangpingError
from mangping.policy.citations import Catalogue, Citation
from mangping.policy.conditions import faults as condition_faults
from mangping.policy.crosschecks import crosschecks
from mangping.policy.facts import SAMPLES
from mangping.policy.lines import Document, Fault, Path, dotted, read
from mangping.policy.pack import Pack
from mangping.policy.paper import FormField
from mangping.policy.walk import cites, conditions

WORDS = {
    "missing": "缺少这一项", "extra_forbidden": "不认识的键", "string_type": "须为文字", "int_type": "须为整数",
    "bool_type": "须为true或false", "literal_error": "不在可选值之内", "string_pattern_mismatch": "格式不对",
    "too_short": "至少要有一项", "string_too_short": "不得为空", "dict_type": "须为键值表", "model_type": "须为键值表",
    "tuple_type": "须为列表", "greater_than": "须大于零", "greater_than_equal": "数值过小", "less_than_equal": "数值过大",
}  # fmt: skip
ROW_SAMPLES = {"integer": 0, "boolean": False, "list": [], "date": "2024-01-01", "month": "2024-01"}


class Broken(MangpingError):
    """The pack is refused whole; `faults` says where and why."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Policy:
    """A pack that loaded: the data, the words behind its citations, and the hash that pins it."""

    pack: Pack
    catalogue: Catalogue
    file: str
    digest: str
    document: Document

    def cited(self, *parts: Any) -> tuple[Citation, ...]:
        """The citations of some cited parts, each rule once, in order; None stands for no part."""
        ids = dict.fromkeys(rule for part in parts if part is not None for rule in part.cite)
        return self.catalogue.get(ids)


def load(text: str, file: str, catalogue: Catalogue) -> Policy:
    """Raises Broken with every fault that can be told at once."""
    document = read(text, file)
    if document.faults:
        raise Broken(document.faults)
    try:
        pack = Pack.model_validate_json(json.dumps(document.value))
    except ValidationError as error:
        raise Broken(tuple(_shape(error, document, file))) from None
    catalogue = catalogue.plus(
        Citation(rule.id, pack.id, pack.notice.title, rule.article, rule.quote) for rule in pack.rules
    )
    found = tuple(
        Fault(file, document.line(path), dotted(path), message) for path, message in _sense(pack, document, catalogue)
    )
    if found:
        raise Broken(tuple(sorted(found, key=lambda fault: fault.line)))
    return Policy(pack, catalogue, file, hashlib.sha256(text.encode()).hexdigest(), document)


def hints(policy: Policy) -> Iterator[Fault]:
    """What is allowed but worth a look: a printed day that is a day off is not rolled."""
    for at, window in enumerate(policy.pack.windows):
        for edge, name, day in (("opens", "起日", window.opens), ("closes", "止日", window.closes)):
            why = day and national().why_off(date.fromisoformat(day), policy.pack.region)
            if why and (edge == "opens" or window.roll == "none"):
                path: Path = ("windows", at, edge)
                message = f"提示：“{window.title}”{name}{day}为{why}，按通知载明日期不顺延"
                yield Fault(policy.file, policy.document.line(path), dotted(path), message)


def _shape(error: ValidationError, document: Document, file: str) -> Iterator[Fault]:
    seen: set[tuple[int, str]] = set()
    for one in error.errors():
        path = _inside(one["loc"], document, missing=one["type"] == "missing")
        message = WORDS.get(one["type"], one["msg"].removeprefix("Value error, "))
        if one["type"] == "literal_error":
            message += "：" + one["ctx"]["expected"].replace("'", "").replace(", ", "、").replace(" or ", "、")
        fault = Fault(file, document.line(path), dotted(path), message)
        if (fault.line, fault.key) not in seen:
            seen.add((fault.line, fault.key))
            yield fault


def _inside(location: tuple[int | str, ...], document: Document, *, missing: bool) -> Path:
    """The part of a validator's location that is in the file (it also names its own functions and alternatives)."""
    path: Path = ()
    for part in location:
        if (*path, part) in document.lines:
            path = (*path, part)
    return (*path, location[-1]) if missing else path


def _sense(pack: Pack, document: Document, catalogue: Catalogue) -> Iterator[tuple[Path, str]]:
    for path, ids in cites(document.value):
        for rule in ids:
            if rule not in catalogue.rules:
                yield path, f"规则目录里没有{rule}"
            elif catalogue.rules[rule].notice != pack.id:
                yield path, f"{rule}是另一份通知的规则"
    fields = samples(pack)
    for path, source in conditions(document.value):
        for message in condition_faults(source, fields, pack.scales):
            yield path, message
    yield from crosschecks(pack)
    yield from _schedule(pack)


def _schedule(pack: Pack) -> Iterator[tuple[Path, str]]:
    first, last = date.fromisoformat(pack.valid.first), date.fromisoformat(pack.valid.last)
    if first > last:
        yield ("valid", "last"), "last早于first"
        return
    days: list[tuple[Path, str]] = [(("valid", "first"), pack.valid.first), (("valid", "last"), pack.valid.last)]
    for at, window in enumerate(pack.windows):
        edges = (("opens", window.opens), ("closes", window.closes))
        days += [(("windows", at, key), day) for key, day in edges if day is not None]
    for path, day in days:
        try:
            national().why_off(date.fromisoformat(day), pack.region)
        except Unscheduled:
            yield path, f"{day[:4]}年放假安排尚未公布或未装载，不能计算期限"
            continue
        if not pack.valid.first <= day <= pack.valid.last:
            yield path, f"{day}不在适用日期之内"


def samples(pack: Pack) -> dict[str, object]:
    """A value of the right type for each form field."""
    return {field.key: _sample(field) for section in pack.form.sections for field in section.fields}


def _sample(field: FormField) -> object:
    if field.type == "list":
        return [{column.key: ROW_SAMPLES.get(column.type, "") for column in field.columns}]
    return ROW_SAMPLES.get(field.type, SAMPLES["str"])
