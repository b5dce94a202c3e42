"""Findings about the form: blanks, values, vague words, own name or unit, length, joined work history, evidence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from mangping.identity import Identity, find
from mangping.identity.numbers import check_character
from mangping.policy.findings import Asked, Finding
from mangping.policy.judge_materials import due
from mangping.policy.paper import FormField, Section

NONE = "无"
SHAPES = {
    "phone": re.compile(r"1[3-9]\d{9}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}"),
    "month": re.compile(r"\d{4}-(0[1-9]|1[0-2])(-\d{2})?"),
    "id_number": re.compile(r"\d{17}[\dX]"),
}
PRESENT = "至今"


def form(asked: Asked) -> Iterator[Finding]:
    if not asked.filling:
        return
    for section in asked.policy.pack.form.sections:
        for field in section.fields:
            if _shown(asked, field):
                yield from _field(asked, section, field)
        yield from _evidence(asked, section)


def _shown(asked: Asked, field: FormField) -> bool:
    return asked.surely(field.when)  # where another blank decides, that one is found


def blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def rows(asked: Asked, key: str) -> list[Mapping[str, Any]]:
    """The rows of a list field; none for what is no list."""
    held = asked.group("form").get(key)
    return [row for row in held if isinstance(row, Mapping)] if isinstance(held, list) else []


def _field(asked: Asked, section: Section, field: FormField) -> Iterator[Finding]:
    value = asked.group("form").get(field.key)
    place = f"{section.title}·{field.title}"
    if blank(value):
        yield from _blank(asked, field, place, field.title)
        return
    if value == NONE:
        return
    if field.type == "list":
        yield from _list(asked, field, place, value)
        return
    yield from _value(asked, field, place, field.type, field.choices, value)
    if isinstance(value, str):
        yield from _words(asked, field, place, value)


def _blank(asked: Asked, field: FormField, place: str, title: str) -> Iterator[Finding]:
    blanks = asked.policy.pack.form.blanks
    message, remedy = f"“{title}”没有填写", "请填写；没有内容的填“无”，不得留空"
    yield asked.find("form.blank", [blanks, field], place, message, remedy, field=field.key)


def _value(
    asked: Asked, field: FormField, place: str, kind: str, choices: tuple[str, ...], value: Any
) -> Iterator[Finding]:
    shape = SHAPES.get(kind)
    wrong = (
        (bool(choices) and value not in choices)
        or (kind == "integer" and (isinstance(value, bool) or not isinstance(value, int)))
        or (kind == "boolean" and not isinstance(value, bool))
        or (shape is not None and not shape.fullmatch(str(value)))
        or (kind in ("text", "long_text") and not isinstance(value, str))
        or (kind == "date" and not is_day(value))
        or (kind == "id_number" and not right_number(str(value)))
    )
    if wrong:
        yield asked.find(
            "form.invalid", field, place, f"“{field.title}”填写不合格", "请按栏目说明填写", field=field.key
        )


def is_day(value: Any) -> bool:
    """Whether a value is a day as it should be written, YYYY-MM-DD."""
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def right_number(number: str) -> bool:
    """Whether the check character of an 18-character ID number is right."""
    return bool(SHAPES["id_number"].fullmatch(number)) and check_character(number[:17]) == number[17]


def _words(asked: Asked, field: FormField, place: str, text: str) -> Iterator[Finding]:
    vague = asked.policy.pack.form.vague
    for word in vague.words if vague and field.type in ("text", "long_text") and not field.identity else ():
        if word in text:
            message = f"“{field.title}”有含糊的词语“{word}”"
            yield asked.find("form.vague", vague, place, message, "请写明确切内容", blocking=False, field=field.key)
    if field.min_chars:
        count = sum(_counts(char, field.min_chars.punctuation) for char in text)
        if count < field.min_chars.count:
            message = f"“{field.title}”现有{count}字，不少于{field.min_chars.count}字"
            yield asked.find("form.short", field.min_chars, place, message, "请补充内容", field=field.key)
    if field.blind:
        for hit in find(_identity(asked), text):
            what = {"name": "本人姓名", "unit": "工作单位"}.get(hit.cls, "个人信息")
            message = f"“{field.title}”第{hit.start + 1}至{hit.end}字出现{what}"
            remedy = "请改用“本人”和“本单位”表述"
            yield asked.find("form.identity", field.blind, place, message, remedy, field=field.key)


def _identity(asked: Asked) -> Identity:
    person, unit = asked.group("person"), asked.group("unit")
    names = tuple(name for name in (person.get("name"), *person.get("former_names", ())) if name)
    units = tuple(name for name in (unit.get("name"), *unit.get("former_names", ())) if name)
    return Identity(names=names, units=units)


def _counts(char: str, punctuation: bool) -> bool:
    return not char.isspace() and (punctuation or not unicodedata.category(char).startswith("P"))


def _list(asked: Asked, field: FormField, place: str, given: Any) -> Iterator[Finding]:
    if not isinstance(given, list) or not all(isinstance(row, Mapping) for row in given):
        yield asked.find("form.invalid", field, place, f"“{field.title}”填写不合格", "请逐行填写", field=field.key)
        return
    for number, row in enumerate(given, start=1):
        for column in field.columns:
            spot, value = f"{place}·第{number}行·{column.title}", row.get(column.key)
            if blank(value):
                yield from _blank(asked, field, spot, column.title)
            elif value not in (NONE, PRESENT):
                yield from _value(asked, field, spot, column.type, column.choices, value)
    yield from _joined(asked, field, place, given)
    if field.ascending:
        order, key = field.ascending.order, field.ascending.column
        places = [order.index(row[key]) for row in given if row.get(key) in order]
        if places != sorted(places):
            message = f"“{field.title}”没有从低到高填写"
            yield asked.find("form.order", field.ascending, place, message, "请按从低到高的次序填写", field=field.key)


def _joined(asked: Asked, field: FormField, place: str, given: list[Mapping[str, Any]]) -> Iterator[Finding]:
    """Month by month: the next row starts no later than the month after the latest end so far; overlaps are allowed."""
    spans = sorted((row["since"][:7], row["until"]) for row in given if field.continuous and _dated(row))
    if not spans:
        return
    latest = spans[0][1]
    for since, until in spans[1:]:
        if latest != PRESENT and _month(since) > _month(latest) + 1:
            message = f"{latest[:7]}至{since}之间没有经历，时间段不衔接"
            yield asked.find("form.gap", field.continuous, place, message, "请补填这段经历", field=field.key)
        if latest != PRESENT and (until == PRESENT or until > latest):
            latest = until


def _dated(row: Mapping[str, Any]) -> bool:
    month = SHAPES["month"]
    since, until = str(row.get("since", "")), str(row.get("until", ""))
    return bool(month.fullmatch(since) and (until == PRESENT or month.fullmatch(until)))


def _month(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7])


def _evidence(asked: Asked, section: Section) -> Iterator[Finding]:
    if section.evidence is None:
        return
    filled = [asked.group("form").get(field.key) for field in section.fields]
    if all(blank(value) or value == NONE for value in filled):
        return
    column = next(one for one in asked.policy.pack.materials.columns if one.key == section.evidence.column)
    if not due(asked, column):
        message = f"填写了“{section.title}”，却没有上传印证材料"
        yield asked.find("form.evidence", section.evidence, section.title, message, f"请上传至“{column.title}”栏目")
