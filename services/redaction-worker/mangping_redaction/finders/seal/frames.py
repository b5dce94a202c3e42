"""Frames: four straight strokes around a chop or a strip, proved by walking along them. Pure, pixels of the working copy.

A stroke has paper on both sides, which tells it from a shade, a block or a row of letters; where other ink lies on it, it
counts neither for nor against. Each side is moved onto its own stroke: photographed frames are no rectangles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.blobs import inner
from mangping_redaction.finders.seal.look import Floats, Ink, look
from mangping_redaction.finders.seal.rings import REACH_MM, STEP_MM, strokes

STEPS = 32  # of the walk along a side
SLACKS_MM = (2.7, 1.2)  # how far off its side a stroke may be, closer at every step
TIGHT_MM = 0.35  # how true to its side a stroke is
TURN = 6.0  # degrees that a side may be turned against the one opposite
BEYOND_MM = np.arange(1.2, 4.6, 0.3, dtype=np.float32)  # from a corner
FEW = 0.33  # of all places: fewer strokes are no frame, even if half of it is hidden
LEAST = 8  # strokes on a side that tell where it runs
_ALONG = (np.arange(STEPS, dtype=np.float32) + 0.5) / STEPS
_OFFSETS = np.arange(-REACH_MM, REACH_MM + STEP_MM / 2, STEP_MM, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """(4, 2) corners along the middle of the strokes, and what the walk along them met. Lengths in mm, shares 0..1."""

    corners: Floats
    long: float
    short: float
    tilt: float  # degrees clockwise of its sides against the page's, -45..45
    worst: float  # share of the visible part of the worst side that is a stroke with paper on both sides
    mean: float  # the same of all sides
    shown: float  # share of its round that lies open
    weight: float  # of its ink, 0..255
    written: float  # share of its inside that holds ink
    beyond: int  # sides' ends, of eight, where the stroke runs on beyond the corner, as in a table


def proved(ink: Ink, rect: Floats, level: int, mm: float, hidden: tuple[Ink, ...], tint: Ink) -> Frame | None:
    """The rectangle (4, 2) moved onto its strokes of ink above `level`, and measured; None when there is none to speak of.

    `hidden`: maps that are 255 where other ink may lie on top; `tint`: all ink of the page.
    """
    corners = rect.astype(np.float32)
    for slack in SLACKS_MM:
        values, visible = _walk(ink, corners, mm)
        stroke, place = strokes(values, 0.8 * level, slack)
        if (stroke & visible).mean() < FEW:
            return None
        moved = _refit(corners, (stroke & visible).reshape(4, STEPS), place.reshape(4, STEPS), mm)
        if moved is None:
            return None
        corners = moved
    return _measure(ink, corners, level, mm, hidden, tint)


def _walk(ink: Ink, corners: Floats, mm: float) -> tuple[Floats, NDArray[np.bool_]]:
    """(4 * STEPS, steps) ink across the sides, inside to outside, and which places lie on the page."""
    a, b = corners, np.roll(corners, -1, axis=0)
    spots = a[:, None] + _ALONG[None, :, None] * (b - a)[:, None]
    across = spots[:, :, None] + _OFFSETS[None, None, :, None] * mm * _outward(corners)[:, None, None]
    x, y = spots[..., 0].ravel(), spots[..., 1].ravel()
    visible = (x > 1) & (y > 1) & (x < ink.shape[1] - 2) & (y < ink.shape[0] - 2)
    values = look(ink, across.reshape(4 * STEPS, len(_OFFSETS), 2) - 0.5, smooth=True)
    return values.astype(np.float32), np.asarray(visible)


def _outward(corners: Floats) -> Floats:
    """(4, 2) the outward normal of each side, of length 1."""
    along = np.roll(corners, -1, axis=0) - corners
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.maximum(np.linalg.norm(along, axis=1), 1e-3)[:, None]
    middle = corners + along / 2 - corners.mean(0)
    return np.asarray(normal * np.sign((normal * middle).sum(1))[:, None], np.float32)


def _refit(corners: Floats, stroke: NDArray[np.bool_], place: NDArray[np.intp], mm: float) -> Floats | None:
    """The corners where the straight lines nearest to the strokes of each side meet; None when opposite sides are askew."""
    along = np.roll(corners, -1, axis=0) - corners
    outward = _outward(corners)
    starts, ways = corners.copy(), along.copy()
    for side in range(4):
        off = (place[side] - len(_OFFSETS) // 2) * STEP_MM * mm
        usual = stroke[side] & (np.abs(off - np.median(off[stroke[side]] if stroke[side].any() else off)) < 1.5 * mm)
        if usual.sum() < LEAST:
            continue
        slope, base = _line(_ALONG[usual], off[usual])
        starts[side] += outward[side] * base
        ways[side] += outward[side] * slope
    moved = np.stack([_meet(starts[k - 1], ways[k - 1], starts[k], ways[k]) for k in range(4)])
    turn = np.rad2deg(np.arctan2(ways[:, 1], ways[:, 0]))
    askew = np.abs((turn[:2] - turn[2:] + 90) % 180 - 90).max()
    square = abs((turn[0] - turn[1]) % 180 - 90)
    return moved.astype(np.float32) if np.isfinite(moved).all() and askew < TURN and square < TURN else None


def _line(x: Floats, y: NDArray[np.float64]) -> tuple[float, float]:
    """(slope, value at 0) of the straight line nearest to the points."""
    middle, away = y.mean(), x - x.mean()
    slope = float(away @ y / max(float(away @ away), 1e-6))
    return slope, float(middle - slope * x.mean())


def _meet(p: Floats, u: Floats, q: Floats, v: Floats) -> Floats:
    """Where the lines p + s u and q + t v meet."""
    cross = float(u[0] * v[1] - u[1] * v[0])
    s = float((q[0] - p[0]) * v[1] - (q[1] - p[1]) * v[0]) / (cross or 1e-9)
    return np.asarray(p + s * u, np.float32)


def _measure(ink: Ink, corners: Floats, level: int, mm: float, hidden: tuple[Ink, ...], tint: Ink) -> Frame:
    values, visible = _walk(ink, corners, mm)
    stroke, _ = strokes(values, 0.8 * level, TIGHT_MM)
    middle = values.shape[1] // 2
    near = slice(middle - 2, middle + 3)
    under = np.any([_walk(map_, corners, mm)[0][:, near].max(1) > 90 for map_ in hidden], axis=0)
    judged = (visible & (stroke | ~under)).reshape(4, STEPS)
    inked = (stroke & visible).reshape(4, STEPS)
    shares = inked.sum(1) / np.maximum(judged.sum(1), STEPS // 3)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1) / mm
    lengths = (sides[:2] + sides[2:]) / 2
    way = corners[1] - corners[0]
    seen = values[stroke & visible]
    return Frame(
        corners=corners,
        long=float(lengths.max()),
        short=float(lengths.min()),
        tilt=float((np.rad2deg(np.arctan2(way[1], way[0])) + 45) % 90 - 45),
        worst=float(shares.min()),
        mean=float(np.average(shares, weights=sides)),
        shown=float(np.average(judged.mean(1), weights=sides)),
        weight=float(np.median(seen[:, middle - 1 : middle + 2].max(1))) if len(seen) else 0.0,
        beyond=_beyond(tint, corners, level, mm),
        written=float((look(tint, inner(corners, 24, 0.15) - 0.5) > level).mean()),
    )


def _beyond(ink: Ink, corners: Floats, level: int, mm: float) -> int:
    """At how many of their eight ends the sides run on."""
    ways = np.roll(corners, -1, axis=0) - corners
    ways /= np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-3)
    reach = BEYOND_MM[:, None] * mm
    ends = [corners[:, None] - ways[:, None] * reach, np.roll(corners, -1, axis=0)[:, None] + ways[:, None] * reach]
    across = _outward(corners)[:, None, None] * _OFFSETS[None, None, :, None] * mm
    count = 0
    for spots in ends:
        values = look(ink, (spots[:, :, None] + across - 0.5).reshape(-1, len(_OFFSETS), 2), smooth=True).astype(
            np.float32
        )
        stroke, _ = strokes(values, 0.8 * level, 2 * TIGHT_MM)
        count += int((stroke.reshape(4, -1).mean(1) > 0.75).sum())
    return count
