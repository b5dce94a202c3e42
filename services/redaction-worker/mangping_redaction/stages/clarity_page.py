"""What the page as a whole tells: pictures and empty pages, glare, text that runs off the edge. Estimates, no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.page import Pixels
from mangping_redaction.readers.line import Line
from mangping_redaction.stages import clarity_text

TILES = 16  # along each side
TILE_EDGE = 25.0  # grey levels within a tile that holds something
GLARE_SIDE = 400  # pixels of the copy glare is sought on
SATURATED = 250
HALO = 0.35  # of the way from paper to white: how much brighter than the paper glare leaves its surroundings


@dataclass(frozen=True, slots=True)
class Texture:
    """A page on which no line was found. `depth`: grey levels; `filled`: share of tiles that hold something."""

    depth: float
    filled: float
    soft: float  # blur sigma of its steepest edges, in characters of the size asked for


def texture(small: Pixels, pixels: Pixels, em: float) -> Texture:
    """Contrast and sharpness without lines; `small` is the reduced copy, `em` the pixels a character would have."""
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (0, 0), 1.5)
    rows = [part for band in np.array_split(grey, TILES) for part in np.array_split(band, TILES, axis=1) if part.size]
    ranges = np.array([float(np.ptp(part)) for part in rows])
    low, high = np.percentile(grey, (0.2, 99.8))
    return Texture(float(high - low), float((ranges >= TILE_EDGE).mean()), _softness(pixels, em))


def _softness(pixels: Pixels, em: float) -> float:
    """The blur of the sharpest of the liveliest windows, ten by ten characters each: one sharp corner shows a sharp page."""
    size = int(np.clip(10 * em, 32, 400))
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    windows = [grey[y : y + size, x : x + size] for y in range(0, grey.shape[0], size) for x in range(0, grey.shape[1], size)]
    lively = sorted(windows, key=lambda window: -float(window[::3, ::3].std()))[:8]
    scale = clarity_text.EM / em
    strips = [
        cv2.resize(window, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        for window in lively
        if min(window.shape) * scale >= 4
    ]
    return min((clarity_text.edges(strip.astype(np.float32))[1] for strip in strips), default=0.0)


def glare(small: Pixels, lines: Sequence[Line], scale: float) -> float:
    """Share of the page lost to a highlight within its text: a burnt-out patch that fades into darker paper.

    `small` is a copy of the page at `scale`. White paper and white panels have no fading edge and do not count.
    """
    white = small.min(axis=2)
    level = cv2.GaussianBlur(white, (0, 0), 2.0)
    paper = float(np.median(level[level >= np.percentile(level, 40)]))
    if paper >= 238 or not lines:
        return 0.0
    mask = cv2.morphologyEx((level >= SATURATED).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    hull = np.concatenate([line.polygon for line in lines]) * scale
    (left, top), (right, bottom) = hull.min(axis=0), hull.max(axis=0)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask)
    lost = 0.0
    for i in range(1, count):
        inside = left <= centres[i][0] <= right and top <= centres[i][1] <= bottom
        if inside and stats[i, cv2.CC_STAT_AREA] >= 0.002 * mask.size and _fades(level, labels == i, paper):
            lost += stats[i, cv2.CC_STAT_AREA] / mask.size
    return float(lost)


def _fades(level: NDArray[np.uint8], patch: NDArray[np.bool_], paper: float) -> bool:
    """Whether the patch is surrounded by paper that is still brighter than elsewhere, all the way round."""
    near = cv2.dilate(patch.astype(np.uint8), np.ones((7, 7), np.uint8))
    ring = cv2.dilate(near, np.ones((5, 5), np.uint8)).astype(bool) & ~near.astype(bool)
    halo = (level[ring].astype(np.float32) - paper) / max(255 - paper, 1.0)
    return bool(halo.size and np.percentile(halo, 30) >= HALO)


def cut_lines(pixels: Pixels, lines: Sequence[Line]) -> float:
    """The largest share of the lines whose strokes run into one and the same edge of the page.

    A line sliced lengthwise at the top or bottom counts for a fifth of all lines: it is alone there.
    """
    if not lines:
        return 0.0
    height, width = pixels.shape[:2]
    counts = np.zeros(4)
    for line in lines:
        reach = 0.35 * clarity_text.character_size(line)
        (left, top), (right, bottom) = line.polygon.min(axis=0), line.polygon.max(axis=0)
        rows, columns = slice(max(int(top), 0), int(bottom) + 1), slice(max(int(left), 0), int(right) + 1)
        if line.length < 2 * line.height:
            continue
        counts[0] += left < reach and _crossings(pixels[rows, :3].min(axis=1), pixels[rows, columns]) > 0
        counts[1] += right > width - reach and _crossings(pixels[rows, -3:].min(axis=1), pixels[rows, columns]) > 0
        sliced = max(1.0, len(lines) / 5) if line.length >= 5 * line.height else 0.0
        counts[2] += sliced * (top < reach and _crossings(pixels[:2, columns].min(axis=0), pixels[rows, columns]) >= 5)
        counts[3] += sliced * (bottom > height - reach and _crossings(pixels[-2:, columns].min(axis=0), pixels[rows, columns]) >= 5)
    return float(counts.max() / max(len(lines), 5))


def _crossings(border: Pixels, around: Pixels) -> int:
    """How many separate strokes meet the border pixels (n, 3), by the contrast of the line around them."""
    low, high = np.percentile(around.min(axis=2), (3, 85))
    if high - low < 20:
        return 0
    ink = border.min(axis=1) < (low + high) / 2
    if ink.mean() > 0.8:  # a frame or a dark desk, not strokes
        return 0
    return int(np.count_nonzero(np.diff(np.r_[False, ink].astype(np.int8)) == 1))
