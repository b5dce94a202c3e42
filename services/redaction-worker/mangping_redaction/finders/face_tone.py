"""Where a page is something else than ink strokes on paper: photos, emblems, filled bars, the table under the sheet.

Strokes thinner than 3 mm vanish when the page is closed (dark details filled from their bright surroundings); what then
is still darker than the paper around it is *tone*. Halftone dots melt into tone because it is done on a small copy.
A face never hides outside tone, and pages without tone need no face network.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.face_detect import smaller
from mangping_redaction.page import Pixels

LONG_SIDE = 896  # of the small copy: about 75 dpi on A4
STROKE = 9  # px of the small copy, 3 mm
PAPER = 15  # cells of 8 px: how far around (40 mm) the paper is looked for
DARKER = 12  # grey levels below the paper
JOIN = 12  # px of the small copy: hair and jacket are often apart, the face between them
SOLID = (6, 60)  # px: shorter side and area of a piece that no character leaves behind
AROUND = 0.5  # of a region's longer side is added on every side, at most REACH px
REACH = 40


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """`scale` small pixels per page pixel; `grey` and `mask` (0 or 255) the small page; `boxes` x, y, w, h in small pixels."""

    scale: float
    grey: Pixels
    mask: Pixels
    boxes: tuple[tuple[int, int, int, int], ...]

    @property
    def share(self) -> float:
        """How much of the page lies in the boxes (0..1, boxes may overlap)."""
        return min(1.0, sum(w * h for _, _, w, h in self.boxes) / self.grey.size)


def tone(pixels: Pixels) -> Tone:
    """The toned regions of a BGR page."""
    scale = min(1.0, LONG_SIDE / max(pixels.shape[:2]))
    width, height = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    grey = cv2.cvtColor(smaller(pixels, width, height), cv2.COLOR_BGR2GRAY)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((STROKE, STROKE), np.uint8))
    darker = cv2.subtract(_paper(closed), closed)
    mask = cv2.threshold(darker, DARKER, 255, cv2.THRESH_BINARY)[1].astype(np.uint8)
    return Tone(scale, grey.astype(np.uint8), mask, _boxes(mask))


def _paper(closed: NDArray[np.generic]) -> Pixels:
    height, width = closed.shape[:2]
    cells = cv2.resize(closed, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(cells, np.ones((PAPER, PAPER), np.uint8)), (0, 0), PAPER / 4)
    return cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _boxes(mask: Pixels) -> tuple[tuple[int, int, int, int], ...]:
    """Groups of pieces closer than JOIN that hold at least one solid piece, with room around."""
    height, width = mask.shape
    joined = cv2.dilate(mask, np.ones((2 * JOIN + 1, 2 * JOIN + 1), np.uint8))
    _, groups, outer, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    _, _, pieces, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    solid = (pieces[:, 2:4].min(axis=1) >= SOLID[0]) & (pieces[:, 4] >= SOLID[1])
    solid[0] = False
    kept = {int(groups[y, x]) for x, y in pieces[solid][:, :2] + pieces[solid][:, 2:4] // 2} - {0}
    boxes = []
    for x, y, w, h, _area in outer[sorted(kept)].tolist():
        more = min(REACH, round(AROUND * max(w, h)))
        left, top = max(0, x - more), max(0, y - more)
        boxes.append((left, top, min(width, x + w + more) - left, min(height, y + h + more) - top))
    return _joined(boxes)


def _joined(boxes: list[tuple[int, int, int, int]]) -> tuple[tuple[int, int, int, int], ...]:
    """Boxes that share ground are one box when that costs no more area than looking at both."""
    for i, (ax, ay, aw, ah) in enumerate(boxes):
        for j, (bx, by, bw, bh) in enumerate(boxes[i + 1 :], start=i + 1):
            x, y = min(ax, bx), min(ay, by)
            w, h = max(ax + aw, bx + bw) - x, max(ay + ah, by + bh) - y
            if w * h <= aw * ah + bw * bh:
                others = [box for k, box in enumerate(boxes) if k not in (i, j)]
                return _joined([*others, (x, y, w, h)])
    return tuple(boxes)
