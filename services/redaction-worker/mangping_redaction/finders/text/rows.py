"""Lines put into rows, however the page leans: what stands beside what, and what below. Pure geometry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mangping_redaction.readers.line import Line

SAME_ROW = 0.55  # of the smaller height: how far the middles of neighbours may be apart
CELL = "\t"  # between two lines of a row


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A line in the level frame: x0..x1 along the rows, y its middle, h the size of its characters, all in pixels;
    `half` is half its extent down the page, for a column more than its characters' size."""

    line: Line
    x0: float
    x1: float
    y: float
    h: float
    half: float


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Cells from left to right; `text` joins their texts with CELL."""

    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        return CELL.join(cell.line.text for cell in self.cells)

    def pieces(self, start: int, end: int) -> Iterator[tuple[Cell, int, int]]:
        """The parts of [start, end) of the row's text, as (cell, start, end) within each line."""
        offset = 0
        for cell in self.cells:
            a, b = max(start - offset, 0), min(end - offset, len(cell.line.text))
            if a < b:
                yield cell, a, b
            offset += len(cell.line.text) + 1


def lean(lines: Sequence[Line]) -> float:
    """The angle in radians at which the rows run, at most an eighth of a turn: the median of the longer lines. A column
    runs across the rows: on a form of narrow cells most lines may."""
    long = sorted(lines, key=lambda line: line.length, reverse=True)[: max(3, len(lines) // 3)]
    angles = [
        float(np.arctan2(*(line.polygon[1] - line.polygon[0])[::-1])) for line in long if line.length > line.height
    ]
    quarter = np.pi / 2
    return float(np.median([angle - quarter * round(angle / quarter) for angle in angles])) if angles else 0.0


def level(lines: Sequence[Line]) -> list[Cell]:
    """The lines with text, turned level."""
    angle = lean(lines)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    cells = []
    for line in lines:
        corners = line.polygon @ turn
        x, y = corners[:, 0], corners[:, 1]
        half = float(y.max() - y.min()) / 2
        cells.append(Cell(line, float(x.min()), float(x.max()), float(y.mean()), line.height, half))
    return [cell for cell in cells if cell.line.text.strip()]


def rows(cells: Sequence[Cell]) -> list[Row]:
    """Every cell in exactly one row, rows from the top."""
    made: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda c: c.x0):
        fitting = [row for row in made if _follows(row[-1], cell)]
        if fitting:
            min(fitting, key=lambda row: abs(row[-1].y - cell.y)).append(cell)
        else:
            made.append([cell])
    return [Row(tuple(row)) for row in sorted(made, key=lambda row: row[0].y)]


def _follows(left: Cell, right: Cell) -> bool:
    return abs(left.y - right.y) < SAME_ROW * min(left.h, right.h) and right.x0 > left.x1 - 0.7 * left.h


def below(cell: Cell, cells: Sequence[Cell], reach: float) -> list[Cell]:
    """Cells under `cell` that share columns with it, nearest first, at most `reach` of its heights away."""
    found = [
        other for other in cells
        if other is not cell and 0.6 * cell.h < other.y - cell.y < reach * cell.h
            and min(other.x1, cell.x1) - max(other.x0, cell.x0) > 0.3 * min(cell.h, other.h)
    ]  # fmt: skip
    return sorted(found, key=lambda other: other.y)
