"""Reading with PaddleOCR's PP-OCRv6: where lines stand, and what stands in them, character by character.

PaddleOCR brings the configuration, the dictionary and the box decoding of each model; its inference runner is exchanged for
OpenVINO (see runtime.py). Nothing is dropped by score: an unsure line stays a line, and who matches decides.
This is the only module that imports paddleocr.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mangping_redaction import models
from mangping_redaction.page import Pixels, Polygon
from mangping_redaction.readers import ctc
from mangping_redaction.readers.area import scaled
from mangping_redaction.readers.line import Line
from mangping_redaction.runtime import pixel_network

DETECTOR = "text-det-tiny"
READERS = ("text-rec-tiny", "text-rec-small")
IMAGENET = (0.485 * 255, 0.456 * 255, 0.406 * 255), (0.229 * 255, 0.224 * 255, 0.225 * 255)
CENTRED = (127.5,) * 3, (127.5,) * 3
BOX_SCORE = 0.3  # below upstream's .4: a faint line must be read, not lost
LINE_HEIGHT = 48  # pixels, what the recogniser takes
# Inputs come in few sizes: each new one costs a compilation and its memory.
WIDTHS = (96, 128, 160, 208, 256, 320, 400, 496, 608, 752, 928, 1136, 1408, 1744, 2176)
INT16 = 32000.0
CANVASES = (320, 480, 640, 736, 960, 1120, 1600)


@cache
def _paddle(name: str) -> Any:
    """PaddleOCR's predictor of a model; only its configuration and post-processing are used."""
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    import paddleocr

    weights = models.path(name)
    kind = {"det": paddleocr.TextDetection, "rec": paddleocr.TextRecognition}[weights.stem]
    with tempfile.TemporaryDirectory(prefix="mangping-") as folder:
        Path(folder, "inference.onnx").symlink_to(weights)
        Path(folder, "inference.yml").symlink_to(weights.with_name("inference.yml"))
        model_name = f"PP-OCRv6_{weights.parent.parent.name}_{weights.stem}"
        predictor = kind(model_name=model_name, model_dir=folder, engine="onnxruntime").paddlex_predictor
    predictor.runner = None  # its session's memory goes back: OpenVINO runs the model
    return predictor


def detect(pixels: Pixels, side: int = 960) -> list[Polygon]:
    """Quads (4, 2) of the text lines in pixel coordinates of `pixels`, found on a copy whose longer side is `side`."""
    height, width = pixels.shape[:2]
    scale = min(side / max(height, width), 2.0)
    small = scaled(pixels, scale)
    canvas = np.full((*(next(c for c in CANVASES if c >= n) for n in small.shape[:2]), 3), 255, np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    (heat,) = pixel_network(DETECTOR, *IMAGENET).look(canvas[None])
    fine = INT16 / max(canvas.shape[:2])  # upstream rounds corners to whole numbers: let them be small ones
    shape = (canvas.shape[0] * fine, canvas.shape[1] * fine, 1.0, 1.0)
    (boxes,), _ = _paddle(DETECTOR).post_op([heat], [shape], box_thresh=BOX_SCORE)
    return [_parallelogram(np.asarray(box, np.float32) / (fine * scale)) for box in boxes]


def _parallelogram(quad: Polygon) -> Polygon:
    """The quad with opposite sides made equal, so that places along the line keep their proportions when it is cut out."""
    a, b, c, d = quad
    along, across = (b - a + c - d) / 4, (d - a + c - b) / 4
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    return np.asarray(quad.mean(axis=0) + corners[:, :1] * along + corners[:, 1:] * across, np.float32)


def crop(pixels: Pixels, polygon: Polygon) -> Pixels:
    """The line cut out and laid level, LINE_HEIGHT high."""
    a, b, c, d = polygon
    along = max(float(np.linalg.norm(b - a)), float(np.linalg.norm(c - d)), 1.0)
    across = max(float(np.linalg.norm(d - a)), float(np.linalg.norm(c - b)), 1.0)
    factor = max(1, int(across / LINE_HEIGHT))  # a large line is taken in at a multiple, then averaged down
    height = LINE_HEIGHT * factor
    width = int(np.clip(round(along * height / across), 8 * factor, WIDTHS[-1] * factor))
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    warp = cv2.getPerspectiveTransform(np.asarray(polygon, np.float32), frame)
    level = cv2.warpPerspective(pixels, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if factor > 1:
        level = cv2.resize(level, (max(width // factor, 8), LINE_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(level, np.uint8)


def recognise(level: Pixels, polygon: Polygon, reader: str = READERS[0]) -> Line:
    """Read one levelled crop; the padding to a common width is mid grey, as the model was trained."""
    width = level.shape[1]
    bucket = next(w for w in WIDTHS if w >= width)
    padded = np.full((1, LINE_HEIGHT, bucket, 3), 127, np.uint8)
    padded[0, :, :width] = level
    (scores,) = pixel_network(reader, *CENTRED).look(padded)
    text, confidence, centres, candidates = ctc.decode(scores[0], _paddle(reader).post_op.character)
    cells = ctc.cells(centres * bucket, level)
    return Line(polygon, text, cells, confidence, candidates, reader)


def upright_quads(pixels: Pixels, quads: list[Polygon]) -> list[Polygon]:
    """Reading order, top to bottom and left to right within a band of half a line."""

    def place(quad: Polygon) -> tuple[float, float]:
        return float(quad[:, 1].mean()), float(quad[:, 0].min())

    return sorted(quads, key=place)


def read(pixels: Pixels, side: int = 960) -> tuple[Line, ...]:
    """All lines of an upright page, read once by the tiny reader."""
    return tuple(recognise(crop(pixels, quad), quad) for quad in upright_quads(pixels, detect(pixels, side)))


def read_again(pixels: Pixels, line: Line) -> Line:
    """The same line by the better reader."""
    return replace(recognise(crop(pixels, line.polygon), line.polygon, READERS[1]))
