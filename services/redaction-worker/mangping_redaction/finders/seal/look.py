"""Reading and marking a map of ink at places between pixels: the only calls that need OpenCV's loose types. Pure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]
Floats = NDArray[np.float32]
Places = NDArray[np.floating]
HIDING = 90  # other ink, of 255, that hides what lies under it
WORN_MM = 0.9  # worn through by so much a frame or a side still is one


def look(ink: Ink, places: Places, *, smooth: bool = False) -> Ink:
    """The ink at (n, m, 2) places given as x, y with whole numbers at pixel centres; nothing outside the map."""
    spots = np.asarray(places, np.float32)
    how = cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST
    across, down = np.ascontiguousarray(spots[..., 0]), np.ascontiguousarray(spots[..., 1])
    return np.asarray(cv2.remap(ink, across, down, how, borderMode=cv2.BORDER_CONSTANT, borderValue=0), np.uint8)


def above(ink: Ink, level: float) -> Ink:
    """255 where there is more ink than `level`."""
    return np.asarray(cv2.threshold(ink, level, 255, cv2.THRESH_BINARY)[1], np.uint8)


def without(ink: Ink, taken: Ink) -> Ink:
    return np.asarray(cv2.subtract(ink, taken), np.uint8)


def fill(mask: Ink, outline: Floats) -> None:
    """Marks the inside of an outline whose pixel centres lie at .5."""
    cv2.fillPoly(mask, [np.rint((outline - 0.5) * 16).astype(np.int32)], (255,), shift=4)


def hull(shapes: list[Floats]) -> Floats:
    """The convex outline around several."""
    return np.asarray(cv2.convexHull(np.concatenate(shapes).astype(np.float32))[:, 0], np.float32)


def around(own: Ink) -> Floats:
    """(n, 1, 2) the convex outline around all ink of a map that has some: that of every row's first and last pixel."""
    rows = np.flatnonzero(cv2.reduce(own, 1, cv2.REDUCE_MAX))
    inked = own[rows] > 0
    ends = inked.argmax(axis=1), own.shape[1] - 1 - inked[:, ::-1].argmax(axis=1)
    points = np.concatenate([np.stack([end, rows], axis=1) for end in ends])
    return np.asarray(cv2.convexHull(points.astype(np.int32)[:, None]), np.float32)


def tilt(side: Floats) -> float:
    """Degrees clockwise of a side (x, y) of a rectangle against the page's, -45..45."""
    return float((np.rad2deg(np.arctan2(side[1], side[0])) + 45) % 90 - 45)


def grown(shape: Floats, pad: float) -> Floats:
    """The convex shape with every side moved outward by `pad`; very sharp corners a little less."""
    way = np.roll(shape, -1, axis=0) - shape
    after = np.stack([way[:, 1], -way[:, 0]], axis=1) / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-3)
    middle = shape + way / 2 - shape.mean(0)
    after *= np.sign((after * middle).sum()) or 1.0  # outward, whichever way round the corners go
    before = np.roll(after, 1, axis=0)
    bent = np.maximum(1 + (before * after).sum(1, keepdims=True), 0.4)
    return np.asarray(shape + pad * (before + after) / bent, np.float32)


def overlap(outline: Floats, ground: Ink) -> float:
    """Share of the inside of an outline, as far as it lies on the ground, that is marked there."""
    low = np.maximum(np.floor(outline.min(0)).astype(int) - 1, 0)
    high = np.maximum(np.ceil(outline.max(0)).astype(int) + 2, low)
    part = ground[low[1] : high[1], low[0] : high[0]]
    mask = np.zeros(part.shape, np.uint8)
    fill(mask, np.asarray(outline - low, np.float32))
    return int(np.logical_and(mask, part).sum()) / max(cv2.countNonZero(mask) if mask.size else 0, 1)


def off_desk(outline: Floats, desk: Ink, reach: float) -> Floats:
    """The outline without what lies more than `reach` pixels off the sheet: nothing is stamped on a desk."""
    size = max(1, round(2 * reach))
    low = np.maximum(outline.min(0).astype(int) - size, 0)
    high = np.maximum(outline.max(0).astype(int) + size, 0)
    part = np.ascontiguousarray(desk[low[1] : high[1], low[0] : high[0]])
    if not part.any():
        return outline
    mask = np.zeros_like(part)
    fill(mask, np.asarray(outline - low, np.float32))
    mask = without(mask, np.asarray(cv2.erode(part, np.ones((size, size), np.uint8)), np.uint8))
    return np.asarray(around(mask)[:, 0] + low + 0.5, np.float32) if mask.any() else outline
