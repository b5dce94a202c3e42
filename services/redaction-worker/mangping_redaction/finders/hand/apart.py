"""Hands that stand apart from their word: below the end of a letter, above an office in two languages, beside 校长 alone or,
where that runs down, in the columns to its left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mangping_redaction.finders.hand import words
from mangping_redaction.finders.hand.hands import is_hand, is_written
from mangping_redaction.finders.hand.pen import FIRST, Box, at_start
from mangping_redaction.readers.column import runs_down
from mangping_redaction.readers.line import Line

BELOW, ABOVE = 6.0, 4.5  # line heights from the word to the middle of the hand
TALLEST = 4.0  # times the word's height: what was read larger is no hand but a seal or a picture
INDENT = 8.0  # line heights by which a hand may begin to the right of the word above it
Place = Callable[[Box, float], bool]  # of a box in the word's frame, and the word's length in it
Hand = Callable[[Line, Line], bool]  # whether a line may be the hand that goes with the word


def hand_apart(line: Line, lines: Sequence[Line]) -> Line | None:
    """The hand nearest to such a word, if there is one; None for any other line."""
    if words.CLOSING.fullmatch(line.text):
        return _nearest(line, lines, _is_below, _is_no_owner)
    if words.BENEATH.fullmatch(line.text):
        return _nearest(line, lines, _is_above, is_written)
    if words.OFFICE.fullmatch(line.text):
        return _nearest(line, lines, _is_in_the_next_columns if runs_down(line.polygon) else _is_beside, is_written)
    return None


def _nearest(line: Line, lines: Sequence[Line], stands: Place, may_be: Hand) -> Line | None:
    frame, width = at_start(line), line.length / line.height
    hands = [
        (abs(box[1]) + abs(box[0]), other) for other in lines
        if other is not line and other.height < TALLEST * line.height
            and stands(box := frame.of(other.polygon), width) and may_be(other, line)
    ]  # fmt: skip
    return min(hands, key=lambda pair: pair[0])[1] if hands else None


def _is_no_owner(other: Line, _: Line) -> bool:
    """A hand, and not the name of its owner, which letters in English print under it."""
    return is_hand(other) and not other.text.isascii()


def _is_below(box: Box, _: float) -> bool:
    u0, v0, _, v1 = box
    return -1 < u0 < INDENT and 1 < (v0 + v1) / 2 < BELOW


def _is_above(box: Box, width: float) -> bool:
    u0, v0, u1, v1 = box
    return -1 < (u0 + u1) / 2 < width + 1 and -ABOVE < (v0 + v1) / 2 < 0


def _is_beside(box: Box, width: float) -> bool:
    u0, v0, _, v1 = box
    return -0.3 < u0 - width < FIRST and 0 < (v0 + v1) / 2 < 1


def _is_in_the_next_columns(box: Box, width: float) -> bool:
    u0, v0, _, v1 = box
    return -1 < u0 < width + INDENT and 0 < (v0 + v1) / 2 < BELOW
