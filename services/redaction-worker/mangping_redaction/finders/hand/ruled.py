"""The cells of a ruled table about a word: those below it, and its own.

The table is looked at in a strip along the page's skew, SCALE pixels to a line height of the column's head. Rules are
followed down from the head row by row, so a sheet that was photographed aslant keeps its columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.area import around
from mangping_redaction.finders.hand.pen import Box, Frame, Mask
from mangping_redaction.levels import darkest, percentile
from mangping_redaction.page import Page, Pixels, Polygon
from mangping_redaction.readers.line import Line

SCALE = 16  # pixels a line height on the strip
ASIDE, ABOVE, DOWN = 12.0, 1.5, 90.0  # line heights about the head that are looked at
PAPER = 21  # pixels of the strip: wider than any stroke or rule
INK = 24.0, 0.3  # grey levels, and of the darkest ink's depth, by which a rule is darker than its paper
UPRIGHT, SLANT = 1.6, 3  # line heights that no stroke of print runs straight; pixels by which a rule leans over that
THERE = 0.75  # of its way down, that a rule is seen
BROKEN = 5  # pixels of the strip that a thin rule of a coarse scan may lack
FOLLOWED = 2.5  # line heights over which a rule may be lost: under a pen, a seal
UNBROKEN, ACROSS = 0.35, 0.8  # of a column's width: what ink without a gap must reach to be a rule's, what a rule fills
LOWEST, TALLEST = 0.9, 14.0  # line heights of a row
THIN = 0.2  # line heights of thin ends that are lost on the small strip
Trace = NDArray[np.float32]  # where a rule stands in each row of the strip, in its pixels, from the head on


@dataclass(frozen=True, slots=True)
class Strip:
    """A table about a word: `frame` as `pen.Frame` has it, (x, y) of the strip at (u + ASIDE, v + ABOVE) * SCALE."""

    frame: Frame
    width: float  # of the word, in line heights
    pixels: Pixels

    def of(self, polygon: Polygon) -> Box:
        """(x0, y0, x1, y1) around a polygon of the page, in pixels of the strip."""
        u0, v0, u1, v1 = self.frame.of(polygon)
        return (u0 + ASIDE) * SCALE, (v0 + ABOVE) * SCALE, (u1 + ASIDE) * SCALE, (v1 + ABOVE) * SCALE

    def outline(self, polygon: Polygon) -> NDArray[np.int32]:
        """A polygon of the page in pixels of the strip."""
        places = (self.frame.places(polygon) + np.array([ASIDE, ABOVE])) * SCALE
        return np.asarray(places.round(), np.int32)

    def to_page(self, box: Box) -> Polygon:
        """The polygon about a hand's box."""
        x0, y0, x1, y1 = box
        u0, v0, u1, v1 = x0 / SCALE - ASIDE, y0 / SCALE - ABOVE, x1 / SCALE - ASIDE, y1 / SCALE - ABOVE
        return self.frame.box(u0 - THIN, v0 - THIN, u1 + THIN, v1 + THIN)


def strip_about(page: Page, head: Line) -> Strip:
    """Along the skew of the whole page: one short word tells it badly."""
    size, middle, angle = head.height, head.polygon.mean(axis=0), np.deg2rad(page.skew_degrees)
    along = np.array([np.cos(angle), np.sin(angle)], np.float32) * size
    across = np.array([-along[1], along[0]], np.float32)
    width = head.length / size
    origin = np.asarray(middle - along * width / 2 - across / 2, np.float32)
    down = float(np.clip((np.array(page.size) - origin) @ across / size**2 + 2.0, 2.0, DOWN))
    frame = Frame(origin, along, across)
    corners = frame.box(-ASIDE, -ABOVE, width + ASIDE, down)
    shape = round((width + 2 * ASIDE) * SCALE), round((down + ABOVE) * SCALE)
    x0, y0, x1, y1 = around(corners)
    left, top = max(int(x0), 0), max(int(y0), 0)
    part = page.pixels[top : max(int(y1), top + 1), left : max(int(x1), left + 1)]
    less = max(1.0, size / SCALE)  # thin rules stay where the page is made smaller by area first
    small = cv2.resize(part, None, fx=1 / less, fy=1 / less, interpolation=cv2.INTER_AREA) if less > 1 else part
    target = np.array([[0, 0], [shape[0], 0], [0, shape[1]]], np.float32)
    source = ((corners[[0, 1, 3]] - (left, top)) / less).astype(np.float32)
    warp = cv2.getAffineTransform(source, target)
    flat = cv2.warpAffine(
        small, warp, shape, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,) * 3
    )
    return Strip(frame, width, np.asarray(flat, np.uint8))


def ink(grey: Pixels, levels: tuple[float, float]) -> Mask:
    """What is so much darker than the paper around it."""
    paper = cv2.blur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((PAPER, PAPER), np.uint8)), (PAPER, PAPER))
    depth = np.asarray(cv2.subtract(paper, grey), np.uint8)
    least, share = levels
    return (depth > max(least, share * percentile(depth, 99.5)[0])).astype(np.uint8)


def upright(dark: Mask) -> Mask:
    """The upright rules among the ink."""
    wide = cv2.dilate(dark, np.ones((1, SLANT), np.uint8))
    return np.asarray(cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((round(UPRIGHT * SCALE), 1), np.uint8)), np.uint8)


def _column(strip: Strip, *, from_the_word: bool = False) -> tuple[Mask, Trace, Trace, int] | None:
    """The ink of the strip, the rules left and right of the word as far down as both go, and the row where they begin;
    None where no rules stand on both sides of it. `from_the_word`: for the left rule, where the word begins."""
    dark = ink(darkest(strip.pixels), INK)
    rules = upright(np.asarray(cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((BROKEN, 1), np.uint8)), np.uint8))
    start, end = ASIDE * SCALE, (ASIDE + strip.width) * SCALE
    at = round((ABOVE + 0.5) * SCALE)
    beside = np.flatnonzero(rules[at - SCALE // 2 : at + SCALE // 2].mean(axis=0) > 0.5)
    before, after = beside[beside < start + SCALE / 4], beside[beside > end - SCALE / 4]
    right = _nearest(rules, after, at)
    if right is None:
        return None
    left = np.full_like(right, start - SCALE) if from_the_word else _nearest(rules, before[::-1], at)
    if left is None:
        return None
    bottom = min(left.size, right.size)
    return (dark, left[:bottom], right[:bottom], at) if bottom else None


def cells_below(strip: Strip) -> list[Box]:
    """The cells under the word, from the top, in pixels of the strip."""
    column = _column(strip)
    if column is None:
        return []
    _, left, right, at = column
    return [
        (float(left[middle]), float(top + at), float(right[middle]), float(low + at))
        for top, low in pairwise(_across(*column))
        if LOWEST * SCALE < low - top < TALLEST * SCALE and (middle := (top + low) // 2)
    ]


def cell_of(strip: Strip) -> Box | None:
    """The word's own cell from where the word begins, in pixels of the strip; None outside a table."""
    column = _column(strip, from_the_word=True)
    rules = _across(*column) if column else []
    if column is None or not rules:
        return None
    _, left, right, at = column
    return float(left[0]), float(at - SCALE), float(right[0]), float(rules[0] + at)


def _nearest(rules: Mask, beside: NDArray[np.intp], y: int) -> Trace | None:
    """The first of the rules beside a word that is there nearly all the way down: a head's strokes may run into a hand's.
    `beside` are columns of the strip; of those that touch one is followed."""
    for x in beside[np.abs(np.diff(beside, prepend=-2)) > 1].tolist():
        trace = _follow(rules, x, y)
        there = rules[y + np.arange(trace.size), trace.astype(int)]
        if trace.size and there.mean() > THERE:
            return trace
    return None


def _follow(rules: Mask, x: int, y: int) -> Trace:
    """Where the rule at (x, y) stands in every row from y on, as far down as it goes."""
    trace: list[float] = []
    step, lost = SCALE // 2, 0
    for top in range(y, rules.shape[0] - step, step):
        window = rules[top : top + step, max(x - SLANT, 0) : x + SLANT + 1]
        there = np.flatnonzero(window.any(axis=0))
        lost = 0 if there.size else lost + step
        if lost > FOLLOWED * SCALE:
            return np.array(trace[: len(trace) - lost + step], np.float32)
        if there.size:
            x = max(x - SLANT, 0) + round(float(there.mean()))
        trace += [float(x)] * step
    return np.array(trace, np.float32)


def _across(dark: Mask, left: Trace, right: Trace, at: int) -> list[int]:
    """The rows, from the head's, where a rule runs from the left trace to the right one."""
    thick = cv2.dilate(dark[at : at + left.size], np.ones((3, 1), np.uint8))
    reach = max(SCALE, round(UNBROKEN * float(np.median(right - left))))
    rules = cv2.dilate(
        cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8)), np.ones((7, 1), np.uint8)
    )
    xs = np.arange(dark.shape[1], dtype=np.float32)
    inside = (xs > left[:, None] + 2) & (xs < right[:, None] - 2)
    filled = (rules * inside).sum(axis=1) > ACROSS * np.maximum(inside.sum(axis=1), 1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], filled, [False]]).astype(np.int8)))
    return [int(a + b) // 2 for a, b in edges.reshape(-1, 2).tolist()]
