"""Hands in the cells of a ruled table: whatever ink stands where people sign, read or not."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.hand import words
from mangping_redaction.finders.hand.hands import DOUBTED, is_hand, is_name
from mangping_redaction.finders.hand.pen import Box
from mangping_redaction.finders.hand.ruled import SCALE, SLANT, Strip, cell_of, cells_below, ink, strip_about, upright
from mangping_redaction.page import Finding, Page, Polygon
from mangping_redaction.readers.line import Line

PEN = 16.0, 0.15  # as `ruled.INK`, for a pen's strokes: they end thin
LEVEL = 3.0  # line heights that no stroke of a pen runs level
JOINED = 0.7  # line heights between strokes of one hand
OWN, ALONE = 0.5, 0.8  # share of the ink of joined strokes inside the cell they belong to; that they belong to alone
OUT = 1.0  # line heights that they may run out of it, above or below
BESIDE = 0.35  # line heights from a rule: a stroke that begins there may begin on it, where it is taken for the rule
COVERED = ("seal", "signature")
EDGE = 3  # pixels of the strip that a cover's edge is wide
LEAST = 0.6  # line heights: smaller ink is a speck
Labels = NDArray[np.int32]  # of strokes, from 1; 0 is paper
Reading = Sequence[tuple[Box, Line]]  # what was read, and where on the strip


def signed_column(page: Page, head: Line, lines: Sequence[Line], *, read: bool = True) -> list[Finding]:
    """The ink of each cell below the head in which a hand stands; none where no rules part the cells, or where most of them
    are printed in. `lines` are what was read on the page but for seals; without `read` only hands that nobody could."""
    strip = strip_about(page, head)
    cells = cells_below(strip)
    texts = [(strip.of(line.polygon), line) for line in lines if line is not head] if cells else []
    said = [[line for box, line in texts if _is_in(box, cell)] for cell in cells]
    prints = sum(any(map(_is_print, there)) for there in said)
    if 2 * prints >= len(cells):
        return []
    pens = _pens(strip, _outside(strip, cells, texts, page))
    none = _is_no_hand if read else _is_sure
    owners = _owners(pens, cells)
    hands = [_hand(pens, owners, n, cells[n]) for n, there in enumerate(said) if not any(map(none, there))]
    found = [_finding(strip, hand) for hand in hands if hand is not None]
    return found if len(found) > 2 * prints else []


def signed_cell(page: Page, word: Line, lines: Sequence[Line]) -> list[Finding]:
    """The ink beside and below a word in its own cell, of which nothing was read that is no hand; none outside a table."""
    strip = strip_about(page, word)
    cell = cell_of(strip)
    if cell is None:
        return []
    read = [(strip.of(line.polygon), line) for line in lines]
    prints = [line.polygon for box, line in read if line is word or (_is_in(box, cell) and _is_print(line))]
    pens = _pens(strip, [*_outside(strip, [cell], read, page), *prints])
    hand = _hand(pens, _owners(pens, [cell]), 0, cell)
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
    """What is no hand of these cells, or covered already: by a seal's cover or, in a rendition, the hand's own."""
    others = [
        line.polygon for box, line in read if line.score > DOUBTED and not any(_is_in(box, cell) for cell in cells)
    ]
    return others + [finding.polygon for finding in page.findings if finding.covered and finding.cls in COVERED]


def _pens(strip: Strip, others: Sequence[Polygon]) -> Labels:
    """The ink of pens, strokes that belong together numbered alike; `others` is no pen's. A seal's red is none in
    the red channel."""
    dark = ink(np.ascontiguousarray(strip.pixels[:, :, 2]), PEN)
    high = cv2.dilate(dark, np.ones((SLANT, 1), np.uint8))
    level = cv2.morphologyEx(high, cv2.MORPH_OPEN, np.ones((1, round(LEVEL * SCALE)), np.uint8))
    rules = cv2.bitwise_or(upright(dark), level)
    dark[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    for other in others:
        cv2.fillPoly(dark, [strip.outline(other)], 0)
        cv2.polylines(dark, [strip.outline(other)], True, 0, EDGE)
    _, labels = cv2.connectedComponents(cv2.dilate(dark, np.ones((round(JOINED * SCALE),) * 2, np.uint8)))
    return np.asarray(labels * dark, np.int32)


def _owners(labels: Labels, cells: Sequence[Box]) -> Labels:
    """By number of joined strokes: the index of the cell that they belong to alone, -1 where there is none."""
    whole = np.bincount(labels.ravel())
    owners = np.full(whole.size, -1, np.int32)
    for n, cell in enumerate(cells):
        x0, y0, x1, y1 = (round(edge) for edge in cell)
        owners[np.bincount(labels[y0:y1, x0:x1].ravel(), minlength=whole.size) > ALONE * whole] = n
    owners[0] = -1
    return owners


def _hand(labels: Labels, owners: Labels, number: int, cell: Box) -> Box | None:
    """The box around the ink in a cell but for what its neighbours own, with all of the strokes that have most of theirs there."""
    x0, y0, x1, y1 = (round(edge) for edge in cell)
    above, aside = round(OUT * SCALE), (x1 - x0) // 2  # so far a pen runs out of its cell
    top, left = max(y0 - above, 0), max(x0 - aside, 0)
    near = labels[top : y1 + above, left : x1 + aside]
    inside = np.zeros(near.shape, bool)
    inside[y0 - top : y1 - top, x0 - left : x1 - left] = True
    whole = np.bincount(near.ravel())
    within = np.bincount(near[inside], minlength=whole.size)
    own = np.flatnonzero(within >= OWN * np.maximum(whole, 1))
    others = np.isin(owners, (-1, number), invert=True)[near]
    ys, xs = np.nonzero((near > 0) & ((inside & ~others) | np.isin(near, own[own > 0])))
    if not xs.size or max(np.ptp(xs), np.ptp(ys)) < LEAST * SCALE:
        return None
    low, high = np.array([xs.min() + left, ys.min() + top]), np.array([xs.max() + left + 1, ys.max() + top + 1])
    low = np.where(low - (x0, y0) < BESIDE * SCALE, np.minimum(low, np.array([x0, y0]) - BESIDE * SCALE), low)
    high = np.where((x1, y1) - high < BESIDE * SCALE, np.maximum(high, np.array([x1, y1]) + BESIDE * SCALE), high)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
