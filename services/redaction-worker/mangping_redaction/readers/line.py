"""A line of text as it was read, with the place of every character."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import dist

import numpy as np
from numpy.typing import NDArray

from mangping_redaction.page import Polygon

# Padding in line heights, as measured. The detector's box stands a fifth of a character away from Han ink above and below;
# Latin letters reach further; along the line a neighbour's stroke may lean over.
ALONG, ACROSS, ACROSS_LATIN = 0.12, 0.04, 0.15
PAD_PIXELS = 1.5  # at least
FILL = "█"  # for a character under a cover


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

    @classmethod
    def unread(cls, polygon: Polygon, reader: str) -> Line:
        """A line in which `reader` read nothing."""
        return cls(polygon, "", np.zeros((0, 2), np.float32), (), (), reader)

    def hidden(self) -> Line:
        """The same under a cover: it still stands where it stood, and says nothing."""
        size = len(self.text)
        return replace(self, text=FILL * size, scores=(1.0,) * size, candidates=(FILL,) * size)

    @property
    def score(self) -> float:
        """Mean confidence of the characters; 0 for a line nobody could read."""
        return sum(self.scores) / len(self.scores) if self.scores else 0.0

    @property
    def height(self) -> float:
        """Pixels across the line."""
        a, b, c, d = self.polygon.tolist()
        return (dist(a, d) + dist(b, c)) / 2

    @property
    def length(self) -> float:
        """Pixels along the line."""
        a, b, c, d = self.polygon.tolist()
        return (dist(a, b) + dist(d, c)) / 2

    def span(self, start: int, end: int, before: int = 0, after: int = 0) -> Polygon:
        """The quad over characters [start, end), padded enough to hide their ink, and over so many more on either side
        that nobody read."""
        begin, finish = float(self.cells[start, 0]), float(self.cells[end - 1, 1])
        wide = (finish - begin) / max(end - start, 1)
        begin, finish = begin - before * wide, finish + after * wide
        across = ACROSS_LATIN if any(c.isascii() and c.islower() for c in self.text[start:end]) else ACROSS
        return self.stretch(begin, finish, max(ALONG * self.height, PAD_PIXELS), max(across * self.height, PAD_PIXELS))

    def character(self, at: int) -> Line:
        """One of its characters, as a line of its own."""
        begin, finish = (float(edge) for edge in self.cells[at])
        return Line(
            self.stretch(begin, finish),
            self.text[at],
            np.array([[0, 1]], np.float32),
            self.scores[at : at + 1],
            self.candidates[at : at + 1],
            self.reader,
        )

    def stretch(self, begin: float, finish: float, along: float = 0.0, across: float = 0.0) -> Polygon:
        """The quad between two fractions of the way along the line (they may lie outside 0..1), padded by pixels."""
        a, b, c, d = self.polygon.astype(np.float32)
        pad = along / max(self.length, 1.0)
        ends = [begin - pad, finish + pad]
        top, bottom = a + np.outer(ends, b - a), d + np.outer(ends, c - d)
        down = (bottom - top) * (across / max(self.height, 1.0))
        return np.stack([top[0] - down[0], top[1] - down[1], bottom[1] + down[1], bottom[0] + down[0]]).astype(
            np.float32
        )
