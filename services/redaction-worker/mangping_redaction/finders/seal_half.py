"""Frames that run under a portrait or a code: square seals and chops of which only a part shows. Pure.

What hides the rest closes the outline: filled together, less what hides it, is the part that shows. Its sides must be
strokes wherever they can be seen, and some of them must not be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal_blobs import disc
from mangping_redaction.finders.seal_boxes import GAP_MM, TEXT_MM
from mangping_redaction.finders.seal_look import Floats, Ink, above, look

SIDES_MM = (9.0, 85.0)  # of the part that shows; a card may be taken for a sheet
SLIM = 2.5
SLIVER_MM = 2.2  # narrower is an edge of the picture that its map left out
CLEAR = 0.3  # of a side: less tells nothing of it
STEPS = 48  # along a side
DEPTHS_MM = np.arange(-0.45, 2.6, 0.3)
_ALONG = (np.arange(STEPS, dtype=np.float32) + 0.5) / STEPS
_ENDS = np.stack(np.meshgrid(*[np.arange(len(DEPTHS_MM) - 2)] * 2), -1).reshape(-1, 2)
_LINES = np.rint(_ENDS[:, :1] + (_ENDS[:, 1:] - _ENDS[:, :1]) * _ALONG).astype(int)  # (lines, along): depths


@dataclass(frozen=True, slots=True)
class Side:
    """The best straight line along one side: which share of what lies open is ink, and which share lies open."""

    inked: float
    open: float
    weight: float  # of its ink, 0..255


class Half:
    """A rectangle (4, 2) in working pixels around a frame that runs under something. Lengths in mm, shares 0..1."""

    def __init__(self, shape: NDArray[np.int32], ink: Ink, hide: Ink, level: int, mm: float) -> None:
        """`shape`: outline in half as many pixels of what shows."""
        centre, (w, h), turn = cv2.minAreaRect(shape)
        self.rect: Floats = (np.asarray(cv2.boxPoints((centre, (w + 1, h + 1), turn)), np.float32) * 2 + 1).astype(
            np.float32
        )
        self.long, self.short = 2 * (max(w, h) + 1) / mm, 2 * (min(w, h) + 1) / mm
        self._shape, self._ink, self._hide, self._level, self._mm = shape, ink, hide, level, mm

    @property
    def tilt(self) -> float:
        """Degrees clockwise of its sides against the page's, -45..45."""
        side = self.rect[1] - self.rect[0]
        return float((np.rad2deg(np.arctan2(side[1], side[0])) + 45) % 90 - 45)

    @cached_property
    def solid(self) -> float:
        """Share of the rectangle that is the part that shows, or hidden."""
        whole, own = np.zeros_like(self._hide), self._hide.copy()
        cv2.fillConvexPoly(whole, np.round(self.rect).astype(np.int32), (255,))
        cv2.drawContours(own, [self._shape * 2], 0, (255,), cv2.FILLED)
        return cv2.countNonZero(cv2.bitwise_and(own, whole)) / max(cv2.countNonZero(whole), 1)

    @cached_property
    def sides(self) -> tuple[Side, ...]:
        middle, depths = self.rect.mean(0), (DEPTHS_MM * self._mm).astype(np.float32)
        return tuple(
            self._side(a, b, middle, depths) for a, b in zip(self.rect, np.roll(self.rect, -1, 0), strict=True)
        )

    @property
    def frame(self) -> tuple[float, float]:
        """(worst, mean) share of ink along the sides that can be seen."""
        told = [side.inked for side in self.sides if side.open > CLEAR]
        return (min(told), float(np.mean(told))) if told else (0.0, 0.0)

    @property
    def shown(self) -> float:
        """Share of its round that lies open."""
        return float(np.mean([side.open for side in self.sides]))

    @property
    def weight(self) -> float:
        """How much ink its sides hold, 0..255."""
        return float(np.median([side.weight for side in self.sides if side.open > CLEAR] or [255.0]))

    def _side(self, a: Floats, b: Floats, middle: Floats, depths: Floats) -> Side:
        inward = middle - (a + b) / 2
        inward /= max(float(np.linalg.norm(inward)), 1e-3)
        spots = a + _ALONG[:, None, None] * (b - a) + depths[None, :, None] * inward
        ink, here = look(self._ink, spots), np.arange(STEPS)
        wet = ink > 0.8 * self._level
        wet = wet[:, :-2] | wet[:, 1:-1] | wet[:, 2:]
        clear = (look(self._hide, spots) == 0)[:, 1:-1][here, _LINES]
        inked = (wet[here, _LINES] & clear).sum(1) / np.maximum(clear.sum(1), STEPS * CLEAR)
        best = int(inked.argmax())
        return Side(float(inked[best]), float(clear[best].mean()), float(np.percentile(ink.max(1), 60)))


def halves(ink: Ink, hide: Ink, level: int, mm: float) -> list[Half]:
    """What may be a frame in ink above `level` and touches `hide` (255 where something lies over it or under it)."""
    size = max(1, ink.shape[1] // 2), max(1, ink.shape[0] // 2)
    small = above(np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8), level)
    over = np.asarray(cv2.resize(hide, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    close = np.ones((max(1, round(GAP_MM * mm / 2)),) * 2, np.uint8)
    joined = np.asarray(cv2.morphologyEx(cv2.max(small, over), cv2.MORPH_CLOSE, close), np.uint8)
    count, labels = cv2.connectedComponents(joined)
    touching = np.zeros(count, np.uint8)
    touching[np.unique(labels[over > 0])] = 255
    contours, _ = cv2.findContours(touching[labels], cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    filled = cv2.drawContours(np.zeros_like(over), contours, -1, (255,), cv2.FILLED)
    whole = cv2.morphologyEx(filled, cv2.MORPH_OPEN, disc(TEXT_MM * mm / 2))
    shown = cv2.morphologyEx(cv2.subtract(whole, over), cv2.MORPH_OPEN, disc(SLIVER_MM * mm / 2))
    shapes, _ = cv2.findContours(shown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = [Half(np.asarray(shape, np.int32), ink, hide, level, mm) for shape in shapes if len(shape) > 3]
    return [h for h in found if h.short > SIDES_MM[0] and h.long < min(SIDES_MM[1], SLIM * h.short)]
