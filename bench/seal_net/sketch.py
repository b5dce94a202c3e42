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
from bench.seal_net.cut import EDGE, GRAIN, Blank, Sketch, blank, ellipse, letter, line, rectangle, typeface, words
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
    large = happens(dice, 0.2)
    wide = between(dice, 22, 45) if large else between(dice, 8, pick(dice, (13, 22)))
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


def round_chop(dice: Generator) -> Sketch:
    """A name chop that is round: a ring with a few characters, or characters cut into a disc."""
    wide = between(dice, 8, 20)
    seal, text = blank(wide, wide * pick(dice, (1.0, 1.0, 1.35, 0.75))), words(dice, 1, 4)
    face, count = typeface(dice), max(1, round(math.sqrt(len(text) * seal.h / seal.w)))
    columns = math.ceil(len(text) / count)
    size = 0.72 * min(seal.h / count, seal.w / columns) / (1 if len(text) == 1 else 1.08)
    for number, one in enumerate(text):
        column, row = divmod(number, count)
        at = seal.at(0.85 - 0.7 * (column + 0.5) / columns, 0.15 + 0.7 * (row + 0.5) / count)
        letter(seal.image, one, at, size, face)
    if happens(dice, 0.35):
        return _block(seal, dice, disc=True).sketch(ellipse(seal))
    box, width = (seal.at(0, 0), seal.at(1, 1)), max(1, round(between(dice, 0.3, 1.1) * GRAIN))
    seal.pen().ellipse(box, outline=255, width=width)
    return seal.sketch(ellipse(seal))


def _block(seal: Blank, dice: Generator, *, disc: bool = False) -> Blank:
    """What was cut, left out of a block of ink or from a disc of it."""
    ground = Image.new("L", seal.image.size, 0)
    radius = seal.w * pick(dice, (0, 0.05, 0.1))
    box, pen = (seal.at(0, 0), seal.at(1, 1)), ImageDraw.Draw(ground)
    if disc:
        pen.ellipse(box, fill=255)
    else:
        pen.rounded_rectangle(box, radius=radius, fill=255)
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


def received(dice: Generator) -> Sketch:
    """A stamp of receipt or of approval: a frame with rules across, an office, a number, a date; places left to fill in."""
    wide, rows = between(dice, 32, 75), whole(dice, 2, 4)
    seal = blank(wide, wide * between(dice, 0.3, 0.65) if rows > 2 else wide * between(dice, 0.22, 0.5))
    _frame(seal, between(dice, 0.3, 1.0))
    split, left, face, width = between(dice, 0.25, 0.45), happens(dice, 0.4), typeface(dice), whole(dice, 2, 4)
    size = max(6, round(seal.h / rows * between(dice, 0.35, 0.62)))
    for row in range(rows):
        middle, top = (row + 0.5) / rows, seal.at(0, row / rows)[1]
        if row:
            seal.pen().line((*seal.at(0, row / rows), seal.at(1, 0)[0], top), 255, width)
        if left and row:
            seal.pen().line((*seal.at(split, row / rows), *seal.at(split, (row + 1) / rows)), 255, width)
            line(seal, seal.at(split / 2, middle), words(dice, 2, 3), min(size, seal.w * split / 3.2), face)
        text = pick(dice, (words(dice, 4, 9), _date(dice), f"{words(dice, 2, 3)}：{whole(dice, 1, 2999)}"))
        share = 0.9 - (split if left and row else 0)
        if row == 0 or happens(dice, 0.75):
            at = seal.at(0.5 + (split / 2 if left and row else 0), middle)
            line(seal, at, text, min(size, seal.w * share / len(text)), face)
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
    (round_seal, 0.43),
    (chop, 0.23),
    (round_chop, 0.07),
    (strip, 0.14),
    (received, 0.08),
    (polygonal, 0.05),
)
