"""Text that no reader could read: it may say anything, so a human looks, unless it is covered already."""

from __future__ import annotations

import numpy as np

from mangping_redaction.page import Found, Page
from mangping_redaction.readers.area import mask_of, share
from mangping_redaction.readers.line import Line

READABLE = 0.55  # mean score of the better reader; print that a person reads scores above .8


def find_unreadable(page: Page) -> Found:
    """A doubt when a line of text-like size stays unread outside all covers."""
    heights = [line.height for line in page.lines if line.score >= READABLE]
    if not heights:
        return Found(doubts=("nothing_readable",))
    covered = mask_of(page.size, [finding.polygon for finding in page.findings if finding.covered])
    typical = float(np.median(heights))
    doubtful = [line for line in page.lines if _looks_like_text(line, typical) and share(covered, line.polygon) < 0.5]
    return Found(doubts=("unreadable_text",) if doubtful else ())


def _looks_like_text(line: Line, typical: float) -> bool:
    """Low score on something as high as text and longer than a mark. A border of loops reads as few letters over and over."""
    if line.score >= READABLE or len(line.text) < 3 or line.length < 2.5 * line.height:
        return False
    loops = len(line.text) >= 6 and len(set(line.text.upper())) <= len(line.text) / 2
    return 0.5 < line.height / typical < 3.0 and not loops
