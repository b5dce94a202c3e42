"""What one part of a pack says about another: names that must exist, keys that stand once, promises that must hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from mangping.policy.lines import Path
from mangping.policy.pack import Pack
from mangping.policy.paper import FormField, MaterialColumn
from mangping.policy.timing import ShownFields

Said = Iterator[tuple[Path, str]]


def crosschecks(pack: Pack) -> Said:
    """(path, message in Chinese) of every contradiction inside the pack."""
    yield from _keys(pack)
    yield from _windows(pack)
    yield from _form(pack)
    yield from _materials(pack)
    yield from _masking(pack)
    yield from _scales(pack)


def _once(path: Path, keys: Iterable[str]) -> Said:
    seen: set[str] = set()
    for at, key in enumerate(keys):
        if key in seen:
            yield (*path, at), f"“{key}”重复"
        seen.add(key)


def _keys(pack: Pack) -> Said:
    checks = ("scope", "exclusions", "eligibility", "unit_duties", "review_duties")
    for name in (*checks, "windows", "tiers", "attestations", "texts", "bans", "published"):
        yield from _once((name,), (part.key for part in getattr(pack, name)))
    yield from _once(("papers", "items"), (item.key for item in pack.papers.items))
    yield from _once(("papers", "letters"), (letter.key for letter in pack.papers.letters))
    yield from _once(("materials", "columns"), (column.key for column in pack.materials.columns))
    yield from _once(("kinds",), (f"{one.kind}{one.level}" for one in pack.kinds))
    fees = pack.fees.table if pack.fees else ()
    yield from _once(("fees", "table"), (f"{fee.kind}{fee.level}" for fee in fees))
    priced = {(fee.kind, fee.level) for fee in fees}
    for at, one in enumerate(pack.kinds):
        if pack.fees and (one.kind, one.level) not in priced:
            yield ("kinds", at), f"没有{one.kind}{one.level}的收费标准"


def _windows(pack: Pack) -> Said:
    known = {window.key for window in pack.windows}
    named: list[tuple[Path, str | None]] = [
        (("arrival", "window"), pack.arrival.window if pack.arrival else None),
        (("correction", "not_after"), pack.correction.not_after if pack.correction else None),
        (("fees", "due", "window"), pack.fees.due.window if pack.fees else None),
    ]
    for path, name in named:
        if name is not None and name not in known:
            yield path, f"没有叫“{name}”的时间窗口"
    if pack.arrival and pack.arrival.tier not in {tier.key for tier in pack.tiers}:
        yield ("arrival", "tier"), "没有这个层级"
    elif pack.arrival and pack.arrival.tier not in {
        there.key for here, there in pairwise(pack.tiers) if here.before == "receive"
    }:
        yield ("arrival", "tier"), "须为接收材料（before: receive）的下一层级"


def _fields(pack: Pack) -> Iterator[tuple[Path, FormField]]:
    for s, section in enumerate(pack.form.sections):
        for f, field in enumerate(section.fields):
            yield ("form", "sections", s, "fields", f), field


def _form(pack: Pack) -> Said:
    columns = {column.key: column for column in pack.materials.columns}
    types = {field.key: field.type for _, field in _fields(pack)}
    seen: set[str] = set()
    for path, field in _fields(pack):
        if field.key in seen:
            yield (*path, "key"), f"栏目“{field.key}”重复"
        seen.add(field.key)
        rows = {column.key for column in field.columns}
        if field.continuous and not {"since", "until"} <= rows:
            yield (*path, "continuous"), "须有since与until两列"
        if field.ascending and field.ascending.column not in rows:
            yield (*path, "ascending", "column"), "没有这一列"
    for s, section in enumerate(pack.form.sections):
        if section.evidence and section.evidence.column not in columns:
            yield ("form", "sections", s, "evidence", "column"), "没有这个材料栏目"
        elif section.evidence and all(item.by for item in columns[section.evidence.column].items):
            yield ("form", "sections", s, "evidence", "column"), "须为申报人提供材料的栏目"
    public = {field.key for _, field in _fields(pack) if not field.identity}
    told: list[tuple[Path, ShownFields | None]] = [
        (("publicity", "shows"), pack.publicity.shows), (("ranking",), pack.ranking),
    ]  # fmt: skip
    for path, part in told:
        for at, name in enumerate(part.fields if part else ()):
            if name not in public:
                yield (*path, "fields", at), "须为表中不含身份信息的栏目"
    if pack.seniority:
        if types.get(pack.seniority.since) not in ("date", "month"):
            yield ("seniority", "since"), "须为表中的日期栏目"
        if pack.seniority.deferrals and "assessments" not in types:
            yield ("seniority", "deferrals"), "表中须有assessments栏目"
    if pack.continuing_education.required and "continuing_education" not in types:
        yield ("continuing_education", "required"), "表中须有continuing_education栏目"


def _materials(pack: Pack) -> Said:
    every = {item.key: item for column in pack.materials.columns for item in column.items}
    waived = pack.materials.waived.items if pack.materials.waived else ()
    for c, column in enumerate(pack.materials.columns):
        path: Path = ("materials", "columns", c)
        yield from _once((*path, "items"), (item.key for item in column.items))
        yield from _chosen(path, column)
        for i, item in enumerate(column.items):
            if item.need != "optional" and item.title in waived:
                yield (*path, "items", i), f"“{item.title}”由承诺代替，不得再要求提供"
            for name in item.instead.items if item.instead else ():
                if name not in every:
                    yield (*path, "items", i, "instead"), f"没有“{name}”这份材料"
                elif every[name].bringer != item.bringer:
                    yield (*path, "items", i, "instead"), f"“{name}”不由同一方提供，不能替代"
    exemption = pack.continuing_education.exemption
    if exemption and exemption.document not in every:
        yield ("continuing_education", "exemption", "document"), "没有这份材料"
    elif exemption and every[exemption.document].by:
        yield ("continuing_education", "exemption", "document"), "须为申报人提供的材料"
    columns = {column.key for column in pack.materials.columns}
    for at, key in enumerate(pack.publicity.online.columns if pack.publicity.online else ()):
        if key not in columns:
            yield ("publicity", "online", "columns", at), "没有这个材料栏目"
    for name in pack.materials.sharing.items if pack.materials.sharing else ():
        if name not in every:
            yield ("materials", "sharing", "items"), f"没有“{name}”这份材料"


def _chosen(path: Path, column: MaterialColumn) -> Said:
    own = {item.key: item for item in column.items}
    for at, choice in enumerate(column.choose):
        for name in choice.of:
            if name not in own:
                yield (*path, "choose", at, "of"), f"本栏目没有“{name}”"
            elif own[name].by:
                yield (*path, "choose", at, "of"), f"“{name}”由单位提供，不能列为申报人选交的材料"


def _masking(pack: Pack) -> Said:
    if ("fields" in pack.masking.covers) != (pack.masking.fields is not None):
        yield ("masking", "fields"), "covers含fields时须写fields，否则不得写"


def _scales(pack: Pack) -> Said:
    for name, words in pack.scales.items():
        if len(words) < 2 or len(set(words)) != len(words):
            yield ("scales", name), "至少两级，且不得重复"
