"""Rings: ellipses drawn in ink, found from the centre, proved by walking round. Pure, pixels of the working copy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal_arcs import Arcs, arcs, centres
from mangping_redaction.finders.seal_look import Floats, Ink, above, look

ANGLES = 120  # steps of the walk round a ring
REACH_MM = 3.6  # how far the walk looks to either side
STEP_MM = 0.3
WIDTHS_MM = (8.0, 75.0)  # of the longer axis; name chops are the smallest, dpi may be a third off
ASPECT = 1.9  # the longest oval
SURE = 0.9  # coverage that ends the search about a centre
TIGHT_MM = 0.35  # how true to its ellipse a ring is; strokes of text and tables are not
MOST_CENTRES = 10
TRIES = 100  # triples of points tried for each centre


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """An ellipse along the middle of a stroke, and what the walk round it met. Shares are 0..1."""

    centre: tuple[float, float]
    axes: tuple[float, float]  # half axes
    angle: float  # degrees of the first axis
    coverage: float = 0.0  # share of the visible round that is a stroke with paper on both sides
    seen: float = 1.0  # share of the round that lies on the page
    stroke: float = 0.0  # from the middle of the outermost stroke to its outer rim
    spread: float = 0.0  # share of sectors between ring and centre that hold ink
    filled: float = 0.0  # share of ink inside

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

    def at(self, turn: NDArray[np.float64], outside: float | NDArray[np.float64] = 0.0) -> NDArray[np.float64]:
        """The points at these parameters (radians) of the ellipse whose half axes are longer by `outside`."""
        a, b, tilt = self.axes[0] + outside, self.axes[1] + outside, np.deg2rad(self.angle)
        x, y = a * np.cos(turn), b * np.sin(turn)
        points = np.empty((*x.shape, 2))
        points[..., 0] = self.centre[0] + x * np.cos(tilt) - y * np.sin(tilt)
        points[..., 1] = self.centre[1] + x * np.sin(tilt) + y * np.cos(tilt)
        return points


def rings(ink: Ink, level: int, mm: float, *, hidden: Ink | None = None, least_mm: float = 4.0) -> list[Ring]:
    """Every ellipse that may be a ring drawn with ink above `level`, measured but not judged; best first, no two alike.

    `hidden`: other ink that may lie on top; where it is strong the walk neither counts for nor against.
    """
    bent = arcs(above(ink, level), mm, least_mm)
    found: list[Ring] = []
    for centre in centres(bent, (ink.shape[0], ink.shape[1]), mm, MOST_CENTRES):
        if any(r.coverage > SURE and r.away(centre) < 2 * mm for r in found):
            continue
        for start in _from_centre(bent, centre, mm):
            ring = _refine(ink, start, level, mm, hidden)
            if ring is not None and ring.coverage > 0.3:
                found.append(ring)
    found.sort(key=lambda r: -r.coverage * r.seen)
    return _distinct(found, mm)


def _from_centre(bent: Arcs, centre: Floats, mm: float) -> list[Ring]:
    """Up to two ellipses about a centre: three points give one, the rest of the points vote."""
    away = centre - bent.at
    distance = np.hypot(away[:, 0], away[:, 1])
    facing = np.abs(np.einsum("ij,ij->i", away, bent.into)) > 0.82 * distance
    facing &= (distance > WIDTHS_MM[0] / 2 * mm) & (distance < WIDTHS_MM[1] / 2 * mm)
    facing &= np.sign(np.einsum("ij,ij->i", away, bent.into)) == np.sign(bent.bend)
    points = -away[facing].astype(np.float64)
    if len(points) < 12:
        return []
    x, y = points[:, 0], points[:, 1]
    terms = np.stack([x * x, x * y, y * y], axis=1)
    radius = np.hypot(x, y)
    conics = np.concatenate([_triples(terms, len(points)), _circles(radius, mm)])
    a, b, c = conics.T
    proper = (a > 0) & (c > 0) & (4 * a * c - b * b > 0)
    middle, half = (a + c) / 2, np.sqrt(((a - c) / 2) ** 2 + (b / 2) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        long, short = 1 / np.sqrt(middle - half), 1 / np.sqrt(middle + half)
        proper &= (long / short < ASPECT) & (2 * long > WIDTHS_MM[0] * mm) & (2 * long < WIDTHS_MM[1] * mm)
    conics, long, short = conics[proper], long[proper], short[proper]
    if not len(conics):
        return []
    off = np.abs(np.sqrt(np.maximum(conics @ terms.T, 0)) - 1) * radius
    sector = np.floor((np.arctan2(y, x) / (2 * np.pi) + 0.5) * 60).astype(int) % 60
    near = off < 0.8 * mm
    met = (near.astype(np.float32) @ np.eye(60, dtype=np.float32)[sector] > 0).sum(1)
    score = met + 0.04 * short / mm  # between equals the wider one: a seal has rings within rings
    chosen: list[Ring] = []
    for i in np.argsort(-score)[:40]:
        if met[i] < 12 or len(chosen) == 2:
            break
        if all(abs(np.log(long[i] * short[i] / (r.axes[0] * r.axes[1]))) > 0.35 for r in chosen):
            tilt = np.rad2deg(0.5 * np.arctan2(conics[i, 1], conics[i, 0] - conics[i, 2]))
            chosen.append(Ring((float(centre[0]), float(centre[1])), (float(short[i]), float(long[i])), float(tilt)))
    return chosen


def _triples(terms: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """(TRIES, 3): conics a·x² + b·xy + c·y² = 1 through three points each."""
    draw = np.random.default_rng(count).integers(0, count, (TRIES, 3))
    matrices = terms[draw]
    sound = np.abs(np.linalg.det(matrices)) > 1e-3 * np.abs(matrices).max(axis=(1, 2)) ** 3 * 1e-2
    return np.asarray(np.linalg.solve(matrices[sound], np.ones((int(sound.sum()), 3, 1)))[..., 0])


def _circles(radius: NDArray[np.float64], mm: float) -> NDArray[np.float64]:
    """Circles at the commonest distances."""
    counts, edges = np.histogram(radius, bins=np.arange(WIDTHS_MM[0] / 2, WIDTHS_MM[1] / 2, 0.6) * mm)
    common = (edges[np.argsort(-counts)[:4]] + 0.3 * mm) ** -2
    return np.stack([common, np.zeros_like(common), common], axis=1)


def _walk(ink: Ink, ring: Ring, mm: float) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(ANGLES, steps) ink across the ring, REACH_MM inside to REACH_MM outside, and which angles lie on the page."""
    turn = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    offsets = np.arange(-REACH_MM, REACH_MM + STEP_MM / 2, STEP_MM, dtype=np.float64) * mm
    values = look(ink, ring.at(turn[:, None], offsets[None, :]), smooth=True)
    x, y = ring.at(turn).T
    visible = (x > 1) & (y > 1) & (x < ink.shape[1] - 2) & (y < ink.shape[0] - 2)
    return values.astype(np.float32), np.asarray(visible)


def _strokes(values: NDArray[np.float32], level: float, slack_mm: float) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """For every angle: is there a stroke, paper on both sides, within `slack_mm`, and at which step is its middle."""
    centre, slack, gap = values.shape[1] // 2, max(1, round(slack_mm / STEP_MM)), round(1.5 / STEP_MM)
    band = values[:, centre - slack : centre + slack + 1]
    peak = band.max(1)
    place = band.argmax(1) + centre - slack
    rows = np.arange(len(values))
    inner = np.min([values[rows, np.maximum(place - g, 0)] for g in range(2, gap + 3)], axis=0)
    outer = np.min([values[rows, np.minimum(place + g, values.shape[1] - 1)] for g in range(2, gap + 3)], axis=0)
    return (peak > level) & (np.maximum(inner, outer) < 0.62 * peak), place


def _refine(ink: Ink, ring: Ring, level: int, mm: float, hidden: Ink | None) -> Ring | None:
    """The ring moved onto its stroke and measured; None when there is no stroke to speak of."""
    for slack in (2.0, 1.2, 0.9):
        values, visible = _walk(ink, ring, mm)
        stroke, place = _strokes(values, 0.8 * level, slack)
        stroke &= visible
        if stroke.sum() < 0.25 * max(visible.sum(), 24):
            return None
        moved = _refit(ring, stroke, place, mm)
        if moved is None:
            return None
        ring = moved
    return _measure(ink, ring, level, mm, hidden)


def _refit(ring: Ring, stroke: NDArray[np.bool_], place: NDArray[np.intp], mm: float) -> Ring | None:
    """The ellipse nearest to the middles of the strokes; a circle when they span less than two thirds of the round."""
    turn = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)[stroke]
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
    stroke, place = _strokes(values, 0.8 * level, TIGHT_MM)
    judged = visible & (stroke | ~_hidden(values, stroke, ring, hidden, mm))
    coverage = float((stroke & judged).sum() / max(judged.sum(), 12))
    rim = _rim(values[stroke & judged], place[stroke & judged], mm)
    spread, filled = _inside(ink, ring, level)
    return replace(ring, coverage=coverage, seen=float(visible.mean()), stroke=rim, spread=spread, filled=filled)


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


def _inside(ink: Ink, ring: Ring, level: int) -> tuple[float, float]:
    """Share of 24 sectors (inside the ring, outside its middle) with ink, and the share of ink inside the ring."""
    turn = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    depth = np.linspace(0.06, 0.88, 16)
    middle = np.asarray(ring.centre)
    wet = look(ink, middle + (ring.at(turn)[:, None] - middle) * depth[None, :, None], smooth=True) > 0.8 * level
    sectors = wet[:, depth > 0.45].reshape(24, -1).mean(1)
    return float((sectors > 0.06).mean()), float((wet * depth).sum() / (depth.sum() * len(turn)))


def _distinct(found: list[Ring], mm: float) -> list[Ring]:
    """Of rings about one centre only the best remains, unless a wider one is nearly as good."""
    kept: list[Ring] = []
    for ring in found:
        same = [i for i, other in enumerate(kept) if other.away(ring.centre) < 4 * mm]
        if not same:
            kept.append(ring)
        elif ring.area > 1.06 * kept[same[0]].area and ring.coverage > 0.75 * kept[same[0]].coverage:
            kept[same[0]] = ring
    return kept
