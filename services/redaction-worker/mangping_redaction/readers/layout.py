"""Which line follows which: reading order, and the joins over which a name or a unit may run. Pure geometry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mangping_redaction.readers.area import around
from mangping_redaction.readers.line import Line

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
    boxes = np.array([around(line.polygon) for line in lines], np.float32)
    heights = np.array([line.height for line in lines], np.float32)
    for i, line in enumerate(lines):
        yield Joint((line,))
        for j in (*_beside(boxes, heights, i), *_below(boxes, heights, i)):
            yield Joint((line, lines[j]))
            for k in _below(boxes, heights, j) if most > 2 else ():
                yield Joint((line, lines[j], lines[k]))


def _beside(boxes: np.ndarray, heights: np.ndarray, i: int) -> list[int]:
    """The nearest line to the right in the same row, when the gap is at most three line heights."""
    x0, y0, x1, y1 = boxes[i]
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    gap = boxes[:, 0] - x1
    ok = (np.abs(middle - (y0 + y1) / 2) < 0.6 * heights[i]) & (gap > -heights[i]) & (gap < 3 * heights[i])
    ok &= boxes[:, 0] > (x0 + x1) / 2
    ok[i] = False
    found = np.flatnonzero(ok)
    return [int(found[gap[found].argmin()])] if len(found) else []


def _below(boxes: np.ndarray, heights: np.ndarray, i: int) -> list[int]:
    """The (at most two) lines right under this one that share columns with it."""
    x0, _, x1, _ = boxes[i]
    shared = np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)
    # A skewed long line has a tall extent, so vertical distance is taken between middles, in line heights.
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    drop = (middle - middle[i]) / np.maximum(heights[i], heights)
    alike = (heights < 1.7 * heights[i]) & (heights > heights[i] / 1.7)
    ok = (drop > 0.6) & (drop < 2.6) & (shared > 0) & alike
    ok[i] = False
    found = np.flatnonzero(ok)
    return [int(j) for j in found[np.argsort(drop[found])][:2]]
