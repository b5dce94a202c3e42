"""Where a page is densely printed in two tones: cells of half a millimetre, how dark they are, how often that changes.

All codes have in common that every spot of 2-3 mm is a fair part ink, and that ink and paper change quickly there.
Text has paper between its lines, solid prints do not change, photos change slowly.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.levels import percentile
from mangping_redaction.page import Pixels, Polygon

CELL_MM = 0.5
SPOT = 5  # cells: what is averaged
WIDE_SPOT = 9  # the same for codes of modules of up to 1.5 mm
DARK = 0.2  # of full ink, averaged over a spot
WIDE_DARK = 0.28  # the same over a wide spot, which takes in the paper between lines of text
CHANGE = 0.05  # change per pixel, of full ink, averaged over a spot; the page's noise is taken off before
WIDE_CHANGE = 0.035  # the same over a wide spot: large modules have few edges
FAINTEST = 25.0  # grey levels between paper and ink below which contrast is not believed
BAND = 64  # rows of cells that are averaged at a time
AROUND = 9  # coarse cells of 2 mm: how far around paper is looked for

Floats = NDArray[np.float32]
Rect = tuple[tuple[float, float], tuple[float, float], float]  # centre, sides, degrees, as OpenCV has it; page pixels


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """`size` pixels a cell; maps are (rows, columns): `dense`, and `wide` for large modules, 0/1;
    `across` and `down`: change per pixel of full ink; `noise`: change per pixel of bare paper, in grey levels."""

    size: int
    dense: Pixels
    wide: Pixels
    across: Floats
    down: Floats
    noise: float


def cells(grey: Pixels, dpi: float) -> Cells:
    """The cell maps of a grey page, whose rim that does not fill a cell is left out."""
    size = max(1, round(dpi * CELL_MM / 25.4))
    rows, columns = max(1, grey.shape[0] // size), max(1, grey.shape[1] // size)
    small, x, y = _averaged(grey[: rows * size, : columns * size], rows, columns)
    paper, ink = _levels(small)
    contrast = np.maximum(paper - ink, FAINTEST)
    dark = np.clip((paper - small) / contrast, 0, 1)
    # the usual change is the paper's noise: the median of a page is paper
    noise = sum(percentile(part, 50)[0] for part in (x, y)) / 2
    across, down = (
        cv2.blur(np.maximum(part.astype(np.float32) - noise, 0) / contrast, (SPOT, SPOT)) for part in (x, y)
    )
    change = across + down
    dense = _closed((cv2.blur(dark, (SPOT, SPOT)) >= DARK) & (change >= CHANGE))
    wide_change = cv2.blur(change, (WIDE_SPOT, WIDE_SPOT))
    wide = _closed((cv2.blur(dark, (WIDE_SPOT, WIDE_SPOT)) >= WIDE_DARK) & (wide_change >= WIDE_CHANGE))
    return Cells(size, dense, wide, np.asarray(across, np.float32), np.asarray(down, np.float32), noise)


def _averaged(grey: Pixels, rows: int, columns: int) -> tuple[Pixels, Pixels, Pixels]:
    """The mean of each cell of a page that cells fill, and of the steps from the pixels left of its own and above them.

    A band at a time: steps of a whole page would go through the memory and back.
    """
    size = -(-grey.shape[0] // rows)
    means = np.empty((3, rows, columns), np.uint8)
    steps = np.zeros((2, BAND * size, grey.shape[1]), np.uint8)
    for top in range(0, rows, BAND):
        band = grey[top * size : (top + BAND) * size]
        x, y = (part[: len(band)] for part in steps)
        cv2.absdiff(band[:, 1:], band[:, :-1], x[:, 1:])
        above = grey[max(0, top * size - 1) :][: len(band)]
        cv2.absdiff(band[0 if top else 1 :], above[: len(band) if top else len(band) - 1], y[0 if top else 1 :])
        for mean, part in zip(means, (band, x, y), strict=True):
            place = mean[top : top + BAND]
            cv2.resize(part, (columns, len(place)), place, interpolation=cv2.INTER_AREA)
    return means[0], means[1], means[2]


def _closed(mask: NDArray[np.bool_]) -> Pixels:
    return np.asarray(cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)


def opened(mask: Pixels, side: int) -> Pixels:
    """The mask without what is thinner than `side` cells."""
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)), np.uint8)


def rects(mask: Pixels, size: int) -> list[tuple[Rect, float]]:
    """The smallest rectangle (page pixels) around every piece of a cell mask, and how much of it the piece fills."""
    found = []
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        (x, y), (w, h), angle = cv2.minAreaRect(outline)
        filled = (cv2.contourArea(outline) + len(outline) / 2 + 1) / ((w + 1) * (h + 1))
        rect = ((x + 0.5) * size, (y + 0.5) * size), ((w + 1) * size, (h + 1) * size), angle
        found.append((level(rect), filled))
    return found


def changes(rect: Rect, cells: Cells) -> tuple[float, float]:
    """Full changes between ink and paper along the average row, and the average column, of a level rectangle."""
    (x, y), (w, h), _ = rect
    top, bottom, left, right = (
        max(0, int(edge / cells.size))
        for edge in (y - h / 2, y + h / 2 + cells.size, x - w / 2, x + w / 2 + cells.size)
    )
    across, down = (part[top:bottom, left:right] for part in (cells.across, cells.down))
    return (float(across.mean() * w), float(down.mean() * h)) if across.size else (0.0, 0.0)


def around(points: Polygon) -> Rect:
    """The smallest rectangle around points, level."""
    (x, y), (w, h), angle = cv2.minAreaRect(points)
    return level(((x, y), (w, h), angle))


def corners(rect: Rect) -> Polygon:
    """The four corners of a rectangle."""
    return cv2.boxPoints(rect).astype(np.float32)


def cut(grey: Pixels, rect: Rect) -> Pixels:
    """The content of a rectangle, turned level; one pixel of the page a pixel."""
    (x, y), (w, h), angle = rect
    width, height = max(8, round(w)), max(8, round(h))
    cosine, sine = float(np.cos(np.radians(angle))), float(np.sin(np.radians(angle)))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    matrix = np.column_stack([turn, np.array([x, y]) - 0.5 - turn @ np.array([(width - 1) / 2, (height - 1) / 2])])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    level = cv2.warpAffine(grey, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(level, np.uint8)


def grown(rect: Rect, by: float) -> Rect:
    """The rectangle with `by` pixels more on every side."""
    centre, (w, h), angle = rect
    return centre, (w + 2 * by, h + 2 * by), angle


def trimmed(rect: Rect, dark: Floats, least: float) -> tuple[Rect, Floats]:
    """The part of `rect`, whose content is `dark`, between rows and columns of less than `least` ink; its content."""
    top, bottom = _longest(dark.mean(axis=1) >= least)
    left, right = _longest(dark[top:bottom].mean(axis=0) >= least)
    shift = ((left + right - dark.shape[1]) / 2, (top + bottom - dark.shape[0]) / 2)
    part = (rect[0], (float(right - left), float(bottom - top)), rect[2])
    return moved(part, shift), dark[top:bottom, left:right]


def moved(rect: Rect, shift: tuple[float, float]) -> Rect:
    """The rectangle moved along its own axes."""
    (x, y), sides, angle = rect
    cosine, sine = float(np.cos(np.radians(angle))), float(np.sin(np.radians(angle)))
    return (x + cosine * shift[0] - sine * shift[1], y + sine * shift[0] + cosine * shift[1]), sides, angle


def _longest(inked: NDArray[np.bool_]) -> tuple[int, int]:
    """Where the longest run of inked rows begins and ends; all rows when there is none. Two rows are no hole."""
    closed = cv2.morphologyEx(inked.astype(np.uint8)[None], cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))[0]
    ends = np.flatnonzero(np.diff(np.concatenate([[0], closed, [0]])))
    if not len(ends):
        return 0, len(inked)
    begins, stops = ends[::2], ends[1::2]
    longest = int(np.argmax(stops - begins))
    return int(begins[longest]), int(stops[longest])


def ink(grey: Pixels) -> tuple[Floats, float]:
    """How dark every pixel is (0 paper .. 1 ink) in a crop that holds both, and the contrast in grey levels."""
    light, dark = percentile(grey, 95, 5)
    return inked(grey, light, dark), light - dark


def inked(grey: Pixels, light: float, dark: float) -> Floats:
    """How dark every pixel is between two grey levels, 0 at `light` .. 1 at `dark`."""
    levels = np.clip((light - np.arange(256, dtype=np.float32)) / max(light - dark, 20.0), 0, 1)
    return np.asarray(cv2.LUT(grey, levels), np.float32)


def steps(dark: Floats, axis: int) -> Floats:
    """np.abs(np.diff(dark, axis=axis)), in one go."""
    ends = (dark[1:], dark[:-1]) if axis == 0 else (dark[:, 1:], dark[:, :-1])
    return np.asarray(cv2.absdiff(*ends), np.float32)


def level(rect: Rect) -> Rect:
    """The same rectangle described by an angle of at most 45 degrees."""
    centre, sides, angle = rect
    quarters = round(angle / 90)
    return centre, (sides[::-1] if quarters % 2 else sides), angle - 90 * quarters


def _levels(small: Pixels) -> tuple[Floats, Floats]:
    """Paper and ink around every cell, in grey levels."""
    rows, columns = small.shape
    coarse = cv2.resize(small, (max(1, columns // 4), max(1, rows // 4)), interpolation=cv2.INTER_AREA)
    paper = cv2.blur(cv2.dilate(coarse, np.ones((AROUND, AROUND), np.uint8)), (AROUND, AROUND))
    darkest = cv2.resize(cv2.erode(small, np.ones((9, 9), np.uint8)), coarse.shape[::-1], interpolation=cv2.INTER_AREA)
    ink = cv2.erode(darkest, np.ones((3, 3), np.uint8))
    ink_map = cv2.blur(cv2.resize(ink, (columns, rows), interpolation=cv2.INTER_LINEAR), (SPOT, SPOT))
    paper_map = cv2.resize(paper, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return paper_map.astype(np.float32), ink_map.astype(np.float32)
