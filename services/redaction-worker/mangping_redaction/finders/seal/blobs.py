"""Patches of ink that hang together, and what shape they have. Pure, pixels of the working copy."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.ink import Sheet
from mangping_redaction.finders.seal.look import HIDING, Floats, Ink, above, around, look, without

BRIDGE_MM = 1.7  # strokes nearer than this belong together
UNDER_MM = 1.5  # how far a stroke is followed under dark ink
SMALLEST_MM = 5.0
SLIM_MM = 2.0
MOST_MM = 230.0
EDGE_MM = 1.2
DESK_MM = 2.5  # how exactly it is known where a sheet ends
THICK_MM = 3.4  # no stroke of a seal but the star's middle is as thick
ALONG = np.linspace(0.04, 0.96, 36, dtype=np.float32)  # where a side of a frame is looked at
DEPTHS = 8  # how deep, in steps of 0.3 mm: a frame sits a little askew in its rectangle
Window = tuple[slice, slice]
_ENDS = np.stack(np.meshgrid(np.arange(DEPTHS), np.arange(DEPTHS)), -1).reshape(-1, 2)
_LINES = np.rint(_ENDS[:, :1] + (_ENDS[:, 1:] - _ENDS[:, :1]) * ALONG).astype(int)  # (lines, along): depths
_HERE = np.arange(len(ALONG))


class Blob:
    """A patch of ink in its window of the page. Lengths in mm, shares 0..1; what costs time is measured when asked for."""

    def __init__(self, own: Ink, window: Window, inks: Sheet, faint: float, hull: Floats, *, any_ink: bool) -> None:
        """`hull` in pixels of the window, `own` the patch's own pixels there."""
        self.own, self.window, self.inks, self._faint, self._any = own, window, inks, faint, any_ink
        centre, (w, h), turn = cv2.minAreaRect(hull)
        w, h = w + 1, h + 1
        self._rect = np.asarray(cv2.boxPoints((centre, (w, h), turn)), np.float32)
        self._area = float(cv2.contourArea(hull)) + 0.5 * float(cv2.arcLength(hull, True)) + 1
        offset = np.array([window[1].start + 0.5, window[0].start + 0.5], np.float32)
        self.hull: Floats = hull[:, 0].astype(np.float32) + offset  # (n, 2)
        self.rect: Floats = self._rect + offset  # (4, 2)
        self.centre: Floats = np.asarray(self.rect.mean(0), np.float32)
        self.long, self.short = max(w, h) / inks.mm, min(w, h) / inks.mm
        self.oval = self._area / (np.pi / 4 * w * h)  # area of the hull over the ellipse's
        self.boxed = self._area / (w * h)  # area of the hull over the rectangle's

    @cached_property
    def fill(self) -> float:
        """Ink in the hull."""
        return cv2.countNonZero(self.own) / self._area

    @cached_property
    def core(self) -> float:
        """Thick ink in the hull."""
        thick = cv2.morphologyEx(self.own, cv2.MORPH_OPEN, disc(THICK_MM * self.inks.mm))
        return cv2.countNonZero(thick) / self._area

    @cached_property
    def frame(self) -> tuple[float, float]:
        """A straight line of ink along the sides of the rectangle: share of the worst side, the mean."""
        return _frame(above(self._ink, self._faint), self._hidden, self._rect, self.inks.mm)

    @cached_property
    def rim(self) -> float:
        """Ink along the ellipse in the rectangle."""
        return _rim(self.own, self._hidden, self._rect)

    @cached_property
    def grid(self) -> float:
        """Cells of 5 x 5 with ink."""
        return _grid(self.own, self._rect)

    @cached_property
    def relief(self) -> float:
        """How much the ink varies inside: characters cut into a filled block."""
        return _relief(self._ink, self._rect)

    @cached_property
    def gold(self) -> float:
        """Gold over red: skin, wood, gilding."""
        return cv2.mean(self.inks.gold[self.window], self.own)[0] / max(cv2.mean(self._ink, self.own)[0], 1.0)

    @cached_property
    def desk(self) -> bool:
        """Whether it ends where the sheet does, on a desk."""
        ways = DESK_MM * self.inks.mm * np.array([(1, 0), (-1, 0), (0, 1), (0, -1)], np.float32)
        return bool(look(self.inks.desk, self.hull[None] + ways[:, None]).any())

    @cached_property
    def edge(self) -> bool:
        """Whether it touches the border of the page."""
        (left, top), (right, bottom) = self.hull.min(0), self.hull.max(0)
        height, width = self.inks.red.shape
        return bool(min(left, top, width - right, height - bottom) < EDGE_MM * self.inks.mm)

    @cached_property
    def size(self) -> float:
        """Pixels of the longer side of the upright box around its rectangle."""
        return float((self.rect.max(0) - self.rect.min(0)).max())

    @property
    def _ink(self) -> Ink:
        return (self.inks.tint if self._any else self.inks.red)[self.window]

    @property
    def _hidden(self) -> Ink:
        """Dark ink that may lie on a red frame; on ink of any colour nothing does."""
        return np.zeros_like(self.own) if self._any else above(self.inks.dark[self.window], HIDING)


def blobs(inks: Sheet, taken: Ink | None, level: int, least_mm: float = SMALLEST_MM) -> list[Blob]:
    """Every patch at least `least_mm` long of red ink above `level`, the longest first; what is `taken` is left out.

    A patch is followed a little way under dark ink and over small gaps. Where nothing is taken that has ink, patches are
    those of the whole sheet, which are looked for once.
    """
    mask = above(inks.red, level)
    if taken is not None and cv2.countNonZero(cv2.bitwise_and(mask, taken)):
        return _patches(inks, without(mask, taken), level, least_mm)
    if level not in inks.patches:
        inks.patches[level] = _patches(inks, mask, level, SMALLEST_MM)
    least = least_mm * inks.mm
    return [blob for blob in inks.patches[level] if max(blob.own.shape) >= least]


def _patches(inks: Sheet, mask: Ink, level: int, least_mm: float) -> list[Blob]:
    """Those of a mask of red ink, the longest first."""
    mm = inks.mm
    x, y, w, h = cv2.boundingRect(mask)
    reach = round(4 * mm)
    left, top = max(0, x - reach), max(0, y - reach)
    part = (slice(top, y + h + reach), slice(left, x + w + reach))
    mask[part] = whole = _without_dust(mask[part], mm)
    hidden = above(inks.dark[part], HIDING)
    whole = whole | (hidden & np.asarray(cv2.dilate(whole, disc(UNDER_MM * mm)), np.uint8))
    whole = np.asarray(cv2.morphologyEx(whole, cv2.MORPH_CLOSE, disc(BRIDGE_MM * mm)), np.uint8)
    outer = [contour + np.array([left, top], np.int32) for contour in _outer(whole, least_mm, mm)] if w else []
    found = [_blob(contour, mask, inks, 0.6 * level) for contour in outer]
    return sorted((blob for blob in found if blob), key=lambda b: -b.long)


def _outer(mask: Ink, least_mm: float, mm: float) -> list[NDArray[np.int32]]:
    """Outer contours at every depth: a certificate's border goes round all that stands on it."""
    contours, ranks = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour, (_, _, _, parent) in zip(contours, ranks[0] if len(contours) else (), strict=True):
        if parent < 0 and len(contour) > 3:
            _, _, w, h = cv2.boundingRect(contour)
            if least_mm * mm <= max(w, h) <= MOST_MM * mm and min(w, h) >= SLIM_MM * mm:
                found.append(np.asarray(contour, np.int32))
    return found


def _blob(contour: NDArray[np.int32], mask: Ink, inks: Sheet, faint: float) -> Blob | None:
    """The patch inside a contour; None for a few specks."""
    x, y, w, h = cv2.boundingRect(contour)
    window = (slice(y, y + h), slice(x, x + w))
    own = np.zeros((h, w), np.uint8)
    cv2.drawContours(own, [contour], 0, (255,), cv2.FILLED, offset=(-x, -y))
    own &= mask[window]
    if cv2.countNonZero(own) < 8:
        return None
    return Blob(own, window, inks, faint, around(own), any_ink=False)


def disc(diameter: float) -> NDArray[np.uint8]:
    size = max(3, round(diameter) | 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _without_dust(mask: Ink, mm: float) -> Ink:
    """The mask without lone specks: fewer than 0.4 mm² of ink within about 2 mm."""
    size = max(3, round(2 * mm) | 1)
    around = np.asarray(cv2.blur(mask, (size, size)), np.uint8)
    return np.asarray(cv2.bitwise_and(mask, above(around, 255 * max(3, 0.4 * mm * mm) / size**2 - 0.5)), np.uint8)


def _frame(own: Ink, hidden: Ink, rect: Floats, mm: float) -> tuple[float, float]:
    """(worst, mean) of the four sides: share of the best straight line along it that has ink, hidden places left out."""
    depths = ((np.arange(DEPTHS + 2, dtype=np.float32) - 0.5) * 0.3 * mm)[:, None]
    along = rect[[1, 2, 3, 0]] - rect
    inward = rect.mean(0) - (rect + along / 2)
    inward /= np.maximum(np.sqrt((inward * inward).sum(1, keepdims=True)), 1e-3)
    spots = (rect[:, None] + ALONG[:, None] * along[:, None])[:, :, None] + depths * inward[:, None, None]
    flat = spots.reshape(1, -1, 2)
    wet, under = ((look(map_, flat) > 0).reshape(spots.shape[:-1]) for map_ in (own, hidden))
    wet = wet[..., :-2] | wet[..., 1:-1] | wet[..., 2:]
    inked = wet[:, _HERE, _LINES]
    judged = inked | ~under[..., 1:-1][:, _HERE, _LINES]
    shares = (inked.sum(2) / np.maximum(judged.sum(2), len(ALONG) // 2)).max(1)
    return float(shares.min()), float(shares.mean())


def _rim(own: Ink, hidden: Ink, rect: Floats) -> float:
    """Share of the ellipse in the rectangle with ink in its outer ninth, hidden places left out."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    centre, a, b = rect.mean(0), (rect[1] - rect[0]) / 2, (rect[2] - rect[1]) / 2
    round_ = np.cos(turn)[:, None] * a + np.sin(turn)[:, None] * b
    spots = centre + round_[:, None] * np.linspace(0.89, 1.03, 7)[None, :, None]
    wet, under = (look(own, spots) > 0).any(1), (look(hidden, spots) > 0).any(1)
    return float(wet.sum() / max((wet | ~under).sum(), 36))


def inner(rect: Floats, count: int, margin: float) -> NDArray[np.float32]:
    """(count, count, 2) places spread over the rectangle, `margin` of its sides left out."""
    steps = np.linspace(margin, 1 - margin, count, dtype=np.float32)
    down, across = steps[:, None, None] * (rect[1] - rect[0]), steps[None, :, None] * (rect[3] - rect[0])
    return np.asarray(rect[0] + down + across, np.float32)


def _grid(own: Ink, rect: Floats) -> float:
    wet = look(own, inner(rect, 30, 0.02)) > 0
    return float((wet.reshape(5, 6, 5, 6).mean((1, 3)) > 0.06).mean())


def _relief(ink: Ink, rect: Floats) -> float:
    low, high = np.percentile(look(ink, inner(rect, 30, 0.14)), (12, 88))
    return float((high - low) / max(high, 1.0))
