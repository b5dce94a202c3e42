"""Polygons: the boxes around them, what they hold, and how much of one others take up, counted on a quarter-scale mask."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

import cv2
import numpy as np

from mangping_redaction.page import Pixels, Polygon

Extent = tuple[float, float, float, float]  # x0, y0, x1, y1


def around(polygon: Polygon) -> Extent:
    """The upright box around a polygon."""
    x, y = zip(*polygon.tolist(), strict=True)
    return min(x), min(y), max(x), max(y)


def overlap(a: Extent, b: Extent) -> float:
    """Intersection over union of two boxes, 0..1."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(across, 0.0) * max(down, 0.0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union > 0 else 0.0


def middle(polygon: Polygon) -> tuple[float, float]:
    """The mean of its corners."""
    return float(polygon[:, 0].mean()), float(polygon[:, 1].mean())


def holds(polygon: Polygon, point: tuple[float, float]) -> bool:
    """Whether the point lies in the polygon or on its edge."""
    return bool(cv2.pointPolygonTest(polygon, point, False) >= 0)


def mask_of(size: tuple[int, int], polygons: Iterable[Polygon]) -> Pixels:
    """A mask of a (width, height) page at quarter scale, 1 inside any of the polygons."""
    mask = np.zeros((size[1] // 4 + 1, size[0] // 4 + 1), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [np.round(polygon * 4).astype(np.int32)], 1, shift=4)
    return mask


def share(mask: Pixels, polygon: Polygon) -> float:
    """Share of the polygon's area that the quarter-scale mask holds, 0..1."""
    x0, y0, x1, y1 = around(polygon)
    left, top = max(int(x0 // 4), 0), max(int(y0 // 4), 0)
    right, bottom = min(ceil(x1 / 4) + 1, mask.shape[1]), min(ceil(y1 / 4) + 1, mask.shape[0])
    if right <= left or bottom <= top:
        return 0.0
    inside = np.zeros((bottom - top, right - left), np.uint8)
    corners = [[round(4 * x) - 16 * left, round(4 * y) - 16 * top] for x, y in polygon.tolist()]
    cv2.fillPoly(inside, [np.array(corners, np.int32)], 1, shift=4)
    held = cv2.countNonZero(cv2.bitwise_and(mask[top:bottom, left:right], inside))
    return held / max(cv2.countNonZero(inside), 1)
