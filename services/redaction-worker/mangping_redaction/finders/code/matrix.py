"""2-D codes by their texture, readable or not: QR, Data Matrix, Aztec, PDF417, and kinds without finder patterns.

A rectangle that is half ink everywhere, changes often along every row and column, and has no gap between rows.
"""

from __future__ import annotations

from itertools import chain

import cv2
import numpy as np

from mangping_redaction.finders.code.cells import (
    Cells,
    Floats,
    Rect,
    changes,
    cut,
    grown,
    ink,
    inked,
    opened,
    rects,
    steps,
    trimmed,
)  # fmt: skip
from mangping_redaction.levels import percentile
from mangping_redaction.page import Pixels

Pieces = tuple[list[list[tuple[Rect, float]]], ...]  # narrow and wide: for each opening, rectangles and how filled

# Cells: what is thinner is cut off, so that a code grown together with text comes free; wide spots need more.
OPENINGS, WIDE_OPENINGS = (9, 15, 23), (25, 35)
SMALLEST_MM = 6.5
READABLE_MM = 4.5  # shorter side of what may be worth reading
LARGEST_MM = 90.0
ASPECT = 5.0  # PDF417 is wide
BOTH_WAYS, EITHER_WAY = 4.0, 12.0  # full changes along a row and a column of what is worth reading; least measured: 7
FILLED = 0.72
CONTRAST = 50.0  # grey levels
BLOCKS = 5  # the rectangle is cut into 5 x 5 blocks
# Full changes between ink and paper along the average row and column (fewer, more), how far the blocks' ink may spread,
# and the darkest block: the more changes, the less even the ink may be, as where a copied seal lies across.
TEXTURES = ((7.5, 7.5, 0.085, 0.8), (12.0, 12.0, 0.12, 0.92), (5.0, 25.0, 0.12, 0.8))
LIGHTEST_BLOCK = 0.2
PAPER, FULL = 0.3, 0.6  # ink in the lightest and darkest tenth of a block
TONED = 0.88  # of the blocks must have both
ONE_WAY = 3.0  # changes along over changes across, from which a code counts as stacked bars
SPARE = 1.8  # how much larger the rectangle may be than the part that was believed, to be covered as a whole
INK = (0.33, 0.65)
GAP = 0.12  # least ink of the emptiest row or column; text has paper between its lines
BAND, ALIKE = 5.5, 0.6  # a strip of like texture, so many times as long as wide, is an ornament or a line of print


def pieces(cells: Cells) -> Pieces:
    """What is left of the densely printed places at each opening; a code that hangs on to print comes free at some."""
    narrow = [rects(opened(cells.dense, opening), cells.size) for opening in OPENINGS]
    return narrow, [rects(opened(cells.wide, opening), cells.size) for opening in WIDE_OPENINGS]


def matrices(grey: Pixels, cells: Cells, print_: Pieces, dpi: float) -> list[Rect]:
    """The rectangles that have the texture of a 2-D code, biggest first, none inside another."""
    found: list[Rect] = []
    for level in chain(*print_):
        for rect, filled in level:
            if filled < FILLED or not _shaped(rect, dpi) or inside(rect, found):
                continue
            dark, contrast = ink(cut(grey, rect))
            core, dark = trimmed(rect, dark, GAP)
            seems = contrast >= CONTRAST and _shaped(core, dpi) and _textured(dark, cells.noise / contrast)
            if seems and all(_band(grey, way) <= BAND for way in (rect, _turned(rect))):
                found.append(rect if _area(rect) <= SPARE * _area(core) else grown(core, cells.size))
    return sorted(found, key=_area, reverse=True)


def candidates(cells: Cells, print_: Pieces, dpi: float) -> list[Rect]:
    """Every densely printed rectangle that a code, whole or in part, could stand in.

    What is larger than any code (a frame round the page, a text) is taken apart by the next opening.
    """
    least, most = READABLE_MM * dpi / 25.4, LARGEST_MM * dpi / 25.4
    found = []
    for levels in print_:
        for level in levels:
            found += [rect for rect, _ in level if min(rect[1]) >= least and _lively(rect, cells)
                      and (max(rect[1]) <= most or level is levels[-1])]  # fmt: skip
            if all(max(rect[1]) <= most for rect, _ in level):
                break
    return found


def _lively(rect: Rect, cells: Cells) -> bool:
    """Whether ink and paper change as often in it as in a part of a code that can be read: a character has few strokes."""
    across, down = changes(rect, cells)
    return min(across, down) >= BOTH_WAYS or max(across, down) >= EITHER_WAY


def inside(rect: Rect, others: list[Rect]) -> bool:
    """Whether the middle of `rect` lies in one of the others."""
    return any(cv2.pointPolygonTest(cv2.boxPoints(other), rect[0], False) >= 0 for other in others)


def _shaped(rect: Rect, dpi: float) -> bool:
    short, long = sorted(rect[1])
    mm = dpi / 25.4
    return short >= SMALLEST_MM * mm and long <= LARGEST_MM * mm and long <= ASPECT * short


def _band(grey: Pixels, rect: Rect) -> float:
    """How far the texture of `rect` goes on to its left and right, in its heights: a code stands alone."""
    centre, (length, height), angle = rect
    step, reach = max(4, round(height / 2)), round(BAND + 0.5) * height
    strip = cut(grey, (centre, (length + 2 * reach, height), angle))
    light, dark = percentile(cut(grey, rect), 95, 5)
    count = strip.shape[1] // step
    black = inked(strip[:, : count * step], light, dark)
    changed = steps(black, 0).sum(axis=0) + np.append(steps(black, 1).sum(axis=0), black[:, -1].sum())
    first = round(reach / step)
    own = slice(first, max(first + 1, round((reach + length) / step)))
    alike = np.ones(count, bool)
    for measure in (black.sum(axis=0), changed):
        parts = measure.reshape(count, step).sum(axis=1)
        alike &= (parts >= ALIKE * parts[own].mean()) & (parts <= parts[own].mean() / ALIKE)
    alike[own] = True
    ends = np.flatnonzero(~alike)
    before, after = ends[ends < first], ends[ends >= own.stop]
    run = (after[0] if len(after) else count) - (before[-1] + 1 if len(before) else 0)
    return float(run * step / height)


def _turned(rect: Rect) -> Rect:
    centre, (w, h), angle = rect
    return centre, (h, w), angle + 90


def _area(rect: Rect) -> float:
    return rect[1][0] * rect[1][1]


def _textured(dark: Floats, noise: float) -> bool:
    """Whether the ink (0..1) of a rectangle is spread as in a code; `noise`: change per pixel that means nothing."""
    if not INK[0] <= dark.mean() <= INK[1]:
        return False
    changes = [float(steps(dark, axis).sum(axis=axis).mean()) - noise * dark.shape[axis] for axis in (1, 0)]
    blocks = cv2.resize(dark, (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA)
    fits = any(
        min(changes) >= fewer and max(changes) >= more and blocks.std() <= spread and blocks.max() <= darkest
        for fewer, more, spread, darkest in TEXTURES
    )
    if not fits or blocks.min() < LIGHTEST_BLOCK or not _two_toned(dark):
        return False
    gaps = [dark.mean(axis=axis) for axis in (1, 0)]
    if max(changes) > ONE_WAY * min(changes):  # stacked bars have wide spaces between them; text has gaps the other way
        gaps = gaps[:1] if changes[0] > changes[1] else gaps[1:]
    rim = max(1, min(dark.shape) // 16)
    emptiest = min(float(gap[rim:-rim].min()) for gap in gaps)
    return emptiest >= GAP


def _two_toned(dark: Floats) -> bool:
    """Whether nearly every block holds both ink and paper: shaded text and pictures do not."""
    blocks = [part for band in np.array_split(dark, BLOCKS, axis=0) for part in np.array_split(band, BLOCKS, axis=1)]
    levels = np.array([np.percentile(block, (10, 90)) for block in blocks])
    return bool((levels[:, 0] <= PAPER).mean() >= TONED and (levels[:, 1] >= FULL).mean() >= TONED)
