"""Rings: ellipses drawn in ink, proved by walking round. Pure, pixels of the working copy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.look import Floats, Ink, look

ANGLES = 96  # steps of the walk round a ring
REACH_MM = 3.6  # how far the walk looks to either side
STEP_MM = 0.3
WIDTHS_MM = (8.0, 90.0)  # of the longer axis; name chops are the smallest, dpi may be a third off
ASPECT = 1.9  # the longest oval
TIGHT_MM = 0.35  # how true to its ellipse a ring is; strokes of text and tables are not
SLACKS_MM = (2.0, 1.0)  # how far off its ellipse a stroke may be, closer at every step
FEW, FEW_SHOWN = 0.4, 0.25  # of the round that must be a stroke; less where something may lie on it
_TURN = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
_COS, _SIN = np.cos(_TURN).astype(np.float32), np.sin(_TURN).astype(np.float32)
_OFFSETS = np.arange(-REACH_MM, REACH_MM + STEP_MM / 2, STEP_MM, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """An ellipse along the middle of a stroke, and what the walk round it met. Shares are 0..1."""

    centre: tuple[float, float]
    axes: tuple[float, float]  # half axes
    angle: float  # degrees of the first axis
    coverage: float = 0.0  # share of the visible round that is a stroke with paper on both sides
    seen: float = 1.0  # share of the round that lies on the page
    shown: float = 1.0  # share of the round that lies open: on the page, and under nothing else
    arc: tuple[float, float] = (0.0, 0.0)  # the longest stretch with hardly a gap: where it begins and ends, in rounds
    stroke: float = 0.0  # from the middle of the outermost stroke to its outer rim
    spread: float = 0.0  # share of sectors between ring and centre that hold ink

    @property
    def area(self) -> float:
        return float(np.pi * self.axes[0] * self.axes[1])

    def away(self, point: Floats | tuple[float, float]) -> float:
        return float(np.hypot(self.centre[0] - point[0], self.centre[1] - point[1]))

    def polygon(self, pad: float, corners: int = 32) -> Floats:
        """(corners, 2) around the ring, `pad` outside its outermost rim; the chords cut nothing off."""
        turn, grow = np.linspace(0, 2 * np.pi, corners, endpoint=False), 1 / np.cos(np.pi / corners)
        middle = np.asarray(self.centre)
        return np.asarray((self.at(turn, self.stroke + pad) - middle) * grow + middle, np.float32)

    def holds(self, ink: Ink, level: int) -> bool:
        """Whether its box holds ink above `level` for a thin stroke along a quarter of its round."""
        (x, y), reach = self.centre, max(self.axes)
        left, top = max(0, int(x - reach)), max(0, int(y - reach))
        part = ink[top : int(y + reach) + 1, left : int(x + reach) + 1]
        return bool(np.count_nonzero(part > level) > 0.25 * 2 * np.pi * min(self.axes))

    @property
    def unbroken(self) -> float:
        """Share of the round of its longest stretch."""
        return self.arc[1] - self.arc[0]

    def segment(self, pad: float, corners: int = 32) -> Floats:
        """(corners, 2) around what lies between the ends of the longest stretch, `pad` outside its outermost rim."""
        turn = 2 * np.pi * np.linspace(self.arc[0], self.arc[1], corners)
        return np.asarray(self.at(turn, self.stroke + pad), np.float32)

    def at(self, turn: NDArray[np.float64], outside: float | NDArray[np.float64] = 0.0) -> NDArray[np.float64]:
        """The points at these parameters (radians) of the ellipse whose half axes are longer by `outside`."""
        a, b, tilt = self.axes[0] + outside, self.axes[1] + outside, np.deg2rad(self.angle)
        x, y = a * np.cos(turn), b * np.sin(turn)
        points = np.empty((*x.shape, 2))
        points[..., 0] = self.centre[0] + x * np.cos(tilt) - y * np.sin(tilt)
        points[..., 1] = self.centre[1] + x * np.sin(tilt) + y * np.cos(tilt)
        return points


def proved(ink: Ink, start: Ring, level: int, mm: float, *, hidden: Ink | None = None) -> Ring | None:
    """The likely ring moved onto its stroke of ink above `level`, and measured; None when there is none to speak of.

    `hidden`: other ink that may lie on top; where it is strong the walk neither counts for nor against.
    """
    ring = start
    for slack in SLACKS_MM:
        values, visible = _walk(ink, ring, mm)
        stroke, place = strokes(values, 0.8 * level, slack)
        stroke &= visible
        if stroke.sum() < (FEW if hidden is None else FEW_SHOWN) * max(visible.sum(), 24):
            return None
        moved = _refit(ring, stroke, place, mm)
        if moved is None:
            return None
        ring = moved
    return _measure(ink, ring, level, mm, hidden)


def _walk(ink: Ink, ring: Ring, mm: float) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(ANGLES, steps) ink across the ring, REACH_MM inside to REACH_MM outside, and which angles lie on the page."""
    tilt = np.deg2rad(ring.angle)
    cosine, sine = np.float32(np.cos(tilt)), np.float32(np.sin(tilt))
    along, across = ring.axes[0] * _COS, ring.axes[1] * _SIN
    x, y = ring.centre[0] + along * cosine - across * sine, ring.centre[1] + along * sine + across * cosine
    offsets = _OFFSETS * np.float32(mm)
    spots = np.empty((ANGLES, len(offsets), 2), np.float32)
    spots[..., 0] = x[:, None] + (_COS * cosine - _SIN * sine)[:, None] * offsets
    spots[..., 1] = y[:, None] + (_COS * sine + _SIN * cosine)[:, None] * offsets
    visible = (x > 1) & (y > 1) & (x < ink.shape[1] - 2) & (y < ink.shape[0] - 2)
    return look(ink, spots, smooth=True).astype(np.float32), np.asarray(visible)


def strokes(values: NDArray[np.float32], level: float, slack_mm: float) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """For every angle: is there a stroke, paper on both sides, within `slack_mm`, and at which step is its middle."""
    centre, slack, gap = values.shape[1] // 2, max(1, round(slack_mm / STEP_MM)), round(1.5 / STEP_MM)
    band = values[:, centre - slack : centre + slack + 1]
    peak = band.max(1)
    place = band.argmax(1) + centre - slack
    rows = np.arange(len(values))
    steps = np.arange(2, gap + 3)
    inner = values[rows[:, None], np.maximum(place[:, None] - steps, 0)].min(1)
    outer = values[rows[:, None], np.minimum(place[:, None] + steps, values.shape[1] - 1)].min(1)
    return (peak > level) & (np.maximum(inner, outer) < 0.62 * peak), place


def _refit(ring: Ring, stroke: NDArray[np.bool_], place: NDArray[np.intp], mm: float) -> Ring | None:
    """The ellipse nearest to the middles of the strokes; a circle when they span less than two thirds of the round."""
    turn = _TURN[stroke]
    offset = (place[stroke] - round(REACH_MM / STEP_MM)) * STEP_MM * mm
    usual = np.abs(offset - np.median(offset)) < 1.6 * mm
    points = ring.at(turn[usual], offset[usual]).astype(np.float32)
    if len(points) < 12:
        return None
    round_trip = len(np.unique(np.floor(turn[usual] / (2 * np.pi) * 24))) / 24
    if round_trip > 0.6:
        centre, size, angle = cv2.fitEllipseAMS(points)
    else:
        middle, r = _circle(points)
        ratio = ring.axes[0] / ring.axes[1]
        if not 0.9 < ratio < 1.11:
            return None
        centre, size, angle = middle, (2 * r, 2 * r), 0.0
    if not np.isfinite([*centre, *size]).all() or min(size) < WIDTHS_MM[0] * 0.6 * mm or max(size) > WIDTHS_MM[1] * mm:
        return None
    centre = float(centre[0]), float(centre[1])
    if max(size) > ASPECT * min(size) or ring.away(centre) > 6 * mm:
        return None
    return replace(ring, centre=centre, axes=(size[0] / 2, size[1] / 2), angle=float(angle))


def _circle(points: Floats) -> tuple[tuple[float, float], float]:
    """Centre and radius of the circle nearest to the points, by linear least squares."""
    matrix = np.c_[2 * points, np.ones(len(points))].astype(np.float64)
    x, y, rest = np.linalg.lstsq(matrix, (points.astype(np.float64) ** 2).sum(1), rcond=None)[0]
    return (float(x), float(y)), float(np.sqrt(max(rest + x * x + y * y, 1.0)))


def _measure(ink: Ink, ring: Ring, level: int, mm: float, hidden: Ink | None) -> Ring:
    values, visible = _walk(ink, ring, mm)
    stroke, place = strokes(values, 0.8 * level, TIGHT_MM)
    judged = visible & (stroke | ~_hidden(values, stroke, ring, hidden, mm))
    coverage = float((stroke & judged).sum() / max(judged.sum(), 12))
    rim = _rim(values[stroke & judged], place[stroke & judged], mm)
    spread = _spread(ink, ring, level)
    seen, shown = float(visible.mean()), float(judged.mean())
    arc = _stretch(stroke, judged)
    return replace(ring, coverage=coverage, seen=seen, shown=shown, arc=arc, stroke=rim, spread=spread)


def _stretch(stroke: NDArray[np.bool_], judged: NDArray[np.bool_]) -> tuple[float, float]:
    """Where the longest stretch begins and ends, in rounds: strokes win what gaps lose tenfold, the unseen is nought."""
    worth = np.where(stroke & judged, 1.0, np.where(judged, -8.0, 0.0))
    total = np.concatenate([[0.0], np.cumsum(np.tile(worth, 2))])
    low = np.minimum.accumulate(total)
    end = int(np.argmax(total - low))
    begin = int(np.flatnonzero(total[: end + 1] == low[end])[-1])
    begin = max(begin, end - len(worth))
    return begin / len(worth), end / len(worth)


def _hidden(
    values: NDArray[np.float32], stroke: NDArray[np.bool_], ring: Ring, hidden: Ink | None, mm: float
) -> NDArray[np.bool_]:
    """The angles where other ink lies on the ring: the given one, or ink much stronger than the ring's own."""
    middle = values.shape[1] // 2
    near = slice(middle - 2, middle + 3)
    if hidden is not None:
        return np.asarray(_walk(hidden, ring, mm)[0][:, near].max(1) > 90)
    usual = float(np.median(values[stroke][:, near].max(1))) if stroke.any() else 255.0
    return np.asarray(values[:, near].max(1) > 1.7 * usual + 20)


def _rim(values: NDArray[np.float32], place: NDArray[np.intp], mm: float) -> float:
    """How far the ink reaches outside the middle of the stroke: where the usual profile has fallen, outer rings too."""
    if not len(values):
        return 0.6 * mm
    rows = np.arange(len(values))
    peak = values[rows, place]
    wet = (values > 0.4 * peak[:, None]).mean(0)
    middle = values.shape[1] // 2
    far = [i for i in range(middle, values.shape[1]) if wet[i] > 0.55]
    return float((max(far, default=middle) - middle + 1) * STEP_MM * mm)


def _spread(ink: Ink, ring: Ring, level: int) -> float:
    """Share of 24 sectors (inside the ring, outside its middle) with ink."""
    turn = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    depth = np.linspace(0.06, 0.88, 16)[8:]
    middle = np.asarray(ring.centre)
    wet = look(ink, middle + (ring.at(turn)[:, None] - middle) * depth[None, :, None], smooth=True) > 0.8 * level
    sectors = wet.reshape(24, -1).mean(1)
    return float((sectors > 0.06).mean())
