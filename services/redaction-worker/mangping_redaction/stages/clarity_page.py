"""What the page as a whole tells: pictures and empty pages, glare, text that runs off the edge. No verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.levels import darkest, percentile
from mangping_redaction.page import Pixels
from mangping_redaction.readers.line import Line
from mangping_redaction.stages import clarity_text

TILES = 16  # along each side
FEW_EDGES = 0.995  # a picture has few edges: the quantile of its slopes that is surely one
TILE_EDGE = 25.0  # grey levels within a tile that holds something
GLARE_SIDE = 400  # pixels of the longer side glare is sought on
SATURATED, WHITE = 250, 238  # grey levels: of burnt-out paper; of paper on which nothing burnt out can be seen
DIM, SHOWN = 100, 0.1  # grey levels below white that paper may have beside what is burnt out; least share of such paper
CORE = 31  # pixels of the copy: what is nearer than half of it to the edge of such a patch is not its midst
READ, READ_ALL_OVER = 0.1, 0.4  # of the midst, that lines take where they were read; of a patch that has no midst
LEAST_GLARE = 0.002  # of the page
REACH = 0.25  # line heights: nearer to the edge a line may be cut
SLICED = 4  # strokes that meet the top or bottom edge, for each line cut off at a side
NEAR_AND_FAR = 3, 14  # pixels of the copy from the patch
SHADED = 50  # grey levels by which paper may be darker than most of it
FALL = 10  # grey levels by which paper that far off must be darker: light that falls off over a page does so slowly
HALO = 0.25  # of the way from paper to white: how much brighter glare leaves the paper near it than that farther off
# A line is looked at in parts of so many line heights. It fades where, from its blackest part on, nearly all parts grow paler
# (but for so many levels), down to so much of that, and at no place by most of it: print in grey ink is paler at once.
PART, BLACK, PALER, NEARLY, PALE, AT_ONCE = 1.0, 50, 6, 0.7, 0.5, 0.6


@dataclass(frozen=True, slots=True)
class Texture:
    """A page on which no line was found. `depth`: grey levels; `filled`: share of tiles that hold something."""

    depth: float
    filled: float


def texture(small: Pixels) -> Texture:
    """Contrast without lines; `small` is the reduced copy."""
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (0, 0), 1.5)
    tiles = [part for band in np.array_split(grey, TILES) for part in np.array_split(band, TILES, axis=1) if part.size]
    ranges = np.array([float(np.ptp(part)) for part in tiles])
    low, high = np.percentile(grey, (0.2, 99.8))
    return Texture(float(high - low), float((ranges >= TILE_EDGE).mean()))


def softness(pixels: Pixels, em: float) -> float:
    """The blur sigma, in characters of `em` pixels, of the sharpest of the liveliest windows, ten by ten characters each:
    one sharp corner is enough."""
    size = int(np.clip(10 * em, 32, 400))
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    bands = [grey[y : y + size] for y in range(0, grey.shape[0], size)]
    windows = [band[:, x : x + size] for band in bands for x in range(0, grey.shape[1], size)]
    lively = sorted(windows, key=lambda window: -float(window[::3, ::3].std()))[:8]
    scale = clarity_text.EM / em
    strips = [
        cv2.resize(window, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        for window in lively
        if min(window.shape) * scale >= 4
    ]
    return min((clarity_text.edges(strip.astype(np.float32), FEW_EDGES)[1] for strip in strips), default=0.0)


def glare(pixels: Pixels, lines: Sequence[Line]) -> float:
    """Share of the page lost to a highlight within its text: a burnt-out patch that fades into darker paper and in whose midst
    nothing is read. `lines`: at least one.

    White paper and white panels have no fading edge and do not count.
    """
    step = max(1, max(pixels.shape[:2]) // GLARE_SIDE)
    blue, green, red = (pixels[::step, ::step, channel] for channel in range(3))
    inked = np.minimum(np.minimum(blue, green), red)  # `darkest` would copy what is skipped: four times as dear
    paper_only = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    level = np.asarray(cv2.GaussianBlur(paper_only, (0, 0), 1.5), np.uint8)
    (paper,) = percentile(level[level >= percentile(level, 40)[0]], 50)
    if paper >= WHITE:  # a white page, or one of which most is burnt out
        shown = level[(level > paper - DIM) & (level < SATURATED)]
        if shown.size < SHOWN * level.size:
            return 0.0
        paper = float(np.median(shown))
    mask = cv2.morphologyEx((level >= SATURATED).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    hull = np.concatenate([line.polygon for line in lines]) / step
    (left, top), (right, bottom) = hull.min(axis=0), hull.max(axis=0)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask)
    lost = 0.0
    for i in range(1, count):
        inside = left <= centres[i][0] <= right and top <= centres[i][1] <= bottom
        large, patch = stats[i, cv2.CC_STAT_AREA] >= LEAST_GLARE * mask.size, labels == i
        if inside and large and _fades(level, patch, paper) and not _is_read(patch, lines, step):
            lost += stats[i, cv2.CC_STAT_AREA] / mask.size
    return float(lost)


def _fades(level: NDArray[np.uint8], patch: NDArray[np.bool_], paper: float) -> bool:
    """Whether the paper round the patch grows darker away from it, all the way round. A desk or print is no paper."""
    is_paper = level > paper - SHADED
    near, far = (_ring(patch, distance) & is_paper for distance in NEAR_AND_FAR)
    if not near.any() or not far.any():
        return False
    beyond = float(np.median(level[far]))
    if beyond > SATURATED - FALL:
        return False
    halo = (level[near].astype(np.float32) - beyond) / max(255 - beyond, 1.0)
    return bool(np.percentile(halo, 30) >= HALO)


def _is_read(patch: NDArray[np.bool_], lines: Sequence[Line], step: int) -> bool:
    """Whether lines were read in the midst of a patch as on any page: it is lit, or whitened about its print, and not burnt
    out."""
    core = cv2.erode(patch.astype(np.uint8), np.ones((CORE, CORE), np.uint8))
    read = np.zeros_like(core)
    for line in lines:
        cv2.fillPoly(read, [np.round(line.polygon / step).astype(np.int32)], (1,))
    where, least = (core, READ) if core.any() else (patch.astype(np.uint8), READ_ALL_OVER)
    return cv2.countNonZero(cv2.bitwise_and(read, where)) > least * cv2.countNonZero(where)


def _ring(patch: NDArray[np.bool_], distance: int) -> NDArray[np.bool_]:
    inner = cv2.dilate(patch.astype(np.uint8), np.ones((2 * distance + 1,) * 2, np.uint8))
    return np.asarray((cv2.dilate(inner, np.ones((5, 5), np.uint8)) > 0) & (inner == 0))


def fading_lines(pixels: Pixels, lines: Sequence[Line]) -> int:
    """How many lines fade into burnt-out paper at one of their ends: on white sheets nothing else tells a highlight."""
    fading = 0
    for line in lines:
        if line.length < 4 * PART * line.height:
            continue
        (left, top), (right, bottom) = line.polygon.min(axis=0).astype(int), line.polygon.max(axis=0).astype(int)
        part = pixels[max(top, 0) : bottom + 1, max(left, 0) : right + 1]
        if part.shape[1] < 2 * part.shape[0]:  # a column, or what leans too much
            continue
        grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
        parts = np.linspace(0, grey.shape[1], round(line.length / line.height / PART) + 1).astype(int)[:-1]
        paper = np.maximum.reduceat(grey.max(axis=0).astype(int), parts)
        ink = paper - np.minimum.reduceat(grey.min(axis=0), parts)
        blackest = int(ink.argmax())
        ends = (ink[blackest:], paper[-1]), (ink[blackest::-1], paper[0])
        fading += bool(ink[blackest] > BLACK) and any(_pales(tail) and end >= SATURATED for tail, end in ends)
    return fading


def _pales(tail: NDArray[np.int_]) -> bool:
    steps, lost = np.diff(tail), int(tail[0] - tail[-1])
    if steps.size < 2 or lost < (1 - PALE) * tail[0] or -int(steps.min()) > AT_ONCE * lost:
        return False
    return bool((steps <= PALER).mean() > NEARLY)


def cut_lines(pixels: Pixels, lines: Sequence[Line]) -> int:
    """How many lines run into one and the same edge of the page with their strokes.

    Strokes that meet the top or bottom edge along a line that was sliced lengthwise count as SLICED to a line.
    """
    height, width = pixels.shape[:2]
    left_right, top_bottom = np.zeros(2, int), np.zeros(2, int)
    for line in lines:
        if line.length < 2 * line.height:
            continue
        (left, top), (right, bottom) = line.polygon.min(axis=0), line.polygon.max(axis=0)
        reach = REACH * line.height
        near = left < reach, right > width - reach, top < reach, bottom > height - reach
        if not any(near):
            continue
        rows, columns = slice(max(int(top), 0), int(bottom) + 1), slice(max(int(left), 0), int(right) + 1)
        around = pixels[rows, columns]
        strips = (pixels[rows, :3], 1), (pixels[rows, -3:], 1), (pixels[:2, columns], 0), (pixels[-2:, columns], 0)
        met = [_crossings(*strip, around) if close else 0 for strip, close in zip(strips, near, strict=True)]
        left_right += np.minimum(met[:2], 1)
        top_bottom += met[2:]
    return int(max(left_right.max(), (top_bottom // SLICED).max()))


def _crossings(border: Pixels, across: int, around: Pixels) -> int:
    """How many separate strokes meet the border strip (`across` its thin axis); what ink is, the line around tells."""
    low, high = percentile(darkest(around), 3, 85)
    if high - low < 20:
        return 0
    ink = darkest(border).min(axis=across) < (low + high) / 2
    if ink.mean() > 0.8:  # a frame or a dark desk, not strokes
        return 0
    return int(np.count_nonzero(np.diff(np.r_[False, ink].astype(np.int8)) == 1))
