"""The ways a person's name is written, and whether a place in the text names that person."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from mangping.identity.align import Alignment
from mangping.identity.context import (
    CROSSING,
    HAN,
    ORDINARY,
    TITLES,
    after,
    before,
    clear_name,
    gaps_fit,
    is_break,
)
from mangping.identity.fold import Folded, compact
from mangping.identity.form import Form, Judge, form
from mangping.identity.latin import Spellings
from mangping.identity.pinyin import letters, spellings, surname_size

_DOTS = re.compile(r"[·•・‧∙⋅･˙᛫﹒.。｡．,，、\-－—\s]+")
_GAP = re.compile(r"[\s·•・‧∙⋅･˙᛫﹒_＿~'`‘’\-－—–]*\Z")
_DOT_GAP = re.compile(r"[\s·•・‧∙⋅･˙᛫﹒.。｡．_＿~'`‘’\-－—–,，、:：;；|一丨*]*\Z")
_HAN_ONLY = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff〇]+\Z")
_LATIN_ONLY = re.compile(r"[a-z]+\Z")
UNDOTTED = 5  # characters of a name that left out its dot: 欧阳娜娜 has four
GAP = 10  # dropped characters that may stand between two characters of a name (王　　　芳)
# What may follow a given name that stands for the whole person (依明在教学中…).
_FOLLOWS = "在于是的和与任为获被等同老主校认真能从将对参我也曾说（(，。、,.;；:："


def forms(name: str) -> Iterator[Form]:
    """Every form in Han (or any other) characters in which this one name may stand in a text."""
    parts = _parts(name)
    whole = "".join(parts)
    if len(whole) < 2 or _LATIN_ONLY.match(whole):
        return
    edits = 2 if len(whole) >= 7 else 1
    places = frozenset(itertools.accumulate(len(p) for p in parts[:-1]))
    yield form("name", whole, "name", _whole_judge(whole, bool(places)), edits=edits, dots=places)
    if places:  # its dot is read as a comma
        yield form("name", ",".join(parts), "name", _whole_judge(whole, True), edits=0)
    if len(parts) > 1 and len(parts[0]) >= 2:
        yield form("name", parts[0], "given part of the name", _given_judge(parts[0]), edits=0)


def spelt(names: Sequence[str]) -> Spellings:
    """Every spelling of these names in Latin letters."""
    whole: set[str] = set()
    initials: dict[str, str] = {}
    for parts in filter(None, map(_parts, names)):
        joined = "".join(parts)
        if _LATIN_ONLY.match(joined):
            whole.update(_orders([(part,) for part in parts]))
        elif _HAN_ONLY.match(joined) and (len(parts) > 1 or len(joined) <= 4):
            size = surname_size(joined)
            cut = [(p, False) for p in parts] if len(parts) > 1 else [(joined[:size], True), (joined[size:], False)]
            spellings_of = [tuple(dict.fromkeys(letters(s) for s in spellings(*p))) for p in cut]
            whole.update(_orders(spellings_of))
            initials |= _initials(spellings_of[0], cut[1][0]) if len(parts) == 1 else {}
    return Spellings(frozenset(w for w in whole if len(w) >= 4), initials)


def _parts(name: str) -> list[str]:
    """The parts between the dots of a name; characters spaced one by one (王 芳) are one part."""
    parts = [p for p in map(compact, _DOTS.split(name.strip())) if p]
    return ["".join(parts)] if all(len(p) == 1 for p in parts) and parts else parts


def _orders(parts: list[tuple[str, ...]]) -> Iterator[str]:
    orders = itertools.permutations(range(len(parts))) if len(parts) <= 3 else iter([tuple(range(len(parts)))])
    for order in orders:
        yield from map("".join, itertools.islice(itertools.product(*(parts[i] for i in order)), 24))


def _initials(surnames: tuple[str, ...], given: str) -> dict[str, str]:
    """Li X.Y. and X.Y. Li, as reference lists write it, in every reading of the given name."""
    shorts = dict.fromkeys("".join(syllable[0] for syllable in reading) for reading in spellings(given))
    return {
        whole: surname
        for surname in surnames[:2]
        for short in shorts
        if short
        for whole in (surname + short, short + surname)
        if len(whole) >= 4
    }


def _whole_judge(whole: str, dotted: bool) -> Judge:
    fits = _DOT_GAP if dotted or len(whole) >= UNDOTTED else _GAP

    def judge(text: Folded, found: Alignment) -> float | None:
        if not gaps_fit(text, found, fits, GAP):
            return None
        if len(whole) == 2:
            return _two(text, found)
        return 0.98

    return judge


def _two(text: Folded, found: Alignment) -> float | None:
    """Two characters are easily part of another word (马力, 由于平时) or of a longer name (王芳芳)."""
    left, right = before(text, found), after(text, found)
    said = text.chars[found.start : found.end]
    free_left, free_right = is_break(left, -1), is_break(right, 0)
    if right[:1] == said[-1]:
        return None
    if not free_left and left[-1] in CROSSING.get(said[0], "") and not (free_right or TITLES.match(right)):
        return None
    if clear_name(left, right):
        return 0.97
    if said in ORDINARY:
        return 0.8 if free_left and free_right and not re.search(r"[\d、，,]\s*$", left) else None
    return 0.95 if free_left or free_right else 0.85


def _given_judge(given: str) -> Judge:
    """The given part alone: not when another second part follows, and only where the words stop."""

    def judge(text: Folded, found: Alignment) -> float | None:
        left, right = before(text, found), after(text, found)
        if not gaps_fit(text, found, _GAP, GAP) or (
            given in ORDINARY and not (is_break(left, -1) and is_break(right, 0))
        ):
            return None
        if found.resembling or re.match(r"\s*[·•・‧∙⋅･˙᛫﹒.．。\-]\s*[\u3400-\u9fff]{2}", right):
            return None
        if left[-1:] in {*"·•・‧∙⋅･˙᛫﹒"}:
            return None
        if left and HAN.match(left[-1]) and len(given) < 3 and not clear_name(left, ""):
            return None
        if is_break(right, 0) or right[0] in _FOLLOWS or TITLES.match(right):
            return 0.7
        return None

    return judge
