"""Patches of ink that hang together, and what shape they have. Pure, pixels of the working copy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal_ink import Sheet
from mangping_redaction.finders.seal_look import Floats, Ink, above, look, without

BRIDGE_MM = 1.7  # strokes nearer than this belong together
UNDER_MM = 1.5  # how far a stroke is followed under dark ink
HIDING = 90  # dark ink that hides red
SMALLEST_MM = 5.0
MOST_MM = 230.0
EDGE_MM = 1.2
THICK_MM = 3.4  # no stroke of a seal but the star's middle is as thick
ALONG = np.linspace(0.04, 0.96, 36, dtype=np.float32)  # where a side of a frame is looked at
DEPTHS = 8  # how deep, in steps of 0.3 mm: a frame sits a little askew in its rectangle
_ENDS = np.stack(np.meshgrid(np.arange(DEPTHS), np.arange(DEPTHS)), -1).reshape(-1, 2)
_LINES = np.rint(_ENDS[:, :1] + (_ENDS[:, 1:] - _ENDS[:, :1]) * ALONG).astype(int)  # (lines, along): depths


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """A patch. Lengths in mm, shares 0..1."""

    hull: Floats  # (n, 2)
    rect: Floats  # (4, 2)
    long: float
    short: float
    fill: float  # ink in the hull
    core: float  # thick ink in the hull
    frame: tuple[float, float]  # straight line of ink along the sides of the rectangle: the worst side, the mean
    rim: float  # ink along the ellipse in the rectangle
    grid: float  # cells of 5 x 5 with ink
    relief: float  # how much the ink varies inside: characters cut into a filled block
    gold: float  # gold over red: skin, wood, gilding
    oval: float  # area of the hull over the ellipse's
    boxed: float  # area of the hull over the rectangle's
    edge: bool = False  # touches the border of the page

    @property
    def centre(self) -> Floats:
        return np.asarray(self.rect.mean(0), np.float32)


def blobs(
    inks: Sheet, taken: Ink | None, level: int, least_mm: float = SMALLEST_MM, *, any_ink: bool = False
) -> list[Blob]:
    """Every patch at least `least_mm` long of red ink above `level`, the longest first; what is `taken` is left out.

    A patch of red is followed a little way under dark ink and over small gaps. Patches of `any_ink` are not, or text
    would hang together.
    """
    mm, ink = inks.mm, inks.tint if any_ink else inks.red
    ink = ink if taken is None else without(ink, taken)
    mask = _without_dust(above(ink, level), mm)
    if not mask.any():
        return []
    hidden = np.zeros_like(mask) if any_ink else above(inks.dark, HIDING)
    whole = mask
    if not any_ink:
        whole = mask | (hidden & np.asarray(cv2.dilate(mask, _disc(UNDER_MM * mm)), np.uint8))
        whole = np.asarray(cv2.morphologyEx(whole, cv2.MORPH_CLOSE, _disc(BRIDGE_MM * mm)), np.uint8)
    # Outer contours at every depth: a certificate's border goes round all that stands on it.
    contours, ranks = cv2.findContours(whole, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in (c for c, (_, _, _, parent) in zip(contours, ranks[0], strict=True) if parent < 0):
        x, y, w, h = cv2.boundingRect(contour)
        if max(w, h) < least_mm * mm or min(w, h) < 2.0 * mm or max(w, h) > MOST_MM * mm:
            continue
        window = (slice(y, y + h), slice(x, x + w))
        own = np.zeros((h, w), np.uint8)
        cv2.drawContours(own, [contour], 0, 255, cv2.FILLED, offset=(-x, -y))
        own &= mask[window]
        blob = _blob(own, hidden[window], ink[window], inks.gold[window], 0.6 * level, mm)
        if blob is not None:
            blob = _placed(blob, x, y, ink.shape[1] / mm, ink.shape[0] / mm, mm)
            found.append(blob)
    return sorted(found, key=lambda b: -b.long)


def _disc(diameter: float) -> NDArray[np.uint8]:
    size = max(3, round(diameter) | 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _without_dust(mask: Ink, mm: float) -> Ink:
    """The mask without lone specks: fewer than 0.4 mm² of ink within about 2 mm."""
    size = max(3, round(2 * mm) | 1)
    around = cv2.boxFilter(mask, cv2.CV_16U, (size, size), normalize=False)
    return np.asarray(mask & np.where(around >= 255 * max(3, 0.4 * mm * mm), 255, 0).astype(np.uint8), np.uint8)


def _placed(blob: Blob, x: int, y: int, width: float, height: float, mm: float) -> Blob:
    """A patch measured in its window, moved to where the window stands on a page of that size in mm; centres lie at .5."""
    offset = np.array([x + 0.5, y + 0.5], np.float32)
    hull = blob.hull + offset
    (left, top), (right, bottom) = hull.min(0) / mm, hull.max(0) / mm
    edge = bool(min(left, top) < EDGE_MM or right > width - EDGE_MM or bottom > height - EDGE_MM)
    return replace(blob, hull=hull, rect=blob.rect + offset, edge=edge)


def _blob(own: Ink, hidden: Ink, ink: Ink, gold: Ink, faint: float, mm: float) -> Blob | None:
    """What the ink of one window looks like, in pixels of the window; None for a few specks."""
    points = cv2.findNonZero(own)
    if points is None or len(points) < 8:
        return None
    thick = cv2.morphologyEx(own, cv2.MORPH_OPEN, _disc(THICK_MM * mm))
    hull = cv2.convexHull(points)
    centre, (w, h), turn = cv2.minAreaRect(hull)
    w, h = w + 1, h + 1
    rect = cv2.boxPoints((centre, (w, h), turn)).astype(np.float32)
    area = float(cv2.contourArea(hull)) + 0.5 * float(cv2.arcLength(hull, True)) + 1
    return Blob(
        hull=hull[:, 0].astype(np.float32),
        rect=rect,
        long=max(w, h) / mm,
        short=min(w, h) / mm,
        fill=len(points) / area,
        core=cv2.countNonZero(thick) / area,
        frame=_frame(above(ink, faint), hidden, rect, mm),
        rim=_rim(own, hidden, rect),
        grid=_grid(own, rect),
        relief=_relief(ink, rect),
        gold=cv2.mean(gold, own)[0] / max(cv2.mean(ink, own)[0], 1.0),
        oval=area / (np.pi / 4 * w * h),
        boxed=area / (w * h),
    )


def _frame(own: Ink, hidden: Ink, rect: Floats, mm: float) -> tuple[float, float]:
    """(worst, mean) of the four sides: share of the best straight line along it that has ink, hidden places left out."""
    centre = rect.mean(0)
    depths = (np.arange(DEPTHS + 2, dtype=np.float32) - 0.5) * 0.3 * mm
    shares = []
    for a, b in zip(rect, np.roll(rect, -1, axis=0), strict=True):
        inward = centre - (a + b) / 2
        inward /= max(float(np.linalg.norm(inward)), 1e-3)
        spots = a + ALONG[:, None, None] * (b - a) + depths[None, :, None] * inward
        wet, under = look(own, spots) > 0, look(hidden, spots) > 0
        wet = wet[:, :-2] | wet[:, 1:-1] | wet[:, 2:]
        here = np.arange(len(ALONG))
        inked, judged = wet[here, _LINES], wet[here, _LINES] | ~under[:, 1:-1][here, _LINES]
        shares.append(float((inked.sum(1) / np.maximum(judged.sum(1), len(ALONG) // 2)).max()))
    return min(shares), float(np.mean(shares))


def _rim(own: Ink, hidden: Ink, rect: Floats) -> float:
    """Share of the ellipse in the rectangle with ink in its outer ninth, hidden places left out."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    centre, a, b = rect.mean(0), (rect[1] - rect[0]) / 2, (rect[2] - rect[1]) / 2
    round_ = np.cos(turn)[:, None] * a + np.sin(turn)[:, None] * b
    spots = centre + round_[:, None] * np.linspace(0.89, 1.03, 7)[None, :, None]
    wet, under = (look(own, spots) > 0).any(1), (look(hidden, spots) > 0).any(1)
    return float(wet.sum() / max((wet | ~under).sum(), 36))


def _inner(rect: Floats, count: int, margin: float) -> NDArray[np.float32]:
    """(count, count, 2) places spread over the rectangle, `margin` of its sides left out."""
    steps = np.linspace(margin, 1 - margin, count, dtype=np.float32)
    down, across = steps[:, None, None] * (rect[1] - rect[0]), steps[None, :, None] * (rect[3] - rect[0])
    return np.asarray(rect[0] + down + across, np.float32)


def _grid(own: Ink, rect: Floats) -> float:
    wet = look(own, _inner(rect, 30, 0.02)) > 0
    return float((wet.reshape(5, 6, 5, 6).mean((1, 3)) > 0.06).mean())


def _relief(ink: Ink, rect: Floats) -> float:
    low, high = np.percentile(look(ink, _inner(rect, 30, 0.14)), (12, 88))
    return float((high - low) / max(high, 1.0))
