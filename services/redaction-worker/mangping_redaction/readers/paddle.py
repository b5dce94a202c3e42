"""Reading with PaddleOCR's PP-OCRv6: where lines stand, and what stands in them, character by character.

PaddleOCR brings the weights, the settings and the dictionary of each model (recipe.py); the networks run on OpenVINO (see
runtime.py). Nothing is dropped by score: an unsure line stays a line, and who matches decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import dist

import cv2
import numpy as np

from mangping_redaction.copies import brought_near
from mangping_redaction.page import Pixels, Polygon
from mangping_redaction.readers import boxes, column, ctc
from mangping_redaction.readers.line import Line
from mangping_redaction.readers.recipe import DETECTOR, READERS, recipe
from mangping_redaction.runtime import pixel_network, sized_network

IMAGENET = (0.485 * 255, 0.456 * 255, 0.406 * 255), (0.229 * 255, 0.224 * 255, 0.225 * 255)
CENTRED = (127.5,) * 3, (127.5,) * 3
SIDE = 960  # pixels of the longer side of the copy on which lines are looked for
LINE_HEIGHT = 48  # pixels, what the recogniser takes
SQUARE = 0.05  # pixels by which the corners of a parallelogram may be off
TIE = 0.02  # of confidence: a column says more than a row of the same box
# Inputs come in few sizes: each new one costs a compilation and its memory.
WIDTHS = (96, 128, 160, 208, 256, 320, 400, 496, 608, 752, 928, 1136, 1408, 1744, 2176)
# (height, width), smallest first: sheets and cards, lying or standing, at the sides that are asked for. Few, for each one is
# a network of its own, and nearly all pages take the first four.
CANVASES = (
    (736, 736), (736, 960), (960, 736), (1120, 1120), (1216, 1600), (1600, 1216), (1600, 1600),
)  # fmt: skip


@cache
def characters(reader: str) -> frozenset[str]:
    """What a reader can read."""
    return frozenset(recipe().characters[reader])


def detect(pixels: Pixels, side: int = SIDE, half: Pixels | None = None) -> list[Polygon]:
    """Quads (4, 2) of the text lines in pixel coordinates of `pixels`, found on a copy whose longer side is `side`; `half`
    as for `brought_near`."""
    scale = min(side / max(pixels.shape[:2]), 2.0)
    near, (width, height) = brought_near(pixels, scale, half)
    canvas = np.full((*next(c for c in CANVASES if c[0] >= height and c[1] >= width), 3), 255, np.uint8)
    cv2.resize(near, (width, height), canvas[:height, :width], interpolation=cv2.INTER_LINEAR)
    network = sized_network(DETECTOR, *IMAGENET, *canvas.shape[:2])
    (heat,) = network.look(canvas[None])
    known = recipe()
    found = boxes.quads(heat[0, 0, :height, :width], known.threshold, known.unclip, known.most)
    network.rest()
    return [quad / np.float32(scale) for quad in found]


def crop(pixels: Pixels, polygon: Polygon) -> Pixels:
    """The line cut out and laid level, LINE_HEIGHT high."""
    a, b, c, d = polygon.tolist()
    along, across = max(dist(a, b), dist(d, c), 1.0), max(dist(a, d), dist(b, c), 1.0)
    factor = max(1, int(across / LINE_HEIGHT))  # a large line is taken in at a multiple, then averaged down
    height = LINE_HEIGHT * factor
    width = min(max(round(along * height / across), 8 * factor), WIDTHS[-1] * factor)
    level = _laid_level(pixels, np.asarray(polygon, np.float32), (width, height))
    if factor > 1:
        small = cv2.resize(level, (max(width // factor, 8), LINE_HEIGHT), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8)
    return level


def _laid_level(pixels: Pixels, quad: Polygon, size: tuple[int, int]) -> Pixels:
    """A quad laid onto a rectangle of `size` (width, height); most are rectangles, for which half the work is enough."""
    width, height = size
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    if np.abs(quad[0] + quad[2] - quad[1] - quad[3]).max() < SQUARE:
        warp = cv2.getAffineTransform(quad[:3], frame[:3])
        level = cv2.warpAffine(pixels, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    else:
        warp = cv2.getPerspectiveTransform(quad, frame)
        level = cv2.warpPerspective(pixels, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(level, np.uint8)


def recognise(level: Pixels, polygon: Polygon, reader: str = READERS[0]) -> Line:
    """Read one levelled crop; the padding to a common width is mid grey, as the model was trained."""
    width = level.shape[1]
    bucket = next(w for w in WIDTHS if w >= width)
    padded = np.full((1, LINE_HEIGHT, bucket, 3), 127, np.uint8)
    padded[0, :, :width] = level
    (scores,) = pixel_network(reader, *CENTRED).look(padded)
    text, confidence, centres, candidates = ctc.decode(scores[0], recipe().characters[reader])
    cells = ctc.cells(centres * bucket, level)
    return Line(polygon, text, cells, confidence, candidates, reader)


def read_lines(pixels: Pixels, wanted: Sequence[tuple[Polygon, str]]) -> list[Line]:
    """Each line by the reader named beside it, in the order given.

    They are run reader by reader and from short to long: a network that meets another width prepares itself anew, which
    costs as much as reading a short line.
    """
    read: dict[int, Line] = {}
    for index in sorted(range(len(wanted)), key=lambda i: (wanted[i][1], _stretch(wanted[i][0]))):
        read[index] = _line(pixels, *wanted[index])
    return [read[index] for index in range(len(wanted))]


def _line(pixels: Pixels, polygon: Polygon, reader: str) -> Line:
    """One line. A tall box is read as a row and as a column, whichever is surer; one that was found to run down, down."""
    if column.runs_down(polygon):
        return _stacked(pixels, polygon, reader)
    row = recognise(crop(pixels, polygon), polygon, reader)
    if not column.is_tall(polygon):
        return row
    down = _stacked(pixels, column.downwards(polygon), reader)
    return down if len(down.text) > 1 and down.score > row.score - TIE else row


def _stacked(pixels: Pixels, polygon: Polygon, reader: str) -> Line:
    """A column's characters, parted as they read best, into few rather than many; none where it cannot be parted."""
    best = Line.unread(polygon, reader)
    for parting in column.partings(pixels, polygon, LINE_HEIGHT):
        row = recognise(parting.level, polygon, reader)
        if row.score > best.score + TIE:
            best = replace(row, cells=parting.cells(row.cells))
    return best


def _stretch(polygon: Polygon) -> float:
    """How many times longer than high a line is."""
    a, b, _, d = polygon.tolist()
    return dist(a, b) / max(dist(a, d), 1.0)


def in_order(quads: Sequence[Polygon]) -> list[Polygon]:
    """Top to bottom, then left to right."""
    return sorted(quads, key=lambda quad: (float(quad[:, 1].mean()), float(quad[:, 0].min())))


def read(pixels: Pixels, side: int = SIDE, half: Pixels | None = None) -> tuple[Line, ...]:
    """All lines of an upright page, read once by the tiny reader."""
    return tuple(read_lines(pixels, [(quad, READERS[0]) for quad in in_order(detect(pixels, side, half))]))


def read_again(pixels: Pixels, lines: Sequence[Line]) -> list[Line]:
    """The same lines by the better reader."""
    return read_lines(pixels, [(line.polygon, READERS[1]) for line in lines])
