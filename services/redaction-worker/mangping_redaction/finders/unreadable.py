"""Text that no reader could read: it may say anything, so a human looks, unless it is covered already."""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.page import Found, Page
from mangping_redaction.readers.line import Line

READABLE = 0.55  # mean score of the better reader; print that a person reads scores above .8


def find_unreadable(page: Page) -> Found:
    """A doubt when a line of text-like size stays unread outside all covers."""
    heights = [line.height for line in page.lines if line.score >= READABLE]
    if not heights:
        return Found(doubts=("nothing_readable",))
    covered = np.zeros(page.pixels.shape[:2], np.uint8)
    for finding in page.findings:
        if finding.covered:
            cv2.fillPoly(covered, [np.round(finding.polygon).astype(np.int32)], 1)
    typical = float(np.median(heights))
    doubtful = [line for line in page.lines if _looks_like_text(line, typical) and not _hidden(covered, line)]
    return Found(doubts=("unreadable_text",) if doubtful else ())


def _looks_like_text(line: Line, typical: float) -> bool:
    """Low score on something as high as text and longer than a mark. Ornament mostly reads as nothing at all."""
    return line.score < READABLE and len(line.text) >= 3 and 0.5 < line.height / typical < 3.0 and line.length > 2.5 * line.height


def _hidden(covered: np.ndarray, line: Line) -> bool:
    mask = np.zeros_like(covered)
    cv2.fillPoly(mask, [np.round(line.polygon).astype(np.int32)], 1)
    return bool((covered & mask).sum() > 0.5 * mask.sum())
