"""Hands that no word tells of: names unlike the print of their page in two ways or more. Pure.

Of 70 such hands of three sets 94 in a hundred were, of 39 printed names of others none: a pen writes larger, aslant, in ink of
another colour, bolder, and is read less surely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.area import around
from mangping_redaction.finders.hand.hands import DOUBTED, GUESSED, LARGER
from mangping_redaction.finders.hand.words import DOTTED
from mangping_redaction.finders.seal.look import tilt
from mangping_redaction.finders.seal.print import READ
from mangping_redaction.finders.text.values import TRANSLITERATED, is_value
from mangping_redaction.levels import darkest, percentile
from mangping_redaction.page import Page, Polygon
from mangping_redaction.readers.line import Line

WAYS = 2  # in which a name must be unlike the print
LARGEST = 2.05  # times the height of the print: what is larger is a title
ASLANT = 1.7  # degrees from the print's lines
COLOURED = 8.0  # Lab's a and b: the ink's from its paper's, against the same of the print
BOLDER = 1.3  # times the contrast of the print
PRINT = 4  # characters of a well-read line that tells how the page's print looks
FEWEST, MOST = 4, 9  # such lines that are enough; those whose ink is looked at
SLIM = 1.5  # a line shorter than so many of its heights has no slope to trust
PIXELS = 3000  # of a line, that are looked at
DARK, PAPER = 0.35, 0.8  # of the way from a line's ink to its paper: what is ink, what is paper
SHORT = 4  # characters of a name with a surname; 银行电子回单 and other titles begin with one too
NO_NAME = re.compile("[证印章]|书$")  # so does 荣誉证书; a chop says 印
Colour = NDArray[np.float32]


def unlike_print(page: Page, names: Sequence[Line], lines: Sequence[Line]) -> Iterator[Line]:
    """The `names` in a hand; `lines` tell how the print of the page looks. None where they are too few."""
    print_ = [line for line in lines if len(line.text) >= PRINT and line.score > READ]
    if not names or len(print_) < FEWEST:
        return
    height, slope = (float(np.median(values)) for values in ([e.height for e in print_], [_slope(e) for e in print_]))
    inks: list[tuple[Colour, float]] = []
    for name in names:
        if name.height > LARGEST * height:
            continue
        ways = [name.height > LARGER * height, abs(_slope(name) - slope) > ASLANT, name.score < DOUBTED]
        if sum(ways) < WAYS:
            inks = inks or [_ink(page, line.polygon) for line in print_[:: -(-len(print_) // MOST)]]
            colour, contrast = _ink(page, name.polygon)
            usual = np.median([ink for ink, _ in inks], axis=0)
            ways += [np.hypot(*(colour - usual)) > COLOURED, contrast > BOLDER * float(np.median([c for _, c in inks]))]
        if sum(ways) >= WAYS:
            yield name


def says_a_name(line: Line) -> bool:
    """Whether a line is nothing but a name, as far as it was read."""
    text = line.text
    short = len(text) <= SHORT or DOTTED.fullmatch(text) or TRANSLITERATED.fullmatch(text)
    if line.score < GUESSED or not short or NO_NAME.search(text):
        return False
    return is_value("name", text, False, alone=True) == len(text) > 0


def _slope(line: Line) -> float:
    """Degrees, clockwise, of a line from the nearest axis; level where it is too short to tell."""
    return tilt(line.polygon[1] - line.polygon[0]) if line.length > SLIM * line.height else 0.0


def _ink(page: Page, polygon: Polygon) -> tuple[Colour, float]:
    """(Lab's a and b of a line's ink from those of its paper, the contrast of both in grey levels)."""
    (x0, y0, x1, y1), (width, height) = around(polygon), page.size
    left, top = max(0, min(int(x0), width - 1)), max(0, min(int(y0), height - 1))
    part = page.pixels[top : max(top + 1, int(y1)), left : max(left + 1, int(x1))]
    step = max(1, round((part.shape[0] * part.shape[1] / PIXELS) ** 0.5))
    part = np.ascontiguousarray(part[::step, ::step])
    grey = darkest(part)
    dark, light = percentile(grey, 3, 90)
    colour = cv2.cvtColor(part, cv2.COLOR_BGR2LAB)[:, :, 1:].astype(np.float32)
    ink, paper = grey <= dark + DARK * (light - dark), grey >= dark + PAPER * (light - dark)
    return colour[ink].mean(axis=0) - colour[paper].mean(axis=0), light - dark
