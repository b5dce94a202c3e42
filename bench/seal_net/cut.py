"""What seals are cut from: blanks, words, letters, rings, stars. Pixels, GRAIN of them a millimetre, unless it says mm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from bench.generator import texts
from bench.generator.canvas import Alpha, Points
from bench.generator.fonts import font
from bench.seal_net.chance import happens, whole

GRAIN = 6.0  # pixels a millimetre of a sketch
EDGE = 2  # pixels that stay free around a seal
LETTERS = sorted(
    {c for lines in (texts.PARAGRAPHS, texts.REVIEWS) for line in lines for c in line if "一" <= c <= "龥"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """`ink` (height, width) of 0..1 with GRAIN pixels a millimetre; `outline` (n, 2) around the seal in its pixels."""

    ink: Alpha
    outline: Points


@dataclass(frozen=True, slots=True, eq=False)
class Blank:
    """A seal being cut: its picture (0 nothing, 255 ink), EDGE wider on each side than `w` x `h`."""

    image: Image.Image
    w: float
    h: float

    def at(self, across: float, down: float) -> tuple[float, float]:
        """The pixel at these shares of the width and the height."""
        return self.w * across + EDGE, self.h * down + EDGE

    def pen(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def sketch(self, outline: Points) -> Sketch:
        """What was cut; the outline is given without the edge."""
        return Sketch(np.asarray(self.image, np.float32) / np.float32(255), (outline + EDGE).astype(np.float32))


def blank(wide: float, tall: float) -> Blank:
    """Nothing cut yet, in mm."""
    w, h = wide * GRAIN, tall * GRAIN
    return Blank(Image.new("L", (math.ceil(w) + 2 * EDGE, math.ceil(h) + 2 * EDGE), 0), w, h)


def words(dice: Generator, least: int, most: int) -> str:
    """Chinese characters without sense."""
    return "".join(dice.choice(LETTERS, whole(dice, least, most)))


def typeface(dice: Generator) -> str:
    return "song" if happens(dice, 0.6) else "hei"


def letter(
    image: Image.Image,
    text: str,
    at: tuple[float, float],
    size: float,
    face: str,
    *,
    angle: float = 0,
    narrow: float = 1,
) -> None:
    """One letter around `at`, turned counterclockwise by degrees, its width multiplied by `narrow`."""
    side = max(8, round(size * 1.7))
    glyph = Image.new("L", (side, side), 0)
    strength = max(0, round(size / 26))
    type_ = font(face, max(6, round(size)))
    ImageDraw.Draw(glyph).text((side / 2, side / 2), text, 255, type_, anchor="mm", stroke_width=strength)
    if narrow != 1:
        glyph = glyph.resize((max(4, round(side * narrow)), side))
    glyph = glyph.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    image.paste(255, (round(at[0] - glyph.width / 2), round(at[1] - glyph.height / 2)), glyph)


def line(seal: Blank, at: tuple[float, float], text: str, size: float, face: str, *, stroke: int = 0) -> None:
    """A straight line of letters around `at`."""
    seal.pen().text(at, text, 255, font(face, max(6, round(size))), anchor="mm", stroke_width=stroke)


def star(x: float, y: float, size: float, turn: float = -90) -> list[tuple[float, float]]:
    """The corners of a five-pointed star around x, y whose first point looks to `turn` degrees."""
    spokes = [(size if k % 2 == 0 else size * 0.4, math.radians(turn + 36 * k)) for k in range(10)]
    return [(x + r * math.cos(a), y + r * math.sin(a)) for r, a in spokes]


def ellipse(seal: Blank) -> Points:
    around = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    points = [seal.w / 2 * (1 + np.cos(around)), seal.h / 2 * (1 + np.sin(around))]
    return np.stack(points, axis=1).astype(np.float32)


def rectangle(seal: Blank) -> Points:
    return np.array([(0, 0), (seal.w, 0), (seal.w, seal.h), (0, seal.h)], np.float32)
