"""Patches of ink that hang together, and what shape they have. Pure, pixels of the working copy."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal_arcs import Floats
from mangping_redaction.finders.seal_ink import Ink

BRIDGE_MM = 1.7  # strokes nearer than this belong together
UNDER_MM = 1.5  # how far a stroke is followed under dark ink
SMALLEST_MM = 5.0
THICK_MM = 3.4  # no stroke of a seal but the star's middle is as thick
SIDE_STEPS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """`fill`: ink in the hull; `core`: thick ink in the hull; `frame`: worst and mean share of the rectangle's sides with ink;
    `oval`: hull area over that of the ellipse in the rectangle; `boxed`: hull area over the rectangle's; lengths in mm."""

    hull: Floats  # (n, 2)
    rect: Floats  # (4, 2)
    long: float
    short: float
    fill: float
    core: float
    frame: tuple[float, float]
    oval: float
    boxed: float
    edge: bool  # touches the border of the page

    @property
    def centre(self) -> Floats:
        return self.rect.mean(0)


def blobs(ink: Ink, dark: Ink, level: int, mm: float, least_mm: float = SMALLEST_MM) -> list[Blob]:
    """Every patch at least `least_mm` long, of ink above `level`, followed for a little way under dark ink."""
    mask = _without_dust(cv2.compare(ink, level, cv2.CMP_GT), mm)
    if not mask.any():
        return []
    near = cv2.dilate(mask, _disc(UNDER_MM * mm))
    whole = mask | (cv2.compare(dark, 90, cv2.CMP_GT) & near)
    whole = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, _disc(BRIDGE_MM * mm / 2))
    thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, _disc(THICK_MM * mm / 2))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8, ltype=cv2.CV_16U)
    found = []
    for label in range(1, count):
        x, y, w, h, _ = stats[label]
        if max(w, h) < least_mm * mm or min(w, h) < 2.0 * mm:
            continue
        window = (slice(y, y + h), slice(x, x + w))
        own = np.where(labels[window] == label, mask[window], 0).astype(np.uint8)
        blob = _blob(own, thick[window] & own, (int(x), int(y)), ink.shape[:2], mm)
        if blob is not None:
            found.append(blob)
    return found


def _disc(diameter: float) -> NDArray[np.uint8]:
    size = max(3, round(diameter) | 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _without_dust(mask: Ink, mm: float) -> Ink:
    """The mask without specks under 0.5 mm²."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    if count <= 1 or count > 60000:
        return mask
    large = stats[:, cv2.CC_STAT_AREA] >= max(3, 0.5 * mm * mm)
    large[0] = False
    return np.where(large, 255, 0).astype(np.uint8)[labels]


def _blob(own: Ink, thick: Ink, corner: tuple[int, int], shape: tuple[int, ...], mm: float) -> Blob | None:
    points = cv2.findNonZero(own)
    if points is None or len(points) < 8:
        return None
    hull = cv2.convexHull(points)
    centre, (w, h), turn = cv2.minAreaRect(hull)
    w, h = w + 1, h + 1
    rect = cv2.boxPoints((centre, (w, h), turn)).astype(np.float32)
    area = float(cv2.contourArea(hull)) + 0.5 * float(cv2.arcLength(hull, True)) + 1
    x0, y0 = hull[:, 0].min(0) + corner
    x1, y1 = hull[:, 0].max(0) + corner
    near = 1.2 * mm
    edge = bool(x0 < near or y0 < near or x1 > shape[1] - 1 - near or y1 > shape[0] - 1 - near)
    offset = np.float32(corner) + 0.5
    return Blob(
        hull=hull[:, 0].astype(np.float32) + offset,
        rect=rect + offset,
        long=max(w, h) / mm,
        short=min(w, h) / mm,
        fill=len(points) / area,
        core=cv2.countNonZero(thick) / area,
        frame=_frame(own, rect, mm),
        oval=area / (np.pi / 4 * w * h),
        boxed=area / (w * h),
        edge=edge,
    )


def _frame(own: Ink, rect: Floats, mm: float) -> tuple[float, float]:
    """(worst, mean) share of each side of the rectangle that has ink within 1.3 mm of it (the rectangle may sit a little askew)."""
    centre = rect.mean(0)
    depths = np.arange(0.0, 1.6 * mm, 0.8, dtype=np.float32)
    along = np.linspace(0.05, 0.95, SIDE_STEPS, dtype=np.float32)
    shares = []
    for i in range(4):
        a, b = rect[i], rect[(i + 1) % 4]
        inward = centre - (a + b) / 2
        inward /= max(float(np.linalg.norm(inward)), 1e-3)
        spots = a + along[:, None, None] * (b - a) + depths[None, :, None] * inward
        values = cv2.remap(own, spots.astype(np.float32), None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
        shares.append(float((values > 0).any(1).mean()))
    return min(shares), float(np.mean(shares))
