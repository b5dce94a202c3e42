"""Finds seals: red, blue, purple and photocopied; round, oval, square; whole, cut off, faint, under text. In millimetres.

Looks at one small copy of the page: frames in coloured ink, rings in ink of any colour, then other coloured shapes and
frames in black. A ring proves itself (a stroke nearly all the way round, with paper on both sides); what is neither
ring nor frame must be small and dense, or stand at the edge, and never in a row with its like, as characters do.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from mangping_redaction.finders import seal_judge as judge
from mangping_redaction.finders.seal_beside import is_grey, sticks_out
from mangping_redaction.finders.seal_blobs import Blob, blobs
from mangping_redaction.finders.seal_border import rings_across
from mangping_redaction.finders.seal_boxes import boxes
from mangping_redaction.finders.seal_field import likely_rings
from mangping_redaction.finders.seal_half import halves
from mangping_redaction.finders.seal_ink import Sheet, sheet
from mangping_redaction.finders.seal_look import Floats, Ink, above, fill, hull, look, without
from mangping_redaction.finders.seal_rings import Ring, proved
from mangping_redaction.page import Finding, Found, Page, Polygon

FINDER = "seal"
SUSPECT = "seal_suspect"
RED = 8  # the faintest coloured ink looked at, of 255
DARK = 16  # the faintest ink of any colour
FRAMES = (16, 32, 56)  # where frames in black ink are looked for: faint ones, and those on a grey ground
PICTURE = 8  # pixels of a cell that a picture fills and text does not
CHOP_MM = 9.0
SCANT_MM2 = 4.0  # less coloured ink than this on a page is no seal
PAD_MM = 0.6  # beyond the rim: the blur of the scan
SMALL_SHARE = 0.03  # of the page: what is small enough to cover when in doubt
FRAME_SHARE = 0.15  # the same for what has a frame
CODES = ("qrcode", "barcode")
FACE = 0.4  # surer than this a face is a portrait
READ = 0.85  # mean confidence of a line of print

Proof = tuple[Ring, str, list[Blob]]  # why it is a seal, and the patches of its ink on the page


def find_seals(page: Page, inks: Sheet | None = None) -> Found:
    """Every seal on the page as a polygon around its whole outline; `seal_suspect` when something may be one."""
    inks = inks or sheet(page)
    search = _Search(inks, page)
    cool = replace(inks, red=inks.cool)
    red, blue = ink_levels(inks), ink_levels(cool)
    search.on_photos([*((inks, level) for level in red), *((cool, level) for level in blue)])
    search.half_frames([*((inks.red, level) for level in red), *((inks.cool, level) for level in blue)])
    search.red_frames(red[:1])
    search.boxes(FRAMES)
    search.rings([(view, levels[0]) for view, levels in ((inks, red), (cool, blue)) if levels])
    search.behind_a_border(red[:1])
    for level in red:
        search.shapes(level)
    search.beside_photos(inks, min(red, default=RED), slim=5.0)
    search.beside_photos(cool, min(blue, default=RED), slim=2.2)
    search.beside_grey_photos(page)
    return Found(tuple(search.found), (SUSPECT,) if search.suspect else ())


class _Search:
    """One page's findings so far, and the ground they have taken: nothing is found twice."""

    def __init__(self, inks: Sheet, page: Page) -> None:
        self.inks = inks
        self.lines, self.skew = page.lines, page.skew_degrees
        self.photos = photos(page, inks)
        self.taken = np.asarray(cv2.max(self.photos, inks.desk), np.uint8)
        self.codes = [f.polygon for f in page.findings if f.cls in CODES]
        print_ = inks.tint[::3, ::3]
        print_ = print_[print_ > FRAMES[-1]]
        self.usual = float(np.percentile(print_, 75)) if print_.size else 255.0  # the ink of the page's print
        self.found: list[Finding] = []
        self.suspect = False

    def on_photos(self, colours: list[tuple[Sheet, int]]) -> None:
        """Chops on a portrait: what is framed in coloured ink there is one, what nearly is a human looks at."""
        if not self.photos.any():
            return
        reach = round(2 * CHOP_MM * self.inks.mm) | 1
        away = np.asarray(255 - cv2.dilate(self.photos, np.ones((reach, reach), np.uint8)), np.uint8)
        ground = self.taken.copy()
        for view, level in colours:
            for blob in blobs(view, away, level, CHOP_MM):
                shape = _grown(blob.rect, PAD_MM * self.inks.mm)
                if (
                    not self._touches(blob.rect, self.photos)
                    or self._overlap(shape, np.asarray(cv2.subtract(self.taken, ground), np.uint8)) > 0.5
                ):
                    continue
                why = judge.on_photo(blob)
                self.suspect |= why == judge.DOUBTFUL
                if why and why != judge.DOUBTFUL:
                    self._add(shape, 0.8, why)

    def half_frames(self, colours: list[tuple[Ink, int]]) -> None:
        """Frames of which a portrait or a code hides a part; what is not square may go on beneath: a human looks."""
        hide = self.photos.copy()
        for code in self.codes:
            fill(hide, code * self.inks.scale)
        if not hide.any():
            return
        known = np.asarray(cv2.subtract(self.taken, hide), np.uint8)
        for coloured, (ink, level) in [*((True, c) for c in colours), *((False, (self.inks.tint, n)) for n in FRAMES)]:
            for half in halves(without(ink, known), hide, level, self.inks.mm):
                shape = _grown(half.rect, PAD_MM * self.inks.mm)
                why = judge.half(half, self.skew, 255.0 if coloured else self.usual)
                if not why or self._overlap(shape, known) > 0.3:
                    continue
                self.suspect |= why == judge.DOUBTFUL or half.long > 1.25 * half.short
                if why != judge.DOUBTFUL:
                    self._add(shape, 0.8, why)
                    fill(known, shape)

    def red_frames(self, levels: list[int]) -> None:
        """Before rings: a square has much of a ring."""
        for level in levels:
            every = blobs(self.inks, self.taken, level)
            for blob in every:
                self._blob(blob, judge.framed_red(blob, every))

    def rings(self, colours: list[tuple[Sheet, int]]) -> None:
        """Coloured rings show under text and photographs; others must be seen whole. The surest first."""
        covered = self.taken if self.taken.any() else None
        hidden = np.asarray(cv2.max(self.inks.dark, self.taken), np.uint8) if colours else None
        views = [
            (view, level, without(view.red, self.taken), blobs(view, self.taken, level)) for view, level in colours
        ]
        tint = without(self.inks.tint, self.taken)
        proofs: list[Proof] = []
        for start in likely_rings(self.inks.tint, self.inks.mm, self.inks.desk):
            for view, level, ink, every in views:
                ring = proved(ink, start, level, view.mm, hidden=hidden) if start.holds(ink, level) else None
                if ring and judge.is_red_ring(ring, view) and not judge.in_a_headline(ring, every, view.mm):
                    proofs.append((ring, "coloured ring", every))
                    break
            else:
                ring = proved(tint, start, DARK, self.inks.mm, hidden=covered)
                if ring and (why := judge.any_ring(ring, self.inks)):
                    proofs.append((ring, why, []))
        for proof in sorted(proofs, key=lambda p: -p[0].coverage * p[0].seen):
            self._ring(*proof)

    def behind_a_border(self, levels: list[int]) -> None:
        """Half rings across a red border in other ink: its lines outdo them, so they are looked for without its ink."""
        for ring in (ring for level in levels for ring in rings_across(self.inks, self.taken, level)):
            if judge.is_half_ring(ring, self.inks.mm):
                self.suspect |= ring.coverage < judge.SURE
                self._add(ring.polygon((PAD_MM + 1.0) * self.inks.mm) + 0.5, ring.coverage, "ring across a border")
                return

    def shapes(self, level: int) -> None:
        """What is left of red ink: frames that only show at this level, then what is neither ring nor frame."""
        left = above(without(self.inks.red, self.taken), level)
        if cv2.countNonZero(left) < SCANT_MM2 * self.inks.mm**2:
            return
        every = blobs(self.inks, self.taken, level)
        for blob in every:
            self._blob(blob, judge.framed_red(blob, every) or judge.shape_red(blob, every))

    def boxes(self, levels: tuple[int, ...]) -> None:
        """Chops and strips in black or grey, that hang together with nothing else but the text they were stamped over."""
        for level in levels:
            for box in boxes(self.inks, self.taken, level):
                why = judge.box(box, self.skew, self.usual)
                if why == judge.DOUBTFUL:
                    self.suspect = True
                elif box.colour > judge.COLOURED or not self._is_code(box):
                    self._blob(box, why and f"{why} frame")

    def beside_photos(self, view: Sheet, level: int, slim: float) -> None:
        """Coloured ink that runs under a portrait and was not taken for a seal: what shows of it is covered, a human looks."""
        if not self.photos.any():
            return
        for blob in blobs(view, self.taken, level):
            sized = judge.RING_MM < blob.long < min(60, slim * blob.short) and blob.gold < judge.GOLD
            if sized and self._touches(_grown(blob.rect, self.inks.mm), self.photos):
                self._add(_grown(blob.rect, PAD_MM * self.inks.mm), 0.6, "ink under a portrait")
                self.suspect = True

    def beside_grey_photos(self, page: Page) -> None:
        """A black or copied chop half on a portrait has no colour to tell it by: what sticks out a human looks at."""
        faces = [finding for finding in page.findings if finding.cls == "face" and finding.confidence > FACE]
        if faces:
            grey = any(is_grey(page.pixels, face.polygon) for face in faces)
            read = [line.polygon * self.inks.scale for line in self.lines if line.score > READ]
            ink = self.inks.tint if grey else self.inks.dark
            self.suspect |= sticks_out(ink, self.inks.mm, self.photos, self.taken, read)

    def _touches(self, shape: Floats, ground: Ink) -> bool:
        mask = np.zeros_like(ground)
        cv2.fillConvexPoly(mask, np.round(shape).astype(np.int32), (255,))
        return bool(np.logical_and(mask, ground).any())

    def _blob(self, blob: Blob, why: str) -> None:
        if not why or look(self.taken, blob.centre[None, None])[0, 0] or self._is_read(blob):
            return
        share = blob.long * blob.short * self.inks.mm**2 / self.taken.size
        if share > (FRAME_SHARE if why.endswith("frame") else SMALL_SHARE):
            self.suspect = True
            return
        shape = blob.hull if why == "red shape at the edge" else blob.rect
        self._add(_grown(shape, PAD_MM * self.inks.mm), 0.8, why)

    def _is_code(self, blob: Blob) -> bool:
        """Whether it is a piece of a QR code or of a barcode: their blocks have much of a frame."""
        place = (blob.centre / self.inks.scale).tolist()
        return any(cv2.pointPolygonTest(code, place, False) >= 0 for code in self.codes)

    def _is_read(self, blob: Blob) -> bool:
        """Whether a much longer line of well-read text of its height runs through the patch."""
        place, mm = blob.centre / self.inks.scale, self.inks.mm / self.inks.scale
        fitting = (
            e for e in self.lines if 0.6 * blob.short < e.height / mm < 2 * blob.short and e.length > 2 * blob.long * mm
        )
        return any(e.score > READ and cv2.pointPolygonTest(e.polygon, place.tolist(), False) >= 0 for e in fitting)

    def _ring(self, ring: Ring, why: str, every: list[Blob]) -> None:
        pad = PAD_MM * self.inks.mm
        outline = (ring.segment(pad) if why == judge.CUT else ring.polygon(pad)) + 0.5
        if ring.coverage < judge.SURE:
            if self._overlap(outline, self.taken) > 0.8:  # a chance ring through the strokes of a proved one
                return
            about = [b.hull for b in every if b.long < 3 * max(ring.axes) / self.inks.mm and judge.holds(b, ring)]
            outline = hull([outline, *about])  # it may be a square after all
        self._add(outline, ring.coverage, why)

    def _overlap(self, outline: Floats, ground: Ink) -> float:
        mask = np.zeros_like(ground)
        fill(mask, outline)
        return int(np.logical_and(mask, ground).sum()) / max(cv2.countNonZero(mask), 1)

    def _add(self, outline: Floats, confidence: float, why: str) -> None:
        fill(self.taken, outline)
        polygon: Polygon = (outline / self.inks.scale).astype(np.float32)
        self.found.append(Finding("seal", polygon, round(min(1.0, confidence), 2), FINDER, why))


def photos(page: Page, inks: Sheet) -> Ink:
    """A map of the portraits: as wide as photos are about a face, and as far beyond as their picture goes without a gap.

    What a seal does on one cannot be seen.
    """
    mask, beyond = np.zeros_like(inks.red), np.zeros_like(inks.red)
    faces = [finding.polygon for finding in page.findings if finding.cls == "face"]
    for face in faces:
        _frame(mask, face * inks.scale, (0.4, 0.5), (0.4, 0.8))
        _frame(beyond, face * inks.scale, (1.0, 0.9), (1.0, 1.9))
    if not faces:
        return mask
    small = (max(1, mask.shape[1] // PICTURE), max(1, mask.shape[0] // PICTURE))
    dense = np.where(cv2.resize(above(inks.tint, DARK), small, interpolation=cv2.INTER_AREA) > 0.6 * 255, 255, 0)
    whole = _picture(dense.astype(np.uint8), np.ptp(faces[0], axis=0) * inks.scale / PICTURE)
    whole = np.asarray(cv2.resize(whole, mask.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    whole = np.asarray(cv2.dilate(whole, np.ones((7, 7), np.uint8)), np.uint8)
    return np.asarray(mask | (whole & beyond), np.uint8)


def _picture(dense: Ink, face: Floats) -> Ink:
    """The parts of dense ink as high and as wide as photographs are about a face (wide, high); a chop on their rim is
    neither."""
    wide, high = (max(1, round(1.2 * float(side))) for side in face)
    kernels = np.ones((high, 1), np.uint8), np.ones((1, wide), np.uint8)
    upright, level = (cv2.morphologyEx(dense, cv2.MORPH_OPEN, kernel) for kernel in kernels)
    return np.asarray(cv2.bitwise_and(upright, level), np.uint8)


def _frame(mask: Ink, face: Floats, before: tuple[float, float], behind: tuple[float, float]) -> None:
    """Marks the box around a face, grown by shares of its size to the left and top, right and bottom."""
    low, high = face.min(axis=0), face.max(axis=0)
    size = high - low
    low, high = low - size * before, high + size * behind
    cv2.rectangle(mask, low.astype(int).tolist(), high.astype(int).tolist(), (255,), -1)


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


def _grown(shape: Floats, pad: float) -> Floats:
    """The convex shape with every corner moved outward, its sides by about `pad`."""
    away = shape - shape.mean(0)
    length = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-3)
    return np.asarray(shape + away / length * pad * 1.41, np.float32)
