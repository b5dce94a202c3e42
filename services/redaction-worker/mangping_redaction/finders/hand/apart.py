"""Hands that stand apart from their word: below the end of a letter, above an office in two languages, beside 校长 alone or,
where that runs down, in the columns to its left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mangping_redaction.finders.hand import words
from mangping_redaction.finders.hand.hands import is_hand, is_written
from mangping_redaction.finders.hand.pen import FIRST, Box, at_start
from mangping_redaction.readers.column import runs_down
from mangping_redaction.readers.line import Line

BELOW, ABOVE = 6.0, 4.5  # line heights from the word to the middle of the hand
Place = Callable[[Box, float], bool]  # of a box in the word's frame, and the word's length in it
TALLEST = 4.0  # times the word's height: what was read larger is no hand but a seal or a picture
INDENT = 8.0  # line heights by which a hand may begin to the right of the word above it


def hands_apart(line: Line, lines: Sequence[Line]) -> Iterator[Line]:
    """The hands that such a word asks for, nearest first; none for any other line."""
    if words.CLOSING.fullmatch(line.text):
        yield from _nearest(line, lines, _is_below)
    elif words.BENEATH.fullmatch(line.text):
        yield from _nearest(line, lines, _is_above)
    elif words.OFFICE.fullmatch(line.text):
        yield from _nearest(line, lines, _is_in_the_next_columns if runs_down(line.polygon) else _is_beside)


def _nearest(line: Line, lines: Sequence[Line], stands: Place) -> list[Line]:
    frame = at_start(line)
    width = line.length / line.height
    at = [(frame.of(other.polygon), other) for other in lines if other is not line]
    fitting = [(box, other) for box, other in at if stands(box, width) and other.height < TALLEST * line.height]
    if stands is _is_below:  # a printed name under the hand is its owner's
        hands = [(box, other) for box, other in fitting if is_hand(other) and not other.text.isascii()]
    else:
        hands = [(box, other) for box, other in fitting if is_written(other, line)]
    hands.sort(key=lambda pair: abs(pair[0][1]) + abs(pair[0][0]))
    return [other for _, other in hands[:1]]


def _is_below(box: Box, width: float) -> bool:
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
