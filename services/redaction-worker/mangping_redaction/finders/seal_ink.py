"""The page as ink: a small copy with the lighting taken out, split into red, cool, dark and any ink. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal_look import Ink
from mangping_redaction.page import Page
from mangping_redaction.readers.area import scaled

DPI = 84.0  # of the working copy: a 0.5 mm stroke is still more than a pixel and a half wide
LONGEST = 1400  # pixels of the working copy, whatever the resolution is thought to be
CELL = 8  # pixels of the working copy for one sample of the paper's colour
GROUND = 0.5  # of the usual brightness: a darker ground is in deep shadow, or no paper
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


def sheet(page: Page) -> Sheet:
    """The page at the working resolution, its inks separated against the paper around them."""
    wanted = min(DPI / max(page.dpi, 30.0), LONGEST / max(page.pixels.shape[:2]), 1.5)
    small = scaled(page.copies.half, 2 * wanted) if wanted <= 0.5 else scaled(page.pixels, wanted)
    scale = small.shape[1] / page.pixels.shape[1]
    mm = max(page.dpi, 30.0) * scale / 25.4
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
        desk=_desk(coarse, bright, (small.shape[1], small.shape[0])),
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
    whole = cv2.resize(np.maximum(paper, floor), (width, height), interpolation=cv2.INTER_LINEAR)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return _ink(cv2.divide(cv2.subtract(paper, cv2.GaussianBlur(small, (3, 3), 0.6)), whole, scale=255))


def _desk(coarse: NDArray[np.uint8], bright: NDArray[np.float64], size: tuple[int, int]) -> Ink:
    """255 where the sheet does not reach: all that is dark from the border of the picture inwards."""
    dark = _ink(coarse.max(axis=2) < GROUND * bright.max())
    count, labels = cv2.connectedComponents(dark)
    if count < 2:
        return np.zeros(size[::-1], np.uint8)
    outer = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    away = np.isin(labels, outer[outer > 0]).astype(np.uint8) * 255
    return _ink(cv2.resize(away, size, interpolation=cv2.INTER_NEAREST))


def _noise(least: Ink, red: Ink) -> float:
    """Sigma of the redness where it should be nought: ink only ever adds, so what lies below the median is noise."""
    signed = cv2.GaussianBlur(cv2.subtract(least, red, dtype=cv2.CV_32F), (3, 3), 0.7)
    low, middle = np.percentile(signed[::3, ::3], (20, 50))
    return float(middle - low) / 0.84
