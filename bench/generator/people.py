"""Invented applicants: names, schools and numbers that belong to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.random import Generator
from pypinyin import lazy_pinyin

SURNAMES = "赵钱孙冯陈褚卫蒋沈韩杨朱秦许何吕施曹严华金魏陶姜谢邹喻柏窦章苏潘葛范彭鲁韦昌马苗方俞任袁柳"
DOUBLE = ("欧阳", "司马", "上官", "诸葛", "皇甫")
GIVEN = "晓雯建国海燕志强丽娟明远秀兰春梅玉珍文静思源雪莲振华佳怡立新红霞永刚彩云德胜小磊俊杰素芬"
RARE = "喆玥淼珺堃翀媞昇祎琞叕垚燚鑫赟旻昉茜彧"
HEADS = (
    "阿依努尔",
    "古丽仙",
    "买买提",
    "艾尼瓦尔",
    "帕提古丽",
    "吐尔逊",
    "热依汗",
    "努尔兰",
    "赛里克",
    "哈丽旦",
    "木拉提",
    "叶尔波",
)
TAILS = (
    "吾布力",
    "阿不都拉",
    "依米提",
    "肉孜",
    "玉山",
    "斯拉木",
    "托合提",
    "沙依木",
    "加帕尔",
    "别克",
    "哈孜",
    "萨迪克",
)
DOTS = ("·", "•", "・", "‧", ".", " ", "")
PLACES = ("青梧市", "沙柳县", "红泉市", "塔勒布市", "柯尔泰县", "阔什塔县", "北麓市", "金穗县", "白桦岭市", "月牙湖县")
NUMERALS = "一二三四五六七八九"
MISSING_COUNTIES = ("650196", "130196", "620198", "540197", "410199")  # no such county in any of these provinces
UNGIVEN_PREFIXES = ("154", "160", "161", "163", "164", "168", "169")  # no carrier was given these
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

# (full name, short forms, an earlier name, a neighbour that is another school); {place} 青梧市, {p} 市 or 县
SCHOOLS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("{place}第{n}中学", ("{p}{n}中", "{n}中", "第{n}中学"), "{place}第{m}初级中学", "{place}第{o}中学"),
    ("{place}第{n}小学", ("{p}{n}小", "{n}小", "第{n}小学"), "{place}{town}中心小学", "{place}第{o}小学"),
    ("{place}实验中学", ("{p}实验中学", "实验中学"), "{place}{town}中学", "{place}外国语学校"),
    ("{place}职业技术学校", ("{p}职校", "职业技术学校"), "{place}农业机械学校", "{place}卫生学校"),
    ("{place}第{n}幼儿园", ("{p}{n}幼", "第{n}幼儿园"), "{place}{town}幼儿园", "{place}机关幼儿园"),
    ("{place}教师进修学校", ("{p}进修学校", "进修学校"), "{place}师范学校", "{place}电化教育馆"),
)
TOWNS = ("沙井镇", "柳园镇", "塔格镇", "石河乡", "东梁镇")


@dataclass(frozen=True, slots=True)
class Person:
    """An applicant as the form knows them, and a few people and schools around them."""

    name: str  # with the middle dot where there is one
    pinyin: str
    former: str
    unit: str
    short: tuple[str, ...]
    old_unit: str
    other_unit: str
    id_number: str
    phone: str
    others: tuple[str, ...]  # names of colleagues
    woman: bool

    @property
    def place(self) -> str:
        """The town the school's name starts with."""
        return self.unit[: max(self.unit.find("市"), self.unit.find("县")) + 1]

    @property
    def birth(self) -> tuple[int, int, int]:
        return int(self.id_number[6:10]), int(self.id_number[10:12]), int(self.id_number[12:14])

    def truth(self) -> dict[str, Any]:
        """What truth.json says the form knows."""
        return {
            "name": self.name,
            "aliases": [alias for alias in (self.pinyin, self.former) if alias],
            "unit": self.unit,
            "unit_aliases": [*self.short, self.old_unit],
            "id_number": self.id_number,
            "phone": self.phone,
        }


def pick(dice: Generator, choices: Sequence[Any]) -> Any:
    return choices[int(dice.integers(len(choices)))]


def invent(dice: Generator) -> Person:
    """An applicant from a random stream."""
    name, (full, short, old, other) = _name(dice), pick(dice, SCHOOLS)
    place, (n, m, o) = pick(dice, PLACES), dice.permutation(list(NUMERALS))[:3]
    slots = {"place": place, "p": place[-1], "n": n, "m": m, "o": o, "town": pick(dice, TOWNS)}
    parts = name.split("·") if "·" in name else [name[:2], name[2:]] if name[:2] in DOUBLE else [name[0], name[1:]]
    return Person(
        name=name,
        pinyin=" ".join("".join(lazy_pinyin(part)).capitalize() for part in parts),
        former=_name(dice) if dice.random() < 0.15 else "",
        unit=full.format(**slots),
        short=tuple(form.format(**slots) for form in short),
        old_unit=old.format(**slots),
        other_unit=other.format(**slots),
        id_number=_id_number(dice),
        phone=pick(dice, UNGIVEN_PREFIXES) + "".join(map(str, dice.integers(0, 10, 8))),
        others=tuple(_other(dice, name) for _ in range(4)),
        woman=bool(dice.random() < 0.5),
    )


def _name(dice: Generator) -> str:
    if dice.random() < 0.4:
        return f"{pick(dice, HEADS)}·{pick(dice, TAILS)}"
    surname = pick(dice, DOUBLE) if dice.random() < 0.06 else pick(dice, SURNAMES)
    given = "".join(pick(dice, RARE if dice.random() < 0.12 else GIVEN) for _ in range(1 + int(dice.random() < 0.65)))
    return str(surname + given)


def _other(dice: Generator, name: str) -> str:
    """A colleague who shares no surname and no two characters in a row with the applicant."""
    while True:
        other = _name(dice)
        if other[0] != name[0] and not any(other[i : i + 2] in name for i in range(len(other) - 1)):
            return other


def _id_number(dice: Generator) -> str:
    """18 characters: a county that does not exist, a birthday, and a check digit that holds half of the time."""
    year, month, day = dice.integers((1964, 1, 1), (1998, 13, 29))
    body = f"{pick(dice, MISSING_COUNTIES)}{year}{month:02d}{day:02d}{dice.integers(1000):03d}"
    right = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]
    return body + (right if dice.random() < 0.5 else pick(dice, "0123456789X".replace(right, "")))
