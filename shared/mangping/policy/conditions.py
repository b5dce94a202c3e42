"""Conditions in CEL: compiled once, names and functions checked when a pack loads, answered on facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

import cel

from mangping.clock import BEIJING
from mangping.policy.facts import FACTS, LISTS, SAMPLES

STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
BOUND = re.compile(r"\.(?:exists|exists_one|all|map|filter)\(\s*(\w+)\s*,")
NAMED = re.compile(r"(?<![\w.])([a-z_]\w*)\.([a-z_]\w*)(?!\w*\s*\()")
BUILT_IN = {
    "size", "contains", "startsWith", "endsWith", "matches", "int", "string", "double", "has", "exists", "all", "map",
    "filter", "exists_one", "max", "min",
}  # fmt: skip
SCALARS = ("today", "now", "year", "act")


class Unknown(Exception):
    """The facts do not say what a condition asks; `name` is "group.fact"."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Unfit(Unknown):
    """What was filled in is not of the kind the condition compares; `name` is empty."""

    def __init__(self) -> None:
        super().__init__("")


def full_years(since: str, until: str) -> int:
    """Full anniversaries from a day to a day, the day itself included; negative when `until` is earlier."""
    first, last = date.fromisoformat(since[:10]), date.fromisoformat(until[:10])
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))


def full_months(since: str, until: str) -> int:
    first, last = date.fromisoformat(since[:10]), date.fromisoformat(until[:10])
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


@cache
def compiled(source: str) -> cel.Program:
    """Raises ValueError for what is not CEL."""
    return cel.compile(source)


def faults(source: str, fields: Mapping[str, object], scales: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What is wrong with a condition, in Chinese; `fields` are the pack's form fields with sample values."""
    try:
        program = compiled(source)
    except ValueError as error:
        yield f"不是合格的CEL表达式：{str(error).splitlines()[0]}"
        return
    bare = STRINGS.sub("''", source)
    bound = set(BOUND.findall(bare))
    groups = {*FACTS, "form"}
    missing = set(program.variables()) - bound - groups - {*LISTS, *SCALARS}
    own = set(_functions(scales))
    missing |= {name for name in program.functions() if name[0].isalpha() and name not in BUILT_IN | own}
    for group, name in NAMED.findall(bare):
        known = fields if group == "form" else FACTS.get(group, {})
        if group in groups and group not in ("materials", "paper", "texts") and name not in known:
            missing.add(f"{group}.{name}")
    if missing:
        yield f"不认识的名称：{'、'.join(sorted(missing))}"
        return
    yield from _tried(program, fields, scales)


def _tried(program: cel.Program, fields: Mapping[str, object], scales: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Tried on samples of the right types: what compares a number with a word shows here."""
    sample: dict[str, Any] = {group: {n: SAMPLES[kind] for n, (kind, _) in of.items()} for group, of in FACTS.items()}
    sample |= {"form": dict(fields), **{name: [] for name in LISTS}}
    try:
        answer = program.execute(_context(sample, scales, datetime(2024, 1, 1, tzinfo=BEIJING), 2024, "submit"))
    except KeyError:
        return  # a key of a list's row or of a map
    except (RuntimeError, TypeError, ValueError) as error:
        yield f"条件无法计算：{str(error).splitlines()[0]}"
        return
    if not isinstance(answer, bool):
        yield "条件须得出true或false"


def _functions(scales: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    def at_least(scale: str, value: str, least: str) -> bool:
        """Whether a word of a scale (listed from high to low) stands at or above another; unknown words do not."""
        order = scales[scale]
        return value in order and order.index(value) <= order.index(least)

    return {"full_years": full_years, "full_months": full_months, "at_least": at_least}


def _context(
    facts: Mapping[str, Any], scales: Mapping[str, tuple[str, ...]], now: datetime, year: int, act: str
) -> cel.Context:
    variables = {name: facts.get(name, {}) for name in (*FACTS, "form")}
    variables |= {name: facts.get(name, []) for name in LISTS}
    local = now.astimezone(BEIJING)
    variables |= {"today": local.date().isoformat(), "now": local.isoformat(), "year": year, "act": act}
    return cel.Context(variables=variables, functions=_functions(scales))


class Answers:
    """Conditions answered on one set of facts at one instant."""

    def __init__(
        self, facts: Mapping[str, Any], scales: Mapping[str, tuple[str, ...]], now: datetime, year: int, act: str
    ) -> None:
        self._context = _context(facts, scales, now, year, act)

    def holds(self, source: str | None) -> bool:
        """True without a condition. Raises Unknown when a fact is missing."""
        if source is None:
            return True
        try:
            return bool(compiled(source).execute(self._context))
        except KeyError as missing:
            raise Unknown(_full(source, str(missing.args[0]))) from missing
        except (RuntimeError, TypeError, ValueError) as unfit:
            raise Unfit from unfit


def _full(source: str, name: str) -> str:
    """ "group.fact", or "group.*.key" for a key of a row when the condition asks one group only."""
    pairs = NAMED.findall(STRINGS.sub("''", source))
    groups = {group for group, _ in pairs if group in FACTS or group == "form"}
    row = f"{next(iter(groups))}.*.{name}" if len(groups) == 1 else name
    return next((f"{group}.{fact}" for group, fact in pairs if fact == name and group in groups), row)


def plain(value: Any) -> Any:
    """Facts as CEL and the judges see them: days and instants as text in Beijing time, nothing that is unknown."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).isoformat()
    return value.isoformat() if isinstance(value, date) else value
