"""Which line follows which: reading order, and the joins over which a name or a unit may run. Pure geometry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mangping_redaction.readers.line import Line

Floats = NDArray[np.float32]

NARROW, DEEP = (2, 3), 4  # columns that were read across, a row at a time; rows of them
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
    """Every line alone, then the pairs and triples over which one value may run: beside it in the row, or below it; and the
    columns of short lines of one length, which may have been read across."""
    if not lines:
        return
    beside, below = _neighbours(lines)
    for i, line in enumerate(lines):
        yield Joint((line,))
        for j in (*beside[i], *below[i]):
            yield Joint((line, lines[j]))
            for k in below[j] if most > 2 else ():
                yield Joint((line, lines[j], lines[k]))
        rows = _rows(i, lines, below) if most > 2 else []
        for column in range(len(line.text)) if len(rows) > 1 else ():
            yield Joint(tuple(row.character(column) for row in rows))


def _rows(first: int, lines: Sequence[Line], below: Sequence[Sequence[int]]) -> list[Line]:
    """The lines straight below a short one that are as long, and itself."""
    rows = [first] if len(lines[first].text) in NARROW else []
    while 0 < len(rows) < DEEP:
        last = lines[rows[-1]]
        under = [j for j in below[rows[-1]] if len(lines[j].text) == len(last.text) and _is_straight(last, lines[j])]
        if not under:
            break
        rows.append(under[0])
    return [lines[row] for row in rows]


def _is_straight(line: Line, under: Line) -> bool:
    return abs(float(line.polygon[:, 0].mean() - under.polygon[:, 0].mean())) < line.height / 2


def _neighbours(lines: Sequence[Line]) -> tuple[list[list[int]], list[list[int]]]:
    """For each line the nearest one beside it in its row, and those it may go on with below: the (at most two) lines
    right under it, and after the last of a row the first of the next."""
    corners = np.array([line.polygon for line in lines], np.float32)
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    heights = np.array([line.height for line in lines], np.float32)
    below, wrapped = _below(boxes, heights), _wrapped(boxes, heights)
    return _beside(boxes, heights), [under + more for under, more in zip(below, wrapped, strict=True)]


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
    drop = _drop(boxes, heights)
    near = _next_row(drop, heights) & (shared > 0)
    away = np.where(near, drop, np.inf)
    order = away.argsort(axis=1, kind="stable")[:, :2]
    return [[int(j) for j in row if near[i, j]] for i, row in enumerate(order)]


def _wrapped(boxes: Floats, heights: Floats) -> list[list[int]]:
    """For the last line of a row the first of the next, where that begins to its left without reaching under it: a seal
    or a picture has parted the rows."""
    drop = _drop(boxes, heights)
    row = np.abs(drop) < 0.6
    before = boxes[:, 2] <= boxes[:, 0, None]  # [i, j]: j ends before i begins
    inner = [np.asarray((row & side).any(axis=1)) for side in (before, before.T)]  # has one before it, after it
    near = _next_row(drop, heights) & before & ~inner[1][:, None] & ~inner[0]
    away = np.where(near, drop, np.inf)
    nearest = away.argmin(axis=1)
    return [[int(j)] if near[i, j] else [] for i, j in enumerate(nearest)]


def _drop(boxes: Floats, heights: Floats) -> Floats:
    """How far down from i to j, in line heights. A skewed long line has a tall extent, so it is taken between middles."""
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    return np.asarray((middle - middle[:, None]) / np.maximum(heights[:, None], heights), np.float32)


def _next_row(drop: Floats, heights: Floats) -> NDArray[np.bool_]:
    """Where j stands in the row below i, in letters of about its size."""
    high = heights[:, None]
    return (drop > 0.6) & (drop < 2.6) & (heights < 1.7 * high) & (heights > high / 1.7)
