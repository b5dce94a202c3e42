"""Whether a line that was read in a signing place is the hand itself, and the frame behind a signing word."""

from __future__ import annotations

import numpy as np

from mangping_redaction.finders.hand import words
from mangping_redaction.finders.hand.pen import Frame
from mangping_redaction.finders.text.values import is_value
from mangping_redaction.readers.line import Line

GUESSED = 0.4  # confidence of a line: below, what it says was guessed at a pen's strokes
BIT = 3  # digits that are none (何 is read 14)
NAME, DOTTED_NAME = 8, 18  # characters of the longest name, and of one in parts (阿卜杜热合曼·买买提依明)
UNDOTTED = 13  # of one in parts whose dot was not read, where nothing but a pen was
COLON = 0.5  # line heights that a colon takes
DOUBTED, LARGER = 0.9, 1.3  # a line less surely read, or so much higher than the print beside it, is a pen's


def is_hand(line: Line) -> bool:
    """Whether a line in a signing place may be the signature itself: short, and neither a date nor a label (收款人：)."""
    said = _without_a_speck(line.text)
    bit = len(said) <= BIT and said.isdecimal()  # of a pen's strokes: no date is so short
    other = words.STOP.search(said) or words.ANCHOR.search(said) or said.endswith((":", "："))
    printed = not bit and line.score >= GUESSED and other
    longest = DOTTED_NAME if words.DOTTED.fullmatch(said) else UNDOTTED if line.score < DOUBTED else NAME
    return len(said) <= longest and not printed


def _without_a_speck(text: str) -> str:
    """A name without the stop that its last stroke was read as (吴国庆。); anything else as it is."""
    name = text.removesuffix("。")
    return name if name and is_value("name", name, False, alone=True) == len(name) else text


def is_name(line: Line) -> bool:
    """Whether a line under a word whose colon or bracket points beside it can be nothing but a hand."""
    return line.score < GUESSED or is_value("name", line.text, False, alone=True) == len(line.text)


def is_written(line: Line, beside: Line) -> bool:
    """Whether a line looks like a pen's where print could stand as well: badly read, or larger than the print it goes with."""
    return is_hand(line) and (line.score < DOUBTED or (line.height > LARGER * beside.height and is_name(line)))


def behind(line: Line, end: int) -> Frame:
    """The frame along a line whose origin is the end of its first `end` characters."""
    a, b, _, d = line.polygon.astype(np.float32)
    along = (b - a) / max(line.length, 1.0) * line.height
    begin = float(line.cells[end - 1, 1])
    if line.text[end - 1] in ":：;；":  # its two dots stand in the first half of its place: a pen may be in the other
        begin = min(begin, float(line.cells[end - 1, 0]) + COLON * line.height / max(line.length, 1.0))
    if end < len(line.text):  # a pen often starts before its place: half a character early
        begin = min(begin, float(line.cells[end, 0]))
    return Frame(a + begin * (b - a), along, (d - a).astype(np.float32))
