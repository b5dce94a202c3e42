"""Where rings may be: the directions of all strokes on a page, matched with ovals of every size. Pure.

Along a ring the strokes run with it, whatever its ink; the strokes of text run every way and cancel out. So one
correlation of the page's directions with those of an oval (for all places at once, through the Fourier transform)
answers for a size of oval. A ring cut off by the edge answers too: the field is laid on a larger, empty one.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.look import Floats, Ink
from mangping_redaction.finders.seal.rings import Ring

MM = 0.75  # pixels of the field for a millimetre
ROOM = (250, 192)  # pixels of the field, the longer side first; both have small prime factors
MARGIN = 20  # pixels of it that stay empty: half of them before the page, half behind
FAINT = 24.0  # levels a pixel: a slope as steep counts half
CIRCLES = tuple(6 * 1.11**k for k in range(18))  # radii in mm
OVALS = tuple(15 * 1.16**k for k in range(6))  # longer half axes in mm
OVAL = 0.69  # the shorter one; proving corrects it
TILTS = (-8.0, 8.0)  # degrees
SHAPES = (*((r, r, 0.0) for r in CIRCLES), *((a, OVAL * a, tilt) for a in OVALS for tilt in TILTS))
POINTS = 96  # around an oval
USUAL = 40.0  # a + b in mm of a ring whose answer counts as it is: longer ones are surer
HALF = 20.0  # mm; how far off the edge of the page a seal usually reaches
LEAST = 0.2  # the answer of a page of mere text seldom is higher
MOST = 12
MOST_CUT = 6  # and so many more where a ring would be cut off
CUT = 25.0  # mm from the edge of the picture
Complex = NDArray[np.complex64]


def likely_rings(ink: Ink, mm: float, blind: Ink) -> list[Ring]:
    """The likeliest rings in the map of ink, the best first, in its pixels; unproved and about a millimetre off.

    `blind`: 255 where there is no sheet; its rim is the strongest line of all, and tells nothing.
    """
    height, width = ink.shape
    room = ROOM if height > width else ROOM[::-1]
    scale = min(MM / mm, (room[0] - MARGIN) / height, (room[1] - MARGIN) / width)
    field = _field(ink, scale)
    if blind.any():
        rim = cv2.dilate(cv2.resize(blind, field.shape[1::-1], interpolation=cv2.INTER_AREA), np.ones((5, 5), np.uint8))
        field[np.asarray(rim) > 0] = 0
    answer = _weighed(_answers(field, room), (field.shape[0], field.shape[1]))
    peaks = (answer > LEAST) & (answer >= np.asarray(cv2.dilate(answer, np.ones((5, 5), np.uint8))))
    spots = _best(np.argwhere(peaks)[np.argsort(-answer[peaks])][:, ::-1] - MARGIN // 2, field.shape)
    found = []
    for (x, y), best in zip(spots.tolist(), _fitting(field, spots.astype(np.float32)), strict=True):
        a, b, tilt = SHAPES[best]
        centre = (x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5
        found.append(Ring(centre, (a * MM / scale, b * MM / scale), tilt))
    return found


def _best(spots: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.intp]:
    """The first of them, and the first near the edge: a ring cut off answers less than print that is whole."""
    inside = np.minimum(spots, np.array([shape[1] - 1, shape[0] - 1]) - spots).min(1)
    cut = np.flatnonzero(inside < CUT * MM)
    chosen = np.concatenate([np.arange(min(MOST, len(spots))), cut[cut >= MOST][:MOST_CUT]])
    return np.asarray(spots[chosen], np.intp)


def _field(ink: Ink, scale: float) -> Floats:
    """(h, w, 2) cosine and sine of twice the angle of the slopes of ink, weak ones short; strokes' sides agree."""
    small = cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) if scale < 0.5 else ink
    across, down = cv2.Sobel(small, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(small, cv2.CV_32F, 0, 1, scale=0.25)
    both = cv2.multiply(across, down, scale=2)
    across, down = cv2.multiply(across, across), cv2.multiply(down, down)
    strength = np.asarray(cv2.add(across, down)) + np.float32(FAINT**2)
    field = cv2.merge([cv2.divide(cv2.subtract(across, down), strength), cv2.divide(both, strength)])
    size = max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale))
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_LINEAR), np.float32)


@lru_cache(2)
def _spectra(room: tuple[int, int]) -> tuple[tuple[Complex, Complex], ...]:
    """For every two shapes: the spectra of their cosines and of their sines.

    Shapes are even, so their spectra are real, and one complex spectrum holds those of two shapes.
    """
    across, down, cosine, sine = _outlines()
    real = [_spectrum(room, across[k], down[k], w[k]) for w in (cosine, sine) for k in range(len(SHAPES))]
    count = len(SHAPES)
    return tuple(
        (real[k] + np.complex64(1j) * real[k + 1], real[count + k] + np.complex64(1j) * real[count + k + 1])
        for k in range(0, count, 2)
    )


def _spectrum(room: tuple[int, int], across: Floats, down: Floats, weight: Floats) -> Complex:
    """The real spectrum of weighted points around 0, 0."""
    map_ = np.zeros(room, np.float32)
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    right, bottom = across - left, down - top
    for dx, dy, part in (
        (0, 0, (1 - right) * (1 - bottom)),
        (1, 0, right * (1 - bottom)),
        (0, 1, (1 - right) * bottom),
        (1, 1, right * bottom),
    ):
        np.add.at(map_, ((top + dy) % room[0], (left + dx) % room[1]), part * weight)
    return np.asarray(cv2.dft(map_, flags=cv2.DFT_COMPLEX_OUTPUT)[..., 0], np.complex64)


@lru_cache(1)
def _outlines() -> tuple[Floats, Floats, Floats, Floats]:
    """(shapes, POINTS) each: x and y of the outline in pixels of the field; cosine and sine of twice its normal's angle
    times the share of the outline, so that a perfect ring of usual length sums to 1."""
    turn = np.linspace(0, 2 * np.pi, POINTS, endpoint=False)
    a, b, tilt = (column[:, None] for column in np.array(SHAPES).T)
    tilt = np.deg2rad(tilt)
    x, y, across, down = a * np.cos(turn), b * np.sin(turn), np.cos(turn) / a, np.sin(turn) / b
    x, y = x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt)
    normal = 2 * (np.arctan2(down, across) + tilt)
    share = np.hypot(np.roll(x, -1, 1) - np.roll(x, 1, 1), np.roll(y, -1, 1) - np.roll(y, 1, 1))
    share *= np.sqrt((a + b) / USUAL) / share.sum(1, keepdims=True)
    parts = x * MM, y * MM, share * np.cos(normal), share * np.sin(normal)
    x_, y_, cosine, sine = (part.astype(np.float32) for part in parts)
    return x_, y_, cosine, sine


def _answers(field: Floats, room: tuple[int, int]) -> Floats:
    """The best answer of any shape at every place of the page and MARGIN / 2 around it."""
    height, width = field.shape[:2]
    cosine, sine = _spectra_of(field, room)
    best, answer = np.zeros((*room, 2), np.float32), np.empty((*room, 2), np.float32)
    product, other = np.empty(room, np.complex64), np.empty(room, np.complex64)
    for one, two in _spectra(room):
        np.multiply(cosine, one, out=product)
        np.multiply(sine, two, out=other)
        np.add(product, other, out=product)
        cv2.idft(product.view(np.float32).reshape(*room, 2), answer, cv2.DFT_SCALE)
        cv2.max(best, answer, best)
    around = np.roll(cv2.max(*cv2.split(best)), (MARGIN // 2, MARGIN // 2), (0, 1))
    return np.asarray(around[: height + MARGIN, : width + MARGIN], np.float32)


def _spectra_of(field: Floats, room: tuple[int, int]) -> tuple[Complex, Complex]:
    """Those of the cosines and of the sines, out of one transform of both: real maps have even spectra."""
    whole = np.zeros((*room, 2), np.float32)
    whole[: field.shape[0], : field.shape[1]] = field
    both = np.asarray(cv2.dft(whole), np.float32).view(np.complex64)[..., 0]
    turned = np.roll(both[::-1, ::-1], (1, 1), (0, 1)).conj()
    return (both + turned) * np.complex64(0.5), (both - turned) * np.complex64(-0.5j)


def _weighed(answer: Floats, shape: tuple[int, int]) -> Floats:
    """Answers as if the part of a ring that lies off the page were as good as the rest, within reason."""
    seen = [_seen(np.arange(-(MARGIN // 2), side + MARGIN // 2), side) for side in shape]
    whole = np.sqrt(np.maximum(np.outer(*seen), 0.35)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(answer / whole, (3, 3), 0.6), np.float32)


def _seen(at: NDArray[np.intp], side: int) -> NDArray[np.float64]:
    """Share of a usual ring's round between 0 and `side` when its centre is there."""
    inside = np.clip(np.stack([at, side - 1 - at]) / (HALF * MM), -1, 1)
    return np.asarray((1 - np.arccos(inside) / np.pi).prod(0))


def _fitting(field: Floats, spots: Floats) -> NDArray[np.intp]:
    """For every spot the shape that answers best there."""
    if not len(spots):
        return np.empty(0, np.intp)
    across, down, cosine, sine = _outlines()
    x = (spots[:, 0, None, None] + across).reshape(-1, POINTS)
    y = (spots[:, 1, None, None] + down).reshape(-1, POINTS)
    there = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    along = np.asarray(there, np.float32).reshape(len(spots), len(SHAPES), 2 * POINTS)
    weights = np.stack([cosine, sine], axis=-1).reshape(len(SHAPES), 2 * POINTS)
    return np.asarray(np.einsum("isp,sp->is", along, weights).argmax(1))
