"""Finding names in Latin letters: words of the text, one after another, against the ways the name is spelt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import Levenshtein

from mangping.identity.alike import alike
from mangping.identity.fold import compact
from mangping.identity.whose import Hit

# A word, cut where a capital follows a small letter (WangFang); a digit by itself stands in for the letter it is read for:
# two are a number (wangfang1985).
_LIKE = r"(?<!\d)[01|](?!\d)"
_WORD = re.compile(
    rf"[A-ZÀ-ÖØ-Þ]?(?:[a-zß-öø-ÿĀ-ſǍ-ǜ]|{_LIKE})+|(?:[A-ZÀ-ÖØ-ÞĀ-ſǍ-ǜ]|{_LIKE})+(?![a-zß-öø-ÿ])|[A-ZÀ-ÖØ-Þ]+"
)
_BETWEEN = re.compile(r"[\s·•・‧.．,，'’‘`´\-－—–_]{0,5}\Z")
_LETTERS = str.maketrans("01|", "oll")
WORDS = 8  # syllables that one name may be split into
FUZZY = 7  # letters from which one wrong letter still leaves a name
ALONE = 4  # letters that make a name in any case where no other Latin word stands beside them
SURE = 12  # letters from which one wrong letter leaves no other name


@dataclass(frozen=True)
class Spellings:
    """`whole` spellings without separators; `initials` maps 'lixy' to the surname that must be written out."""

    whole: frozenset[str]
    initials: dict[str, str]

    @cached_property
    def longest(self) -> int:
        """Letters of the longest spelling."""
        return max(map(len, (*self.whole, *self.initials)), default=0)


def find_latin(wanted: Spellings, text: str) -> Iterator[Hit]:
    """Hits of any spelling in `text`; words may be in any case and split at any letter."""
    if not wanted.whole:
        return
    words = list(_WORD.finditer(text))
    if not words:
        return
    most = wanted.longest + 1
    for i in range(len(words)):
        joined = ""
        for j in range(i, min(i + WORDS, len(words))):
            if j > i and not _BETWEEN.match(text[words[j - 1].end() : words[j].start()]):
                break
            joined += compact(words[j].group()).translate(_LETTERS)
            if len(joined) > most:
                break
            alone = not (_touch(text, words, i - 1) or _touch(text, words, j))
            hit = _judge(wanted, joined, text, [w.span() for w in words[i : j + 1]], alone)
            if hit is not None:
                yield hit


def _touch(text: str, words: list[re.Match[str]], i: int) -> bool:
    """Whether word i and the next one stand side by side, as in running English."""
    return 0 <= i < len(words) - 1 and bool(_BETWEEN.match(text[words[i].end() : words[i + 1].start()]))


def _judge(wanted: Spellings, joined: str, text: str, spans: list[tuple[int, int]], alone: bool) -> Hit | None:
    start, end = spans[0][0], spans[-1][1]
    said = [text[a:b] for a, b in spans]
    if joined in wanted.whole:
        named = _written_as_name(said) or (alone and len(joined) >= ALONE)
        return Hit("name", start, end, 0.93, False, "name in Latin letters") if named else None
    surname = wanted.initials.get(joined)
    if surname is not None and _with_initials(said, surname):
        return Hit("name", start, end, 0.6, False, "surname and initials")
    if len(joined) < FUZZY or not any(map(str.isalpha, joined)) or not _written_as_name(said):
        return None
    for whole in wanted.whole:
        if len(whole) >= FUZZY and Levenshtein.distance(whole, joined, score_cutoff=1) <= 1:
            misread = len(whole) == len(joined) and all(alike(a, b) for a, b in zip(whole, joined, strict=True))
            near = not misread and len(whole) < SURE
            return Hit("name", start, end, 0.5 if near else 0.75, near, "name in Latin letters, misread")
    return None


def _written_as_name(words: list[str]) -> bool:
    """Each word with a capital, or the first and last one, or no capital but seven letters: `the sun can` names
    nobody."""
    size = sum(map(len, words))
    return (
        all(w[0].isupper() for w in words)
        or (words[0][0].isupper() and (words[-1][0].isupper() or size >= 8))
        or size >= 7
    )


def _with_initials(words: list[str], surname: str) -> bool:
    """Li X.Y. or X. Y. Li: the surname as a word with a capital, the initials as capitals."""
    plain = [compact(w) for w in words]
    if plain.count(surname) != 1 or len(words) < 2 or not words[plain.index(surname)][0].isupper():
        return False
    return all(w.isupper() for w, p in zip(words, plain, strict=True) if p != surname)
