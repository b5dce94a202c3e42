"""Columns of a ruled table in which people sign: the rules tell where each hand stands, whether it was read or not.

The table is looked at in a strip along the page's skew, SCALE pixels to a line height of the column's head. Rules are
followed down from the head row by row, so a sheet that was photographed aslant keeps its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.area import around
from mangping_redaction.finders.hand import words
from mangping_redaction.finders.hand.hands import DOUBTED, is_hand, is_name
from mangping_redaction.finders.hand.pen import Box, Frame, Mask
from mangping_redaction.levels import darkest, percentile
from mangping_redaction.page import Finding, Page, Pixels, Polygon
from mangping_redaction.readers.line import Line

SCALE = 16  # pixels a line height on the strip
ASIDE, ABOVE, DOWN = 12.0, 1.5, 90.0  # line heights about the head that are looked at
PAPER = 21  # pixels of the strip: wider than any stroke or rule
INK = 24.0, 0.3  # grey levels, and of the darkest ink's depth, by which a rule is darker than its paper
PEN = 16.0, 0.15  # the same of a pen's strokes, which end thin
UPRIGHT, SLANT = 1.6, 3  # line heights that no stroke of print runs straight; pixels by which a rule leans over that
LEVEL = 3.0  # line heights that no stroke of a pen runs level
FOLLOWED = 2.5  # line heights over which a rule may be lost: under a pen, a seal
UNBROKEN, ACROSS = (
    0.35,
    0.8,
)  # of a column's width, that ink without a gap must reach to be of a rule, and a rule must fill
LOWEST, TALLEST = 0.9, 14.0  # line heights of a row
JOINED = 0.7  # line heights between strokes of one hand
OWN = 0.5  # share of the ink of joined strokes inside the cell they belong to
OUT = 0.5  # line heights of them above or below it: there the next cell begins
THIN = 0.15  # line heights of thin ends that are lost on the small strip
BESIDE = 0.35  # line heights from a rule: a stroke that begins there may begin on it, where it is taken for the rule
LEAST = 0.6  # line heights: smaller ink is a speck
Labels = NDArray[np.int32]  # of strokes, from 1; 0 is paper
Trace = NDArray[np.float32]  # where a rule stands in each row of the strip, in its pixels, from the head on
Reading = Sequence[tuple[Box, Line]]  # what was read, and where on the strip


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
        return self.frame.around((u0 - THIN, v0 - THIN, u1 + THIN, v1 + THIN))


def signed_column(page: Page, head: Line, lines: Sequence[Line], *, read: bool = True) -> list[Finding]:
    """The ink of each cell below the head in which a hand stands; none where no rules part the cells, or where most of them
    are printed in. `lines` are what was read on the page but for seals; without `read` only hands that nobody could."""
    strip = _strip(page, head)
    cells = _cells_below(strip)
    texts = [(strip.of(line.polygon), line) for line in lines if line is not head] if cells else []
    said = [[line for box, line in texts if _is_in(box, cell)] for cell in cells]
    prints = sum(any(map(_is_print, there)) for there in said)
    if 2 * prints >= len(cells):
        return []
    pens = _pens(strip, _outside(strip, cells, texts, page))
    none = _is_no_hand if read else _is_sure
    hands = [_hand(pens, cell) for cell, there in zip(cells, said, strict=True) if not any(map(none, there))]
    found = [_finding(strip, hand) for hand in hands if hand is not None]
    return found if len(found) > 2 * prints else []


def signed_cell(page: Page, word: Line, lines: Sequence[Line]) -> list[Finding]:
    """The ink beside and below a word in its own cell, of which nothing was read that is no hand; none outside a table."""
    strip = _strip(page, word)
    column = _column(strip, from_the_word=True)
    if column is None or not (rules := _across(*column)):
        return []
    _, left, right, at = column
    cell = float(left[0]), float(at - SCALE), float(right[0]), float(rules[0] + at)
    read = [(strip.of(line.polygon), line) for line in lines]
    prints = [line.polygon for box, line in read if line is word or (_is_in(box, cell) and _is_print(line))]
    hand = _hand(_pens(strip, [*_outside(strip, [cell], read, page), *prints]), cell)
    return [] if hand is None else [_finding(strip, hand)]


def _finding(strip: Strip, hand: Box) -> Finding:
    return Finding("signature", strip.to_page(hand), 0.8, "signature", "a hand in a ruled cell")


def _is_in(box: Box, cell: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return cell[0] < x < cell[2] and cell[1] < y < cell[3]


def _is_sure(line: Line) -> bool:
    return line.score > DOUBTED


def _is_no_hand(line: Line) -> bool:
    """Whether a line that was surely read says a date, or that somebody was away."""
    return line.score > DOUBTED and bool(words.ABSENT.fullmatch(line.text) or not is_hand(line))


def _is_print(line: Line) -> bool:
    """Whether a line that was surely read may be the form's own: it is no name."""
    return line.score > DOUBTED and not (is_hand(line) and is_name(line)) and not words.ABSENT.fullmatch(line.text)


def _outside(strip: Strip, cells: Sequence[Box], read: Reading, page: Page) -> list[Polygon]:
    """What is no hand of these cells, or covered already."""
    others = [
        line.polygon for box, line in read if line.score > DOUBTED and not any(_is_in(box, cell) for cell in cells)
    ]
    return others + [finding.polygon for finding in page.findings if finding.cls == "seal" and finding.covered]


def _strip(page: Page, head: Line) -> Strip:
    """Along the skew of the whole page: one short word tells it badly."""
    size, middle, angle = head.height, head.polygon.mean(axis=0), np.deg2rad(page.skew_degrees)
    along = np.array([np.cos(angle), np.sin(angle)], np.float32) * size
    across = np.array([-along[1], along[0]], np.float32)
    width = head.length / size
    origin = np.asarray(middle - along * width / 2 - across / 2, np.float32)
    down = min(DOWN, float((np.array(page.size) - origin) @ across) / size**2 + 2.0)
    frame = Frame(origin, along, across)
    corners = frame.box(-ASIDE, -ABOVE, width + ASIDE, down)
    shape = round((width + 2 * ASIDE) * SCALE), round((down + ABOVE) * SCALE)
    x0, y0, x1, y1 = around(corners)
    left, top = max(int(x0), 0), max(int(y0), 0)
    part = page.pixels[top : max(int(y1), top + 1), left : max(int(x1), left + 1)]
    less = max(1, int(size / SCALE))  # thin rules stay where the page is made smaller by area first
    small = cv2.resize(part, None, fx=1 / less, fy=1 / less, interpolation=cv2.INTER_AREA) if less > 1 else part
    target = np.array([[0, 0], [shape[0], 0], [0, shape[1]]], np.float32)
    source = ((corners[[0, 1, 3]] - (left, top)) / less).astype(np.float32)
    warp = cv2.getAffineTransform(source, target)
    flat = cv2.warpAffine(
        small, warp, shape, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,) * 3
    )
    return Strip(frame, width, np.asarray(flat, np.uint8))


def _ink(grey: Pixels, levels: tuple[float, float]) -> Mask:
    """What is so much darker than the paper around it."""
    paper = cv2.blur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((PAPER, PAPER), np.uint8)), (PAPER, PAPER))
    depth = np.asarray(cv2.subtract(paper, grey), np.uint8)
    least, share = levels
    return (depth > max(least, share * percentile(depth, 99.5)[0])).astype(np.uint8)


def _upright(dark: Mask) -> Mask:
    """The upright rules among the ink."""
    wide = cv2.dilate(dark, np.ones((1, SLANT), np.uint8))
    return np.asarray(cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((round(UPRIGHT * SCALE), 1), np.uint8)), np.uint8)


def _column(strip: Strip, *, from_the_word: bool = False) -> tuple[Mask, Trace, Trace, int] | None:
    """The ink of the strip, the rules left and right of the word as far down as both go, and the row where they begin;
    None where no rules stand on both sides of it. `from_the_word`: for the left rule, where the word begins."""
    dark = _ink(darkest(strip.pixels), INK)
    upright = _upright(dark)
    start, end = ASIDE * SCALE, (ASIDE + strip.width) * SCALE
    at = round((ABOVE + 0.5) * SCALE)
    beside = np.flatnonzero(upright[at - SCALE // 2 : at + SCALE // 2].mean(axis=0) > 0.5)
    before, after = beside[beside < start + SCALE / 4], beside[beside > end - SCALE / 4]
    if not after.size or not (before.size or from_the_word):
        return None
    right = _follow(upright, int(after[0]), at)
    left = np.full_like(right, start - SCALE) if from_the_word else _follow(upright, int(before[-1]), at)
    bottom = min(left.size, right.size)
    return (dark, left[:bottom], right[:bottom], at) if bottom else None


def _cells_below(strip: Strip) -> list[Box]:
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


def _follow(upright: Mask, x: int, y: int) -> Trace:
    """Where the rule at (x, y) stands in every row from y on, as far down as it goes."""
    trace: list[float] = []
    step, lost = SCALE // 2, 0
    for top in range(y, upright.shape[0] - step, step):
        window = upright[top : top + step, max(x - SLANT, 0) : x + SLANT + 1]
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


def _pens(strip: Strip, others: Sequence[Polygon]) -> Labels:
    """The ink of pens, strokes that belong together numbered alike; `others` is no pen's. A seal's red is none in
    the red channel."""
    dark = _ink(np.ascontiguousarray(strip.pixels[:, :, 2]), PEN)
    high = cv2.dilate(dark, np.ones((SLANT, 1), np.uint8))
    level = cv2.morphologyEx(high, cv2.MORPH_OPEN, np.ones((1, round(LEVEL * SCALE)), np.uint8))
    rules = cv2.bitwise_or(_upright(dark), level)
    dark[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    for other in others:
        cv2.fillPoly(dark, [strip.outline(other)], 0)
    _, labels = cv2.connectedComponents(cv2.dilate(dark, np.ones((round(JOINED * SCALE),) * 2, np.uint8)))
    return np.asarray(labels * dark, np.int32)


def _hand(labels: Labels, cell: Box) -> Box | None:
    """The box around the ink in a cell, with all of the strokes that have most of theirs there."""
    x0, y0, x1, y1 = (round(edge) for edge in cell)
    above, aside = round(OUT * SCALE), (x1 - x0) // 2  # so far a pen runs out of its cell
    top, left = max(y0 - above, 0), max(x0 - aside, 0)
    near = labels[top : y1 + above, left : x1 + aside]
    inside = np.zeros(near.shape, bool)
    inside[y0 - top : y1 - top, x0 - left : x1 - left] = True
    whole = np.bincount(near.ravel())
    within = np.bincount(near[inside], minlength=whole.size)
    own = np.flatnonzero(within >= OWN * np.maximum(whole, 1))
    ys, xs = np.nonzero((near > 0) & (inside | np.isin(near, own[own > 0])))
    if not xs.size or max(np.ptp(xs), np.ptp(ys)) < LEAST * SCALE:
        return None
    low, high = np.array([xs.min() + left, ys.min() + top]), np.array([xs.max() + left + 1, ys.max() + top + 1])
    low = np.where(low - (x0, y0) < BESIDE * SCALE, np.minimum(low, np.array([x0, y0]) - BESIDE * SCALE), low)
    high = np.where((x1, y1) - high < BESIDE * SCALE, np.maximum(high, np.array([x1, y1]) + BESIDE * SCALE), high)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
