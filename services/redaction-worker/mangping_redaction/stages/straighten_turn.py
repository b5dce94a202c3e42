"""Which way up a page is. A glance by the orientation network; four when that is unsure; reading when those are.

Turns are quarter turns counter-clockwise, what np.rot90 needs to make the page upright (a page turned k * 90 degrees
clockwise needs k).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.page import Pixels, Polygon
from mangping_redaction.readers import paddle
from mangping_redaction.readers.paddle import IMAGENET
from mangping_redaction.runtime import pixel_network

Floats = NDArray[np.float32]

SHORT_SIDE = 256  # what the network was trained on; it pools over the page, so nothing is cropped away
LONGEST = 2.2  # times the short side; strips are squeezed
STEP = 16  # pixels: the sides of what the network sees are multiples of it
GLANCE = 0.88  # measured: one look is always right from .88 on (it tops out at .93)
FOUR_GLANCES = 0.65  # and the mean of four that agree from .6 on
LIKELIER = 0.5  # a turn more likely than all others together; else a page stays as it came, as most pages do
THINNEST = 16  # pixels of the copy: no line of text fits on a narrower strip
READ_SIDE = 800  # pixels of the longer side when lines are sought
LINES_READ = 6
ENOUGH = 8.0  # characters read better in one direction than in any other: no more lines are needed
LEGIBLE = 0.5  # a character read below this says nothing about the direction
READ_MARGIN = 3.0  # characters that must be read better in one direction than in any other
AGREED_MARGIN = 1.0  # the same where the glances say so too
STRIP = 400  # pixels of a levelled line that are read, some ten characters


@dataclass(frozen=True, slots=True)
class Turn:
    """Quarter turns that make the page upright, and whether that is certain."""

    quarters: int
    sure: bool


def find(pixels: Pixels, small: Pixels) -> Turn:
    """The turn of a page; `small` is its copy of about 800 pixels."""
    if min(small.shape[:2]) < THINNEST:
        return Turn(0, False)
    view = _view(small)
    first = _glance(view)
    if first.max() >= GLANCE:
        return Turn(int(first.argmax()), True)
    looks = np.stack([first, *(np.roll(_glance(np.rot90(view, k)), k) for k in (1, 2, 3))])
    mean = np.exp(np.log(looks + 1e-6).mean(axis=0))
    mean /= mean.sum()
    best = int(mean.argmax())
    if mean[best] >= FOUR_GLANCES and (looks.argmax(axis=1) == best).all():
        return Turn(best, True)
    return _by_reading(pixels, best if mean[best] >= LIKELIER else 0)


def _view(small: Pixels) -> Pixels:
    height, width = small.shape[:2]
    scale = min(SHORT_SIDE / min(height, width), SHORT_SIDE * LONGEST / max(height, width))
    # In steps: sheets of one format give one size, for which the network need not prepare itself anew.
    size = tuple(max(2 * STEP, STEP * round(side * scale / STEP)) for side in (width, height))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(small, size, interpolation=interpolation), np.uint8)


def _glance(view: Pixels) -> Floats:
    """(4,) probability of each turn."""
    (scores,) = pixel_network("orientation", *IMAGENET).look(np.ascontiguousarray(view)[None])
    return np.asarray(scores[0] / scores[0].sum(), np.float32)


def _by_reading(pixels: Pixels, guess: int) -> Turn:
    """The direction in which the longest lines can be read. Certain when it wins clearly, or agrees with the guess."""
    evidence = np.zeros(4)
    for quad in _longest(paddle.detect(pixels, side=READ_SIDE)):
        lying, quad = _from_start(quad)
        strip = paddle.crop(pixels, quad)[:, :STRIP]
        for turn in (0, 2) if lying else (1, 3):
            evidence[turn] += _legible(np.ascontiguousarray(strip if turn < 2 else strip[::-1, ::-1]), quad)
        if _leads(evidence, ENOUGH):
            break
    best = int(evidence.argmax())
    sure = _leads(evidence, AGREED_MARGIN if best == guess else READ_MARGIN)
    return Turn(best if sure else guess, sure)


def _leads(evidence: NDArray[np.float64], margin: float) -> bool:
    """Whether the best direction is ahead of every other by half as much again and by `margin` characters."""
    rival, best = np.partition(evidence, -2)[-2:]
    return bool(best >= 1.5 * rival + margin)


def _longest(quads: list[Polygon]) -> list[Polygon]:
    """The lines with the most characters, as far as their shape tells."""

    def shape(quad: Polygon) -> float:
        one, other = float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[2] - quad[1]))
        return max(one, other) / max(min(one, other), 1.0)

    return sorted(quads, key=shape, reverse=True)[:LINES_READ]


def _from_start(quad: Polygon) -> tuple[bool, Polygon]:
    """Whether a line lies level, and its quad, clockwise, from the start of a long side that runs right (or else down).

    A level line's text is upright or upside down; an upended one's is upright when the page was turned clockwise.
    """
    sides = np.roll(quad, -1, axis=0) - quad
    long = sides[int(np.linalg.norm(sides[:2], axis=1).argmax())]
    lying = bool(abs(long[0]) >= abs(long[1]))
    start = int(sides[:, 0 if lying else 1].argmax())
    return lying, np.roll(quad, -start, axis=0)


def _legible(strip: Pixels, quad: Polygon) -> float:
    """How many characters can be read well on a levelled strip."""
    scores = np.array(paddle.recognise(strip, quad).scores)
    return float((scores - LEGIBLE).clip(0).sum() / (1 - LEGIBLE))
