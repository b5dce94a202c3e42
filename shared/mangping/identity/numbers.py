"""The applicant's own numbers: ID numbers of 18 and 15 digits, phones; grouped, starred, misread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from mangping.identity.fold import fold
from mangping.identity.whose import Hit, Kind

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# A run of characters that may be one number: digits, their look-alikes, stars; blanks and hyphens between groups.
_RUN = re.compile(
    r"[0-9０-９OoQDIlZSBbgqsz|〇○●★☆※*＊∗✱•xX×✕ＸΧХ](?:[\s\-–—－_.·]{0,3}[0-9０-９OoQDIlZSBbgqsz|"
    r"〇○●★☆※*＊∗✱•xX×✕ＸΧХ])+"
)
_LEAST_DIGITS = 5
_DIGIT = re.compile(r"\d")
_BETWEEN = frozenset("-–—－_.·")


def check_character(first17: str) -> str:
    """The 18th character of an ID number, from its first 17 digits."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


@lru_cache(maxsize=128)
def written(cls: Kind, number: str) -> tuple[str, ...]:
    """The digit strings under which this number may stand; shorter than five digits it is none."""
    plain = re.sub(r"[^0-9x]", "", fold(number).chars.translate(str.maketrans("×✕х", "xxx")))
    if cls == "phone" and len(plain) == 13 and plain.startswith("86"):
        plain = plain[2:]
    if len(plain) < _LEAST_DIGITS + 2:
        return ()
    if cls == "id_number" and len(plain) == 18 and plain[:17].isdigit():
        return plain, plain[:6] + plain[8:17]
    if cls == "id_number" and len(plain) == 15 and plain.isdigit():
        longer = plain[:6] + "19" + plain[6:]
        return plain, longer + check_character(longer).lower()
    return (plain,)


def find_numbers(cls: Kind, numbers: Sequence[str], text: str, candidates: Sequence[str] = ()) -> Iterator[Hit]:
    """Where any of the numbers stands in `text`."""
    wanted = [w for number in numbers for w in written(cls, number)]
    if not wanted or len(_DIGIT.findall(text)) < _LEAST_DIGITS:
        return
    for run in _RUN.finditer(text):
        at = [i for i in range(run.start(), run.end()) if not (text[i] in _BETWEEN or text[i].isspace())]
        chars = "".join(_LOOKS.get(text[i], text[i]) for i in at)
        for number in wanted:
            yield from _in_run(cls, number, chars, at, candidates)


_LOOKS = {
    **dict.fromkeys("OoQD〇○", "0"), **dict.fromkeys("Il|", "1"), **dict.fromkeys("Zz", "2"),
        **dict.fromkeys("Ss", "5"), "b": "6", "B": "8",
    **dict.fromkeys("gq", "9"), **dict.fromkeys("xX×✕ＸΧХ", "x"), **dict.fromkeys("*＊●•※★☆✱∗", "*"),
    **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
}  # fmt: skip


def _in_run(cls: Kind, number: str, chars: str, at: list[int], candidates: Sequence[str]) -> Iterator[Hit]:
    """Where the number stands in a run: `chars` without its blanks, each at `at[i]` of the text."""
    if "*" in chars or re.search(r"x{2,}", chars):
        yield from _starred(cls, number, chars, at)
    errors = 3 if len(number) >= 18 else 2 if len(number) >= 15 else 1
    near_errors = errors + 1 if len(number) >= 15 else 2

    def alone(start: int, end: int) -> bool:
        opens = start == 0 or at[start] - at[start - 1] > 1
        return len(chars) <= len(number) + 2 or (opens and (end == len(at) or at[end] - at[end - 1] > 1))

    for start, end, distance in _places(number, chars, near_errors, alone):
        allowed = errors
        if distance > errors and candidates and _resembles(number, chars, at, start, end, candidates):
            allowed = near_errors
        kind = "the number itself" if distance == 0 else "the number with few characters off"
        yield Hit(cls, at[start], at[end - 1] + 1, round(0.99 - 0.08 * distance, 2), distance > allowed, kind)


def _places(number: str, chars: str, errors: int, alone: Callable[[int, int], bool]) -> Iterator[tuple[int, int, int]]:
    """(start, end, errors) of every stretch of the run within so many errors of the number; a misread one must stand
    `alone`."""
    size = len(number)
    found = chars.find(number)
    if found >= 0:
        while found >= 0:
            yield found, found + size, 0
            found = chars.find(number, found + size)
        return
    if len(chars) < size - errors:
        return
    best: tuple[int, int, int] | None = None
    for start in range(max(1, len(chars) - size + 2)):
        for length in (size, size - 1, size + 1):
            if not alone(start, min(start + length, len(chars))):
                continue
            piece = chars[start : start + length]
            distance = Levenshtein.distance(number, piece, score_cutoff=errors)
            if distance <= errors and (best is None or distance < best[2]):
                best = start, start + len(piece), distance
    if best is not None:
        yield (0, len(chars), best[2]) if len(chars) <= size + 1 else best


def _resembles(number: str, chars: str, at: list[int], start: int, end: int, candidates: Sequence[str]) -> bool:
    """Whether the reader was unsure at a character that differs and named the right one."""
    pairs = zip(number, range(start, end), strict=False)
    return any(chars[i] != want and want in candidates[at[i]].lower() for want, i in pairs if at[i] < len(candidates))


def _starred(cls: Kind, number: str, chars: str, at: list[int]) -> Iterator[Hit]:
    """6501********1234: what is left on both sides of the stars must be the number's own head and tail."""
    for found in re.finditer(r"(\d{0,14})([*x]{2,16})(\d{0,11}[\dx]?)", chars):
        head, tail = found.group(1), found.group(3)
        seen = len(head) + len(tail)
        if seen < _LEAST_DIGITS or seen + 2 > len(number) or abs(len(found.group()) - len(number)) > 6:
            continue
        off = Levenshtein.distance(head, number[: len(head)]) + Levenshtein.distance(
            tail, number[len(number) - len(tail) :]
        )
        if off <= (1 if seen >= 7 else 0):
            yield Hit(
                cls, at[found.start()], at[found.end() - 1] + 1, 0.95 - 0.15 * off, False, "the number, partly starred"
            )
