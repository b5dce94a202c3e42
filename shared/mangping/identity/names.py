"""The ways a person's name is written, and whether a place in the text names that person."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from mangping.identity.align import DOTLIKE, Alignment
from mangping.identity.context import CROSSING, HAN, ORDINARY, SPEAKING, TITLES, after, before, clear_name, is_break
from mangping.identity.fold import Folded, compact
from mangping.identity.form import Form, Judge, form
from mangping.identity.pinyin import latin_name, letters, spellings, surname_size

_DOTS = re.compile(r"[·•・‧∙⋅･˙᛫﹒.。｡．,，、\-－—\s]+")
_GAP = re.compile(r"[\s·•・‧∙⋅･˙᛫﹒_＿~'`‘’\-－—–]*\Z")
_DOT_GAP = re.compile(r"[\s·•・‧∙⋅･˙᛫﹒.。｡．_＿~'`‘’\-－—–,，、:：;；|一丨*]*\Z")
_HAN_ONLY = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff〇]+\Z")
_LATIN_ONLY = re.compile(r"[a-z]+\Z")
GAP = 10  # dropped characters that may stand between two characters of a name (王　　　芳)
# What may follow a given name that stands for the whole person (依明在教学中…).
_FOLLOWS = "在于是的和与任为获被等同老主校认真能从将对参我也曾说（(，。、,.;；:："


def gaps_fit(text: Folded, found: Alignment, dots: bool) -> bool:
    """Whether what was dropped inside the match may stand inside a name: little of it, and at most one line break at a place."""
    fits = _DOT_GAP if dots else _GAP
    for i in range(found.start + 1, found.end):
        gap = text.raw[text.at[i - 1] + 1 : text.at[i]]
        if gap and (len(gap) > GAP or gap.count("\n") > 1 or not fits.match(gap)):
            return False
    return True


def forms(name: str) -> Iterator[Form]:
    """Every form in which this one name (as the form knows it) may stand in a text."""
    parts = [p for p in map(compact, _DOTS.split(name.strip())) if p]
    whole = "".join(parts)
    if len(whole) < 2:
        return
    if _LATIN_ONLY.match(whole):
        yield from _latin_forms([(part,) for part in parts])
    elif _HAN_ONLY.match(whole) and len(parts) > 1 and all(len(p) == 1 for p in parts):
        yield from forms(whole)  # 王 芳, spaced by whoever filled the form in
    elif _HAN_ONLY.match(whole):
        yield from _han_forms(parts)
    else:
        yield form("name", whole, "name", _whole_judge(whole, False), edits=1 if len(whole) >= 4 else 0)


def _han_forms(parts: list[str]) -> Iterator[Form]:
    whole = "".join(parts)
    places = frozenset(itertools.accumulate(len(p) for p in parts[:-1]))
    edits = 2 if len(whole) >= 7 else 1
    yield form("name", whole, "name", _whole_judge(whole, bool(places)), edits=edits, dots=places)
    if len(parts) > 1:
        if len(parts[0]) >= 2:
            yield form("name", parts[0], "given part of the name", _given_judge(parts[0], parts[1]), edits=0)
        yield from _pinyin_forms([(part, False) for part in parts])
    elif len(whole) <= 4:
        size = surname_size(whole)
        yield from _pinyin_forms([(whole[:size], True), (whole[size:], False)])


def _pinyin_forms(parts: list[tuple[str, bool]]) -> Iterator[Form]:
    choices = [[letters(s) for s in spellings(part, surname)] for part, surname in parts]
    yield from _latin_forms([tuple(dict.fromkeys(c)) for c in choices])
    if parts[0][1] and all(choices):
        yield from _initials(choices[0], [s for s in spellings(parts[1][0])][:1])


def _latin_forms(parts: list[tuple[str, ...]]) -> Iterator[Form]:
    orders = itertools.permutations(range(len(parts))) if len(parts) <= 3 else [tuple(range(len(parts)))]
    seen: set[str] = set()
    for order in orders:
        for spelt in itertools.islice(itertools.product(*(parts[i] for i in order)), 24):
            whole = "".join(spelt)
            if len(whole) >= 4 and whole not in seen:
                seen.add(whole)
                yield form("name", whole, "name in Latin letters", _latin_judge, edits=1 if len(whole) >= 6 else 0)


def _initials(surnames: list[str], given: list[tuple[str, ...]]) -> Iterator[Form]:
    """Li X.Y. and X.Y. Li, as reference lists write it."""
    for surname in surnames[:2]:
        for syllables in given:
            initials = "".join(s[0] for s in syllables)
            for whole in (surname + initials, initials + surname):
                if len(whole) >= 4:
                    yield form("name", whole, "surname and initials", _initials_judge(surname), edits=0)


def _whole_judge(whole: str, dotted: bool) -> Judge:
    def judge(text: Folded, found: Alignment) -> float | None:
        if not gaps_fit(text, found, dotted):
            return None
        if len(whole) == 2:
            return _two(text, found)
        return 0.98

    return judge


def _two(text: Folded, found: Alignment) -> float | None:
    """Two characters are easily part of another word (马力, 由于平时) or of a longer name (王芳芳)."""
    left, right = before(text, found), after(text, found)
    said = text.chars[found.start : found.end]
    if right[:1] == said[-1] or clear_name(left, right):
        return None if right[:1] == said[-1] else 0.97
    free_left, free_right = is_break(left, -1), is_break(right, 0)
    if said in ORDINARY:
        return 0.8 if free_left and free_right and not re.search(r"[\d、，,]\s*$", left) else None
    if not free_left and left[-1] in CROSSING.get(said[0], "") and not free_right:
        return None
    return 0.95 if free_left or free_right else 0.85


def _given_judge(given: str, other: str) -> Judge:
    """The given part alone: not when another second part follows, and only where the words stop."""
    def judge(text: Folded, found: Alignment) -> float | None:
        left, right = before(text, found), after(text, found)
        if not gaps_fit(text, found, False) or given in ORDINARY and not (is_break(left, -1) and is_break(right, 0)):
            return None
        if found.resembling or re.match(r"\s*[·•・‧∙⋅･˙᛫﹒.．。\-]\s*[\u3400-\u9fff]{2}", right):
            return None
        if left and (left[-1] in "·•・‧∙⋅･˙᛫﹒" or HAN.match(left[-1]) and not clear_name(left, "") and len(given) < 3):
            return None
        if is_break(right, 0) or right[0] in _FOLLOWS or TITLES.match(right):
            return 0.7
        return None

    return judge


def _latin_judge(text: Folded, found: Alignment) -> float | None:
    start, end = text.at[found.start], text.at[found.end - 1] + 1
    said = text.raw[start:end]
    if len(re.findall(r"\n", said)) > 1 or re.search(r"[^\w\s'’‘`·•・‧.．,，\-－—]|\s{6}", said) or not said[:1].isalpha() or not said[-1:].isalpha():
        return None
    return 0.93 if latin_name(text.raw, start, end) else None


def _initials_judge(surname: str) -> Judge:
    def judge(text: Folded, found: Alignment) -> float | None:
        start, end = text.at[found.start], text.at[found.end - 1] + 1
        said = text.raw[start:end]
        words = re.findall(r"[A-Za-z]+", said)
        if len(words) < 2 or not all(w.isupper() for w in words if w.lower() != surname) or not words[0][:1].isupper():
            return None
        if surname not in {w.lower() for w in words} or not any(w[:1].isupper() for w in words if w.lower() == surname):
            return None
        return 0.6 if latin_name(text.raw, start, end) else None

    return judge


__all__ = ["DOTLIKE", "GAP", "SPEAKING", "forms", "gaps_fit"]
