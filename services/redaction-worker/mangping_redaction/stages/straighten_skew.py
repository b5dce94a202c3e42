"""How far the text lines lean: a sheared projection profile over the thin dark strokes of a small copy."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.levels import percentile
from mangping_redaction.page import Pixels

LIMIT = 10.0  # degrees either way; a page that leans more is a photo at an angle, and its lines are found as they lie
STROKE = 1 / 44  # of the longer side: wider dark things (pictures, table tops, shadows) are no strokes
MOST_POINTS = 8_000
FEWEST_POINTS = 150  # about a dozen characters at this scale
UPRIGHT = 0.02  # a degree: between two directions of strokes the more upright one is that of the text
PEAK = 1.5  # best profile against the median one; below it no direction stands out
TABLE_TOP = 0.7  # of the paper's brightness: what lies on darker ground is the grain of a desk
LONG = 1 / 4  # of the longer side: the shadow of the sheet's own edge, and rules, are no characters
INKIEST = 99.5  # percentile of darkness that is surely a stroke, on a page of two lines as well

Floats = NDArray[np.float32]
Doubles = NDArray[np.floating]


def skew(small: Pixels) -> float:
    """Angle of the text lines in degrees, clockwise-positive (they fall to the right), -10..10; 0 if none stands out.

    `small` is an upright BGR copy, about 800 pixels on its longer side.
    """
    x, y = _strokes(np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8))
    if len(x) < FEWEST_POINTS:
        return 0.0
    coarse = np.linspace(-LIMIT, LIMIT, 41)
    profiles = _sharpness(x[::2], y[::2], coarse, bin_size=2.0) * (1 - UPRIGHT * np.abs(coarse))
    if profiles.max() < PEAK * np.median(profiles):
        return 0.0
    centre = float(coarse[profiles.argmax()])
    fine = np.linspace(centre - 0.8, centre + 0.8, 17)
    near = np.convolve(_sharpness(x, y, fine, bin_size=1.0), np.full(5, 0.2), "valid")  # pixels make it jagged
    return float(np.clip(_vertex(fine[2:-2], near), -LIMIT, LIMIT))


def _strokes(grey: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Coordinates of pixels on thin dark strokes, at most MOST_POINTS of them, x measured from the middle."""
    size = max(7, round(max(grey.shape) * STROKE)) | 1
    calm = cv2.blur(grey, (3, 3))  # noise makes strokes of its own
    paper = cv2.morphologyEx(calm, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    dark = cv2.subtract(paper, calm)
    dark[:size] = dark[-size:] = dark[:, :size] = dark[:, -size:] = 0  # wedges of scanner lid beside a leaning sheet
    (bright,) = percentile(np.asarray(paper[::4, ::4], np.uint8), 75)
    dark[paper < TABLE_TOP * bright] = 0
    (strong,) = percentile(np.asarray(dark[::2, ::2], np.uint8), INKIEST)
    ink = (dark > max(10.0, 0.45 * strong)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(ink, 8, cv2.CV_32S, cv2.CCL_BBDT)
    long = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) > LONG * max(grey.shape)
    inked = np.flatnonzero(ink)
    rows, columns = np.divmod(inked[~long[labels.ravel()[inked]]], grey.shape[1])
    step = max(1, round(len(rows) / MOST_POINTS))
    x, y = columns[::step].astype(np.float32), rows[::step].astype(np.float32)
    off = np.random.default_rng(0).random((2, len(x)), np.float32)  # a lattice of pixels has favourite angles
    return x + off[0] - grey.shape[1] / 2, y + off[1]


def _sharpness(x: Floats, y: Floats, angles: Doubles, bin_size: float) -> Doubles:
    """How sharply rows of strokes and gaps alternate when the page is sheared level, for every angle."""
    reach = float(np.abs(x).max()) * np.tan(np.radians(LIMIT + 1)) + 1
    result = np.empty(len(angles))
    for i, angle in enumerate(angles):
        rows = ((y - x * np.float32(np.tan(np.radians(angle))) + reach) / bin_size).astype(np.intp)
        profile = np.convolve(np.bincount(rows), (0.25, 0.5, 0.25))
        result[i] = np.square(np.diff(profile)).sum()
    return result


def _vertex(angles: Doubles, values: Doubles) -> float:
    """The angle of the highest value, refined by the parabola through it and its neighbours."""
    best = int(values.argmax())
    if not 0 < best < len(values) - 1:
        return float(angles[best])
    left, top, right = values[best - 1 : best + 2]
    bend = left - 2 * top + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(angles[best] + shift * (angles[1] - angles[0]))
