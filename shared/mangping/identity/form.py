"""A form: one way in which a name or a unit may be written, with what must hold around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mangping.identity.align import Alignment, Pattern, resembling
from mangping.identity.fold import Folded
from mangping.identity.whose import Kind

# Judges where a form was found: the confidence it deserves there, or None when the text speaks of something else.
Judge = Callable[[Folded, Alignment], float | None]


@dataclass(frozen=True, slots=True)
class Form:
    cls: Kind
    pattern: Pattern
    why: str
    judge: Judge
    seeds: tuple[int, ...]  # places in the pattern of which at least one is read right in anything that still resembles
    letters: frozenset[str]  # of the pattern


# Characters that any page of a teacher holds by the dozen: poor seeds.
_COMMON = "的一是了在学校中小市县区教师第育有不人工作年月日三二四五六七八九十职技业术园儿幼级大公司限院"


def seeds(pattern: Pattern, wanted: int) -> tuple[int, ...]:
    """The `wanted` places whose characters are rarest in ordinary text."""

    def commonness(place: int) -> int:
        at = _COMMON.find(pattern.chars[place])
        return len(_COMMON) - at if at >= 0 else 0

    order = sorted(range(len(pattern.chars)), key=lambda place: (commonness(place), place))
    return tuple(order[: max(1, min(wanted, len(order)))])


def form(
    cls: Kind, chars: str, why: str, judge: Judge, *, edits: int, dots: frozenset[int] = frozenset(), hard: bool = False
) -> Form:
    pattern = Pattern(chars, edits, dots, hard)
    return Form(cls, pattern, why, judge, seeds(pattern, edits + 1 + resembling(len(chars))), frozenset(chars))
