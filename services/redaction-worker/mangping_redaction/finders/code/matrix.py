"""2-D codes by their texture, readable or not: QR, Data Matrix, Aztec, PDF417, and kinds without finder patterns.

Dense print is looked for at several widths; what of it has the texture of a code and stands alone is one.
"""

from __future__ import annotations

from itertools import chain

import cv2
import numpy as np

from mangping_redaction.finders.code.cells import (
    Cells,
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
from mangping_redaction.finders.code.texture import grained, textured
from mangping_redaction.levels import percentile
from mangping_redaction.page import Pixels

Pieces = tuple[list[list[tuple[Rect, float]]], ...]  # narrow and wide: for each opening, rectangles and how filled

# Cells: what is thinner is cut off, so that a code grown together with text comes free; wide spots need more.
OPENINGS, WIDE_OPENINGS = (9, 15, 23), (25, 35)
SMALLEST_MM, FINEST_MM = 6.5, 4.2  # of coarse texture, and of fine grain
READABLE_MM = 4.5  # shorter side of what may be worth reading
LARGEST_MM = 90.0
ASPECT = 5.0  # PDF417 is wide
BOTH_WAYS, EITHER_WAY = 4.0, 12.0  # full changes along a row and a column of what is worth reading; least measured: 7
STIRRED = (1.5, 3.2)  # the same, fewer and more, of what may have the texture of a code; least measured: 2.1 and 3.4
ONE_WAY = 3.0  # changes along over changes across, from which print may be stacked bars
ENDS = 1.4  # length of stacked bars over that of what lies between their first and last broad bars
FILLED, FILLED_FINE = 0.72, 0.88  # of the rectangle, by what seems printed
SPARE = 1.8  # how much larger the rectangle may be than the part that was believed, to be covered as a whole
GAP = 0.12  # least ink of a row or column that is part of the code
ALONE = 0.6  # heights by which the texture of fine grain may go on beyond it
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
            if filled < FILLED or not _shaped(rect, dpi, FINEST_MM) or not _stirred(rect, cells) or inside(rect, found):
                continue
            core = _core(grey, rect, filled, cells, dpi)
            if core:
                found.append(rect if _area(rect) <= SPARE * _area(core) else grown(core, cells.size))
    return sorted(found, key=_area, reverse=True)


def _stirred(rect: Rect, cells: Cells) -> bool:
    """Whether enough changes in it, by the maps, that its pixels are worth a look."""
    fewer, more = sorted(changes(rect, cells))
    return fewer >= STIRRED[0] and more >= STIRRED[1]


def _core(grey: Pixels, rect: Rect, filled: float, cells: Cells, dpi: float) -> Rect | None:
    """The part of a rectangle, `filled` so far, that has the texture of a code which stands alone; None without."""
    dark, contrast = ink(cut(grey, rect))
    core, dark = trimmed(rect, dark, GAP)
    ways = rect, _turned(rect)
    if _shaped(core, dpi, SMALLEST_MM) and textured(dark, contrast, cells.noise):
        return core if all(_band(grey, way) <= BAND for way in ways) else None
    if filled >= FILLED_FINE and _shaped(core, dpi, FINEST_MM) and grained(dark, contrast, dpi / 25.4):
        return core if all(_band(grey, way) <= way[1][0] / way[1][1] + ALONE for way in ways) else None
    return None


def candidates(cells: Cells, print_: Pieces, dpi: float) -> list[Rect]:
    """Every densely printed rectangle that a code, whole or in part, could stand in.

    What is larger than any code (a frame round the page, a text) is taken apart by the next opening.
    """
    least, most = READABLE_MM * dpi / 25.4, LARGEST_MM * dpi / 25.4
    found = []
    for levels in print_:
        for level in levels:
            found += [_whole(rect, cells) for rect, _ in level if min(rect[1]) >= least and _lively(rect, cells)
                      and (max(rect[1]) <= most or level is levels[-1])]  # fmt: skip
            if all(max(rect[1]) <= most for rect, _ in level):
                break
    return found


def _lively(rect: Rect, cells: Cells) -> bool:
    """Whether ink and paper change as often in it as in a part of a code that can be read: a character has few strokes."""
    across, down = changes(rect, cells)
    return min(across, down) >= BOTH_WAYS or max(across, down) >= EITHER_WAY


def _whole(rect: Rect, cells: Cells) -> Rect:
    """The rectangle; of stacked bars with their broad ends, in which nothing changes."""
    across, down = changes(rect, cells)
    centre, (w, h), angle = rect
    if max(across, down) <= ONE_WAY * min(across, down):
        return rect
    return (centre, (w, h * ENDS), angle) if down > across else (centre, (w * ENDS, h), angle)


def inside(rect: Rect, others: list[Rect]) -> bool:
    """Whether the middle of `rect` lies in one of the others."""
    return any(cv2.pointPolygonTest(cv2.boxPoints(other), rect[0], False) >= 0 for other in others)


def _shaped(rect: Rect, dpi: float, least: float) -> bool:
    short, long = sorted(rect[1])
    mm = dpi / 25.4
    return short >= least * mm and long <= LARGEST_MM * mm and long <= ASPECT * short


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
