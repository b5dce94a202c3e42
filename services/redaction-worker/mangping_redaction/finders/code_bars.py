"""1-D barcodes by their stripes, readable or not: ink that changes along one direction only, in uneven steps."""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.finders.code_cells import Cells, Floats, Rect, cut, grown, ink, rects
from mangping_redaction.page import Pixels

ONE_WAY = 3.0  # change along the code over change along its bars
CHANGE = 0.06  # per pixel, of full ink
LONG_MM, HIGH_MM = 10.0, 2.5
FILLED = 0.6
CONTRAST = 30.0
ALIKE = 0.85  # correlation with the average row that three rows in four must have; lines of bold text reach .8
LEAST_INK = 0.12  # in a row that belongs to the bars
EDGES = 20
UNEVEN = 0.25  # standard deviation of the steps over their mean; a hatching has even steps
INK = (0.2, 0.8)


def bars(grey: Pixels, cells: Cells, dpi: float) -> list[Rect]:
    """The rectangles that hold a barcode's upright or lying bars."""
    found = []
    for rect, lying in stripes(cells, dpi):
        dark, contrast = ink(cut(grey, rect))
        dark = dark.T if lying else dark
        if contrast >= CONTRAST and _barcode(dark[dark.mean(axis=1) >= LEAST_INK]):
            found.append(grown(rect, cells.size))
    return found


def stripes(cells: Cells, dpi: float) -> list[tuple[Rect, bool]]:
    """Rectangles where ink changes one way only, and whether the bars lie (the code runs down the page)."""
    found = []
    for along, across, lying in ((cells.across, cells.down, False), (cells.down, cells.across, True)):
        for rect, filled in rects(_one_way(along, across, lying), cells.size):
            length, height = rect[1][::-1] if lying else rect[1]
            if length >= LONG_MM * dpi / 25.4 and height >= HIGH_MM * dpi / 25.4 and filled >= FILLED:
                found.append((rect, lying))
    return found


def _one_way(along: Floats, across: Floats, lying: bool) -> Pixels:
    """The cells with change along the code only; gaps as wide as the widest bar are closed along it."""
    noise = float(np.median(across))
    one_way = (along >= CHANGE) & (along - noise >= ONE_WAY * np.maximum(across - noise, 0))
    size = (5, 1) if lying else (1, 5)
    closed = cv2.morphologyEx(one_way.astype(np.uint8), cv2.MORPH_CLOSE, np.ones(size, np.uint8))
    return cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)).astype(np.uint8)


def _barcode(dark: Floats) -> bool:
    """Whether the ink (0..1) of a rectangle with upright bars is the same in most rows, in many uneven steps."""
    row = dark.mean(axis=0)
    if not len(dark) or not INK[0] <= row.mean() <= INK[1]:
        return False
    rows, mean = dark - dark.mean(axis=1, keepdims=True), row - row.mean()
    alike = (rows @ mean) / np.sqrt((rows * rows).sum(axis=1) * (mean @ mean) + 1e-9)
    steps = np.diff(_edges(row))
    return bool(np.percentile(alike, 25) >= ALIKE and len(steps) >= EDGES and steps.std() >= UNEVEN * steps.mean())


def _edges(row: Floats) -> Floats:
    """Where the average row crosses its local middle: positions in pixels."""
    middle = (cv2.GaussianBlur(row[None], (0, 0), max(2.0, len(row) / 25))[0] + row.mean()) / 2
    above = row > middle
    return np.nonzero(above[1:] != above[:-1])[0].astype(np.float32)
