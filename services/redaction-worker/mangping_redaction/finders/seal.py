"""Finds seals: red, blue and photocopied; round, oval, square; whole, cut off, faint, under text. Sizes are millimetres.

Looks at one small copy of the page: frames and rings in red ink, other red shapes, then rings and frames in ink of any colour.
A ring proves itself (a stroke nearly all the way round, with paper on both sides); what is neither ring nor frame must be small and
dense, or stand at the edge, and never in a row with its like, as the characters of a red headline do.
"""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.finders.seal_arcs import Floats
from mangping_redaction.finders.seal_blobs import Blob, blobs
from mangping_redaction.finders.seal_ink import Ink, Sheet, sheet
from mangping_redaction.finders.seal_rings import Ring, rings
from mangping_redaction.page import Finding, Found, Page, Polygon

FINDER = "seal"
SUSPECT = "seal_suspect"
RED = 8  # the faintest red ink looked at, of 255
DARK = 42  # the faintest ink of a photocopied seal
SCANT_MM2 = 4.0  # less red than this on a page is no seal
PAD_MM = 0.5  # beyond the rim: the blur of the scan
SMALL_SHARE = 0.03  # of the page: what is small enough to cover when in doubt


def find_seals(page: Page) -> Found:
    """Every seal on the page as a polygon around its whole outline; `seal_suspect` when something may be one."""
    inks = sheet(page)
    search = _Search(inks)
    for level in _levels(inks):
        search.red(level)
    search.any_ink()
    return Found(tuple(search.found), tuple(search.doubts))


class _Search:
    """One page's findings so far, and the ground they have taken: nothing is found twice."""

    def __init__(self, inks: Sheet) -> None:
        self.inks = inks
        self.taken = np.zeros_like(inks.red)
        self.found: list[Finding] = []
        self.doubts: list[str] = []

    def red(self, level: int) -> None:
        inks = self.inks
        self._blobs(level, framed=True)
        for ring in rings(self._free(inks.red), level, inks.mm, hidden=inks.dark):
            if _is_red_ring(ring, inks.mm):
                self._ring(ring, "red ring")
        self._blobs(level, framed=False)

    def _blobs(self, level: int, *, framed: bool) -> None:
        inks = self.inks
        every = sorted(blobs(self._free(inks.red), inks.dark, level, inks.mm), key=lambda b: -b.long)
        for blob in every:
            why = _framed(blob, every) if framed else _shape(blob, every)
            if why and not self._is_taken(blob):
                shape = blob.hull if why == "red shape at the edge" else blob.rect
                self._add(_grown(shape, PAD_MM * inks.mm), 0.8, why)

    def any_ink(self) -> None:
        inks = self.inks
        for ring in rings(self._free(inks.tint), DARK, inks.mm, least_mm=6.0):
            if _is_grey_ring(ring, inks.mm):
                self._ring(ring, "ring")

    def _is_taken(self, blob: Blob) -> bool:
        x, y = np.int32(blob.centre)
        return bool(self.taken[min(y, self.taken.shape[0] - 1), min(x, self.taken.shape[1] - 1)])

    def _free(self, ink: Ink) -> Ink:
        return np.asarray(cv2.subtract(ink, self.taken), np.uint8)

    def _ring(self, ring: Ring, why: str) -> None:
        self._add(ring.polygon(PAD_MM * self.inks.mm) + 0.5, ring.coverage, why)

    def _add(self, outline: Floats, confidence: float, why: str) -> None:
        cv2.fillPoly(self.taken, [np.int32(np.round((outline - 0.5) * 16))], 255, shift=4)
        polygon: Polygon = (outline / self.inks.scale).astype(np.float32)
        self.found.append(Finding("seal", polygon, round(min(1.0, confidence), 2), FINDER, why))


def _levels(inks: Sheet) -> list[int]:
    """Thresholds worth a look: faint ink first, then what stands out from a reddish ground; none on a page without red."""
    base = int(np.clip(5 * inks.noise, RED, 28))
    counts = np.cumsum(cv2.calcHist([inks.red], [0], None, [256], [0, 256])[::-1, 0])[::-1]
    least = SCANT_MM2 * inks.mm**2
    levels: list[int] = []
    for level in (base, round(2.2 * base), round(5 * base), round(11 * base)):
        if level < 255 and counts[level] > least and (not levels or counts[level] < 0.75 * counts[levels[-1]]):
            levels.append(level)
    return levels


def _is_red_ring(ring: Ring, mm: float) -> bool:
    long = 2 * max(ring.axes) / mm
    if long < 12 or long > 75:
        return False
    return ring.coverage > (0.72 if ring.seen > 0.6 and long > 24 else 0.82)


def _is_grey_ring(ring: Ring, mm: float) -> bool:
    long = 2 * max(ring.axes) / mm
    return 18 < long < 70 and ring.coverage > 0.78 and ring.seen > 0.3


def _framed(blob: Blob, every: list[Blob]) -> str:
    """Why a patch is a seal with a frame, or an empty string."""
    if not (6 < blob.short and blob.long < 60 and blob.long < 3.6 * blob.short and blob.boxed > 0.8):
        return ""
    worst, mean = blob.frame
    strong = worst > 0.75 and mean > 0.88
    if not strong and not (worst > 0.55 and mean > 0.75):
        return ""
    if _in_a_row(blob, every, framed=strong):
        return ""
    if blob.core > 0.45:
        return "red block" if blob.long < 30 and blob.relief > 0.2 and worst > 0.8 else ""
    return "red frame"


def _shape(blob: Blob, every: list[Blob]) -> str:
    """Why a patch without a frame or a proved ring is taken for a seal all the same, or an empty string."""
    if blob.core > 0.3 or _in_a_row(blob, every, framed=False):
        return ""
    if 0.92 < blob.oval < 1.12 and 10 < blob.short and blob.long < min(75, 1.9 * blob.short) and blob.rim > 0.6 and blob.fill < 0.65:
        return "red oval"
    if 7 < blob.short and blob.long < min(30, 1.7 * blob.short) and blob.grid > 0.83 and 0.2 < blob.fill < 0.75 and blob.boxed > 0.75:
        return "dense red patch"
    if blob.edge and 12 < blob.long < 60 and blob.long < 8 * blob.short and 0.08 < blob.fill < 0.7:
        return "red shape at the edge"
    return ""


def _in_a_row(blob: Blob, every: list[Blob], *, framed: bool) -> bool:
    """Whether another patch of about the same height stands beside or below it: characters of one line.

    Two framed patches side by side are two name chops; `framed` leaves such neighbours out.
    """
    for other in every:
        if other is blob or not (0.6 < other.long / blob.long < 1.6 and 0.5 < other.short / blob.short < 2):
            continue
        if framed and other.frame[0] > 0.75 and other.frame[1] > 0.88:
            continue
        across, down = np.abs(other.centre - blob.centre)
        size = np.ptp(blob.rect, axis=0).max()
        if min(across, down) < 0.3 * size and max(across, down) < 5 * size:
            return True
    return False


def _grown(shape: Floats, pad: float) -> Floats:
    """The convex shape with every corner moved outward, its sides by about `pad`."""
    away = shape - shape.mean(0)
    return shape + away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-3) * pad * 1.41
