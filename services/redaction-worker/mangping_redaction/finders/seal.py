"""Finds seals: red, blue and photocopied; round, oval, square; whole, cut off, faint, under text. Sizes in millimetres.

Looks at one small copy of the page: frames and rings in red ink, other red shapes, then rings in ink of any colour.
A ring proves itself (a stroke nearly all the way round, with paper on both sides); what is neither ring nor frame must
be small and dense, or stand at the edge, and never in a row with its like, as characters of a red headline do.
"""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.finders.seal_blobs import Blob, blobs
from mangping_redaction.finders.seal_ink import Sheet, sheet
from mangping_redaction.finders.seal_look import Floats, Ink, fill, hull, look, without
from mangping_redaction.finders.seal_rings import Ring, rings
from mangping_redaction.page import Finding, Found, Page, Polygon

FINDER = "seal"
SUSPECT = "seal_suspect"
CHOP_MM = (9.0, 30.0)
RED = 8  # the faintest red ink looked at, of 255
DARK = (16, 48)  # photocopied seals: faint ones, and those on a grey ground
SCANT_MM2 = 4.0  # less red than this on a page is no seal
PAD_MM = 0.6  # beyond the rim: the blur of the scan
SMALL_SHARE = 0.03  # of the page: what is small enough to cover when in doubt
FRAME_SHARE = 0.15  # the same for what has a frame
READ = 0.85  # mean confidence of a line of print
GOLD = 0.45  # gold over red: skin, wood and gilding have more
RING_MM = 12.0
ROUNDS = 2  # a seal over another shows only when that is gone
SURE = 0.9  # coverage of a ring beyond doubt


def find_seals(page: Page) -> Found:
    """Every seal on the page as a polygon around its whole outline; `seal_suspect` when something may be one."""
    inks = sheet(page)
    search = _Search(inks, page)
    for level in ink_levels(inks):
        search.red(level)
    for level in DARK:
        search.any_ink(level)
    search.beside_photos(photos(page, inks))
    return Found(tuple(search.found), (SUSPECT,) if search.suspect else ())


class _Search:
    """One page's findings so far, and the ground they have taken: nothing is found twice."""

    def __init__(self, inks: Sheet, page: Page) -> None:
        self.inks = inks
        self.lines = page.lines
        self.taken = photos(page, inks)
        self.found: list[Finding] = []
        self.suspect = False

    def red(self, level: int) -> None:
        """Frames first (a square has much of a ring), then rings, then what is neither."""
        every = blobs(self.inks, self.taken, level)
        if not every:
            return
        before = len(self.found)
        for blob in every:
            self._blob(blob, _framed(blob, every))
        for _ in range(ROUNDS if every[0].long > RING_MM else 0):
            known = len(self.found)
            hidden = np.maximum(self.inks.dark, self.taken)
            for ring in rings(without(self.inks.red, self.taken), level, self.inks.mm, hidden=hidden):
                if _is_red_ring(ring, self.inks) and not _in_a_headline(ring, every, self.inks.mm):
                    self._ring(ring, "red ring", every)
            if len(self.found) == known:
                break
        rest = every if len(self.found) == before else blobs(self.inks, self.taken, level)
        for blob in rest:
            self._blob(blob, _shape(blob, rest))

    def any_ink(self, level: int) -> None:
        """Name chops that hang together with nothing else, then rings."""
        if ink_levels(self.inks):
            return  # in colour a chop is red; only on a copy must it be told from print by its frame
        every = blobs(self.inks, self.taken, level, CHOP_MM[0], any_ink=True)
        for blob in every:
            self._blob(blob, _chop(blob, every))
        hidden = self.taken if self.taken.any() else None
        for ring in rings(without(self.inks.tint, self.taken), level, self.inks.mm, hidden=hidden, least_mm=6.0):
            if _is_grey_ring(ring, self.inks.mm):
                self._ring(ring, "ring", [])

    def beside_photos(self, portraits: Ink) -> None:
        """Red ink that runs under a portrait and was not taken for a seal: what shows of it is covered, a human looks."""
        if not portraits.any():
            return
        for blob in blobs(self.inks, self.taken, min(ink_levels(self.inks), default=RED)):
            edge = np.round(_grown(blob.rect, self.inks.mm)).astype(np.int32)
            touched = np.zeros_like(portraits)
            cv2.fillConvexPoly(touched, edge, 255)
            if RING_MM < blob.long < 60 and blob.gold < GOLD and (touched & portraits).any():
                self._add(_grown(blob.rect, PAD_MM * self.inks.mm), 0.6, "red ink under a portrait")
                self.suspect = True

    def _blob(self, blob: Blob, why: str) -> None:
        if not why or look(self.taken, blob.centre[None, None])[0, 0] or self._is_read(blob):
            return
        share = blob.long * blob.short * self.inks.mm**2 / self.taken.size
        if share > (FRAME_SHARE if why.endswith("frame") else SMALL_SHARE):
            self.suspect = True
            return
        shape = blob.hull if why == "red shape at the edge" else blob.rect
        self._add(_grown(shape, PAD_MM * self.inks.mm), 0.8, why)

    def _is_read(self, blob: Blob) -> bool:
        """Whether a much longer line of well-read text of its height runs through the patch."""
        place, mm = blob.centre / self.inks.scale, self.inks.mm / self.inks.scale
        fitting = (
            e for e in self.lines if 0.6 * blob.short < e.height / mm < 2 * blob.short and e.length > 2 * blob.long * mm
        )
        return any(e.score > READ and cv2.pointPolygonTest(e.polygon, place.tolist(), False) >= 0 for e in fitting)

    def _ring(self, ring: Ring, why: str, every: list[Blob]) -> None:
        outline = ring.polygon(PAD_MM * self.inks.mm) + 0.5
        if ring.coverage < SURE:
            if self._overlap(outline) > 0.8:  # a chance ring through the strokes of a proved one
                return
            about = [b.hull for b in every if b.long < 3 * max(ring.axes) / self.inks.mm and _holds(b, ring)]
            outline = hull([outline, *about])  # it may be a square after all
        self._add(outline, ring.coverage, why)

    def _overlap(self, outline: Floats) -> float:
        mask = np.zeros_like(self.taken)
        fill(mask, outline)
        return cv2.countNonZero(mask & self.taken) / max(cv2.countNonZero(mask), 1)

    def _add(self, outline: Floats, confidence: float, why: str) -> None:
        fill(self.taken, outline)
        polygon: Polygon = (outline / self.inks.scale).astype(np.float32)
        self.found.append(Finding("seal", polygon, round(min(1.0, confidence), 2), FINDER, why))


def photos(page: Page, inks: Sheet) -> Ink:
    """A map of the portraits, as wide as photos are about a face: what a seal does on one cannot be seen."""
    mask = np.zeros_like(inks.red)
    for finding in page.findings:
        if finding.cls == "face":
            low, high = finding.polygon.min(axis=0), finding.polygon.max(axis=0)
            size = high - low
            low, high = (low - size * (0.4, 0.5)) * inks.scale, (high + size * (0.4, 0.8)) * inks.scale
            cv2.rectangle(mask, low.astype(int).tolist(), high.astype(int).tolist(), 255, -1)
    return mask


def ink_levels(inks: Sheet) -> list[int]:
    """Thresholds worth a look: faint ink first, then what stands out from a reddish ground; none on a page without red.

    The faintest lies above the noise of the page.
    """
    base = int(np.clip(5 * inks.noise, RED, 28))
    counts = np.cumsum(cv2.calcHist([inks.red], [0], None, [256], [0, 256])[::-1, 0])[::-1]
    least = SCANT_MM2 * inks.mm**2
    levels: list[int] = []
    for level in (base, round(2.2 * base), round(5 * base), round(11 * base)):
        if level < 255 and counts[level] > least and (not levels or counts[level] < 0.75 * counts[levels[-1]]):
            levels.append(level)
    return levels


def _is_red_ring(ring: Ring, inks: Sheet) -> bool:
    long = 2 * max(ring.axes) / inks.mm
    if long < RING_MM or long > 75:
        return False
    along = ring.polygon(-ring.stroke, corners=96)[None]
    if look(inks.gold, along).mean() > GOLD * look(inks.red, along).mean():
        return False
    return ring.coverage > (0.78 if ring.seen > 0.6 and long > 24 else 0.84)


def _is_grey_ring(ring: Ring, mm: float) -> bool:
    long = 2 * max(ring.axes) / mm
    slim = max(ring.axes) > 1.65 * min(ring.axes)
    return 18 < long < 70 and not slim and ring.coverage > 0.8 and ring.seen > 0.3


def _in_a_headline(ring: Ring, every: list[Blob], mm: float) -> bool:
    """Whether a small ring is only bent strokes of a line of large red characters."""
    long = 2 * max(ring.axes) / mm
    if long > 26 or ring.coverage > SURE:
        return False
    inside = [b for b in every if _holds(b, ring)]
    return any((b.long > 1.8 * long and b.short < 1.6 * long) or stands_in_a_row(b, every) for b in inside)


def _holds(blob: Blob, ring: Ring) -> bool:
    return bool(cv2.pointPolygonTest(blob.rect, ring.centre, False) >= 0)


def _framed(blob: Blob, every: list[Blob]) -> str:
    """Why a patch is a seal with a frame, or an empty string."""
    sized = blob.short > 6 and blob.long < min(60, 3.6 * blob.short)
    if not sized or blob.boxed < 0.8 or blob.gold > GOLD:
        return ""
    worst, mean = blob.frame
    if worst < 0.55 or mean < 0.75 or stands_in_a_row(blob, every, framed=_strong(blob)):
        return ""
    if blob.core > max(0.1, 0.6 * blob.fill) or blob.core > 0.45:
        block = blob.short > 8 and blob.long < min(30, 1.5 * blob.short) and blob.relief > 0.2 and worst > 0.8
        return "red block" if block else ""
    return "red frame"


def _chop(blob: Blob, every: list[Blob]) -> str:
    """Why a patch of ink of any colour is a square name chop, or an empty string: frame, and dense characters in it."""
    sized = blob.short > CHOP_MM[0] and blob.long < min(CHOP_MM[1], 1.3 * blob.short) and blob.boxed > 0.9
    framed = blob.frame[0] > 0.85 and blob.frame[1] > 0.93
    written = blob.grid > 0.88 and 0.2 < blob.fill < 0.75 and blob.core < 0.1
    return "frame" if sized and framed and written and not stands_in_a_row(blob, every) else ""


def _shape(blob: Blob, every: list[Blob]) -> str:
    """Why a patch without a frame or a proved ring is taken for a seal all the same, or an empty string."""
    if blob.core > 0.3 or blob.gold > GOLD or stands_in_a_row(blob, every, framed=False):
        return ""
    large, small = blob.long < min(75, 1.9 * blob.short), blob.long < min(30, 1.7 * blob.short)
    if large and blob.short > 10 and 0.92 < blob.oval < 1.12 and blob.rim > 0.6 and blob.fill < 0.65:
        return "red oval"
    if small and blob.short > 7 and blob.boxed > 0.75 and blob.grid > 0.83 and 0.2 < blob.fill < 0.75:
        return "dense red patch"
    if blob.edge and 12 < blob.long < 60 and blob.long < 8 * blob.short and 0.08 < blob.fill < 0.7:
        return "red shape at the edge"
    return ""


def stands_in_a_row(blob: Blob, every: list[Blob], *, framed: bool = False) -> bool:
    """Whether patches of about the same height stand beside or below it, as the characters of one line do.

    Two framed patches side by side are two name chops, and a chop may stand beside a larger seal: what is well `framed`
    needs two neighbours without a frame, or a whole stretch of a line, to be taken for a character.
    """
    mates = 0
    for other in every:
        stretch = other.long > 1.7 * other.short
        if other is blob or not 0.6 < other.short / blob.short < 1.6 or not (stretch or other.long < 1.6 * blob.long):
            continue
        if framed and _strong(other) and not stretch:
            continue
        across, down = np.abs(other.centre - blob.centre)
        size, reach = np.ptp(blob.rect, axis=0).max(), np.ptp(other.rect, axis=0).max() / 2
        if min(across, down) < 0.3 * size and size * 0.6 < max(across, down) < 4.5 * size + reach:
            mates += 2 if stretch else 1
    return mates > (1 if framed else 0)


def _strong(blob: Blob) -> bool:
    return blob.frame[0] > 0.75 and blob.frame[1] > 0.88


def _grown(shape: Floats, pad: float) -> Floats:
    """The convex shape with every corner moved outward, its sides by about `pad`."""
    away = shape - shape.mean(0)
    length = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-3)
    return np.asarray(shape + away / length * pad * 1.41, np.float32)
