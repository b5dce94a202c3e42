"""Rings: ellipses drawn in ink, proved by walking round. Pure, pixels of the working copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from mangping_redaction.finders.seal.look import HIDING, Floats, Ink, look
from mangping_redaction.finders.seal.strokes import (
    ALL,
    FAINT,
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

ANGLES = 96  # steps of the walk round a ring
WIDTHS_MM = (8.0, 90.0)  # of the longer axis; name chops are the smallest, dpi may be a third off
ASPECT = 1.9  # the longest oval
TIGHT_MM = 0.35  # how true to its ellipse a ring is; strokes of text and tables are not
SLACKS_MM = (2.0, 1.0)  # how far off its ellipse a stroke may be, closer at every step
NEAR_MM = 1.6  # strokes farther off than this from the usual one are other ink
FEW, FEW_SHOWN = 0.4, 0.25  # of the round that must be a stroke; less where something may lie on it
LEAST = 12  # strokes that tell where a ring runs
SECTORS = 24  # of its round, and the share of them with strokes that tell an ellipse from a circle
ROUND = 0.6
AWAY_MM = 6.0  # no ring is farther from where it is likely
_TURN = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
_COS, _SIN = np.cos(_TURN).astype(np.float32), np.sin(_TURN).astype(np.float32)


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
    def long(self) -> float:
        """The longer axis."""
        return 2 * max(self.axes)

    @property
    def slim(self) -> float:
        """The longer axis over the shorter one."""
        return max(self.axes) / min(self.axes)

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

    def at(self, turn: Doubles, outside: float | Doubles = 0.0) -> Doubles:
        """The points at these parameters (radians) of the ellipse whose half axes are longer by `outside`."""
        a, b, tilt = self.axes[0] + outside, self.axes[1] + outside, np.deg2rad(self.angle)
        x, y = a * np.cos(turn), b * np.sin(turn)
        points = np.empty((*x.shape, 2))
        points[..., 0] = self.centre[0] + x * np.cos(tilt) - y * np.sin(tilt)
        points[..., 1] = self.centre[1] + x * np.sin(tilt) + y * np.cos(tilt)
        return points


def proved(ink: Ink, starts: Sequence[Ring], level: int, mm: float, *, hidden: Ink | None = None) -> list[Ring | None]:
    """Each likely ring moved onto its stroke of ink above `level`, and measured; None when there is none to speak of.

    `hidden`: other ink that may lie on top; where it is strong the walk neither counts for nor against.
    """
    rings: dict[int, Ring] = dict(enumerate(starts))
    for slack in SLACKS_MM:
        if not rings:
            break
        values, visible = _walk(ink, list(rings.values()), mm)
        stroke, place = strokes(values, level, slack)
        stroke &= visible
        least = (FEW if hidden is None else FEW_SHOWN) * np.maximum(visible.sum(1), 24)
        enough = stroke.sum(1) >= least
        rings = {number: ring for (number, ring), some in zip(rings.items(), enough, strict=True) if some}
        moved = _refit(list(rings.values()), stroke[enough], place[enough], mm) if rings else []
        rings = {number: ring for number, ring in zip(rings, moved, strict=True) if ring}
    measured = dict(zip(rings, _measured(ink, list(rings.values()), level, mm, hidden), strict=True))
    return [measured.get(number) for number in range(len(starts))]


def _walk(ink: Ink, rings: Sequence[Ring], mm: float, steps: slice = ALL) -> tuple[Ink, Bools]:
    """(n, ANGLES, steps) ink across the rings, inside to outside, and which angles lie on the page."""
    tilt = np.deg2rad([ring.angle for ring in rings])[:, None]
    cosine, sine = np.cos(tilt).astype(np.float32), np.sin(tilt).astype(np.float32)
    centre = np.array([ring.centre for ring in rings], np.float32)[..., None]
    axes = np.array([ring.axes for ring in rings], np.float32)[..., None]
    along, across = axes[:, 0] * _COS, axes[:, 1] * _SIN
    x, y = centre[:, 0] + along * cosine - across * sine, centre[:, 1] + along * sine + across * cosine
    out = _COS * cosine - _SIN * sine, _COS * sine + _SIN * cosine
    return walked(ink, x, y, *out, mm, steps), on_page(ink, x, y)


def _refit(rings: Sequence[Ring], stroke: Bools, place: Places, mm: float) -> list[Ring | None]:
    """The ellipses nearest to the middles of the strokes; circles where they span less than two thirds of the round."""
    offset = (place - MIDDLE).astype(np.float64) * STEP_MM * mm
    usual = stroke & (np.abs(offset - median(offset, stroke)) < NEAR_MM * mm)
    points = _points(rings, offset)
    circles = _circles(points.astype(np.float64), usual)
    spans = usual.reshape(len(rings), SECTORS, -1).any(2).mean(1)
    found: list[Ring | None] = []
    for k, ring in enumerate(rings):
        if usual[k].sum() < LEAST:
            moved = None
        elif spans[k] > ROUND:
            (x, y), (wide, high), angle = cv2.fitEllipseAMS(points[k][usual[k]])
            moved = replace(ring, centre=(x, y), axes=(wide / 2, high / 2), angle=angle)
        else:
            x, y, r = circles[k].tolist()
            circular = 0.9 < ring.axes[0] / ring.axes[1] < 1.11
            moved = replace(ring, centre=(x, y), axes=(r, r), angle=0.0) if circular else None
        found.append(moved if moved and _is_near(moved, ring, mm) else None)
    return found


def _is_near(moved: Ring, ring: Ring, mm: float) -> bool:
    """Whether it still is where the ring was, and a seal's by its size."""
    long, short = 2 * max(moved.axes), 2 * min(moved.axes)
    if not np.isfinite([*moved.centre, *moved.axes]).all():
        return False
    sized = short >= WIDTHS_MM[0] * 0.6 * mm and long <= WIDTHS_MM[1] * mm and long <= ASPECT * short
    return sized and ring.away(moved.centre) <= AWAY_MM * mm


def _points(rings: Sequence[Ring], offset: Doubles) -> Floats:
    """(n, ANGLES, 2) what lies so far outside each ring."""
    shapes = np.array([(*ring.centre, *ring.axes, np.deg2rad(ring.angle)) for ring in rings])
    x0, y0, a, b, tilt = shapes.T[..., None]
    x, y = (a + offset) * np.cos(_TURN), (b + offset) * np.sin(_TURN)
    points = np.empty((*offset.shape, 2), np.float32)
    points[..., 0] = x0 + x * np.cos(tilt) - y * np.sin(tilt)
    points[..., 1] = y0 + x * np.sin(tilt) + y * np.cos(tilt)
    return points


def _circles(points: Doubles, usual: Bools) -> Doubles:
    """(n, 3) centre and radius of the circle nearest to the usual points of each ring, by linear least squares."""
    weight = usual[..., None] / np.maximum(usual.sum(1), 1)[:, None, None]
    middle = (points * weight).sum(1)
    x, y = np.moveaxis(points - middle[:, None], 2, 0)
    square, share = x * x + y * y, weight[..., 0]
    xx, xy, yy = ((share * part).sum(1) for part in (x * x, x * y, y * y))
    xs, ys, mean = ((share * part).sum(1) for part in (x * square, y * square, square))
    apart = 2 * (xx * yy - xy * xy)
    apart = np.where(apart == 0, 1e-9, apart)
    x, y = (yy * xs - xy * ys) / apart, (xx * ys - xy * xs) / apart
    return np.stack([middle[:, 0] + x, middle[:, 1] + y, np.sqrt(np.maximum(mean + x * x + y * y, 1.0))], axis=1)


def _measured(ink: Ink, rings: Sequence[Ring], level: int, mm: float, hidden: Ink | None) -> list[Ring]:
    """The rings with what the last walk round each met."""
    if not rings:
        return []
    values, visible = _walk(ink, rings, mm)
    stroke, place = strokes(values, level, TIGHT_MM)
    judged = visible & (stroke | ~_hidden(values, stroke, rings, hidden, mm))
    inked = stroke & judged
    rims, spreads = _rims(values, place, inked, mm), _spreads(ink, rings, level)
    return [
        replace(
            ring,
            coverage=float(inked[k].sum() / max(judged[k].sum(), 12)),
            seen=float(visible[k].mean()),
            shown=float(judged[k].mean()),
            arc=_stretch(stroke[k], judged[k]),
            stroke=rims[k],
            spread=spreads[k],
        )
        for k, ring in enumerate(rings)
    ]


def _stretch(stroke: Bools, judged: Bools) -> tuple[float, float]:
    """Where the longest stretch begins and ends, in rounds: strokes win what gaps lose tenfold, the unseen is nought."""
    worth = np.where(stroke & judged, 1.0, np.where(judged, -8.0, 0.0))
    total = np.concatenate([[0.0], np.cumsum(np.tile(worth, 2))])
    low = np.minimum.accumulate(total)
    end = int(np.argmax(total - low))
    begin = int(np.flatnonzero(total[: end + 1] == low[end])[-1])
    begin = max(begin, end - len(worth))
    return begin / len(worth), end / len(worth)


def _hidden(values: Ink, stroke: Bools, rings: Sequence[Ring], hidden: Ink | None, mm: float) -> Bools:
    """The angles where other ink lies on a ring: the given one, or ink much stronger than the ring's own."""
    if hidden is not None:
        return np.asarray(_walk(hidden, rings, mm, NEAR)[0].max(-1) > HIDING)
    peak = values[..., NEAR].max(-1)
    usual = np.where(stroke.any(1, keepdims=True), median(peak.astype(np.float64), stroke), 255.0)
    return np.asarray(peak > 1.7 * usual + 20)


def _rims(values: Ink, place: Places, inked: Bools, mm: float) -> list[float]:
    """How far ink reaches outside the middle of each stroke: where the usual profile has fallen, outer rings too."""
    peak = np.take_along_axis(values, place[..., None], -1).astype(np.float32)
    wet = (values[..., MIDDLE:] > np.float32(0.4) * peak) & inked[..., None]
    usual = wet.sum(1) > 0.55 * inked.sum(1, keepdims=True)
    steps = np.where(usual, np.arange(usual.shape[1]), 0).max(1) + 1
    return [float(reach) for reach in np.where(inked.any(1), steps * STEP_MM, 0.6) * mm]


def _spreads(ink: Ink, rings: Sequence[Ring], level: int) -> list[float]:
    """Share of 24 sectors (inside each ring, outside its middle) with ink."""
    middle = np.array([ring.centre for ring in rings])[:, None]
    away = _points(rings, np.zeros((len(rings), ANGLES))) - middle
    spots = middle[:, None] + away[:, :, None] * np.linspace(0.06, 0.88, 16)[8:, None]
    wet = look(ink, spots.reshape(len(rings), -1, 2), smooth=True) > FAINT * level
    sectors = wet.reshape(len(rings), SECTORS, -1).mean(2)
    return [float(share) for share in (sectors > 0.06).mean(1)]
