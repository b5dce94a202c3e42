"""1-D barcodes by their stripes, readable or not: ink that changes along one direction only, in uneven steps."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.code.cells import Cells, Floats, Rect, changes, corners, cut, grown, ink, moved, rects
from mangping_redaction.levels import percentile
from mangping_redaction.page import Pixels, Polygon

Stripes = tuple[Rect, bool]  # where ink changes one way only, and whether the bars lie (the code runs down the page)

ONE_WAY = 3.0  # change along the code over change along its bars
CHANGE = 0.04  # per pixel, of full ink
GAP = 7  # cells: the widest space between bars
LONG_MM, HIGH_MM = 10.0, 3.0
FILLED = 0.45
CONTRAST = 30.0
ALIKE = 0.85  # correlation with the average row that three rows in four must have; lines of bold text reach .8
PART_ALIKE = 0.6  # the same where but a part of the code is seen, from which all of it is looked for
LEAST_INK = 0.12  # in a row that belongs to the bars
EDGES = 32  # Code 39 of one character has 30
CHANGES = 10.0  # the same as full changes, of which print that was scanned keeps a half
# The same of thin bars that a coarse page melts into one another.
COARSE_EDGES, COARSE_ALIKE, COARSE_INK = 19, 0.985, (0.42, 0.6)
UNEVEN = 0.25  # standard deviation of the steps over their mean; a hatching has even steps
INK = (0.2, 0.8)
STEEPEST = 20.0  # degrees between a code and the page
PLAIN_CONTRAST, PLAIN_EDGES, PLAIN_ALIKE = (
    60.0,
    40,
    0.95,
)  # the last of nine rows in ten: such a code needs no quiet zone
SLENDER = 20.0  # length over height that no barcode has
SPARE_MM, SPARE = (1.0, 2.5), 0.3  # what is added around unread bars: the least and most, and of their height
QUIET_MM = 2.0  # of paper beyond each end of a code
QUIET_INK = 0.25
ROWS_ALIKE = 0.6  # correlation with the known rows that further rows must have
ROWS_APART_MM, ENDS_APART_MM = 2.0, 15.0  # what a seal across the bars may disturb
REACH_MM = (25.0, 60.0)  # how far beyond the known part rows and ends are looked for
WINDOW_MM = 3.0


def bars(grey: Pixels, striped: list[Stripes], dpi: float) -> list[Polygon]:
    """The outlines of barcodes with upright or lying bars among the stripes."""
    found: list[Polygon] = []
    for rect, lying in striped:
        inked, contrast = _inked(grey, rect, lying)
        if contrast < CONTRAST or not _barcode(inked, EDGES // 2, PART_ALIKE):
            continue
        whole = extent(grey, rect, lying, dpi)
        # stripes may be but a part of the bars, with the digits under them
        all_inked, _ = _inked(grey, whole, lying)
        believed = _barcode(inked) or _barcode(all_inked) or _coarse(all_inked)
        slender = max(whole[1]) > SLENDER * min(whole[1])  # a grain of wood
        plain = contrast >= PLAIN_CONTRAST and _plain(inked)
        if believed and not slender and (plain or _quiet(grey, whole, lying, dpi)):
            # bars that lean in a level code: both rectangles together hold all of them
            least, most = (side * dpi / 25.4 for side in SPARE_MM)
            more = min(max(least, SPARE * min(whole[1])), most)
            found.append(_hull(rect, grown(whole, more)))
    return found


def _inked(grey: Pixels, rect: Rect, lying: bool) -> tuple[Floats, float]:
    """The rows across the bars that hold ink (0 paper .. 1 ink), and the contrast in grey levels."""
    dark, contrast = ink(cut(grey, rect))
    dark = dark.T if lying else dark
    return dark[dark.mean(axis=1) >= LEAST_INK], contrast


def _hull(*parts: Rect) -> Polygon:
    return cv2.convexHull(np.concatenate([corners(part) for part in parts]))[:, 0].astype(np.float32)


def extent(grey: Pixels, rect: Rect, lying: bool, dpi: float) -> Rect:
    """All of the code of which `rect` is a part: rows like the known ones, and beyond its ends more bars."""
    mm = dpi / 25.4
    aside, along = (round(reach * mm) for reach in REACH_MM)
    centre, (w, h), angle = rect
    angle += _slant(cut(grey, rect), lying)
    more = (w + 2 * aside, h + 2 * along) if lying else (w + 2 * along, h + 2 * aside)
    light, black = percentile(cut(grey, (centre, (w, h), angle)), 95, 5)
    dark = np.clip((light - cut(grey, (centre, more, angle)).astype(np.float32)) / max(light - black, 20.0), 0, 1)
    dark = dark.T if lying else dark
    left, right = along, dark.shape[1] - along
    top, bottom = aside, dark.shape[0] - aside
    alike = _alike(dark[:, left:right], dark[top:bottom, left:right].mean(axis=0)) >= ROWS_ALIKE
    top, bottom = _spread(alike, top, bottom, round(ROWS_APART_MM * mm))
    rows = dark[top:bottom]
    rows = rows[rows[:, left:right].mean(axis=1) >= LEAST_INK]  # paper above and below the bars would part them
    left, right = _spread(_barred(rows, round(WINDOW_MM * mm)), left, right, round(ENDS_APART_MM * mm))
    shift = ((left + right - dark.shape[1]) / 2, (top + bottom - dark.shape[0]) / 2)
    sides = (float(right - left), float(bottom - top))
    return moved((centre, sides[::-1] if lying else sides, angle), shift[::-1] if lying else shift)


def _slant(crop: Pixels, lying: bool) -> float:
    """Degrees, clockwise, by which the bars in a level crop are turned: the main direction of its gradients."""
    x, y = cv2.Scharr(crop, cv2.CV_32F, 1, 0), cv2.Scharr(crop, cv2.CV_32F, 0, 1)
    if lying:
        x, y = y, -x
    angle = 0.5 * math.degrees(math.atan2(2 * float((x * y).sum()), float((x * x - y * y).sum())))
    return angle if abs(angle) <= STEEPEST else 0.0


def _spread(good: NDArray[np.bool_], begin: int, end: int, apart: int) -> tuple[int, int]:
    """`begin` and `end` moved outward to the last good places, over bad stretches of at most `apart`."""
    for place in range(begin - 1, -1, -1):
        if good[place]:
            begin = place
        elif begin - place > apart:
            break
    for place in range(end, len(good)):
        if good[place]:
            end = place + 1
        elif place - end > apart:
            break
    return begin, end


def _barred(dark: Floats, window: int) -> NDArray[np.bool_]:
    """Which columns are part of bars: all of one tone, with at least three edges in the window around."""
    tone = dark.mean(axis=0)
    inked = tone > 0.5
    even = (dark.std(axis=0) <= 0.25).astype(np.float32)
    edges = np.concatenate([[0], inked[1:] != inked[:-1]]).astype(np.float32)
    around = np.ones(window, np.float32)
    many, plain = np.convolve(edges, around, "same") >= 3, np.convolve(even, around, "same") >= 0.7 * window
    barred: NDArray[np.bool_] = many & plain & inked
    return barred


def _quiet(grey: Pixels, rect: Rect, lying: bool, dpi: float) -> bool:
    """Whether there is paper beyond both ends."""
    quiet = round(QUIET_MM * dpi / 25.4)
    centre, (w, h), angle = rect
    dark, _ = ink(cut(grey, (centre, (w, h + 4 * quiet) if lying else (w + 4 * quiet, h), angle)))
    row = (dark.T if lying else dark).mean(axis=0)
    ends = row[: 2 * quiet], row[-2 * quiet :]
    return all(min(end[:quiet].mean(), end[quiet:].mean()) <= QUIET_INK for end in ends)


def lively(striped: list[Stripes], cells: Cells) -> list[Rect]:
    """Those with as many changes along them as the bars of a code that can be read make."""
    return [rect for rect, lying in striped if changes(rect, cells)[lying] >= CHANGES]


def stripes(cells: Cells, dpi: float) -> list[Stripes]:
    """The striped rectangles that are large enough for a code."""
    found = []
    for along, across, lying in ((cells.across, cells.down, False), (cells.down, cells.across, True)):
        for rect, filled in rects(_one_way(along, across, lying), cells.size):
            length, height = rect[1][::-1] if lying else rect[1]
            if length >= LONG_MM * dpi / 25.4 and height >= HIGH_MM * dpi / 25.4 and filled >= FILLED:
                found.append((rect, lying))
    return found


def _one_way(along: Floats, across: Floats, lying: bool) -> Pixels:
    """The cells with change along the code only; gaps as wide as the widest bar are closed along it."""
    one_way = (along >= CHANGE) & (along >= ONE_WAY * across)
    size = (GAP, 1) if lying else (1, GAP)
    closed = cv2.morphologyEx(one_way.view(np.uint8), cv2.MORPH_CLOSE, np.ones(size, np.uint8))
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)


def _coarse(dark: Floats) -> bool:
    """Whether ink (0..1) is half of a rectangle, and the same in every row, so that fewer steps are enough."""
    even = bool(len(dark)) and COARSE_INK[0] <= dark.mean() <= COARSE_INK[1]
    return even and _barcode(dark, COARSE_EDGES, COARSE_ALIKE)


def _barcode(dark: Floats, edges: int = EDGES, alike: float = ALIKE) -> bool:
    """Whether the ink (0..1) of a rectangle with upright bars is the same in most rows, in many uneven steps."""
    row = dark.mean(axis=0) if len(dark) else np.zeros(1, np.float32)
    if not INK[0] <= row.mean() <= INK[1]:
        return False
    steps = np.diff(_edges(row))
    uneven = len(steps) >= edges and steps.std() >= UNEVEN * steps.mean()
    return bool(uneven and np.percentile(_alike(dark, row), 25) >= alike)


def _plain(dark: Floats) -> bool:
    """Whether ink (0..1) changes so often, and so much alike in every row, that it can be nothing but a code."""
    row = dark.mean(axis=0)
    return bool(len(_edges(row)) >= PLAIN_EDGES and np.percentile(_alike(dark, row), 10) >= PLAIN_ALIKE)


def _alike(dark: Floats, row: Floats) -> Floats:
    """The correlation of every row of `dark` with `row`."""
    rows, mean = dark - dark.mean(axis=1, keepdims=True), row - row.mean()
    alike: Floats = (rows @ mean) / np.sqrt((rows * rows).sum(axis=1) * (mean @ mean) + 1e-9)
    return alike


def _edges(row: Floats) -> Floats:
    """Where the average row crosses its local middle: positions in pixels."""
    middle = (cv2.GaussianBlur(row[None], (0, 0), max(2.0, len(row) / 25))[0] + row.mean()) / 2
    above = row > middle
    return np.nonzero(above[1:] != above[:-1])[0].astype(np.float32)
