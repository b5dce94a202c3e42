"""Lines as a reader would give them, for tests: text laid out evenly at a place on the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mangping_redaction.page import Found, quad
from mangping_redaction.readers.line import Line


def line(
    text: str,
    x: float = 100,
    y: float = 100,
    *,
    height: float = 30,
    score: float = 0.99,
    candidates: Sequence[str] = (),
) -> Line:
    """A level line of square characters that starts at x, y (upper left corner, pixels)."""
    size = max(1, len(text))
    edges = np.linspace(0, 1, size + 1, dtype=np.float32)[: len(text) + 1]
    cells = np.stack([edges[:-1], edges[1:]], axis=1) if text else np.zeros((0, 2), np.float32)
    return Line(
        quad(x, y, x + height * size, y + height),
        text,
        cells,
        (score,) * len(text),
        tuple(candidates) or tuple(text),
        "test",
    )


def said(found: Found, lines: Sequence[Line]) -> list[tuple[str, str]]:
    """(class, text) of what is covered, read back from where the findings lie."""
    told = []
    for finding in found.findings:
        low, high = finding.polygon.min(axis=0), finding.polygon.max(axis=0)
        for one in lines:
            middle = one.polygon.mean(axis=0)
            if not low[1] < middle[1] < high[1]:
                continue
            left, right = one.polygon[0, 0], one.polygon[1, 0]
            at = left + one.cells.mean(axis=1) * (right - left)
            text = "".join(c for c, x in zip(one.text, at, strict=True) if low[0] < x < high[0])
            if text and finding.covered:
                told.append((finding.cls, text))
    return sorted(told)
