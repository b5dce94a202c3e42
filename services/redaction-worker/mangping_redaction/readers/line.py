"""A line of text as it was read, with the place of every character."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mangping_redaction.page import Polygon

PAD = 0.12  # of the line height on every side: measured, what a cover needs to hide the ink of its characters
PAD_PIXELS = 2.5  # at least: boxes are rounded to whole pixels, which tells on small print


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """`polygon` is the line's quad in upright pixels, clockwise from the corner where reading starts.

    `text[i]` stands between the fractions `cells[i] = (begin, end)` of the way along the line; `scores[i]` is the reader's
    confidence (0..1) and `candidates[i]` what else it may be, best first, `text[i]` included.
    `reader` names the model that read it; a line nobody could read has an empty text.
    """

    polygon: Polygon
    text: str
    cells: NDArray[np.float32]  # (len(text), 2)
    scores: tuple[float, ...]
    candidates: tuple[str, ...]
    reader: str

    @property
    def score(self) -> float:
        """Mean confidence of the characters; 0 for a line nobody could read."""
        return float(np.mean(self.scores)) if self.scores else 0.0

    @property
    def height(self) -> float:
        """Pixels across the line."""
        a, b, c, d = self.polygon
        return float(np.linalg.norm(d - a) + np.linalg.norm(c - b)) / 2

    @property
    def length(self) -> float:
        """Pixels along the line."""
        a, b, c, d = self.polygon
        return float(np.linalg.norm(b - a) + np.linalg.norm(c - d)) / 2

    def span(self, start: int, end: int, pad: float = PAD) -> Polygon:
        """The quad over characters [start, end), padded by `pad` line heights on every side."""
        begin, finish = float(self.cells[start, 0]), float(self.cells[end - 1, 1])
        return self.stretch(begin, finish, pad)

    def stretch(self, begin: float, finish: float, pad: float = PAD) -> Polygon:
        """The quad between two fractions of the way along the line (they may lie outside 0..1), padded."""
        a, b, c, d = self.polygon.astype(np.float32)
        padding = max(pad * self.height, PAD_PIXELS if pad else 0.0)
        along, across = padding / max(self.length, 1.0), padding / max(self.height, 1.0)
        begin, finish = begin - along, finish + along
        top, bottom = a + np.outer([begin, finish], b - a), d + np.outer([begin, finish], c - d)
        down = (bottom - top) * across
        return np.stack([top[0] - down[0], top[1] - down[1], bottom[1] + down[1], bottom[0] + down[0]]).astype(np.float32)
