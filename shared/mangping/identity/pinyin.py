"""How the characters of a Han name may be spelt in Latin letters: readings, surnames read in their own way, ü."""

from __future__ import annotations

import itertools
import os
import re
from functools import lru_cache

# Its dictionary of phrases takes 47 MB and only orders the readings of a name; all of them are looked for anyway.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

from pypinyin import Style, pinyin

# Readings a character has only as a surname, and compound surnames that are read in a way of their own.
SURNAMES = {
    "单": "shan", "解": "xie", "曾": "zeng", "查": "zha", "仇": "qiu", "任": "ren", "盖": "ge", "朴": "piao",
    "区": "ou", "乐": "yue", "缪": "miao", "翟": "zhai",
    "华": "hua", "覃": "qin", "冼": "xian", "员": "yun", "折": "she", "黑": "he", "种": "chong", "繁": "po",
    "逄": "pang", "洗": "xian", "尉": "wei", "祭": "zhai",
    "宓": "mi", "召": "shao", "曲": "qu", "秘": "bi", "那": "na", "卜": "bu", "车": "che", "葛": "ge", "燕": "yan",
    "宁": "ning", "应": "ying", "沈": "shen", "万": "wan",
}  # fmt: skip
COMPOUND = {
    "长孙": ("zhang", "sun"), "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"), "欧阳": ("ou", "yang"), "司马": ("si", "ma"),
    "上官": ("shang", "guan"), "诸葛": ("zhu", "ge"), "东方": ("dong", "fang"), "皇甫": ("huang", "fu"),
    "令狐": ("ling", "hu"), "公孙": ("gong", "sun"),
    "慕容": ("mu", "rong"), "宇文": ("yu", "wen"), "司徒": ("si", "tu"), "司空": ("si", "kong"), "夏侯": ("xia", "hou"),
    "端木": ("duan", "mu"), "百里": ("bai", "li"),
    "呼延": ("hu", "yan"), "独孤": ("du", "gu"), "南宫": ("nan", "gong"), "西门": ("xi", "men"),
    "轩辕": ("xuan", "yuan"), "闻人": ("wen", "ren"), "申屠": ("shen", "tu"),
    "太史": ("tai", "shi"), "钟离": ("zhong", "li"), "赫连": ("he", "lian"), "拓跋": ("tuo", "ba"),
    "第五": ("di", "wu"), "淳于": ("chun", "yu"), "濮阳": ("pu", "yang"),
}  # fmt: skip
READINGS = 12  # spellings of one part that are looked for at most


def surname_size(name: str) -> int:
    """How many characters of a Han name are its surname."""
    return 2 if name[:2] in COMPOUND and len(name) > 2 else 1


def _readings(char: str) -> tuple[str, ...]:
    sounds = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    plain = [re.sub(r"[^a-zü]", "", s) for s in (sounds[0] if sounds else [])]
    spelt = [s.replace("ü", u) for s in plain for u in (("v", "u", "yu") if "ü" in s else ("",))]
    spelt += [s[:-1] + u for s in plain if s in {"lv", "nv"} for u in ("u", "yu")]
    return tuple(dict.fromkeys(s for s in spelt if s))


@lru_cache(maxsize=256)
def spellings(part: str, surname: bool = False) -> tuple[tuple[str, ...], ...]:
    """The syllable sequences a part of a name may be spelt with; the usual one first."""
    if surname and part in COMPOUND:
        return (COMPOUND[part],)
    usual = [s[0] for s in pinyin(part, style=Style.NORMAL, v_to_u=False, errors="ignore") if s]
    choices = [_readings(char) for char in part]
    if not all(choices) or len(usual) != len(part):
        return ()
    if surname and part in SURNAMES:
        choices = [tuple(dict.fromkeys((SURNAMES[part], *choices[0])))]
    first = (
        tuple(u if u in c else c[0] for u, c in zip(usual, choices, strict=True))
        if not surname
        else tuple(c[0] for c in choices)
    )
    return tuple(dict.fromkeys([first, *itertools.islice(itertools.product(*choices), READINGS)]))


def letters(syllables: tuple[str, ...]) -> str:
    return "".join(syllables)
