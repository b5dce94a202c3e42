"""From the detector's map to the quads of the lines: PaddleOCR's DB decoding for rectangles, without its rounding.

Upstream grows a rectangle by clipping polygons on whole pixels and bounding the result again; a rectangle grown by a
distance on every side is known beforehand. Its score, the mean of the map inside, is taken as upstream takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.area import around
from mangping_redaction.page import Polygon

Floats = NDArray[np.float32]
LEAST_SCORE = 0.3  # mean of the map inside a box; below upstream's .4: a faint line must be read, not lost
LEAST_SIDE = 3.0  # pixels of the map across a box before it is grown, as upstream has it
GROWN_SIDE = 5.0  # and after


def quads(heat: Floats, threshold: float, unclip: float, most: int) -> list[Polygon]:
    """Quads (4, 2), clockwise from the corner where reading starts, in pixels of the map (height, width)."""
    mask = (heat > threshold).view(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours[:most]:
        centre, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < LEAST_SIDE:
            continue
        if _score(heat, _corners(centre, width, height, angle)) < LEAST_SCORE:
            continue
        reach = unclip * width * height / (width + height)  # on both sides: twice area * unclip / perimeter
        if min(width, height) + reach < GROWN_SIDE:
            continue
        middle = (centre[0] + 0.5, centre[1] + 0.5)  # contours run through pixel centres, which are at .5
        found.append(_clockwise(_corners(middle, width + reach, height + reach, angle)))
    return found


def _corners(middle: Sequence[float], width: float, height: float, angle: float) -> Polygon:
    return np.asarray(cv2.boxPoints(((middle[0], middle[1]), (width, height), angle)), np.float32)


def _score(heat: Floats, box: Polygon) -> float:
    """Mean of the map inside the box."""
    x0, y0, x1, y1 = around(box)
    left, top = max(floor(x0), 0), max(floor(y0), 0)
    part = heat[top : min(ceil(y1), heat.shape[0] - 1) + 1, left : min(ceil(x1), heat.shape[1] - 1) + 1]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [(box - np.array((left, top), np.float32)).astype(np.int32)], 1)
    return float(cv2.mean(part, mask)[0])


def _clockwise(corners: Polygon) -> Polygon:
    """From the upper of the two left corners."""
    across = sorted(corners.tolist(), key=lambda p: p[0])
    (a, b), (c, d) = (sorted(pair, key=lambda p: p[1]) for pair in (across[:2], across[2:]))
    return np.array([a, c, d, b], np.float32)
