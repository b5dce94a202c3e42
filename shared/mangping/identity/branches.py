"""Units that stand by another: attached to a university, of a numbered regiment, with a campus in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

# The Han numerals of 0 (none) to 99.
_TO_99 = tuple(
    tens + ones
    for tens in ("", "十", *(f"{head}十" for head in "二三四五六七八九"))
    for ones in ("", *"一二三四五六七八九")
)
_CAMPUS = re.compile(r"\(([^()]{1,8})\)\Z")
_POINT = re.compile(r"(?P<school>.{2,}(?:小学|学校|中学|中心校))(?P<point>[^()]{2,6}教学点)\Z")
# 松台县第一中学高中部, 松台县第一中学东校区
_PART = re.compile(
    r"(?P<school>.{2,}(?:中学|小学|学校|幼儿园|学院))(?:高中部|初中部|小学部|中学部|幼儿部|本部|分部|分校|分园|[东西南北新老][校分院]?[区校部])\Z"
)
_ATTACHED = re.compile(
    r"(?P<parent>.{2,}(?:大学|学院|专科学校|中学|小学|学校|幼儿园|医院|厂|公司|局))附属(?P<own>.{2,})\Z"
)
_REGIMENT = re.compile(r"第?(?P<number>[一二三四五六七八九十零〇百]{1,5}|\d{1,3})团\Z")
# What a body shrinks to in front of what is attached to it (松台师范大学附属中学: 松台师大附中, 师大附中).
_PARENTS = (
    ("师范大学", "师大"), ("师范学院", "师院"), ("工业大学", "工大"), ("理工大学", "理工大"), ("农业大学", "农大"),
    ("医科大学", "医大"), ("财经大学", "财大"), ("民族大学", "民大"), ("科技大学", "科大"), ("交通大学", "交大"),
    ("林业大学", "林大"), ("大学", "大"), ("教师进修学校", "进修"), ("学院", "院"),
)  # fmt: skip
_ATTACHED_KINDS = {
    "中学": "附中", "高级中学": "附中", "初级中学": "附中", "小学": "附小", "幼儿园": "附幼", "实验小学": "附小",
    "实验中学": "附中", "实验学校": "附校", "学校": "附校",
}  # fmt: skip


def numeral(number: str) -> tuple[str, ...]:
    """A number from 1 to 99 in Han and Arabic figures, 二十八 and 28; as it came what is none (十十) or larger."""
    if number.isdigit():
        value = int(number)
        return (number, _TO_99[value]) if 0 < value < 100 else (number,)
    plain = number.removeprefix("一") if number.startswith("一十") else number
    return (number, str(_TO_99.index(plain))) if plain in _TO_99[1:] else (number,)


def campuses(name: str) -> Iterator[str]:
    """A unit's folded name, then without its campus, then with it but no brackets (松台市高级中学(东校区)); of a part of a
    school the school; of its teaching point (松台镇中心小学柳树湾教学点) the school, and the point by its own name."""
    yield name
    found = _CAMPUS.search(name)
    if found and len(name) - len(found.group()) >= 4:
        yield name[: found.start()]
        yield name[: found.start()] + found.group(1)
    if part := _PART.match(name):
        yield part["school"]
    if point := _POINT.match(name):
        yield point["school"]
        yield point["point"]


def attached(core: str) -> tuple[str, str] | None:
    """(the body, what is attached to it) of 松台师范大学附属东湖小学; None for what stands by itself."""
    found = _ATTACHED.match(core)
    return (found["parent"], found["own"]) if found else None


def attached_shorts(parent: str, own: str) -> Iterator[str]:
    """The body and what is attached to it in a few characters: 松台师大附中, 松台师大附属中学, 师大附中."""
    kinds = sorted((kind for kind in _ATTACHED_KINDS if own.endswith(kind)), key=len)
    tails = [f"附属{own}", *(_ATTACHED_KINDS[kind] for kind in kinds[-1:])]
    for full, brief in _PARENTS:
        if parent.endswith(full):
            where = parent[: -len(full)]
            yield from (where + brief + tail for tail in tails)
            if len(brief) > 1 and where:
                yield from (brief + tail for tail in tails)
            break
    yield from (parent + tail for tail in tails[1:])


def regiments(town: str) -> tuple[str, ...]:
    """The ways a numbered regiment is written without its corps (第八十八团, 八十八团, 88团); none for any other place."""
    found = _REGIMENT.fullmatch(town)
    return tuple(f"{head}{way}团" for way in numeral(found["number"]) for head in ("第", "")) if found else ()
