"""Laying one pattern along the text: which characters agree, which only resemble, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import Hamming

from mangping.identity.alike import alike, lookalikes
from mangping.identity.fold import Folded

EXACT, ALIKE, EDIT, NEVER = 0, 1, 4, 99
# A number or a kind of school read surely is another school's, not an error of reading.
NUMERALS = frozenset("一二三四五六七八九十百零〇两0123456789")
KINDS = frozenset("中小大幼初高职技党附院")
# What readers make of the dot between the parts of a name.
DOTLIKE = frozenset(",，、:：;；'\"|/\\*^一丨丶")


def resembling(size: int) -> int:
    """How many characters of a pattern of `size` may merely resemble what was read."""
    return 2 if size <= 5 else (size + 1) // 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """What to look for: `chars` folded; `dots` the places where a dot stands in the name (before chars[i]).

    `edits` arbitrary errors are allowed. With `hard`, numerals and kinds of school are not exchanged for one another.
    """

    chars: str
    edits: int
    dots: frozenset[int] = frozenset()
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Alignment:
    """The pattern stands at folded characters [start, end): so many resembling, wrong, missing and extra characters.

    `sure` counts wrong characters that the reader was sure of, `hard` resemblances in a numeral or kind of school.
    """

    start: int
    end: int
    resembling: int = 0
    wrong: int = 0
    missing: int = 0
    extra: int = 0
    sure: int = 0
    hard: int = 0

    @property
    def edits(self) -> int:
        return self.wrong + self.missing + self.extra


def _swap(pattern: Pattern, j: int, text: Folded, i: int) -> int:
    """The cost of reading pattern[j] as text[i]."""
    want, got = pattern.chars[j], text.chars[i]
    if want == got:
        return EXACT
    if want in text.others.get(i, "") or alike(want, got):
        return ALIKE
    if pattern.hard and (_family(want) and _family(got)):
        return NEVER
    return EDIT


def _family(char: str) -> bool:
    return char in NUMERALS or char in KINDS


def _extra(pattern: Pattern, j: int, text: Folded, i: int) -> int:
    """The cost of text[i] standing between pattern[j - 1] and pattern[j]."""
    got = text.chars[i]
    if j in pattern.dots and (got in DOTLIKE or not got.isalnum()):
        return EXACT
    return NEVER if pattern.hard and _family(got) else EDIT


def align(pattern: Pattern, text: Folded, start: int) -> Alignment | None:
    """The best place of the pattern near folded character `start`, or None when it takes more than the allowed
    errors."""
    size, slack = len(pattern.chars), pattern.edits + len(pattern.dots)
    low, high = max(0, start - pattern.edits), min(len(text.chars), start + size + slack)
    budget = EDIT * pattern.edits + ALIKE * resembling(size)
    # rows[j][i]: least cost of pattern[:j] ending at text[low + i]; the text before and after is free.
    rows = [[0] * (high - low + 1)]
    for j in range(1, size + 1):
        above = rows[-1]
        row = [above[0] + EDIT]
        for i in range(1, high - low + 1):
            cost = min(above[i - 1] + _swap(pattern, j - 1, text, low + i - 1), above[i] + EDIT)
            if j < size:
                cost = min(cost, row[-1] + _extra(pattern, j, text, low + i - 1))
            row.append(cost)
        if min(row) > budget:
            return None
        rows.append(row)
    last = rows[-1]
    end = min(range(len(last)), key=lambda i: (last[i], abs(low + i - start - size)))
    return _trace(pattern, text, rows, low, end) if last[end] <= budget else None


def lacking(pattern: Pattern, text: Folded, low: int, high: int) -> bool:
    """Whether more characters of the pattern than may be wrong stand nowhere in [low, high) of the text, nor anything
    that resembles them."""
    about = text.chars[low:high]
    lost = 0
    for char in pattern.chars:
        if char in about or not lookalikes(char).isdisjoint(about):
            continue
        if any(char in text.others[i] for i in range(low, min(high, len(text.chars))) if i in text.others):
            continue
        lost += 1
        if lost > pattern.edits:
            return True
    return False


def rigid(pattern: Pattern, text: Folded, start: int) -> Alignment | None:
    """The pattern exactly at `start`, character by character, none missing and none extra; at most a third may
    resemble."""
    end = start + len(pattern.chars)
    if start < 0 or end > len(text.chars):
        return None
    unlike = hard = 0
    allowed = resembling(len(pattern.chars))
    if Hamming.distance(pattern.chars, text.chars[start:end]) > allowed:
        return None
    for j, want in enumerate(pattern.chars):
        if want == text.chars[start + j]:
            continue
        unlike += 1
        hard += pattern.hard and _family(want)
        if _swap(pattern, j, text, start + j) != ALIKE:
            return None
    return Alignment(start, end, resembling=unlike, hard=hard)


def _trace(pattern: Pattern, text: Folded, rows: list[list[int]], low: int, end: int) -> Alignment | None:
    """Walk back from the end and count what each step was."""
    i, unlike, wrong, missing, extra, sure, hard = end, 0, 0, 0, 0, 0, 0
    j = len(pattern.chars)
    while j > 0:
        here = rows[j][i]
        step = _swap(pattern, j - 1, text, low + i - 1) if i > 0 else NEVER
        if i > 0 and here == rows[j - 1][i - 1] + step:
            i, j = i - 1, j - 1
            unlike += step == ALIKE
            wrong += step == EDIT
            sure += step == EDIT and not text.unsure(low + i)
            hard += step == ALIKE and pattern.hard and _family(pattern.chars[j])
        elif here == rows[j - 1][i] + EDIT:
            j -= 1
            missing += 1
            hard += pattern.hard and _family(pattern.chars[j])
        else:
            extra += _extra(pattern, j, text, low + i - 1) == EDIT
            i -= 1
    found = Alignment(low + i, low + end, unlike, wrong, missing, extra, sure, hard)
    if found.edits > pattern.edits or found.start >= found.end or wrong + missing >= len(pattern.chars):
        return None
    return found
