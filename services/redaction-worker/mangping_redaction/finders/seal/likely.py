"""What a small network says of a page: how likely a seal lies where. It was taught on drawn pages (`bench/seal_net`).

It sees what no rule of shape does: seals in the ink of the print, pressed without ink, half on portraits; and it tells
badges and stains from seals. Outlines it knows to a millimetre only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from mangping_redaction.copies import brought_near
from mangping_redaction.finders.seal.look import Floats, Ink, fill, hull
from mangping_redaction.page import Page, Polygon
from mangping_redaction.runtime import pixel_network

LONGER = 640  # pixels of the page's longer side, as the network takes it: 2.15 a millimetre of A4
CANVASES = ((640, 480), (480, 640), (640, 640))  # (height, width) that it takes, smallest first
CELL = 4  # pixels a side, for which there is one answer
LIKELY = 0.5  # where a seal is
NONE = 0.02  # and what no page stays below that bears a ring: 430 of thirteen sets
PEAK = 0.95  # what a seal reaches somewhere
CHOP_MM2 = 20.0  # the smallest chop, or what shows of a seal beside another
LEAST_MM2 = 20.0  # of what is seen beside what is known: less is the rim of that
ONE = 0.94  # of its hull, what a single seal fills


@dataclass(frozen=True, slots=True, eq=False)
class Likely:
    """`share` (h, w) of 0..1; `scale` of its pixels for one of the page's, `mm` for a millimetre."""

    share: Floats
    scale: float
    mm: float

    @property
    def anywhere(self) -> bool:
        """Whether a seal may lie on the page at all."""
        return bool(self.share.max() > NONE)

    def places(self, known: Ink) -> Iterator[tuple[Polygon, float]]:
        """Each place where one is and not all is `known` (255), in pixels of the page, and how likely at the most.

        Several that overlap are one place, whose hull holds much else: of such only what is not known.
        """
        there = np.asarray(cv2.threshold(self.share, LIKELY, 1, cv2.THRESH_BINARY)[1], np.uint8)
        bare = np.asarray(there * (known == 0), np.uint8)
        for contour in _outlines(there):
            around = hull([contour])
            whole = np.zeros(there.shape, np.uint8)
            cv2.fillPoly(whole, [contour.astype(np.int32)], (1,))
            left = np.asarray(cv2.bitwise_and(whole, bare), np.uint8)
            if cv2.countNonZero(left) < LEAST_MM2 * self.mm**2:
                continue
            one = cv2.contourArea(contour) > ONE * cv2.contourArea(around)
            for outline in [around] if one else [hull([part]) for part in _outlines(left)]:
                large = cv2.contourArea(outline) > CHOP_MM2 * self.mm**2
                if large and (peak := self._most(outline)) > PEAK:
                    yield (_widened(outline) / self.scale).astype(np.float32), peak

    def most(self, place: Polygon) -> float:
        """How likely one is at the most within a place on the page."""
        return self._most(np.asarray(place * self.scale, np.float32))

    def _most(self, outline: Floats) -> float:
        mask = np.zeros(self.share.shape, np.uint8)
        fill(mask, outline + 0.5)
        return float(cv2.minMaxLoc(self.share, mask)[1])


def _outlines(mask: Ink) -> list[Floats]:
    """(n, 2) around each piece."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [contour[:, 0].astype(np.float32) for contour in contours]


def _widened(around: Floats) -> Floats:
    """The hull of pixels as one of their outer corners, and a little more: covers must reach beyond the rim."""
    square = np.array([(-1, -1), (2, -1), (2, 2), (-1, 2)], np.float32)
    return hull([around + corner for corner in square])


def likely(page: Page) -> Likely:
    """How likely a seal lies where on the page."""
    scale = LONGER / max(page.size)
    pixels, (width, height) = brought_near(page.pixels, scale, page.copies.half)
    canvas = next(c for c in CANVASES if c[0] >= height and c[1] >= width)
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)
    whole = cv2.copyMakeBorder(small, 0, canvas[0] - height, 0, canvas[1] - width, cv2.BORDER_REPLICATE)
    (answer,) = pixel_network("seal", size=canvas)(whole[None])
    share = cv2.resize(answer[0, 0], canvas[::-1], interpolation=cv2.INTER_LINEAR)
    return Likely(np.ascontiguousarray(share[:height, :width], np.float32), scale, page.dpi * scale / 25.4)
