"""Seals beyond the plain three: ovals, strips, dated ones, name chops cut either way, in every ink, worn and pale.

A seal is drawn as ink (alpha) with its true outline, then stamped: turned, worn, weak or strong, in any colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from bench.generator.canvas import Alpha, Canvas, Colour
from bench.generator.fonts import font
from bench.generator.people import pick
from bench.generator.stamps import _alpha, _letter, _outline, _rim, _turned, worn

INKS: dict[str, tuple[Colour, ...]] = {
    "red": ((206, 32, 36), (224, 60, 70), (170, 30, 40), (235, 70, 40)),
    "blue": ((40, 60, 170), (60, 90, 200)),
    "purple": ((120, 50, 140),),
    "grey": ((60, 60, 60), (92, 92, 92), (120, 120, 120)),
}
Sketch = Callable[[int, int, str, Generator], Alpha]


def stamped(
    page: Canvas, x: float, y: float, kind: str, text: str, dice: Generator, *, ink: str = "red", weak: bool = False
) -> None:
    """A seal of a kind in KINDS_OF_SEAL with its middle at x, y (mm); its size is that of its kind, give or take."""
    sizes, sketch, outline = KINDS_OF_SEAL[kind]
    width, height = pick(dice, sizes)
    wide, tall = page.px(width), page.px(height)
    angle = float(np.clip(dice.normal(0, 6), -25, 25))
    alpha = _turned(worn(sketch(wide, tall, text, dice), dice), angle)
    strength = float(dice.uniform(0.3, 0.5) if weak else dice.uniform(0.65, 0.95))
    left, top = page.px(x) - alpha.shape[1] // 2, page.px(y) - alpha.shape[0] // 2
    page.stamp(left * 25.4 / page.dpi, top * 25.4 / page.dpi, alpha * strength, pick(dice, INKS[ink]))
    centre = np.array([left + alpha.shape[1] / 2, top + alpha.shape[0] / 2], np.float32)
    page.mark("seal", centre + _outline(outline, wide, tall, angle), text, f"{'weak ' if weak else ''}{ink} {kind}")


def _round(wide: int, tall: int, text: str, dice: Generator) -> Alpha:
    """Text along the rim, a star, sometimes an inner ring and a number along the lower rim."""
    ink = _rim(wide, tall, text, pick(dice, ("", "业务专用章", "教务处", "（2）")))
    if dice.random() < 0.35:
        ink = np.maximum(ink, _rings(wide, tall, 0.94))
    return ink


def _rings(wide: int, tall: int, *shares: float) -> Alpha:
    image = Image.new("L", (wide, tall), 0)
    for share in shares:
        a, b = wide * (1 - share) / 2, tall * (1 - share) / 2
        ImageDraw.Draw(image).ellipse((a, b, wide - 1 - a, tall - 1 - b), outline=255, width=max(1, wide // 90))
    return _alpha(image)


def _oval(wide: int, tall: int, text: str, dice: Generator) -> Alpha:
    """An oval ring, often two, text along the rim and a line across the middle."""
    ink = _rim(wide, tall, text, pick(dice, ("", "档案专用章")))
    image = Image.new("L", (wide, tall), 0)
    words = pick(dice, ("收发室", "审核", "专用章", "9165230042"))
    size = round(min(tall * 0.2, wide * 0.6 / len(words)))
    for number, letter in enumerate(words):
        _letter(image, letter, (wide / 2 + (number - (len(words) - 1) / 2) * size * 1.1, tall / 2), size, 0)
    ink = np.maximum(ink, _alpha(image))
    return np.maximum(ink, _rings(wide, tall, 0.93)) if dice.random() < 0.5 else ink


def _dated(wide: int, tall: int, text: str, dice: Generator) -> Alpha:
    """A ring with the unit above, two bars with a date between them, a purpose below."""
    image = Image.fromarray((_rim(wide, tall, text, "收讫") * 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    pen.ellipse((wide * 0.3, tall * 0.3, wide * 0.7, tall * 0.7), fill=0)
    for y in (0.42, 0.58):
        half = wide / 2 * math.sqrt(1 - (2 * y - 1) ** 2)
        pen.line((wide / 2 - half, tall * y, wide / 2 + half, tall * y), 255, max(1, wide // 60))
    date = f"{dice.integers(2009, 2026)}.{dice.integers(1, 13):02d}.{dice.integers(1, 29):02d}"
    pen.text((wide / 2, tall / 2), date, 255, font("hei", round(tall * 0.11)), anchor="mm")
    return _alpha(image)


def _strip(wide: int, tall: int, text: str, dice: Generator) -> Alpha:
    """A frame with one, two or three lines of text, as on strips for acceptance, for copies, for names of units."""
    image = Image.new("L", (wide, tall), 0)
    pen = ImageDraw.Draw(image)
    pen.rectangle((1, 1, wide - 2, tall - 2), outline=255, width=max(2, min(wide, tall) // 24))
    foot = pick(dice, ("受理专用章", "复印件与原件一致", "审核专用章", "仅供职称评审使用"))
    lines = [text] if tall < 0.3 * wide else [text, foot]
    for number, line in enumerate(lines):
        size = round(min(tall * 0.62 / len(lines), wide * 0.9 / len(line)))
        pen.text((wide / 2, tall * (number + 0.5) / len(lines)), line, 255, font("hei", max(6, size)), anchor="mm")
    return _alpha(image)


def _chop(wide: int, tall: int, text: str, dice: Generator) -> Alpha:
    """A name chop: characters in two columns from the right, cut into the block or standing out of it."""
    into = dice.random() < 0.4
    image = Image.new("L", (wide, tall), 255 if into else 0)
    if not into:
        ImageDraw.Draw(image).rectangle((1, 1, wide - 2, tall - 2), outline=255, width=max(2, wide // 20))
    letters = pick(dice, (text[:3] + "印", text[:2] + "之印", text[:2]))
    rows, columns = (2, 1) if len(letters) == 2 else (2, 2)
    glyphs = Image.new("L", (wide, tall), 0)
    for number, letter in enumerate(letters):
        column, row = divmod(number, rows)
        at = (wide * (0.93 - 0.86 * (column + 0.5) / columns), tall * (0.07 + 0.86 * (row + 0.5) / rows))
        _letter(glyphs, letter, at, round(0.82 * wide / max(rows, columns)), 0)
    strokes = _alpha(glyphs)
    return (_alpha(image) * (1 - strokes)).astype(np.float32) if into else np.maximum(_alpha(image), strokes)


# Sizes (width, height) in mm, how it is drawn, what outline it has.
KINDS_OF_SEAL: dict[str, tuple[tuple[tuple[float, float], ...], Sketch, str]] = {
    "round": (((38.0, 38.0), (40.0, 40.0), (42.0, 42.0), (45.0, 45.0)), _round, "round"),
    "dated": (((30.0, 30.0), (36.0, 36.0)), _dated, "round"),
    "oval": (((45.0, 30.0), (40.0, 28.0), (50.0, 35.0)), _oval, "oval"),
    "strip": (((50.0, 20.0), (60.0, 25.0), (45.0, 12.0), (40.0, 24.0)), _strip, "square"),
    "chop": (((12.0, 12.0), (15.0, 15.0), (18.0, 18.0), (20.0, 20.0)), _chop, "square"),
}
