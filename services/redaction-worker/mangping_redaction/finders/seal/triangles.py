"""Triangular seals: three straight strokes with writing between them. Pure, pixels of the working copy."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from mangping_redaction.finders.seal.look import WORN_MM, Floats, Ink, above, look

SIDES_MM = (15.0, 62.0)
LEVELS = (32, 48)  # ink of its strokes: the second is without what is paler and touches them, as a watermark does
SLIM = 1.35  # the longest side over the shortest
FULL = 0.9  # of the triangle around a patch that its hull fills
STEPS = 32  # of the walk along a side
DEEP_MM = np.arange(-1.2, 2.7, 0.3, dtype=np.float32)  # how far inside or outside a side its stroke may be
WALKED = 0.8  # of every side that must be a stroke; a corner may be cut or hidden
WRITTEN = (0.04, 0.6)  # ink within
BOXED = (0.4, 0.66)  # of the upright box that a triangle's hull fills
_ALONG = (np.arange(STEPS, dtype=np.float32) + 0.5) / STEPS


def triangles(half: Ink, mm: float) -> Iterator[tuple[Floats, float]]:
    """(3, 2) corners of every patch of ink that is a triangle, and how much of its inside is ink; `half` is the map half as
    large, `mm` that of the working copy."""
    written = above(half, LEVELS[0])
    for level in LEVELS:
        small = above(half, level)
        for corners in _corners(small, mm / 2):
            yield np.asarray(2 * corners + 1, np.float32), _written(written, corners)


def _corners(small: Ink, mm_: float) -> Iterator[Floats]:
    """(3, 2) corners of every patch that is drawn as a triangle, within the lines of tables and borders too."""
    joined = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((max(1, round(WORN_MM * mm_)),) * 2, np.uint8))
    contours, ranks = cv2.findContours(joined, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for contour, (_, _, _, parent) in zip(contours, ranks[0] if len(contours) else (), strict=True):
        _, _, w, h = cv2.boundingRect(contour)
        if (
            parent >= 0
            or not 0.8 * SIDES_MM[0] * mm_ < max(w, h) < 1.1 * SIDES_MM[1] * mm_
            or min(w, h) < 0.5 * max(w, h)
        ):
            continue
        hull = cv2.convexHull(contour)
        area = cv2.contourArea(hull)
        if not BOXED[0] * w * h < area < BOXED[1] * w * h:
            continue
        whole, found = cv2.minEnclosingTriangle(hull)
        corners = None if found is None else np.asarray(found, np.float32).reshape(-1, 2)
        if corners is not None and len(corners) == 3 and area > FULL * whole and _is_drawn(small, corners, mm_):
            yield corners


def _is_drawn(mask: Ink, corners: Floats, mm: float) -> bool:
    ways = np.roll(corners, -1, axis=0) - corners
    sides = np.linalg.norm(ways, axis=1) / mm
    if not SIDES_MM[0] < sides.min() or sides.max() > min(SIDES_MM[1], SLIM * float(sides.min())):
        return False
    inward = corners.mean(0) - (corners + ways / 2)
    inward /= np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-3)
    spots = (corners[:, None] + _ALONG[None, :, None] * ways[:, None])[:, :, None] + (
        DEEP_MM[None, None, :, None] * mm * inward[:, None, None]
    )
    walked = (look(mask, spots.reshape(3 * STEPS, len(DEEP_MM), 2)) > 0).any(1).reshape(3, STEPS).mean(1)
    return bool(walked.min() > WALKED)


def _written(mask: Ink, corners: Floats) -> float:
    inside = corners.mean(0) + 0.62 * (_INNER @ (corners - corners.mean(0)))
    return float((look(mask, inside[None].astype(np.float32)) > 0).mean())


def _shares() -> Floats:
    """(n, 3) barycentric places spread over a triangle."""
    steps = np.linspace(0, 1, 25, dtype=np.float32)
    return np.array([(u, v, 1 - u - v) for u in steps for v in steps if u + v <= 1], np.float32)


_INNER = _shares()
