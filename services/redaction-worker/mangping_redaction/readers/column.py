"""Characters stacked one under the other, as names stand on certificates and labels in narrow cells: laid side by side for a
reader that knows rows alone, and their places taken back to the column."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import dist

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.page import Pixels, Polygon
from mangping_redaction.readers.ctc import darkness

TALL = 1.5  # times as high as wide: what may be a column
MOST = 40  # characters
PITCH = (0.85, 2.2)  # distance of characters in a column, as a multiple of their width
EMPTY = 0.08  # of a column's mean ink, at most in a row that parts two characters


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """`level` is a row of square pictures of the characters; picture k shows what stands between the fractions
    edges[k] and edges[k + 1] of the way down."""

    level: Pixels
    edges: NDArray[np.float32]

    def cells(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 2) fractions of the way down for characters at (n, 2) fractions of the way along the row."""
        count = len(self.edges) - 1
        tile = np.clip((places.mean(axis=1) * count).astype(int), 0, count - 1) if len(places) else np.zeros(0, int)
        return np.stack([self.edges[tile], self.edges[tile + 1]], axis=1).astype(np.float32)


def is_tall(quad: Polygon) -> bool:
    """Whether a box as the detector gives it (from its upper left corner) may hold a column."""
    a, b, _, d = quad.tolist()
    return dist(a, d) > TALL * dist(a, b)


def downwards(quad: Polygon) -> Polygon:
    """The quad of a column, clockwise from where reading it starts: its upper right corner."""
    return np.roll(quad, -1, axis=0)


def runs_down(polygon: Polygon) -> bool:
    """Whether a line is read from top to bottom."""
    along = polygon[1] - polygon[0]
    return float(along[1]) > abs(float(along[0]))


def partings(pixels: Pixels, polygon: Polygon, size: int) -> list[Tiles]:
    """The ways to part a column (its polygon runs down) into characters, in squares of `size` pixels, fewest first; none
    where no two characters can be told apart. A 三 may also be a 一 and a 二: who reads decides."""
    upright = _upright(pixels, np.roll(polygon, 1, axis=0), size)
    ink = darkness(upright).astype(np.float32)
    ink[ink < 0.25 * ink.max(initial=1.0)] = 0  # paper is never quite even
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(rows) == 0:
        return []
    top, bottom, width = int(rows[0]), int(rows[-1]) + 1, int(columns[-1] - columns[0]) + 1
    found = _cuts(ink.sum(axis=1)[top:bottom], width)
    return [_tiles(upright, ink, np.r_[0, top + cuts, upright.shape[0]], size) for cuts in found]


def _tiles(upright: Pixels, ink: NDArray[np.float32], edges: NDArray[np.intp], size: int) -> Tiles:
    level = np.hstack([_square(upright, ink, *pair, size) for pair in pairwise(edges)])
    return Tiles(np.asarray(level, np.uint8), (edges / upright.shape[0]).astype(np.float32))


def _upright(pixels: Pixels, quad: Polygon, size: int) -> Pixels:
    """The column cut out, `size` pixels wide."""
    a, b, _, d = quad
    height = round(size * float(np.linalg.norm(d - a)) / max(float(np.linalg.norm(b - a)), 1.0))
    height = int(np.clip(height, size, size * MOST))
    frame = np.array([[0, 0], [size, 0], [size, height], [0, height]], np.float32)
    warp = cv2.getPerspectiveTransform(np.asarray(quad, np.float32), frame)
    cut = cv2.warpPerspective(pixels, warp, (size, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def _cuts(profile: NDArray[np.float32], width: int) -> list[NDArray[np.intp]]:
    """Rows that part a column's characters, evenly spaced and empty, for each number of characters that has such rows."""
    height, found = len(profile), []
    least, most = max(2, round(height / (PITCH[1] * width))), min(MOST, int(height / (PITCH[0] * width)) + 1)
    for count in range(least, most + 1):
        slack = max(1, round(0.2 * height / count))
        middles = np.round(height / count * np.arange(1, count)).astype(int)
        windows = [profile[max(0, m - slack) : m + slack + 1] for m in middles]
        if all(window.min() <= EMPTY * profile.mean() for window in windows):
            cuts = [_emptiest(w) + max(0, m - slack) for w, m in zip(windows, middles, strict=True)]
            found.append(np.array(cuts))
    return found


def _emptiest(window: NDArray[np.float32]) -> int:
    """The middle of the longest empty run."""
    empty = window <= window.min()
    steps = np.flatnonzero(np.diff(np.r_[0, empty, 0]))
    longest = int((steps[1::2] - steps[::2]).argmax())
    return int((steps[2 * longest] + steps[2 * longest + 1]) // 2)


def _square(upright: Pixels, ink: NDArray[np.float32], top: int, bottom: int, size: int) -> Pixels:
    """The character between two rows in the middle of a square."""
    rows = np.flatnonzero(ink[top:bottom].any(axis=1))
    middle = top + (int(rows[0]) + int(rows[-1]) + 1) // 2 if len(rows) else (top + bottom) // 2
    half = max(size // 2, (int(rows[-1] - rows[0]) + 2) // 2 if len(rows) else 0)
    low, high = max(top, middle - half), min(bottom, middle + half)
    paper = np.percentile(upright[::4, ::4].reshape(-1, 3), 90, axis=0)
    square = np.full((2 * half, size, 3), paper, np.uint8)
    begin = half - (middle - low)
    square[begin : begin + high - low] = upright[low:high]
    return np.asarray(cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
