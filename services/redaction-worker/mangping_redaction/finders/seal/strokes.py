"""Walking along outlines that may be drawn in ink: is there a stroke, with paper on both sides? Pure, many outlines at once."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.look import Floats, Ink

REACH_MM = 3.6  # how far a walk looks to either side
STEP_MM = 0.3
MIDDLE = round(REACH_MM / STEP_MM)  # the step on the outline itself
GAP_MM = 1.5  # paper on one side of a stroke begins nearer than this
FAINT = 0.8  # of the level that patches of its ink are seen at: a stroke wears thin here and there
PAPER = np.float32(0.62)  # of the stroke's ink: what is weaker is paper
OFFSETS = np.arange(-REACH_MM, REACH_MM + STEP_MM / 2, STEP_MM, dtype=np.float32)
ALL, NEAR = slice(None), slice(MIDDLE - 2, MIDDLE + 3)  # steps: every one, and those that may be of the outline itself
Bools = NDArray[np.bool_]
Places = NDArray[np.intp]
Doubles = NDArray[np.float64]


def walked(ink: Ink, x: Floats, y: Floats, across: Floats, down: Floats, mm: float, steps: slice = ALL) -> Ink:
    """(n, places, steps) ink across outlines, REACH_MM inside to REACH_MM outside, nought off the page.

    `x`, `y` (n, places) lie on the outlines; `across`, `down` point outwards there and are 1 long.
    """
    offsets = OFFSETS[steps] * np.float32(mm)
    shape = len(x), x.shape[1] * len(offsets)
    spots = (at[..., None] + way[..., None] * offsets for at, way in ((x, across), (y, down)))
    map_x, map_y = (np.ascontiguousarray(spot.reshape(shape), np.float32) for spot in spots)
    values = cv2.remap(ink, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(values, np.uint8).reshape(*x.shape, len(offsets))


def on_page(ink: Ink, x: Floats, y: Floats) -> Bools:
    """Which places lie on the page."""
    return np.asarray((x > 1) & (y > 1) & (x < ink.shape[1] - 2) & (y < ink.shape[0] - 2))


def strokes(values: Ink, level: int, slack_mm: float) -> tuple[Bools, Places]:
    """For every place of a walk: is there a stroke, paper on both sides, within `slack_mm`; at which step is its middle.

    A stroke has more ink than FAINT of the `level` at which ink is looked for.
    """
    slack = max(1, round(slack_mm / STEP_MM))
    rows = values.reshape(-1, values.shape[-1])
    every = np.arange(len(rows))
    place = rows[:, MIDDLE - slack : MIDDLE + slack + 1].argmax(1) + (MIDDLE - slack)
    peak = rows[every, place]
    before, behind = _least(rows)
    paper = np.maximum(before[every, place - 2], behind[every, place + 2])
    shape = values.shape[:-1]
    found = (peak.reshape(shape) > FAINT * level) & (paper < PAPER * peak.astype(np.float32)).reshape(shape)
    return np.asarray(found), place.reshape(shape)


def _least(rows: Ink) -> Iterator[Ink]:
    """The least ink of every step and as many steps before it as a gap is wide; of every step and those behind."""
    gap = round(GAP_MM / STEP_MM) + 1
    for anchor in (gap - 1, 0):
        window = np.ones((1, gap), np.uint8)
        yield np.asarray(cv2.erode(rows, window, anchor=(anchor, 0), borderType=cv2.BORDER_REPLICATE), np.uint8)


def median(values: Doubles, known: Bools) -> Doubles:
    """(..., 1) the medians of what is known of the last axis; nought where nothing is."""
    ordered, count = np.sort(np.where(known, values, np.inf), axis=-1), known.sum(-1, keepdims=True)
    low, high = (np.take_along_axis(ordered, np.maximum(at, 0), -1) for at in ((count - 1) // 2, count // 2))
    return np.where(count > 0, (low + high) / 2, 0.0)
