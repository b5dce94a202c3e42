"""How much of one polygon others take up, counted on a quarter-scale mask."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from mangping_redaction.page import Pixels, Polygon

Extent = tuple[float, float, float, float]  # x0, y0, x1, y1


def around(polygon: Polygon) -> Extent:
    """The upright box around a polygon."""
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def overlap(a: Extent, b: Extent) -> float:
    """Intersection over union of two boxes, 0..1."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(across, 0.0) * max(down, 0.0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union > 0 else 0.0


def scaled(pixels: Pixels, scale: float) -> Pixels:
    """The picture times `scale`: halved as often as it goes (exact halves are ten times cheaper), the rest linear."""
    while scale <= 0.5 and min(pixels.shape[:2]) >= 64:
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        pixels = np.asarray(
            cv2.resize(pixels[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
        scale *= 2
    size = max(16, round(pixels.shape[1] * scale)), max(16, round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def mask_of(size: tuple[int, int], polygons: Iterable[Polygon]) -> Pixels:
    """A mask of a (width, height) page at quarter scale, 1 inside any of the polygons."""
    mask = np.zeros((size[1] // 4 + 1, size[0] // 4 + 1), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [np.round(polygon * 4).astype(np.int32)], 1, shift=4)
    return mask


def share(mask: Pixels, polygon: Polygon) -> float:
    """Share of the polygon's area that the quarter-scale mask holds, 0..1."""
    low = np.maximum(np.floor(polygon.min(axis=0) / 4).astype(int), 0)
    high = np.minimum(np.ceil(polygon.max(axis=0) / 4).astype(int) + 1, mask.shape[::-1])
    if (high <= low).any():
        return 0.0
    inside = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillPoly(inside, [np.round((polygon / 4 - low) * 16).astype(np.int32)], 1, shift=4)
    return float((mask[low[1] : high[1], low[0] : high[0]] & inside).sum() / max(int(inside.sum()), 1))
