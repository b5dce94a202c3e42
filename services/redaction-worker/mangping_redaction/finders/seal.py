"""Finds seals: red, blue and photocopied; round, oval, square; whole, cut off, faint, under text. Sizes are millimetres.

Three looks at one small copy of the page: rings in red ink, other shapes in red ink, and rings in ink of any colour. A ring proves
itself (a stroke nearly all the way round, with paper on both sides); other red shapes must be framed, or oval, or stand at the edge.
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
RED = 16  # the faintest red ink looked at, of 255
DARK = 42  # the faintest ink of a photocopied seal
SCANT_MM2 = 4.0  # less red than this on a page is no seal
PAD_MM = 0.5  # beyond the rim: the blur of the scan


def find_seals(page: Page) -> Found:
    """Every seal on the page as a polygon around its whole outline; `seal_suspect` when something may be one."""
    inks = sheet(page)
    found: list[Finding] = []
    doubts: list[str] = []
    taken = np.zeros_like(inks.red)
    for level in _levels(inks):
        for ring in rings(_free(inks.red, taken), level, inks.mm, hidden=inks.dark):
            if _is_red_ring(ring, inks.mm):
                found.append(_ring_finding(ring, inks, "red ring"))
                _take(taken, found[-1].polygon * inks.scale)
        red = _free(inks.red, taken)
        every = blobs(red, inks.dark, level, inks.mm)
        for blob in every:
            why = _red_shape(blob, every)
            if why:
                found.append(_blob_finding(blob, inks, why))
                _take(taken, found[-1].polygon * inks.scale)
    for ring in rings(_free(inks.tint, taken), DARK, inks.mm, least_mm=6.0):
        if _is_grey_ring(ring, inks.mm):
            found.append(_ring_finding(ring, inks, "ring"))
            _take(taken, found[-1].polygon * inks.scale)
    return Found(tuple(found), tuple(doubts))


def _levels(inks: Sheet) -> list[int]:
    """Thresholds worth a look: faint ink first, then what stands out from a reddish ground; none on a page without red."""
    base = int(np.clip(RED + 4 * (inks.noise - 1), RED, 40))
    counts = np.cumsum(cv2.calcHist([inks.red], [0], None, [256], [0, 256])[::-1, 0])[::-1]
    least = SCANT_MM2 * inks.mm**2
    levels: list[int] = []
    for level in (base, round(2.2 * base), round(4.5 * base)):
        if level < 255 and counts[level] > least and (not levels or counts[level] < 0.75 * counts[levels[-1]]):
            levels.append(level)
    return levels


def _is_red_ring(ring: Ring, mm: float) -> bool:
    long = 2 * max(ring.axes) / mm
    if long < 12 or long > 75:
        return False
    return ring.coverage > 0.72 if ring.seen > 0.6 else ring.coverage > 0.8


def _is_grey_ring(ring: Ring, mm: float) -> bool:
    long = 2 * max(ring.axes) / mm
    if long < 18 or long > 70:
        return False
    return ring.coverage > 0.78 and ring.seen > 0.3


def _red_shape(blob: Blob, every: list[Blob]) -> str:
    """What speaks for a seal, or an empty string."""
    if blob.core > 0.5:
        return ""
    if blob.frame[0] > 0.5 and blob.frame[1] > 0.7 and 6 < blob.short and blob.long < 60 and blob.long < 3.6 * blob.short:
        return "red frame"
    if 0.93 < blob.oval < 1.1 and 10 < blob.short and blob.long < 75 and blob.long < 1.9 * blob.short and 0.05 < blob.fill < 0.65:
        return "red oval"
    if blob.edge and 12 < blob.long < 75 and blob.fill > 0.06:
        return "red shape at the edge"
    return ""


def _free(ink: Ink, taken: Ink) -> Ink:
    return np.asarray(cv2.subtract(ink, taken), np.uint8)


def _take(taken: Ink, polygon: Polygon) -> None:
    cv2.fillPoly(taken, [np.int32(np.round((polygon - 0.5) * 16))], 255, shift=4)


def _ring_finding(ring: Ring, inks: Sheet, why: str) -> Finding:
    outline = ring.polygon(PAD_MM * inks.mm) + 0.5
    return Finding("seal", (outline / inks.scale).astype(np.float32), round(min(1.0, ring.coverage), 2), FINDER, why)


def _blob_finding(blob: Blob, inks: Sheet, why: str) -> Finding:
    shape = blob.rect if why == "red frame" else blob.hull
    return Finding("seal", (_grown(shape, PAD_MM * inks.mm) / inks.scale).astype(np.float32), 0.8, FINDER, why)


def _grown(shape: Floats, pad: float) -> Floats:
    """The convex shape with every corner moved outward by about `pad`."""
    away = shape - shape.mean(0)
    return shape + away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-3) * pad * 1.3
