"""仅供职称评审使用, aslant across a page: the detector takes lines of text that touch it for a part of it, and loses them.

What is much paler than the print is wiped off a copy; only lines are looked for there, the page itself is what is read.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from mangping_redaction.finders.text.rows import lean
from mangping_redaction.levels import darkest, percentile
from mangping_redaction.page import Pixels
from mangping_redaction.readers.line import Line

ASLANT = np.radians(12), np.radians(78)  # against the rows: a page leans by less, a column stands across
SAID, CHARACTERS = 0.7, 3  # score and length of a line that is text: a seal's ring is read as less
PALE = 0.45  # of the print's depth: a watermark has less
STROKE = 25  # pixels: wider than a watermark's stroke, so paper is seen on both sides of it


def is_watermarked(lines: Sequence[Line]) -> bool:
    """Whether text stands aslant on the page."""
    level = lean(lines)
    return any(len(line.text) >= CHARACTERS and line.score >= SAID and _aslant(line, level) for line in lines)


def _aslant(line: Line, level: float) -> bool:
    along = line.polygon[1] - line.polygon[0]
    off = (float(np.arctan2(along[1], along[0])) - level) % np.pi
    return bool(ASLANT[0] < min(off, np.pi - off) < ASLANT[1])


def without_pale_ink(pixels: Pixels) -> Pixels:
    """A copy on which paper stands wherever ink is paler than print."""
    value = darkest(pixels)
    paper = cv2.blur(cv2.dilate(value, np.ones((STROKE, STROKE), np.uint8)), (STROKE, STROKE))
    depth = cv2.subtract(paper, value)
    (print_depth,) = percentile(np.asarray(depth, np.uint8), 99.5)
    pale = (np.arange(256) < PALE * print_depth).astype(np.uint8)
    return np.asarray(cv2.copyTo(cv2.merge([paper] * 3), cv2.LUT(depth, pale), pixels.copy()), np.uint8)
