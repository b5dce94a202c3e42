"""Findings about uploads: what is missing or wrong column by column, and whether every page's masking is decided.

A file is {item, format, side, year, part, pages, valid_until, upright, clear, opens, hash, belongs_to, mask, boxes,
hits, approved, reason}; what is absent was not looked at and is not complained of, except what the item asks for.
The applicant answers for theirs when handing in, the unit for what it brings when it lets the application go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mangping.policy.conditions import Unknown
from mangping.policy.findings import Asked, Finding
from mangping.policy.paper import Choose, Item, MaterialColumn
from mangping.policy.parts import Cited

File = Mapping[str, Any]


def files(asked: Asked, column: str) -> list[File]:
    held = asked.group("materials").get(column, [])
    return [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []


def everything(asked: Asked) -> dict[str, list[File]]:
    return {column.key: files(asked, column.key) for column in asked.policy.pack.materials.columns}


def due(asked: Asked, column: MaterialColumn) -> list[tuple[int, File]]:
    """(place in its column from 1, file) of those that whoever acts answers for; an unknown item is the applicant's."""
    units = {item.key for item in column.items if item.by}
    held = enumerate(files(asked, column.key), start=1)
    return [(number, one) for number, one in held if (one.get("item") in units) == (asked.brings == "unit")]


def materials(asked: Asked) -> Iterator[Finding]:
    if asked.brings is None:
        return
    for column in asked.policy.pack.materials.columns:
        yield from asked.asks(column.when, column, column.title, lambda column=column: _column(asked, column))  # type: ignore[misc]
    yield from _quality(asked)
    yield from _twice(asked)


def _column(asked: Asked, column: MaterialColumn) -> Iterator[Finding]:
    for item in (one for one in column.items if one.bringer == asked.brings):
        needed = False
        try:
            needed = item.need != "optional" and asked.answers.holds(_condition(item))
        except Unknown as unknown:
            yield from asked.unknown(unknown.name, item, column.title)
        yield from _item(asked, column, item, needed=needed)
    for choice in column.choose if asked.filling else ():
        yield from asked.asks(choice.when, choice, column.title, lambda choice=choice: _choice(asked, column, choice))  # type: ignore[misc]


def _condition(item: Item) -> str | None:
    return item.need.removeprefix("when ") if item.need.startswith("when ") else None


def _choice(asked: Asked, column: MaterialColumn, choice: Choose) -> Iterator[Finding]:
    have = {one.get("item") for one in files(asked, column.key)} & set(choice.of)
    if len(have) < choice.at_least:
        titles = "、".join(f"“{item.title}”" for item in column.items if item.key in choice.of)
        message = f"{titles}{len(choice.of)}项须上传{choice.at_least}项，现有{len(have)}项"
        yield asked.find("material.too_few", choice, column.title, message, "请补传")


def _item(asked: Asked, column: MaterialColumn, item: Item, *, needed: bool) -> Iterator[Finding]:
    own = [one for one in files(asked, column.key) if one.get("item") == item.key]
    place = f"{column.title}·{item.title}"
    if needed and not own and not _replaced(asked, item):
        who = "单位" if item.by else ""
        remedy = f"请{'由单位' if item.by else ''}上传至“{column.title}”栏目"
        yield asked.find("material.missing", (item, item.by), place, f"{who}没有上传“{item.title}”", remedy)
    if not own:
        return
    for year in item.years or (None,):
        some = [given for given in own if year in (None, given.get("year"))]
        which = f"{year}年度" if year else ""
        if not some and year not in _other_years(asked, item):
            yield asked.find("material.year", item, place, f"“{item.title}”缺少{which}", "请补传该年度材料")
            continue
        for wanted, key in ((item.sides, "side"), (item.parts, "part")):
            lacking = [one for one in wanted if some and not any(given.get(key) == one for given in some)]
            for one in lacking:
                message = f"“{item.title}”{which}缺少{one}"
                yield asked.find(f"material.{key}", item, place, message, "请补传")
    if sum(given.get("pages", 1) for given in own) < item.pages_min:
        yield asked.find("material.pages", item, place, f"“{item.title}”不足{item.pages_min}页", "请补传")
    for given in own:
        if item.valid_on_submission and not str(given.get("valid_until", "")) >= asked.today:
            message = f"“{item.title}”不在有效期内，或者没有读到有效期"
            yield asked.find("material.expired", item, place, message, "请上传有效期内的最新查询件")
        yield from _format(asked, item, place, given)


def _other_years(asked: Asked, item: Item) -> set[Any]:
    """The years for which another document stands in."""
    wanted = item.instead.items if item.instead else ()
    return {one.get("year") for held in everything(asked).values() for one in held if one.get("item") in wanted}


def _replaced(asked: Asked, item: Item) -> bool:
    """Whether shared data or another document stands in for the item."""
    sharing = asked.policy.pack.materials.sharing
    if sharing and item.key in sharing.items and item.key in asked.group("record").get("shared", ()):
        return True
    wanted = item.instead.items if item.instead else ()
    return any(one.get("item") in wanted for held in everything(asked).values() for one in held)


def _format(asked: Asked, item: Item, place: str, given: File) -> Iterator[Finding]:
    general = asked.policy.pack.materials.formats
    allowed = item.formats or (general.allowed if general else ())
    if allowed and given.get("format") not in allowed:
        cited = (item.formats_cite or item) if item.formats else general
        message = f"“{item.title}”的文件格式不对，应为{'、'.join(allowed)}"
        yield asked.find("material.format", cited, place, message, "请转换格式后重新上传")


def _quality(asked: Asked) -> Iterator[Finding]:
    """What a machine saw of the uploads. Where the notice does not say how they must be it is but remarked on, unless a
    file does not open; so it is where whoever uploaded it looked and found it in order: machines err, an officer judges."""
    for column in asked.policy.pack.materials.columns:
        for number, one in due(asked, column):
            place, own = f"{column.title}·第{number}件", _item_of(column, one)
            for key, cited, wrong, remedy in _seen(asked, column, one):
                told, binds = f"第{number}件{wrong}", bool(cited)
                if key == "opens":
                    binds = True
                elif one.get("looked_over") is True:
                    told, binds = f"{told}（上传人已查看，认为无误）", False
                yield asked.find(f"material.{key}", cited or own, place, told, remedy, blocking=binds)


def _seen(asked: Asked, column: MaterialColumn, one: File) -> Iterator[tuple[str, Cited | None, str, str]]:
    """(what is wrong, the rule against it if there is one, its words, what to do) of one upload."""
    rules, err = asked.policy.pack.materials, "；系统看错的，请登记已查看无误"
    looks = (
        ("upright", rules.upright, "没有正向放置", f"请转正后重新上传{err}"),
        ("clear", rules.clear, "不清晰", f"请重新扫描上传{err}"),
        ("opens", rules.opens, "无法打开", "请重新上传"),
    )
    yield from (look for look in looks if one.get(look[0]) is False)
    if one.get("belongs_to") not in (None, column.key):
        other = next((c.title for c in rules.columns if c.key == one["belongs_to"]), "其他栏目")
        yield "misplaced", rules.one_per_column, f"像是“{other}”的材料，与本栏目无关", f"请上传至指定栏目{err}"


def _item_of(column: MaterialColumn, one: File) -> Item | MaterialColumn:
    return next((item for item in column.items if item.key == one.get("item")), column)


def _twice(asked: Asked) -> Iterator[Finding]:
    rule = asked.policy.pack.materials.one_per_column
    first: dict[str, str] = {}
    if not asked.filling:  # beside what the applicant handed in
        first = {one["hash"]: column.title for column, one in _handed_in(asked) if one.get("hash")}
    for column in asked.policy.pack.materials.columns if rule else ():
        for number, one in due(asked, column):
            mark = one.get("hash")
            if mark and first.setdefault(mark, column.title) != column.title:
                place = f"{column.title}·第{number}件"
                message = f"与“{first[mark]}”栏目的材料相同，一证多传"
                yield asked.find("material.duplicate", rule, place, message, "请只在对应栏目上传一次")


def _handed_in(asked: Asked) -> Iterator[tuple[MaterialColumn, File]]:
    for column in asked.policy.pack.materials.columns:
        units = {item.key for item in column.items if item.by}
        yield from ((column, one) for one in files(asked, column.key) if one.get("item") not in units)


def masking(asked: Asked) -> Iterator[Finding]:
    rules, act = asked.policy.pack.masking, asked.act
    if rules.profile == "none":
        return
    for column in (one for one in asked.policy.pack.materials.columns if one.panel == "shown"):
        owed = {number for number, _ in due(asked, column)} if asked.brings else set()
        for number, one in enumerate(files(asked, column.key), start=1):
            yield from _decision(asked, f"{column.title}·第{number}件", one, owed=number in owed)
    held = asked.group("masking")
    if asked.filling and rules.fields:
        for hit in held.get("field_hits", ()):
            yield asked.find("masking.field", rules.fields, str(hit), "填写内容中有身份信息未遮盖", "请勾选遮盖")
    if asked.filling and rules.recheck:
        done, changed = asked.instant("masking", "rechecked_at"), asked.instant("masking", "changed_at")
        if done is None or (changed is not None and changed > done):
            message = "最后一次变更后，还没有逐张检查遮盖"
            yield asked.find("masking.recheck", rules.recheck, "检查本人姓名掩盖", message, "请逐张检查并确认")
    if act == "receive" and rules.failure and held.get("field_hits"):
        message = "遮盖不符合要求，一律不予受理"
        yield asked.find("masking.failed", rules.failure, "信息遮盖", message, "请退回申报人重新遮盖")


def _decision(asked: Asked, place: str, one: File, *, owed: bool) -> Iterator[Finding]:
    rules, decided = asked.policy.pack.masking, one.get("mask")
    if asked.act == "panel" and one.get("verified") is not True:
        message = "还没有核验通过的遮盖件，评委不得查看"
        yield asked.find("masking.unverified", rules.blind, place, message, "请重新遮盖并核验")
    if asked.act == "receive" and rules.failure and one.get("verified") is False:
        yield asked.find("masking.failed", rules.failure, place, "遮盖不符合要求", "请退回申报人重新遮盖")
    if not owed:
        return
    if decided not in ("yes", "no"):
        message, remedy = "没有选择是否需要遮盖", "请单击【是】并遮盖，或单击【否】"
        yield asked.find("masking.undecided", [rules.yes or rules.blind, rules.no], place, message, remedy)
    elif decided == "yes" and not one.get("boxes"):
        yield asked.find("masking.empty", rules.yes or rules.blind, place, "选择了【是】，却没有遮盖", "请框出遮盖处")
    elif decided == "no" and one.get("hits"):
        message = f"选择了【否】，但图片中有{one['hits']}处须遮盖"
        yield asked.find("masking.contradicted", rules.no or rules.blind, place, message, "请改选【是】并遮盖")
