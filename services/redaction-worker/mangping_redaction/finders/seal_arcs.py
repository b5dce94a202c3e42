"""Where rings may have their centre: the contours of an ink vote, point by point. Pure, pixels of the working copy."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mangping_redaction.finders.seal_look import Floats, Ink

STRIDE_MM = 3.0  # how far along the contour to either side the bend is measured
RADII_MM = (4.0, 45.0)  # bends of rings; dpi may be a third off
DIAMETERS_MM = (8.0, 75.0)
MOST_POINTS = 3600  # pairs grow with the square
SECTORS = 48  # directions of a normal
LEAN = 0.85  # cosine: how far the diameter of an ellipse (to 1.7 : 1) leans from its normal
CELL_MM = 1.0  # of the table of votes


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """Points of bent contours: place, unit normal into the ink, radius of the bend (+ when it bends into the ink)."""

    at: Floats  # (n, 2)
    into: Floats  # (n, 2)
    bend: Floats  # (n,)


def arcs(mask: Ink, mm: float, least_mm: float) -> Arcs:
    """The bent contour points of every stroke whose contour is `least_mm` or more across."""
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    kept = [c[:, 0] for c in contours if len(c) >= 2 * least_mm * mm and max(cv2.boundingRect(c)[2:]) >= least_mm * mm]
    if not kept:
        return Arcs(np.empty((0, 2), np.float32), np.empty((0, 2), np.float32), np.empty(0, np.float32))
    points = np.concatenate(kept).astype(np.float32)
    lengths = np.array([len(c) for c in kept])
    first, count = np.repeat(np.cumsum(lengths) - lengths, lengths), np.repeat(lengths, lengths)
    order = np.arange(len(points)) - first

    def shift(values: Floats, by: int) -> Floats:
        return np.asarray(values[first + (order + by) % count], np.float32)

    near = [shift(points, by) for by in (-2, -1, 1, 2)]
    smooth = np.asarray((points + near[0] + near[1] + near[2] + near[3]) / 5, np.float32)
    stride = max(3, round(STRIDE_MM * mm))
    before, after = shift(smooth, -stride), shift(smooth, stride)
    bend, into, length = _bend(before, smooth, after)
    low, high = RADII_MM[0] * mm, RADII_MM[1] * mm
    keep = (np.abs(bend) > low) & (np.abs(bend) < high) & (length > 1.5 * stride) & (order % 2 == 0)
    if int(keep.sum()) > MOST_POINTS:  # text: only what bends the same way further along
        wider, _, _ = _bend(shift(smooth, -round(1.7 * stride)), smooth, shift(smooth, round(1.7 * stride)))
        keep &= (bend / wider > 0.5) & (bend / wider < 2)
    return _thin(Arcs(smooth[keep], into[keep], bend[keep]))


def _bend(before: Floats, here: Floats, after: Floats) -> tuple[Floats, Floats, Floats]:
    """Radius of the circle through three points (+ when bent into the ink), unit normal into the ink, chord."""
    chord = after - before
    length = np.maximum(np.hypot(chord[:, 0], chord[:, 1]), 1e-3)
    into = np.stack([chord[:, 1], -chord[:, 0]], axis=1) / length[:, None]
    sagitta = np.einsum("ij,ij->i", (before + after) / 2 - here, into)
    return length**2 / 8 / np.where(np.abs(sagitta) < 0.05, 0.05, sagitta), into, length


def _thin(found: Arcs) -> Arcs:
    if len(found.bend) <= MOST_POINTS:
        return found
    pick = np.linspace(0, len(found.bend) - 1, MOST_POINTS).astype(int)
    return Arcs(found.at[pick], found.into[pick], found.bend[pick])


def centres(found: Arcs, shape: tuple[int, int], mm: float, most: int) -> Floats:
    """(k, 2): the likeliest centres, those of whole rings (opposite points), then those of arcs (normals that meet)."""
    if len(found.bend) < 8:
        return np.empty((0, 2), np.float32)
    whole = _peaks(_opposites(found, mm), shape, mm, margin=0.0, most=most, least=12.0)
    part = _peaks(_normals(found, mm), shape, mm, margin=18.0, most=most, least=60.0)
    return np.concatenate([whole, part])


def _opposites(found: Arcs, mm: float) -> Floats:
    """Midpoints of pairs of points that face each other: a ring, an oval, has all of its own at its centre."""
    near, far = DIAMETERS_MM[0] * mm, DIAMETERS_MM[1] * mm
    at, into = found.at, found.into * np.sign(found.bend)[:, None]  # towards the middle of the bend
    sector = np.floor(np.arctan2(into[:, 1], into[:, 0]) / (2 * np.pi) * SECTORS).astype(int) % SECTORS
    members = [np.flatnonzero(sector == s) for s in range(SECTORS)]
    votes = []
    for s in range(SECTORS // 2):
        one = members[s]
        other = np.concatenate([members[(s + SECTORS // 2 + d) % SECTORS] for d in (-1, 0, 1)])
        if not len(one) or not len(other):
            continue
        line = at[other][None] - at[one][:, None]
        length = np.hypot(line[..., 0], line[..., 1])
        ahead = np.einsum("ijk,ik->ij", line, into[one])
        i, j = np.nonzero((length > near) & (length < far) & (ahead > LEAN * length))
        votes.append((at[one[i]] + at[other[j]]) / 2)
    return np.concatenate(votes) if votes else np.empty((0, 2), np.float32)


def _normals(found: Arcs, mm: float) -> Floats:
    """Points along every normal, about as far away as the bend says."""
    steps = np.geomspace(0.65, 1.55, 14, dtype=np.float32)
    reach = found.bend[:, None] * steps
    inside = (np.abs(reach) > RADII_MM[0] * mm) & (np.abs(reach) < RADII_MM[1] * mm * 0.8)
    spots = found.at[:, None] + found.into[:, None] * reach[..., None]
    return np.asarray(spots[inside], np.float32)


def _peaks(votes: Floats, shape: tuple[int, int], mm: float, margin: float, most: int, least: float) -> Floats:
    """The cells with the most votes, at least 5 mm apart; `margin` mm of the table lie outside the page."""
    if not len(votes):
        return np.empty((0, 2), np.float32)
    cell = CELL_MM * mm
    rows, columns = int(shape[0] / cell + 2 * margin) + 2, int(shape[1] / cell + 2 * margin) + 2
    place = np.floor(votes / cell + margin).astype(np.int32)
    inside = (place >= 0).all(1) & (place[:, 0] < columns) & (place[:, 1] < rows)
    flat = place[inside, 1] * columns + place[inside, 0]
    table = np.bincount(flat, minlength=rows * columns).reshape(rows, columns).astype(np.float32)
    table = cv2.GaussianBlur(table, (5, 5), 1.0) * 6.0
    top = np.argwhere((table >= cv2.dilate(table, np.ones((5, 5)))) & (table > least))
    top = top[np.argsort(-table[top[:, 0], top[:, 1]])][:most]
    return ((top[:, ::-1] + 0.5 - margin) * cell).astype(np.float32)
