"""Rectangles of ink of any colour that hang together: photocopied name chops and strips, and boxes that are none. Pure."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.blobs import Blob, disc, inner
from mangping_redaction.finders.seal.ink import Sheet
from mangping_redaction.finders.seal.look import WORN_MM, Ink, above, around, look, tilt

SIDES_MM = (9.0, 95.0)  # of an upright box round the rectangle, turned ones and sheets' wrong sizes included
LEAST_MM = 8.0
TEXT_MM = 5.2  # lines of text that run into a rectangle are lower
CORNER_MM = 1.4  # what opening takes from a corner
SOLID = 0.78  # of its rectangle, when filled
FEW = 4 * 65_000  # pixels: patches that do not touch are fewer than a quarter of them
HEM_MM = 2.0  # the thickest stroke of a frame is thinner
_ALONG = np.linspace(0.1, 0.9, 24, dtype=np.float32)[:, None]
LIGHT, DEEP = 0.45, 0.7  # of the usual ink: paper below, ink above


class Box(Blob):
    """A rectangle of ink of any colour; what is inside it tells a chop from a picture."""

    @cached_property
    def _strokes(self) -> tuple[Ink, float]:
        """(40, 40) ink inside, and how strong the strokes are."""
        inside = look(self.inks.tint, inner(self.rect, 40, 0.08) - 0.5)
        return inside, float(np.percentile(inside, 85))

    @cached_property
    def paper(self) -> float:
        """Share of its inside that is bare."""
        inside, usual = self._strokes
        return float((inside < LIGHT * usual).mean())

    @cached_property
    def quarter(self) -> float:
        """Share of what is not full ink, of the quarter with least of it: thin strokes cut into a block are grey."""
        inside, usual = self._strokes
        return float((inside < DEEP * usual).reshape(2, 20, 2, 20).mean((1, 3)).min())

    @cached_property
    def between(self) -> float:
        """Share of its inside that is neither paper nor ink, as most of a photograph is."""
        inside, usual = self._strokes
        return float(((inside >= LIGHT * usual) & (inside < DEEP * usual)).mean())

    @cached_property
    def written(self) -> float:
        """Share of its length that has ink between its long sides."""
        wet = look(self.inks.tint, inner(self.rect, 40, 0.12) - 0.5) > 0.3 * self.weight
        a, b = (np.hypot(*(self.rect[k] - self.rect[0])) for k in (1, 3))
        return float((wet.mean(1 if a > b else 0) > 0.03).mean())

    @cached_property
    def weight(self) -> float:
        """How much ink its strokes hold, 0..255."""
        return float(np.percentile(self.inks.tint[self.window][self.own > 0], 80))

    @cached_property
    def hem(self) -> float:
        """Ink HEM_MM within its sides over that of its strokes: a coloured ground that ends there fades, a stroke is over."""
        a, b, c, d = self.rect
        inward = (
            HEM_MM * self.inks.mm * np.array([b - a, c - b]) / np.linalg.norm([b - a, c - b], axis=1, keepdims=True)
        )
        within = np.array([a + inward.sum(0), b + inward[1] - inward[0], c - inward.sum(0), d - inward[1] + inward[0]])
        along = within[:, None] + _ALONG * (np.roll(within, -1, axis=0) - within)[:, None]
        return float(np.median(look(self.inks.tint, along.astype(np.float32) - 0.5)) / max(self.weight, 1.0))

    @cached_property
    def redness(self) -> float:
        """Red ink over all ink."""
        return cv2.mean(self.inks.red[self.window], self.own)[0] / max(
            cv2.mean(self.inks.tint[self.window], self.own)[0], 1.0
        )

    @cached_property
    def colour(self) -> float:
        """Red, blue or purple ink over all ink: a code's is black."""
        coloured = max(cv2.mean(map_[self.window], self.own)[0] for map_ in (self.inks.red, self.inks.cool))
        return coloured / max(cv2.mean(self.inks.tint[self.window], self.own)[0], 1.0)

    @cached_property
    def tilt(self) -> float:
        """Degrees clockwise of its sides against the page's, -45..45."""
        return tilt(self.rect[1] - self.rect[0])


def boxes(inks: Sheet, ink: Ink, half: Ink, level: int) -> list[Box]:
    """Everything that, filled and rid of text running into it, is a rectangle at least 8 mm by 9; the longest first.

    `ink` is the map they are looked for in, `half` the same half as large.
    """
    small = above(half, level)
    mm = inks.mm / 2
    close = np.ones((max(1, round(WORN_MM * mm)),) * 2, np.uint8)
    joined = np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, close), np.uint8)
    few = joined.size < FEW  # short labels are counted twice as fast
    _, labels_, stats, _ = cv2.connectedComponentsWithStats(joined, ltype=cv2.CV_16U if few else cv2.CV_32S)
    labels: NDArray[np.integer] = np.asarray(labels_, np.uint16 if few else np.int32)
    wide, high, area = stats[:, 2], stats[:, 3], stats[:, 4]
    low, top = np.minimum(wide, high) / mm, np.maximum(wide, high) / mm
    fitting = (low > LEAST_MM) & (top > SIDES_MM[0]) & (top < SIDES_MM[1]) & (area > 0.1 * wide * high)
    fitting[0] = False
    mask = above(ink, level)
    found = [_box(labels, number, stats[number], mask, inks, level) for number in np.flatnonzero(fitting)]
    return sorted((box for box in found if box), key=lambda b: -b.long)


def _box(
    labels: NDArray[np.integer], number: int, stat: NDArray[np.int32], mask: Ink, inks: Sheet, level: int
) -> Box | None:
    """The patch of a number in the half-sized labels, if it is a rectangle."""
    x, y, w, h = stat[:4].tolist()
    solid = _filled((labels[y : y + h, x : x + w] == number).astype(np.uint8), TEXT_MM * inks.mm / 2)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    largest = max(contours, key=cv2.contourArea)
    _, (a, b), _ = cv2.minAreaRect(largest)
    area = cv2.contourArea(largest) + 0.5 * cv2.arcLength(largest, True) + 1  # contours run through pixels' middles
    if min(a, b) + 1 < LEAST_MM * inks.mm / 2 or area < SOLID * (a + 1) * (b + 1):
        return None
    window = (slice(2 * y, 2 * (y + h)), slice(2 * x, 2 * (x + w)))
    near = np.asarray(cv2.dilate(solid, disc(CORNER_MM * inks.mm)), np.uint8)  # twice as far in half as many pixels
    near = near.repeat(2, axis=0).repeat(2, axis=1)[: mask.shape[0] - 2 * y, : mask.shape[1] - 2 * x]
    own = np.asarray(cv2.bitwise_and(np.ascontiguousarray(mask[window]), np.ascontiguousarray(near)), np.uint8)
    if not own.any():
        return None
    return Box(own, window, inks, 0.6 * level, around(own), any_ink=True)


def _filled(own: Ink, thin: float) -> Ink:
    """The patch with its holes filled, and without what sticks out of it and is thin: 255 inside."""
    rim = int(thin) + 1
    padded = cv2.copyMakeBorder(own, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(0,))
    contours, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(padded, contours, -1, (255,), cv2.FILLED)
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, disc(thin))
    return np.asarray(opened[rim:-rim, rim:-rim], np.uint8)
