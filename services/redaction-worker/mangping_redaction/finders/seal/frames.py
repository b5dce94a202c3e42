"""Frames: four straight strokes around a chop or a strip, proved by walking along them. Pure, pixels of the working copy.

A stroke has paper on both sides, which tells it from a shade, a block or a row of letters; where other ink lies on it, it
counts neither for nor against. Each side is moved onto its own stroke: photographed frames are no rectangles.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mangping_redaction.finders.seal.blobs import inner
from mangping_redaction.finders.seal.look import HIDING, Floats, Ink, look, tilt
from mangping_redaction.finders.seal.strokes import (
    ALL,
    MIDDLE,
    NEAR,
    STEP_MM,
    Bools,
    Doubles,
    Places,
    median,
    on_page,
    strokes,
    walked,
)

STEPS = 32  # of the walk along a side
SLACKS_MM = (2.7, 1.2)  # how far off its side a stroke may be, closer at every step
TIGHT_MM = 0.35  # how true to its side a stroke is
NEAR_MM = 1.5  # strokes farther off than this from the usual one are other ink
TURN = 6.0  # degrees that a side may be turned against the one opposite
BEYOND_MM = np.arange(1.2, 4.6, 0.3, dtype=np.float32)  # from a corner
FEW = 0.33  # of all places: fewer strokes are no frame, even if half of it is hidden
LEAST = 8  # strokes on a side that tell where it runs
NEXT, LAST = [1, 2, 3, 0], [3, 0, 1, 2]  # corners
_ALONG = (np.arange(STEPS, dtype=np.float32) + 0.5) / STEPS


class Frame:
    """(4, 2) corners along the middle of the strokes, and what the last walk along them met; what costs time is measured
    when asked for. Lengths in mm, shares 0..1."""

    def __init__(self, ink: Ink, corners: Floats, level: int, mm: float, hidden: tuple[Ink, ...], tint: Ink) -> None:
        """`hidden`: maps that are 255 where other ink may lie on top; `tint`: all ink of the page."""
        self.corners, self._tint, self._level, self._mm = corners, tint, level, mm
        whole = corners[None]
        outward = _outward(whole)
        values, visible = (part[0] for part in _walk(ink, whole, outward, mm))
        stroke, _ = strokes(values, level, TIGHT_MM)
        over = (_walk(map_, whole, outward, mm, NEAR)[0][0] for map_ in hidden)
        under = np.any([ink_.max(-1) > HIDING for ink_ in over], axis=0)
        judged, inked = visible & (stroke | ~under), stroke & visible
        shares = inked.sum(1) / np.maximum(judged.sum(1), STEPS // 3)
        sides = _length(corners[NEXT] - corners)[:, 0] / mm
        lengths = (sides[:2] + sides[2:]) / 2
        self.long, self.short = float(lengths.max()), float(lengths.min())
        self.worst = float(shares.min())  # share of the visible part of the worst side that is a stroke
        self.mean = float(shares @ sides / sides.sum())  # the same of all sides
        self.shown = float(judged.mean(1) @ sides / sides.sum())  # share of its round that lies open

    @property
    def tilt(self) -> float:
        """Degrees clockwise of its sides against the page's, -45..45."""
        return tilt(self.corners[1] - self.corners[0])

    @property
    def written(self) -> float:
        """Share of its inside that holds ink."""
        return float((look(self._tint, inner(self.corners, 24, 0.15) - 0.5) > self._level).mean())

    @property
    def beyond(self) -> int:
        """Sides' ends, of eight, where the stroke runs on beyond the corner, as in a table."""
        return _beyond(self._tint, self.corners[None], self._level, self._mm)


def moved(ink: Ink, rects: Sequence[Floats], level: int, mm: float) -> list[Floats | None]:
    """Each rectangle (4, 2) moved onto its strokes of ink above `level`; None where there are none to speak of."""
    numbers = np.arange(len(rects))
    corners = np.array(rects, np.float32).reshape(-1, 4, 2)
    for slack in SLACKS_MM:
        if not len(corners):
            break
        outward = _outward(corners)
        values, visible = _walk(ink, corners, outward, mm)
        stroke, place = strokes(values, level, slack)
        stroke &= visible
        enough = stroke.mean((1, 2)) >= FEW
        corners, square = _refit(corners[enough], outward[enough], stroke[enough], place[enough], mm)
        corners, numbers = corners[square], numbers[enough][square]
    found = dict(zip(numbers.tolist(), corners, strict=True))
    return [found.get(number) for number in range(len(rects))]


def _walk(ink: Ink, corners: Floats, outward: Floats, mm: float, steps: slice = ALL) -> tuple[Ink, Bools]:
    """(n, 4, STEPS, steps) ink across the sides, inside to outside, and which places lie on the page."""
    spots = corners[:, :, None] + _ALONG[:, None] * (corners[:, NEXT] - corners)[:, :, None]
    return _across(ink, spots, outward, mm, steps), on_page(ink, spots[..., 0], spots[..., 1])


def _across(ink: Ink, spots: Floats, outward: Floats, mm: float, steps: slice = ALL) -> Ink:
    """(n, 4, places, steps) ink across (n, 4, places, 2) spots on the sides, whose normals are (n, 4, 2)."""
    shape = len(spots), 4 * spots.shape[2]
    x, y = (spots[..., k].reshape(shape) - np.float32(0.5) for k in (0, 1))
    across, down = (np.repeat(outward[..., k], spots.shape[2], axis=1) for k in (0, 1))
    return walked(ink, x, y, across, down, mm, steps).reshape(*spots.shape[:-1], -1)


def _outward(corners: Floats) -> Floats:
    """(n, 4, 2) the outward normal of each side, of length 1."""
    along = corners[:, NEXT] - corners
    normal = np.stack([along[..., 1], -along[..., 0]], axis=-1) / np.maximum(_length(along), 1e-3)
    middle = corners + along / 2 - corners.mean(1, keepdims=True)
    return np.asarray(normal * np.sign((normal * middle).sum(-1, keepdims=True)), np.float32)


def _length(ways: Floats) -> Floats:
    return np.asarray(np.sqrt((ways * ways).sum(-1, keepdims=True)))


def _refit(corners: Floats, outward: Floats, stroke: Bools, place: Places, mm: float) -> tuple[Floats, Bools]:
    """(n, 4, 2) where the straight lines nearest to the strokes of each side meet, and whether sides still are square."""
    along = corners[:, NEXT] - corners
    off = (place - MIDDLE).astype(np.float64) * STEP_MM * mm
    usual = stroke & (np.abs(off - median(off, stroke)) < NEAR_MM * mm)
    slope, base = _lines(off, usual)
    starts = (corners + outward * base[..., None]).astype(np.float32)
    ways = (along + outward * slope[..., None]).astype(np.float32)
    met = _meet(starts[:, LAST], ways[:, LAST], starts, ways)
    turn = np.rad2deg(np.arctan2(ways[..., 1], ways[..., 0]))
    askew = np.abs((turn[:, :2] - turn[:, 2:] + 90) % 180 - 90).max(1)
    square = np.abs((turn[:, 0] - turn[:, 1]) % 180 - 90)
    return met, np.isfinite(met).all((1, 2)) & (askew < TURN) & (square < TURN)


def _lines(off: Doubles, usual: Bools) -> tuple[Doubles, Doubles]:
    """(n, 4) slopes and values at 0 of the straight lines nearest to the strokes that are usual; nought for too few."""
    count = usual.sum(-1, keepdims=True)
    some = np.maximum(count, 1)
    x, y = ((np.where(usual, values, 0.0).sum(-1, keepdims=True) / some) for values in (_ALONG, off))
    away = np.where(usual, _ALONG - x, 0.0)
    slope = (away * off).sum(-1, keepdims=True) / np.maximum((away * away).sum(-1, keepdims=True), 1e-6)
    told = count >= LEAST
    return np.where(told, slope, 0.0)[..., 0], np.where(told, y - slope * x, 0.0)[..., 0]


def _meet(p: Floats, u: Floats, q: Floats, v: Floats) -> Floats:
    """Where the lines p + s u and q + t v meet."""
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    away = q - p
    s = (away[..., 0] * v[..., 1] - away[..., 1] * v[..., 0]) / np.where(cross == 0, np.float32(1e-9), cross)
    return np.asarray(p + s[..., None] * u, np.float32)


def _beyond(ink: Ink, corners: Floats, level: int, mm: float) -> int:
    """At how many of their eight ends the sides of one frame (1, 4, 2) run on."""
    ways = corners[:, NEXT] - corners
    reach = ((ways / np.maximum(_length(ways), 1e-3))[:, :, None] * (BEYOND_MM[:, None] * mm)).astype(np.float32)
    ends = corners[:, :, None] - reach, corners[:, NEXT][:, :, None] + reach
    values = _across(ink, np.concatenate(ends), np.repeat(_outward(corners), 2, axis=0), mm)
    stroke, _ = strokes(values, level, 2 * TIGHT_MM)
    return int((stroke.mean(-1) > 0.75).sum())
