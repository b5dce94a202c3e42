"""What a few lines of the page tell about its print: character size, blur, motion, contrast. No verdict.

Blur is measured against the character: a line is brought to EM pixels a character and the steepest slopes of its edges
are set against its contrast. A Gaussian edge of height A has its steepest slope at 0.4 A / sigma, so sigma is
0.4 A / slope, less the Gaussian of one pixel that keeps noise out. Motion blurs one direction only: the slope is taken
in eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.page import Pixels
from mangping_redaction.readers.line import Line

EM = 32  # pixels a character is brought to
SAMPLES = 7  # lines looked at
CHARACTERS = 10  # at most, of each
HEIGHT_TO_EM = 0.72  # a found line is taller than its characters; the pitch of Han characters is exact (1-4 %)
LEAST_PITCH = 0.25  # of the line's height: characters read into one place of a column stand no closer
STEP = 0.4  # of contrast over sigma: the steepest slope of a blurred edge
STEEPEST = 0.97  # strokes fill a line of text; one pixel in thirty lies on the middle of an edge

Floats = NDArray[np.float32]
ANGLES = np.radians(np.arange(0, 180, 22.5))
DIRECTIONS: Floats = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Print:
    """Medians over the sampled lines; `soft`, `sharp`: blur sigmas in characters, in the worst and best direction."""

    em: float  # pixels a character
    soft: float
    sharp: float
    contrast: float  # grey levels between paper and strokes as they appear


def measure(pixels: Pixels, lines: Sequence[Line], em_limit: float = np.inf) -> Print | None:
    """The print of the page; None without a usable line. No character is taken to be larger than `em_limit` pixels."""
    rows = []
    for line in sample(lines):
        em = min(character_size(line), em_limit)
        level = _level(pixels, line, em)
        if level is not None:
            rows.append((em, *edges(level)))
    if not rows:
        return None
    em, soft, sharp, contrast = np.median(np.array(rows), axis=0).tolist()
    return Print(em, soft, sharp, contrast)


def sample(lines: Sequence[Line]) -> list[Line]:
    """A few of the lines with the most characters."""
    usable = [line for line in lines if line.length >= 1.5 * line.height and line.height >= 3]
    longest = sorted(usable, key=lambda line: -min(line.length / line.height, 12))[: 3 * SAMPLES]
    return longest[:: max(1, len(longest) // SAMPLES)][:SAMPLES]


def character_size(line: Line) -> float:
    """Pixels of a full-width character: the pitch of neighbouring Han characters, else a share of the line's height."""
    han = np.array(["\u4e00" <= c <= "\u9fff" for c in line.text], bool)
    pairs = han[1:] & han[:-1]
    if pairs.sum() < 2:
        return HEIGHT_TO_EM * line.height
    centres = line.cells.mean(axis=1) * line.length
    pitch = float(np.median(np.diff(centres)[pairs]))
    return pitch if pitch >= LEAST_PITCH * line.height else HEIGHT_TO_EM * line.height


def edges(level: Floats, steepest: float = STEEPEST) -> tuple[float, float, float]:
    """(soft, sharp, contrast) of a levelled grey strip with EM pixels a character.

    `steepest` is the quantile that stands for the steepest slope.
    """
    smooth = cv2.GaussianBlur(level, (0, 0), 1.0)
    low, high = np.percentile(smooth[::2, ::2], (2, 98))
    contrast = float(high - low)
    dx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    dy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    gradient = np.stack([dx[::2, ::2].ravel(), dy[::2, ::2].ravel()])
    along = np.abs(DIRECTIONS @ gradient)  # every fourth pixel is plenty
    steep = int(steepest * along.shape[1])
    slopes = np.partition(along, steep, axis=1)[:, steep]
    return _sigma(contrast, float(slopes.min())), _sigma(contrast, float(slopes.max())), contrast


def _sigma(contrast: float, slope: float) -> float:
    """Blur in characters from the contrast and the steepest slope of a strip smoothed by one pixel."""
    total = STEP * contrast / max(slope, 1e-3)
    return float(np.sqrt(max(0.0, total**2 - 1.0)) / EM)


def _level(pixels: Pixels, line: Line, em: float) -> Floats | None:
    """The middle of a line as a level grey strip, EM pixels a character; None where too little of it is on the page."""
    a, b, _, d = line.polygon.astype(np.float64)
    along, down = (b - a) / max(line.length, 1.0), (d - a) / max(float(np.linalg.norm(d - a)), 1.0)
    length, height = min(line.length, CHARACTERS * em), 1.3 * em
    start = (a + d) / 2 + along * (line.length - length) / 2 - down * height / 2
    corners = np.array([start, start + along * length, start + down * height, start + along * length + down * height])
    x0, y0 = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + 3
    part = pixels[y0:y1, x0:x1]
    if min(part.shape[:2]) < 4:
        return None
    grey, halved = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), 1
    while em / halved > 1.8 * EM and min(grey.shape) >= 8:  # large print is averaged down, not sampled
        grey = cv2.resize(grey[: grey.shape[0] // 2 * 2, : grey.shape[1] // 2 * 2], None, fx=0.5, fy=0.5,
                          interpolation=cv2.INTER_AREA)  # fmt: skip
        halved *= 2
    step = em / EM / halved
    back = np.column_stack([along * step, down * step, (start - (x0, y0)) / halved])
    size = max(4, round(length / em * EM)), round(1.3 * EM)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(grey, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return strip.astype(np.float32)
