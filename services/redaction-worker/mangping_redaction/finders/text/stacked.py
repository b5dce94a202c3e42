"""Labels whose characters stand far apart one under the other, each read as a line of its own: joined into a column."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

import numpy as np

from mangping_redaction.readers.column import downwards
from mangping_redaction.readers.line import Line

ALIKE = 1.5  # times: how much wider one character of a label may be than the next
ASIDE = 0.5  # of a character's width, by which one may stand beside the column
STEP = (0.8, 5.5)  # character widths from one to the next
LONGEST = 8  # characters


def stacked(lines: Sequence[Line], is_label: Callable[[str], bool]) -> list[Line]:
    """The lines, with single characters that spell a label from top to bottom joined into lines that run down."""
    alone = sorted((line for line in lines if len(line.text.strip()) == 1), key=_height)
    used: set[int] = set()
    joined: list[Line] = []
    for first in alone:
        if id(first) not in used and (label := _label_from(first, alone, is_label)):
            used |= set(map(id, label))
            joined.append(_column(label))
    return [line for line in lines if id(line) not in used] + joined if joined else list(lines)


def _label_from(first: Line, alone: Sequence[Line], is_label: Callable[[str], bool]) -> list[Line]:
    """The longest label that begins with this character and goes on straight below it; empty where there is none."""
    chain, best = [first], 0
    while len(chain) < LONGEST and (following := _under(chain[-1], alone)) is not None:
        chain.append(following)
        if is_label("".join(line.text.strip() for line in chain)):
            best = len(chain)
    return chain[:best]


def _under(line: Line, alone: Sequence[Line]) -> Line | None:
    """The next single character below one of its size, in the same column."""
    (x, y), width = _middle(line), _width(line)
    for other in alone[bisect_left(alone, y, key=_height) :]:  # from here down
        down = (_height(other) - y) / width
        if down >= STEP[1]:
            break
        near = abs(_middle(other)[0] - x) < (ASIDE + 0.1 * down) * width  # a page may lean
        if near and down > STEP[0] and width / ALIKE < _width(other) < width * ALIKE:
            return other
    return None


def _height(line: Line) -> float:
    """How far down the page it stands."""
    return _middle(line)[1]


def _width(line: Line) -> float:
    return max(1.0, float(line.polygon[:, 0].max() - line.polygon[:, 0].min()))


def _middle(line: Line) -> tuple[float, float]:
    x, y = line.polygon.mean(axis=0)
    return float(x), float(y)


def _column(parts: Sequence[Line]) -> Line:
    """One line that runs down over its characters."""
    corners = np.concatenate([line.polygon for line in parts])
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    quad = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
    tops = np.array([[line.polygon[:, 1].min(), line.polygon[:, 1].max()] for line in parts], np.float32)
    return Line(
        polygon=downwards(quad),
        text="".join(line.text.strip() for line in parts),
        cells=((tops - y0) / max(float(y1 - y0), 1.0)).astype(np.float32),
        scores=tuple(line.score for line in parts),
        candidates=tuple(line.text.strip() for line in parts),
        reader=parts[0].reader,
    )
