"""Text that no reader could read: it may say anything, so a human looks, unless it is covered already.

Ornaments are no text: a border repeats itself from end to end, which no line of text does.
"""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.page import Found, Page, Pixels
from mangping_redaction.readers.area import mask_of, share
from mangping_redaction.readers.line import Line
from mangping_redaction.readers.paddle import crop

READABLE = 0.55  # mean score of the better reader; print that a person reads scores above .8
REPEATS = 0.9  # correlation with itself, moved along by a period: ornaments from .95 on, the most blurred text to .83
BETWEEN = 0.4  # and how low it falls on the way: a smear is like itself everywhere
LEAN = 3  # pixels of the levelled line by which a period may stand higher than the one before


def find_unreadable(page: Page) -> Found:
    """A doubt when a line of text-like size stays unread outside all covers."""
    heights = [line.height for line in page.lines if line.score >= READABLE]
    if not heights:
        return Found(doubts=("nothing_readable",))
    covered = mask_of(page.size, [finding.polygon for finding in page.findings if finding.covered])
    typical = float(np.median(heights))
    doubtful = (line for line in page.lines if _looks_like_text(line, typical) and share(covered, line.polygon) < 0.5)
    told = any(not repeats_itself(crop(page.pixels, line.polygon)) for line in doubtful)
    return Found(doubts=("unreadable_text",) if told else ())


def _looks_like_text(line: Line, typical: float) -> bool:
    """Low score on something as high as text and longer than a mark. A border of loops reads as few letters over and over."""
    if line.score >= READABLE or len(line.text) < 3 or line.length < 2.5 * line.height:
        return False
    loops = len(line.text) >= 6 and len(set(line.text.upper())) <= len(line.text) / 2
    return 0.5 < line.height / typical < 3.0 and not loops


def repeats_itself(level: Pixels) -> bool:
    """Whether two thirds of a levelled line, from either end, fit on the rest moved along by a period."""
    grey = cv2.cvtColor(level, cv2.COLOR_BGR2GRAY)
    width = grey.shape[1]
    for start, forward in ((0, 1), (width - 2 * width // 3, -1)):
        part = grey[LEAN:-LEAN, start : start + 2 * width // 3]
        alike = cv2.matchTemplate(grey, part, cv2.TM_CCOEFF_NORMED).max(axis=0)[::forward]
        apart = np.flatnonzero(alike < BETWEEN)
        if len(apart) and float(alike[apart[0] :].max()) >= REPEATS:
            return True
    return False
