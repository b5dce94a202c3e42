"""Text that no reader could read: it may say anything. A human looks at what is text; what may be some is covered.

Ornaments are no text: a border repeats itself from end to end, which no line of text does. What is but a mark or two, as a
name in a pen's strokes or a lone character, costs a page little when it is covered, and a human much when it is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from mangping_redaction.area import mask_of, share
from mangping_redaction.finders.text.through import usual_ink
from mangping_redaction.page import Finding, Found, Page, Pixels, Polygon
from mangping_redaction.readers.ctc import darkness
from mangping_redaction.readers.line import PAD_PIXELS, Line
from mangping_redaction.readers.paddle import crop

READABLE = 0.55  # mean score of the better reader; print that a person reads scores above .8
FOREIGN = 0.75  # the same of Latin letters: what is read into a script that no reader knows scores up to .65
LETTERS = 6  # Latin ones from which a line is a text in them
LOWEST, LOW = 0.5, 0.35  # of the usual line height: of a mark, of a line
LONG = 2.5  # times its height
SMALL = 0.0125  # of the page: a name takes less; what is larger is not covered on a guess
REPEATS = 0.9  # correlation with itself, moved along by a period: ornaments from .95 on, the most blurred text to .83
BETWEEN = 0.4  # and how low it falls on the way: a smear is like itself everywhere
LEAN = 3  # pixels of the levelled line by which a period may stand higher than the one before
DARK = 0.4  # of the ink of what was read: paper and what shows through it have less; a pen's strokes from .8 on
INKED = 0.03  # share of a line's box; signatures from .18 on
# What makes a page one whose words are mostly guesses, in lines of so many characters: score of a character that is guessed,
# how many of them, and their share. Print has a tenth at the most, damaged or turned; pages written by hand from a third on.
TOLD, GUESSED, MANY, MOSTLY = 5, 0.8, 50, 0.22


def find_unreadable(page: Page, among: Sequence[Line] | None = None) -> Found:
    """Of these lines (all of the page, unless told) those that stay unread outside all covers: `unreadable_text`, or covers."""
    read = [line for line in page.lines if line.score >= READABLE]
    if not read:
        return Found(doubts=("nothing_readable",))
    covered = mask_of(page.size, [finding.polygon for finding in page.findings if finding.covered])
    typical = float(np.median([line.height for line in read]))
    left = [
        line for line in (page.lines if among is None else among)
        if _unread(line) and _size(line) >= typical * (LOW if _long(line) else LOWEST) and _is_open(line, covered)
    ]  # fmt: skip
    if not left:
        return Found()
    usual = usual_ink(page, read)
    levels = [(line, crop(page.pixels, _lengthwise(line))) for line in left]
    left = [
        line for line, level in levels if not _is_ornament(line, level) and (_long(line) or _is_inked(level, usual))
    ]
    marks = [
        line for line in left if not _long(line) and line.length * line.height < SMALL * page.size[0] * page.size[1]
    ]
    return Found(tuple(map(_covered, marks)), ("unreadable_text",) if len(marks) < len(left) else ())


def find_hardly_read(page: Page) -> Found:
    """`hardly_read` where so much of what no cover hides was guessed, as of a text in a hand, that a name may be among it."""
    covered = mask_of(page.size, [finding.polygon for finding in page.findings if finding.covered])
    lines = (line for line in page.lines if len(line.text) >= TOLD and _is_open(line, covered))
    scores = np.array([score for line in lines for score in line.scores])
    guessed = int((scores < GUESSED).sum())
    return Found(doubts=("hardly_read",) if guessed >= max(MANY, MOSTLY * len(scores)) else ())


def _covered(line: Line) -> Finding:
    whole = line.stretch(0.0, 1.0, PAD_PIXELS, PAD_PIXELS)
    return Finding("unreadable", whole, 0.5, "unreadable", "a mark that nobody could read")


def _unread(line: Line) -> bool:
    latin = sum(c.isascii() and c.isalpha() for c in line.text)
    return line.score < (FOREIGN if latin >= max(LETTERS, len(line.text) / 2) else READABLE)


def _is_open(line: Line, covered: Pixels) -> bool:
    """Whether half of a line, or as much of it as a character takes, lies outside the covers."""
    left = 1 - share(covered, line.polygon)
    return left > 0.5 or left * line.length > line.height


def _lengthwise(line: Line) -> Polygon:
    """The box of a line along its longer side: a border's ornament runs down as often as across."""
    return line.polygon if line.length >= line.height else np.roll(line.polygon, -1, axis=0)


def _size(line: Line) -> float:
    """Pixels of the shorter side: a column's box may lie either way."""
    return min(line.height, line.length)


def _long(line: Line) -> bool:
    """Longer than a mark or a name: a text."""
    return len(line.text) >= 3 and line.length >= LONG * line.height


def _is_inked(level: Pixels, usual: float) -> bool:
    """Whether there is ink as dark as the page's in a levelled mark."""
    return float((darkness(level) > DARK * usual).mean()) >= INKED


def _is_ornament(line: Line, level: Pixels) -> bool:
    """Whether a line repeats itself; a border that changes on its way reads as few letters, and does so in parts."""
    few = len(line.text) >= LETTERS and 3 * len(set(line.text.upper())) <= len(line.text)
    return repeats_itself(level) or (few and repeats_itself(level, 1))


def repeats_itself(level: Pixels, thirds: int = 2) -> bool:
    """Whether so many thirds of a levelled line, from either end, fit on the rest moved along by a period."""
    grey = cv2.cvtColor(level, cv2.COLOR_BGR2GRAY)
    width = grey.shape[1]
    size = thirds * width // 3
    for start, forward in ((0, 1), (width - size, -1)):
        part = grey[LEAN:-LEAN, start : start + size]
        alike = cv2.matchTemplate(grey, part, cv2.TM_CCOEFF_NORMED).max(axis=0)[::forward]
        apart = np.flatnonzero(alike < BETWEEN)
        if len(apart) and float(alike[apart[0] :].max()) >= REPEATS:
            return True
    return False
