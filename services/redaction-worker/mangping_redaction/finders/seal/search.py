"""The search for a page's seals: what it found so far, what ground that takes, and a look for each kind. In millimetres."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from mangping_redaction.copies import halved
from mangping_redaction.finders.seal import frames, judge
from mangping_redaction.finders.seal.beside import is_grey, sticks_out
from mangping_redaction.finders.seal.blobs import DESK_MM, Blob, blobs, inner
from mangping_redaction.finders.seal.boxes import boxes
from mangping_redaction.finders.seal.field import likely_rings
from mangping_redaction.finders.seal.ink import SCANT_MM2, Sheet
from mangping_redaction.finders.seal.look import (
    Floats,
    Ink,
    above,
    fill,
    grown,
    hull,
    look,
    off_desk,
    overlap,
    tilt,
    without,
)  # fmt: skip
from mangping_redaction.finders.seal.pictures import photos
from mangping_redaction.finders.seal.print import READ, SLIM, print_of
from mangping_redaction.finders.seal.proofs import Look, Proof, proofs
from mangping_redaction.finders.seal.rings import Ring
from mangping_redaction.finders.seal.triangles import WRITTEN, triangles
from mangping_redaction.page import Finding, Page, Polygon

FINDER = "seal"
DARK = 16  # the faintest ink of any colour
CHOP_MM = 9.0
PAD_MM = 0.9  # beyond the rim: the blur of the scan
SMALL_SHARE = 0.03  # of the page: what is small enough to cover when in doubt
FRAME_SHARE = 0.15  # the same for what has a frame
CODES = ("qrcode", "barcode")
FACE = 0.4  # surer than this a face is a portrait
FRAME, ASKEW = 0.5, 2.2  # of a strip's line, that its frame stands off; degrees from the print's slant
PORTRAITS = 3  # on one page: more faces are a picture of a group, and seals are set on portraits
MOSTLY = 0.7  # of a patch that something found before takes: it is the same


class Search:
    """One page's findings so far, and the ground they have taken: nothing is found twice."""

    def __init__(self, inks: Sheet, page: Page) -> None:
        self.inks = inks
        self.lines, self.skew = page.lines, page.skew_degrees
        self.photos, self.bare = photos(page, inks)
        self.taken = np.asarray(cv2.max(self.photos, inks.desk), np.uint8)
        self.codes = [f.polygon for f in page.findings if f.cls in CODES]
        self.faces = [f.polygon for f in page.findings if f.cls == "face"]
        portraits = sum(f.cls == "face" and f.confidence > FACE for f in page.findings)
        self.is_group = portraits > PORTRAITS
        self.hiding = self.taken.copy()  # 255 where something is known to lie, and no frame can be seen
        for code in self.codes:
            fill(self.hiding, code * inks.scale)
        self.print = print_of(page, inks.tint, inks.scale)
        self.found: list[Finding] = []
        self.doubts: list[Floats] = []  # where something may be one
        self.weak: list[Floats] = []  # doubts that hold only where the network does not see none
        self.beside: list[Floats] = []  # what runs out from under pictures that hold faces
        self.large: list[Floats] = []  # what looks like one and is larger than may be covered in doubt
        self.drawings: list[Floats] = []  # rings and triangles with nothing written in them

    def frames_in(self, view: Sheet, levels: list[int], why: Callable[[Blob, list[Blob]], str]) -> None:
        """Frames of chops and strips in coloured ink, whatever lies across them; patches for which there is a `why`."""
        for level in levels:
            every = blobs(view, self.taken, level, CHOP_MM)
            likely = [blob for blob in every if blob.short > 6 and blob.long < min(95, 8 * blob.short)]
            moved = self._moved([blob.rect for blob in likely], level, view)
            for blob, corners in zip(likely, moved, strict=True):
                self._blob(blob, why(blob, every))
                self._frame(blob.rect, corners, view, level)

    def triangles(self, inks: list[Ink]) -> None:
        """Triangles with writing in them, on pictures too: three strokes prove themselves."""
        known = without(self.taken, self.photos)
        for ink in inks:
            for corners, written in triangles(halved(without(ink, known)), self.inks.mm):
                if self._settled(corners):
                    continue
                if WRITTEN[0] < written < WRITTEN[1]:
                    self._add(grown(corners, PAD_MM * self.inks.mm), 0.8, "written triangle")
                elif written <= WRITTEN[0]:
                    self.drawings.append(corners)

    def words(self) -> None:
        """What seals say, read where none was found: covered where it is unlike print, else a doubt where print seldom does."""
        said = (*self.print.stamped, *self.print.copied, *self.print.marked)
        for line in (line for line in said if overlap(line, self.taken) < MOSTLY and self._is_unlike_print(line)):
            self._add(grown(line, FRAME * float(np.linalg.norm(line[3] - line[0]))), 0.8, judge.SAID)
        reach = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32) * CHOP_MM * self.inks.mm
        for places, lines in ((self.doubts, self.print.stamped), (self.weak, self.print.copied)):
            middles = (line.mean(0) for line in lines)
            places += [middle + reach for middle in middles if not look(self.taken, middle[None, None])[0, 0]]

    def _is_unlike_print(self, line: Floats) -> bool:
        """Whether a line (4, 2) is of coloured ink, or stands askew to the print about it."""
        places = inner(line, 24, 0.05) - 0.5
        coloured = max(look(map_, places).mean() for map_ in (self.inks.red, self.inks.cool))
        if coloured > judge.COLOURED * look(self.inks.tint, places).mean():
            return True
        along, down = (float(np.linalg.norm(line[k] - line[0])) for k in (1, 3))
        return along > SLIM * down and abs(tilt(line[1] - line[0]) - self.print.slant(line.mean(0))) > ASKEW

    def _moved(self, rects: list[Floats], level: int, view: Sheet) -> list[Floats | None]:
        """Where the strokes about each are; None where there are none, or something is known to be."""
        free = {n: rect for n, rect in enumerate(rects) if not self._settled(rect)}
        corners = dict(zip(free, frames.moved(view.red, list(free.values()), level, view.mm), strict=True))
        return [corners.get(n) for n in range(len(rects))]

    def _settled(self, rect: Floats) -> bool:
        middle = rect.mean(0)[None, None]
        return bool(look(self.taken, middle)[0, 0] and not look(self.photos, middle)[0, 0])

    def _frame(self, rect: Floats, corners: Floats | None, view: Sheet, level: int) -> None:
        if corners is None or self._settled(rect):
            return
        frame = frames.Frame(view.red, corners, level, view.mm, (view.dark, self.hiding), self.inks.tint)
        if why := judge.frame(frame, self.print.slant(rect.mean(0))):
            self._add(grown(frame.corners + 0.5, (PAD_MM + 0.4) * view.mm), frame.mean, why)

    def rings(self, colours: list[tuple[Sheet, int]], weak: tuple[Sheet, int]) -> None:
        """Coloured rings show under text and photographs, pale ones between strokes of print. The surest first."""
        taken = without(self.taken, self.bare)
        (paler, faint), mm, looks = weak, self.inks.mm, []
        for view, level in colours:
            hidden = np.asarray(cv2.max(self.inks.dark, taken), np.uint8)
            every = partial(blobs, view, self.taken.copy(), level)
            why = partial(judge.coloured_ring, inks=view, patches=every)
            looks.append(Look(without(view.red, taken), level, hidden, why, every))
        tint, covered = without(self.inks.tint, taken), taken if taken.any() else None
        looks.append(Look(tint, DARK, covered, partial(judge.any_ring, inks=self.inks), rare=False))
        over = np.asarray(cv2.max(paler.dark, taken), np.uint8)
        looks.append(Look(without(paler.red, taken), faint, over, partial(judge.pale_ring, mm=mm)))
        shown = np.asarray(cv2.add(self.inks.tint, cv2.convertScaleAbs(paler.red, alpha=3)), np.uint8)
        for proof in proofs(likely_rings(shown, mm, self.inks.desk), looks, mm):
            self._ring(proof)

    def shapes(self, level: int) -> None:
        """What is left of red ink: frames that only show at this level, then what is neither ring nor frame."""
        left = above(without(self.inks.red, self.taken), level)
        if cv2.countNonZero(left) < SCANT_MM2 * self.inks.mm**2:
            return
        every = blobs(self.inks, self.taken, level)
        for blob in every:
            self._blob(blob, judge.framed_red(blob, every) or judge.shape_red(blob, every))
        self._left_beside([blob for blob in every if judge.may_be_cut(blob, every)])

    def _left_beside(self, rest: list[Blob]) -> None:
        """Red ink beside a found seal may be another, half under it: what shows of it is covered, a human looks."""
        if not rest or not self.found:
            return
        seals = without(self.taken, np.asarray(cv2.max(self.photos, self.inks.desk), np.uint8))
        for blob in rest:
            near = overlap(grown(blob.rect, self.inks.mm), seals) > 0
            # A strip shows on both sides of a ring: that its middle is known is no proof.
            strip = judge.strong(blob) and overlap(blob.rect, self.taken) < MOSTLY
            if near and (strip or not look(self.taken, blob.centre[None, None])[0, 0]):
                why, confidence = (judge.RED_FRAME, 0.8) if strip else (judge.UNDER_A_SEAL, 0.6)
                self._add(grown(blob.rect, PAD_MM * self.inks.mm), confidence, why)

    def boxes(self, levels: tuple[int, ...]) -> None:
        """Chops and strips in black or grey, that hang together with nothing else but the text they were stamped over."""
        ink = without(self.inks.tint, self.taken)
        small = halved(ink)
        for level in levels:
            for box in boxes(self.inks, ink, small, level):
                why = judge.box(box, self.skew, self.print.usual)
                if why == judge.DOUBTFUL:
                    self.weak.append(grown(box.rect, PAD_MM * self.inks.mm))
                elif box.colour > judge.COLOURED or not self._is_code(box):
                    self._blob(box, why)

    def beside_photos(self, view: Sheet, level: int, slim: float) -> None:
        """Coloured ink that runs under a portrait and was not taken for a seal: what shows of it is covered, a human looks."""
        if not self.photos.any():
            return
        for blob in blobs(view, self.taken, level):
            sized = judge.RING_MM < blob.long < min(60, slim * blob.short) and blob.gold < judge.GOLD
            if not sized or overlap(grown(blob.rect, self.inks.mm), self.photos) == 0:
                continue
            if self.is_group:
                self.beside.append(blob.rect)
            else:
                self._add(grown(blob.rect, PAD_MM * self.inks.mm), 0.6, judge.UNDER_A_PORTRAIT)

    def beside_grey_photos(self, page: Page) -> None:
        """A black or copied chop half on a portrait has no colour to tell it by: what sticks out a human looks at."""
        faces = [finding for finding in page.findings if finding.cls == "face" and finding.confidence > FACE]
        if faces:
            grey = any(is_grey(page, face.polygon) for face in faces)
            read = [line.polygon * self.inks.scale for line in self.lines if line.score > READ]
            ink = self.inks.tint if grey else self.inks.dark
            self.beside += sticks_out(ink, self.inks.mm, self.photos, self.taken, self.inks.desk, read)

    def _blob(self, blob: Blob, why: str) -> None:
        if not why or self._is_taken(blob, why) or self._is_read(blob):
            return
        share = blob.long * blob.short * self.inks.mm**2 / self.taken.size
        if share > (FRAME_SHARE if why in judge.FRAMED else SMALL_SHARE):
            self.large.append(blob.rect)
            return
        shape = blob.hull if why == judge.AT_THE_EDGE else blob.rect
        self._add(grown(shape, PAD_MM * self.inks.mm), 0.8, why)

    def _is_taken(self, blob: Blob, why: str) -> bool:
        """Whether it was found before; of a red frame more than the characters in it, which a fainter look may have found."""
        taken = bool(look(self.taken, blob.centre[None, None])[0, 0])
        return taken and not (why == judge.RED_FRAME and overlap(blob.rect, self.taken) < MOSTLY)

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

    def _ring(self, proof: Proof) -> None:
        ring, why, pad = proof.ring, proof.why, PAD_MM * self.inks.mm
        if why != judge.MARKED and judge.is_empty(ring):
            self._drawn(ring)
            return
        outline = (ring.segment(pad) if why in (judge.CUT, judge.PART) else ring.polygon(pad)) + 0.5
        if why == judge.DOUBTFUL:
            if overlap(outline, self.taken) < 0.5:
                self.weak.append(outline)
            return
        if ring.coverage < judge.SURE:
            if overlap(outline, self.taken) > 0.8:  # a chance ring through the strokes of a proved one
                return
            largest = 1.5 * ring.long / self.inks.mm
            about = [b.hull for b in proof.patches() if b.long < largest and judge.holds(b, ring)]
            outline = hull([outline, *about])  # it may be a square after all
        self._add(outline, ring.coverage, why)

    def _drawn(self, ring: Ring) -> None:
        """A ring that is a drawing: nothing else is to take its stroke for a seal, but one may stand in it."""
        self.drawings.append(ring.polygon(0.0))
        line = np.rint(self.drawings[-1]).astype(np.int32)
        cv2.polylines(self.taken, [line], True, (255,), round(2 * ring.stroke + 2 * self.inks.mm))

    def _add(self, outline: Floats, confidence: float, why: str) -> None:
        outline = off_desk(outline, self.inks.desk, DESK_MM * self.inks.mm)
        for ground in (self.taken, self.hiding):
            fill(ground, outline)
        polygon: Polygon = (outline / self.inks.scale).astype(np.float32)
        self.found.append(Finding("seal", polygon, round(min(1.0, confidence), 2), FINDER, why))
