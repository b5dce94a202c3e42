"""The page as ink: a small copy with the lighting taken out, split into red, cool, dark and any ink. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.copies import scaled
from mangping_redaction.finders.seal.look import Ink, above
from mangping_redaction.finders.seal.print import READ
from mangping_redaction.page import Page

if TYPE_CHECKING:
    from mangping_redaction.finders.seal.blobs import Blob

RED = 8  # the faintest coloured ink looked at, of 255
SCANT_MM2 = 4.0  # less coloured ink than this on a page is no seal
LEAST_DPI = 30.0  # what claims less is no scan: a millimetre is hardly a pixel
DPI = 84.0  # of the working copy: a 0.5 mm stroke is still more than a pixel and a half wide
LONGEST = 1400  # pixels of the working copy, whatever the resolution is thought to be
CELL = 8  # pixels of the working copy for one sample of the paper's colour
GROUND = 0.5  # of the usual brightness: a darker ground is in deep shadow, or no paper
UNLIKE = 14.0  # of Lab's a and b: wood and cloth beside paper
NEAR_MM = 20.0  # from the outermost print: a seal stands there, half beyond it
PALE = 0.55  # of the print's ink: what is weaker is no print
SHADE_MM = 6.5  # what is wider is a shade, no stroke
SOFT = tuple(cv2.getGaussianKernel(3, 0.7)[:2, 0].tolist())  # the neighbours' share, and its own
PAPER_MM = 22.0  # anything wider than this is a ground, not ink


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """(h, w) uint8 maps of how much ink stands on a pixel: `dark` is black or grey, `tint` of any colour."""

    red: Ink
    cool: Ink  # blue and purple
    dark: Ink
    tint: Ink
    gold: Ink  # what blue loses more than green: yellow, gold, brown
    desk: Ink  # 255 where there is no paper
    mm: float  # working pixels for a millimetre
    scale: float  # working pixels for one page pixel
    noise: float  # sigma of the red map on bare paper
    patches: dict[int, list[Blob]] = field(default_factory=dict, init=False)  # of the red map by level, once looked for


def sheet(page: Page) -> Sheet:
    """The page at the working resolution, its inks separated against the paper around them."""
    wanted = min(DPI / max(page.dpi, LEAST_DPI), LONGEST / max(page.pixels.shape[:2]), 1.5)
    small = scaled(page.copies.half, 2 * wanted) if wanted <= 0.5 else scaled(page.pixels, wanted)
    scale = small.shape[1] / page.pixels.shape[1]
    mm = max(page.dpi, LEAST_DPI) * scale / 25.4
    coarse = scaled(small, 1 / CELL)
    bright = np.percentile(coarse.reshape(-1, 3), 75, axis=0)
    blue_, green, red_ = cv2.split(_absorbed(small, coarse, bright, mm))
    least = cv2.min(blue_, green)
    return Sheet(
        red=_ink(cv2.GaussianBlur(cv2.subtract(least, red_), (3, 3), 0.7)),
        cool=_ink(cv2.GaussianBlur(cv2.subtract(cv2.max(green, red_), blue_), (3, 3), 0.7)),
        dark=_ink(cv2.min(least, red_)),
        tint=_ink(cv2.max(cv2.max(blue_, green), red_)),
        gold=_ink(cv2.subtract(blue_, green)),
        desk=_desk(coarse, bright, _written(page, coarse.shape[:2]), mm, (small.shape[1], small.shape[0])),
        mm=mm,
        scale=scale,
        noise=_noise(_ink(least), _ink(red_)),
    )


def _ink(map_: object) -> Ink:
    return np.asarray(map_, np.uint8)


def _absorbed(
    small: NDArray[np.uint8], coarse: NDArray[np.uint8], bright: NDArray[np.float64], mm: float
) -> NDArray[np.uint8]:
    """(h, w, 3) uint8: what the ink takes from each channel of the paper, 255 for all of it."""
    height, width = small.shape[:2]
    reach = max(3, round(PAPER_MM * mm / CELL)) | 1
    square = np.ones((reach, reach), np.uint8)
    paper = cv2.morphologyEx(coarse, cv2.MORPH_CLOSE, square, borderType=cv2.BORDER_REPLICATE)
    paper = cv2.GaussianBlur(paper, (3, 3), 0)
    # A floor under the divisor: on a dark table or cover neither colour noise nor the grain of wood must grow into ink.
    floor = np.maximum(bright * GROUND, 64.0).astype(np.uint8)
    deep = np.maximum(paper, floor)
    shaded = not np.array_equal(deep, paper)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    whole = cv2.resize(deep, (width, height), interpolation=cv2.INTER_LINEAR) if shaded else paper
    return _ink(cv2.divide(cv2.subtract(paper, cv2.GaussianBlur(small, (3, 3), 0.6)), whole, scale=255))


def _desk(
    coarse: NDArray[np.uint8], bright: NDArray[np.float64], written: Ink, mm: float, size: tuple[int, int]
) -> Ink:
    """255 where the sheet does not reach: all that is dark from the border of the picture inwards, or farther from print
    than a seal stands and of another colour than the ground of the print."""
    blue, green, red = cv2.split(coarse)
    dark = _ink(_ink(cv2.max(cv2.max(blue, green), red)) < GROUND * bright.max())
    near = cv2.dilate(written, np.ones((2 * round(NEAR_MM * mm / CELL) + 1,) * 2, np.uint8))
    other = cv2.subtract(_unlike(coarse, written), near)
    count, labels = cv2.connectedComponents(_ink(cv2.max(dark, other)))
    if count < 2:
        return np.zeros(size[::-1], np.uint8)
    outer = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    away = np.isin(labels, outer[outer > 0]).astype(np.uint8) * 255
    return _ink(cv2.resize(away, size, interpolation=cv2.INTER_NEAREST))


def _written(page: Page, shape: tuple[int, int]) -> Ink:
    """1 within the hull of all lines of print."""
    mask, lines = np.zeros(shape, np.uint8), [line.polygon for line in page.lines if line.score > READ]
    if lines:
        hull = cv2.convexHull(np.concatenate(lines) * (shape[1] / page.pixels.shape[1]))
        cv2.fillPoly(mask, [np.round(hull).astype(np.int32)], 1)
    return mask


def _unlike(coarse: NDArray[np.uint8], written: Ink) -> Ink:
    """1 where the ground has another colour than most of what is written on; 0 everywhere where nothing is."""
    if not written.any():
        return np.zeros(coarse.shape[:2], np.uint8)
    colour = cv2.cvtColor(coarse, cv2.COLOR_BGR2LAB)[:, :, 1:].astype(np.float32)
    paper = np.median(colour[written > 0], axis=0)
    return _ink(np.hypot(*cv2.split(colour - paper)) > UNLIKE)


def _noise(least: Ink, red: Ink) -> float:
    """Sigma of the redness where it should be nought: ink only ever adds, so what lies below the median is noise. Every
    fifth row and column of the softened map will do."""
    rows, last = np.arange(0, len(least), 5), len(least) - 1
    around = (np.abs(rows - 1), rows, last - np.abs(last - 1 - rows))
    before, here, behind = (cv2.subtract(least[at], red[at], dtype=cv2.CV_32F) for at in around)
    side, middle = SOFT
    signed = cv2.GaussianBlur(cv2.addWeighted(cv2.add(before, behind), side, here, middle, 0), (3, 1), 0.7)
    low, median = np.percentile(signed[:, ::5], (20, 50))
    return float(median - low) / 0.84


def pale(inks: Sheet, usual: float) -> Sheet:
    """What is weaker than the print, whose strokes are `usual`, as `red` of a sheet, and as `dark` the strokes of stronger
    ink that hide it."""
    strong = _ink(
        cv2.dilate(cv2.threshold(inks.tint, PALE * usual, 255, cv2.THRESH_BINARY)[1], np.ones((3, 3), np.uint8))
    )
    half = cv2.resize(inks.tint, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    shade = cv2.morphologyEx(half, cv2.MORPH_OPEN, np.ones((round(SHADE_MM * inks.mm / 2),) * 2, np.uint8))
    height, width = inks.tint.shape
    weak = cv2.subtract(inks.tint, cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR))
    return replace(inks, red=_ink(cv2.subtract(weak, strong)), dark=strong)


def ink_levels(inks: Sheet) -> list[int]:
    """Thresholds worth a look: faint ink first, then what stands out from a reddish ground; none on a page without red.

    The faintest lies above the noise of the page.
    """
    base = int(np.clip(5 * inks.noise, RED, 28))
    least, last = SCANT_MM2 * inks.mm**2, float("inf")
    levels: list[int] = []
    for level in (base, round(2.2 * base), round(5 * base), round(11 * base)):
        count = cv2.countNonZero(above(inks.red, level - 1)) if level < 255 else 0
        if count > least and count < 0.75 * last:
            levels.append(level)
            last = count
    return levels
