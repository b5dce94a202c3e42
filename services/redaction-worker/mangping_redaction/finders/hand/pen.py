"""A pen's strokes along a line of print: the frame they are measured in, and the box around them.

u runs along the line from an origin, v across it, both in units of the line's height (v 0 at its top, 1 at its bottom).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.levels import darkest, percentile
from mangping_redaction.page import Pixels, Polygon
from mangping_redaction.readers.line import Line

FIRST = 6.5  # line heights behind an anchor at which a pen begins
# How far a pen leaves the line: line heights above its top and below it, and at the most.
NEAR, FAR = (0.75, 1.75), (1.5, 2.75)
SCALE = 32  # pixels a line height on the working strip
UNDER = 0.95  # of a stroke under what is covered: it is none of the hand's
SPECK = 14  # pixels of that strip, less than any stroke
# Levels, and share of the darkest ink's, by which a pen's strokes are darker than paper; its thinnest.
INK, THIN = (28.0, 0.35), (14.0, 0.15)
ROOM = 0.18  # left about a hand: where a pen is lifted its strokes are too thin to be seen
Box = tuple[float, float, float, float]  # u0, v0, u1, v1
Mask = NDArray[np.uint8]  # 1 on 0


@dataclass(frozen=True, slots=True)
class Frame:
    """Where u and v begin on the page, and which way each runs; all (2,) x, y in pixels."""

    origin: NDArray[np.float32]
    along: NDArray[np.float32]  # one line height to the right
    across: NDArray[np.float32]  # one line height down

    def to_page(self, u: float, v: float) -> NDArray[np.float32]:
        return np.asarray(self.origin + u * self.along + v * self.across, np.float32)

    def box(self, u0: float, v0: float, u1: float, v1: float) -> Polygon:
        return np.stack([self.to_page(u0, v0), self.to_page(u1, v0), self.to_page(u1, v1), self.to_page(u0, v1)])

    def places(self, polygon: Polygon) -> NDArray[np.float32]:
        """(n, 2) u and v of a polygon's corners."""
        basis = np.stack([self.along, self.across], axis=1)
        return np.asarray(np.linalg.solve(basis, (polygon - self.origin).T).T, np.float32)

    def of(self, polygon: Polygon) -> Box:
        """(u0, v0, u1, v1) around a polygon."""
        uv = self.places(polygon)
        low, high = uv.min(axis=0), uv.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def at_start(line: Line) -> Frame:
    """The frame whose origin is where the line begins."""
    a, b, _, d = line.polygon.astype(np.float32)
    return Frame(a, (b - a) / max(line.length, 1.0) * line.height, (d - a).astype(np.float32))


def strokes(pixels: Pixels, frame: Frame, reach: float, covered: Sequence[Polygon] = ()) -> Box | None:
    """The box of the pen's strokes that begin within FIRST line heights of the anchor and go on without a wide gap, without
    those that are `covered` anyway, as a grey seal's own are. Where they run out of the strip, a wider one is looked at."""
    if reach < 0.6:
        return None
    near = _strokes(pixels, frame, reach, NEAR, covered)
    if near is None or not _runs_out(near, NEAR):
        return near
    far = _strokes(pixels, frame, reach, FAR, covered)
    return near if far is None or _runs_out(far, FAR) else far  # no pen's: a seal's, a table's


def _runs_out(box: Box, room: tuple[float, float]) -> bool:
    return box[1] <= -room[0] or box[3] >= room[1] - 1 / SCALE


def _strokes(
    pixels: Pixels, frame: Frame, reach: float, room: tuple[float, float], covered: Sequence[Polygon]
) -> Box | None:
    above = room[0]
    dark = _dark(_strip(pixels, frame, (0.0, -above, reach, room[1])))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    chosen: list[Box] = []
    numbers: list[int] = []
    for number, (x, y, w, h, area) in sorted(enumerate(boxes[1:count].tolist(), 1), key=lambda each: each[1][0]):
        u0, v0, u1, v1 = x / SCALE, y / SCALE - above, (x + w) / SCALE, (y + h) / SCALE - above
        if area < SPECK or h < 5 or v1 < 0.1 or v0 > 0.95 or w > 8 * SCALE:
            continue
        if u0 > (max(c[2] for c in chosen) + 1.3 if chosen else FIRST):
            break
        chosen.append((u0, v0, u1, v1))
        numbers.append(number)
    if not chosen or max(c[2] for c in chosen) - min(c[0] for c in chosen) < 0.6:
        return None
    hidden = np.zeros_like(dark)
    for place in covered:
        outline = (frame.places(place) + np.array([0, above])) * SCALE
        cv2.fillPoly(hidden, [outline.round().astype(np.int32)], (1,))
    under = np.bincount(labels[hidden > 0], minlength=count)[numbers]
    shows = under < UNDER * boxes[numbers, 4]
    if not shows.any():
        return None
    low, high = np.array(chosen)[shows, :2].min(axis=0), np.array(chosen)[shows, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def outline(pixels: Pixels, frame: Frame, box: Box) -> Polygon:
    """What covers a hand that stands in a box: ROOM about it, but no more about the ink where the box is bare at its sides. Ink
    of any colour counts, as a chop may stand before a hand, and the thinnest strokes."""
    u0, v0, u1, v1 = box
    return frame.box(*_fitted(pixels, frame, (u0 - ROOM, v0 - ROOM, u1 + ROOM, v1 + ROOM)))


def _fitted(pixels: Pixels, frame: Frame, box: Box) -> Box:
    u0, v0, u1, v1 = box
    if (u1 - u0) * SCALE < 1 or (v1 - v0) * SCALE < 1:
        return box
    thin = _inked(darkest(_strip(pixels, frame, box)), THIN)
    count, _, boxes, _ = cv2.connectedComponentsWithStats(thin, connectivity=8)
    x, y, w, h = boxes[1:count][boxes[1:count, 4] >= SPECK, :4].T
    if not x.size:
        return box
    left, top, right, bottom = (float(edge) / SCALE for edge in (x.min(), y.min(), (x + w).max(), (y + h).max()))
    return max(u0, u0 + left - ROOM), max(v0, v0 + top - ROOM), min(u1, u0 + right + ROOM), min(v1, v0 + bottom + ROOM)


def _strip(pixels: Pixels, frame: Frame, box: Box) -> Pixels:
    u0, v0, u1, v1 = box
    size = round((u1 - u0) * SCALE), round((v1 - v0) * SCALE)
    corners = frame.box(*box)
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return np.asarray(
        cv2.warpPerspective(pixels, warp, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _dark(strip: Pixels) -> Mask:
    """Pen strokes, 1 on 0. Red (a seal) does not count."""
    # In the red channel red ink vanishes, blue and black stay.
    return _inked(np.ascontiguousarray(strip[:, :, 2]), INK)


def _inked(strip: Pixels, levels: tuple[float, float]) -> Mask:
    """What is darker by so much than the paper around it, without ruled lines, 1 on 0."""
    value: NDArray[Any] = cv2.GaussianBlur(strip, (3, 3), 0)
    paper = cv2.medianBlur(cv2.dilate(value, np.ones((9, 9), np.uint8)), 15)
    depth = cv2.subtract(paper, value)
    limit = max(levels[0], levels[1] * percentile(np.asarray(depth, np.uint8), 99.5)[0])
    dark: NDArray[Any] = (depth > limit).astype(np.uint8)
    for kernel in (np.ones((1, 3 * SCALE), np.uint8), np.ones((2 * SCALE, 1), np.uint8)):
        dark = cv2.subtract(dark, cv2.dilate(cv2.morphologyEx(dark, cv2.MORPH_OPEN, kernel), np.ones((3, 3), np.uint8)))
    return np.asarray(dark, np.uint8)


def union(a: Box, b: Box) -> Box:
    """The box around both."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
