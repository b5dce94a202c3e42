"""Seals of many kinds as ink: rims, ovals, frames, blocks, strips, triangles, with writing in them."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from bench.generator.canvas import Points
from bench.seal_net.chance import between, happens, pick, whole
from bench.seal_net.cut import EDGE, GRAIN, Blank, Sketch, blank, letter, line, rectangle, typeface, words
from bench.seal_net.rims import round_seal


def sketch(dice: Generator) -> Sketch:
    """One seal by chance."""
    kind, _ = KINDS[int(dice.choice(len(KINDS), p=[odds for _, odds in KINDS]))]
    return kind(dice)


def _frame(seal: Blank, width: float, radius: float = 0) -> None:
    """A frame `width` mm wide around the whole, its corners rounded by pixels."""
    box = (seal.at(0, 0), seal.at(1, 1))
    seal.pen().rounded_rectangle(box, radius=radius, outline=255, width=max(1, round(width * GRAIN)))


def _lattice(seal: Blank, text: str, rows: int, fill: float, dice: Generator) -> None:
    """Characters in columns from the right, each a share `fill` of its place."""
    columns, face = math.ceil(len(text) / rows), typeface(dice)
    size = seal.h / rows * fill
    narrow = min(1.3, max(0.5, seal.w / columns * fill / size))
    for number, one in enumerate(text):
        column, row = divmod(number, rows)
        at = seal.at(0.95 - 0.9 * (column + 0.5) / columns, 0.05 + 0.9 * (row + 0.5) / rows)
        letter(seal.image, one, at, size, face, narrow=narrow)


def chop(dice: Generator) -> Sketch:
    """A name chop or a square office seal: a frame with characters, or characters cut into a block, or no frame."""
    large = happens(dice, 0.25)
    wide = between(dice, 22, 45) if large else between(dice, 8.5, 22)
    seal = blank(wide, wide * pick(dice, (1.0, 1.0, 1.0, 1.3, 1.6, 0.62)))
    text = words(dice, 4, 16) if large else words(dice, 2, 4)
    rows = max(1, round(math.sqrt(len(text) * seal.h / seal.w)))
    way = dice.random()
    if way < 0.62:
        width = between(dice, 0.35, 1.3)
        _frame(seal, width, seal.w * 0.12 if happens(dice, 0.25) else 0)
        _lattice(seal, text, rows, 0.86, dice)
        return seal.sketch(rectangle(seal))
    _lattice(seal, text, rows, 0.88, dice)
    return (_block(seal, dice) if way < 0.9 else seal).sketch(rectangle(seal))


def _block(seal: Blank, dice: Generator) -> Blank:
    """What was cut, left out of a block of ink."""
    ground = Image.new("L", seal.image.size, 0)
    radius = seal.w * pick(dice, (0, 0.05, 0.5 if happens(dice, 0.2) else 0.1))
    ImageDraw.Draw(ground).rounded_rectangle((seal.at(0, 0), seal.at(1, 1)), radius=radius, fill=255)
    return Blank(Image.fromarray(cv2.subtract(np.asarray(ground), np.asarray(seal.image))), seal.w, seal.h)


def strip(dice: Generator) -> Sketch:
    """A frame with one to three lines of words, an office, a purpose, a date or a number."""
    wide = between(dice, 26, 75)
    tall = float(np.clip(wide * dice.uniform(0.14, 0.5), 6, 32))
    seal = blank(wide, tall)
    if happens(dice, 0.88):
        _frame(seal, between(dice, 0.35, 1.1))
        if happens(dice, 0.15):
            seal.pen().rectangle((8, 8, seal.w - 4, seal.h - 4), outline=255, width=EDGE)
    lines = 1 if tall < 0.28 * wide else whole(dice, 1, 3)
    face = typeface(dice)
    for number in range(lines):
        text = words(dice, 4, 12) if happens(dice, 0.75) else _date(dice)
        size = max(6, round(min(seal.h * 0.66 / lines, seal.w * 0.92 / len(text))))
        line(seal, seal.at(0.5, (number + 0.5) / lines), text, size, face, stroke=size // 24)
    return seal.sketch(rectangle(seal))


def _date(dice: Generator) -> str:
    return f"{whole(dice, 2005, 2025)}年{whole(dice, 1, 12)}月{whole(dice, 1, 28)}日"


def polygonal(dice: Generator) -> Sketch:
    """A triangle, a diamond or a hexagon with a few characters."""
    wide, sides = between(dice, 18, 42), pick(dice, (3, 3, 4, 6))
    seal = blank(wide, wide)
    around = np.arange(sides) * 2 * math.pi / sides - math.pi / 2
    points: Points = (seal.w / 2 * np.stack([1 + np.cos(around), 1 + np.sin(around)], axis=1)).astype(np.float32)
    path = [(float(x) + EDGE, float(y) + EDGE) for x, y in points]
    seal.pen().line([*path, *path[:2]], 255, max(2, round(between(dice, 0.5, 1.2) * GRAIN)))
    text = words(dice, 3, 6)
    size = seal.w * (0.5 if sides == 3 else 0.7) / len(text)
    line(seal, seal.at(0.5, 0.62 if sides == 3 else 0.5), text, size, typeface(dice))
    return seal.sketch(points)


KINDS: tuple[tuple[Callable[[Generator], Sketch], float], ...] = (  # and how often
    (round_seal, 0.56),
    (chop, 0.24),
    (strip, 0.15),
    (polygonal, 0.05),
)
