"""Text as the matcher sees it: width, case, accents and traditional characters folded, separators dropped, every
character's place kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from mangping.identity.variants import SIMPLIFIED

# What may stand between the characters of one name: dots of every kind, dashes, apostrophes of pinyin, form underlines.
SEPARATORS = frozenset("·•・‧∙⋅･˙᛫﹒.。｡．-－﹣—–‐‑‒―−_＿~～'’‘`´")
DROPPED = "\0"


class _Fold(dict[int, int]):
    """Code point -> folded code point (0 = dropped); each is worked out once."""

    def __missing__(self, point: int) -> int:
        self[point] = folded = _folded(chr(point))
        return folded


def _folded(char: str) -> int:
    if char.isspace() or char in SEPARATORS or unicodedata.category(char) in {"Zs", "Zl", "Zp", "Cf", "Cc", "Mn"}:
        return 0
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if unicodedata.category(c) != "Mn")
    lowered = plain.lower()
    point = ord(lowered) if len(lowered) == 1 else ord(char)
    return SIMPLIFIED.get(point, point)


_TABLE = _Fold()


@dataclass(frozen=True, slots=True)
class Folded:
    """`chars[i]` stands at `raw[at[i]]`; `others[i]` is what else that character may be ('' = read surely or nothing
    known).

    `read` says whether the text came from a reader that names its doubts.
    """

    raw: str
    chars: str
    at: Sequence[int]
    others: dict[int, str] = field(default_factory=dict)
    read: bool = False

    def unsure(self, i: int) -> bool:
        """Whether the character may have been misread: the reader named others, or nothing is known about the
        reading."""
        return not self.read or i in self.others


def compact(text: str) -> str:
    """The folded characters without their places."""
    return text.translate(_TABLE).replace(DROPPED, "")


def fold(text: str, candidates: Sequence[str] = ()) -> Folded:
    """Fold `text`; `candidates[i]` are the reader's alternatives for character i, best first, or none at all."""
    same = text.translate(_TABLE)
    at: Sequence[int] = [i for i, c in enumerate(same) if c != DROPPED] if DROPPED in same else range(len(same))
    chars = same.replace(DROPPED, "")
    if len(candidates) != len(text):
        return Folded(text, chars, at)
    others = {i: candidates[p].translate(_TABLE) for i, p in enumerate(at) if len(candidates[p]) > 1}
    return Folded(text, chars, at, others, True)
