"""Which line follows which: reading order, and the joins over which a name or a unit may run. Pure geometry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mangping_redaction.readers.area import around
from mangping_redaction.readers.line import Line

Floats = NDArray[np.float32]

SEAM = 24  # characters kept on either side where lines are joined: what runs over the joint is shorter


@dataclass(frozen=True, slots=True)
class Joint:
    """Lines read one after another, joined by '\n'; of several only what stands near the joints."""

    lines: tuple[Line, ...]

    def _cut(self) -> Iterator[tuple[Line, int, int]]:
        """(line, first and last character kept)."""
        last = len(self.lines) - 1
        for i, line in enumerate(self.lines):
            size = len(line.text)
            yield line, max(0, size - SEAM) if i == 0 < last else 0, min(SEAM, size) if i == last > 0 else size

    @property
    def text(self) -> str:
        return "\n".join(line.text[a:b] for line, a, b in self._cut())

    @property
    def candidates(self) -> tuple[str, ...]:
        joined: list[str] = []
        for line, a, b in self._cut():
            joined += [*line.candidates[a:b], "\n"]
        return tuple(joined[:-1])

    @property
    def scores(self) -> tuple[float, ...]:
        joined: list[float] = []
        for line, a, b in self._cut():
            joined += [*line.scores[a:b], 1.0]
        return tuple(joined[:-1])

    def pieces(self, start: int, end: int) -> Iterator[tuple[Line, int, int]]:
        """The parts of [start, end) of the text as (line, start, end) within each line."""
        offset = 0
        for line, first, last in self._cut():
            a, b = max(start - offset, 0), min(end - offset, last - first)
            if a < b:
                yield line, first + a, first + b
            offset += last - first + 1


def joints(lines: Sequence[Line], most: int = 3) -> Iterator[Joint]:
    """Every line alone, then the pairs and triples over which one value may run: beside it in the row, or below it."""
    if not lines:
        return
    beside, below = _neighbours(lines)
    for i, line in enumerate(lines):
        yield Joint((line,))
        for j in (*beside[i], *below[i]):
            yield Joint((line, lines[j]))
            for k in below[j] if most > 2 else ():
                yield Joint((line, lines[j], lines[k]))


def _neighbours(lines: Sequence[Line]) -> tuple[list[list[int]], list[list[int]]]:
    """For each line the nearest one beside it in its row, and the (at most two) lines right under it."""
    boxes = np.array([around(line.polygon) for line in lines], np.float32)
    heights = np.array([line.height for line in lines], np.float32)
    return _beside(boxes, heights), _below(boxes, heights)


def _beside(boxes: Floats, heights: Floats) -> list[list[int]]:
    """The nearest line to the right in the same row, when the gap is at most three line heights."""
    x0, x1, high = boxes[:, 0], boxes[:, 2, None], heights[:, None]
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    gap = x0 - x1
    near = (np.abs(middle - middle[:, None]) < 0.6 * high) & (gap > -high) & (gap < 3 * high)
    near &= x0 > (x0 + boxes[:, 2])[:, None] / 2
    np.fill_diagonal(near, False)
    nearest = np.where(near, gap, np.inf).argmin(axis=1)
    return [[int(nearest[i])] if near[i, nearest[i]] else [] for i in range(len(boxes))]


def _below(boxes: Floats, heights: Floats) -> list[list[int]]:
    """The (at most two) lines right under each that share columns with it, nearest first."""
    shared = np.minimum(boxes[:, 2], boxes[:, 2, None]) - np.maximum(boxes[:, 0], boxes[:, 0, None])
    # A skewed long line has a tall extent, so vertical distance is taken between middles, in line heights.
    middle, high = (boxes[:, 1] + boxes[:, 3]) / 2, heights[:, None]
    drop = (middle - middle[:, None]) / np.maximum(high, heights)
    near = (drop > 0.6) & (drop < 2.6) & (shared > 0) & (heights < 1.7 * high) & (heights > high / 1.7)
    np.fill_diagonal(near, False)
    away = np.where(near, drop, np.inf)
    order = away.argsort(axis=1, kind="stable")[:, :2]
    return [[int(j) for j in row if near[i, j]] for i, row in enumerate(order)]
