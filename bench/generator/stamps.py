"""What is stamped, printed by a thumb, or written by hand: drawn as ink (alpha), then multiplied onto the page."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from bench.generator.canvas import Alpha, Canvas, Colour, Points, rectangle
from bench.generator.fonts import font

RED: Colour = (206, 32, 36)
BLUE_BLACK: Colour = (30, 38, 92)
GREY: Colour = (92, 92, 92)


def seal(
    page: Canvas, x: float, y: float, text: str, dice: Generator, *, shape: str = "round", size: float = 42.0,
    foot: str = "", colour: Colour = RED,
) -> None:  # fmt: skip
    """A seal centred on x, y: `round` and `oval`: text along the rim, `square`: in columns. Sizes in mm."""
    wide = page.px(size)
    tall = {"round": wide, "oval": round(wide * 0.7), "square": wide}[shape]
    draw = _square if shape == "square" else _rim
    ink = worn(draw(wide, tall, text, foot), dice)
    angle = float(dice.uniform(-12, 12))
    ink = _turned(ink, angle)
    left, top = page.px(x) - ink.shape[1] / 2, page.px(y) - ink.shape[0] / 2
    page.stamp(left * 25.4 / page.dpi, top * 25.4 / page.dpi, ink * float(dice.uniform(0.7, 0.95)), colour)
    centre = np.array([left + ink.shape[1] / 2, top + ink.shape[0] / 2], np.float32)
    page.mark(
        "seal", centre + _outline(shape, wide, tall, angle), text, f"{'red' if colour == RED else 'grey'} {shape}"
    )


def _outline(shape: str, wide: int, tall: int, angle: float) -> Points:
    """The true rim around the origin."""
    if shape == "square":
        points = rectangle(-wide / 2, -tall / 2, wide / 2, tall / 2)
    else:
        around = np.linspace(0, 2 * math.pi, 48, endpoint=False)
        points = np.stack([np.cos(around) * wide / 2, np.sin(around) * tall / 2], axis=1)
    turn = math.radians(-angle)
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    outline: Points = (points @ matrix).astype(np.float32)
    return outline


def _rim(wide: int, tall: int, text: str, foot: str) -> Alpha:
    """Ring, star, and text that follows the upper rim."""
    image = Image.new("L", (wide, tall), 0)
    draw = ImageDraw.Draw(image)
    draw.ellipse((1, 1, wide - 2, tall - 2), outline=255, width=max(2, wide // 32))
    if tall == wide:
        star = [_spoke(wide / 2, tall / 2, wide * (0.15 if k % 2 == 0 else 0.06), -90 + 36 * k) for k in range(10)]
        draw.polygon(star, fill=255)
    size = min(wide * 0.15, 2.3 * wide / max(8, len(text)))
    span = min(250.0, 24.0 * len(text))
    for number, letter in enumerate(text):
        angle = -90 - span / 2 + span * (number + 0.5) / len(text)
        at = (wide / 2 + wide * 0.38 * _cos(angle), tall / 2 + tall * 0.38 * _sin(angle))
        normal = math.degrees(math.atan2(_sin(angle) / tall, _cos(angle) / wide))
        _letter(image, letter, at, round(size), -(normal + 90))
    if foot:
        for number, letter in enumerate(foot):
            _letter(
                image,
                letter,
                (wide / 2 + (number - (len(foot) - 1) / 2) * wide * 0.09, tall * 0.72),
                round(wide * 0.085),
                0,
            )
    return _alpha(image)


def _square(wide: int, tall: int, text: str, foot: str) -> Alpha:
    """A frame with text in columns, from the right."""
    image = Image.new("L", (wide, tall), 0)
    ImageDraw.Draw(image).rectangle((1, 1, wide - 2, tall - 2), outline=255, width=max(2, wide // 24))
    text += foot
    rows = max(2, math.ceil(math.sqrt(len(text))))
    columns = math.ceil(len(text) / rows)
    for number, letter in enumerate(text):
        column, row = divmod(number, rows)
        at = (wide * (0.9 - 0.8 * (column + 0.5) / columns), tall * (0.1 + 0.8 * (row + 0.5) / rows))
        _letter(image, letter, at, round(0.78 * wide / max(rows, columns)), 0)
    return _alpha(image)


def _letter(image: Image.Image, letter: str, at: tuple[float, float], size: int, angle: float) -> None:
    """One glyph centred on a point, turned counter-clockwise by degrees."""
    side = round(size * 1.6)
    glyph = Image.new("L", (side, side), 0)
    ImageDraw.Draw(glyph).text(
        (side / 2, side / 2), letter, 255, font("song", max(6, size)), anchor="mm", stroke_width=size // 36
    )
    glyph = glyph.rotate(angle, Image.Resampling.BICUBIC)
    image.paste(255, (round(at[0] - side / 2), round(at[1] - side / 2)), glyph)


def _alpha(image: Image.Image) -> Alpha:
    return (np.asarray(image, np.float32) / 255).astype(np.float32)


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def _sin(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _spoke(x: float, y: float, radius: float, degrees: float) -> tuple[float, float]:
    return x + radius * _cos(degrees), y + radius * _sin(degrees)


def _turned(ink: Alpha, angle: float) -> Alpha:
    """Turned counter-clockwise by degrees about its middle, in a larger picture."""
    side = math.ceil(math.hypot(*ink.shape))
    matrix = cv2.getRotationMatrix2D((ink.shape[1] / 2 - 0.5, ink.shape[0] / 2 - 0.5), angle, 1.0)
    matrix = matrix + np.array([[0, 0, (side - ink.shape[1]) / 2], [0, 0, (side - ink.shape[0]) / 2]])
    return cv2.warpAffine(ink, matrix, (side, side)).astype(np.float32, copy=False)


def worn(ink: Alpha, dice: Generator) -> Alpha:
    """Ink that did not take everywhere: cloudy, and speckled."""
    coarse = dice.random((6, 6)).astype(np.float32)
    cloud = cv2.resize(coarse, ink.shape[::-1], interpolation=cv2.INTER_CUBIC)
    speckle = cv2.GaussianBlur(dice.random(ink.shape).astype(np.float32), (0, 0), 0.8)
    return (ink * np.clip(0.62 + 0.45 * cloud, 0, 1) * (speckle > 0.3)).astype(np.float32)


def fingerprint(page: Canvas, x: float, y: float, dice: Generator) -> None:
    """A red thumb print centred on x, y, about 15 by 20 mm: ridges around a core."""
    wide, tall = page.px(float(dice.uniform(13, 17))), page.px(float(dice.uniform(18, 22)))
    v, u = np.mgrid[-1 : 1 : complex(tall), -1 : 1 : complex(wide)].astype(np.float32)
    core = np.hypot(u * 1.1, v - 0.25 * u * u + 0.15) + 0.05 * np.sin(4 * u + 3 * v)
    ridges = 0.5 + 0.5 * np.sin(core * 44 + 1.5 * np.arctan2(v + 0.3, u))
    inside = np.clip((1 - np.hypot(u, v)) * 8, 0, 1)
    page.stamp(
        x - wide * 12.7 / page.dpi,
        y - tall * 12.7 / page.dpi,
        worn((inside * (0.25 + 0.75 * ridges)).astype(np.float32), dice),
        RED,
    )
    around = np.linspace(0, 2 * math.pi, 32, endpoint=False)
    rim = np.stack([page.px(x) + np.cos(around) * wide * 0.46, page.px(y) + np.sin(around) * tall * 0.46], axis=1)
    page.mark("fingerprint", rim.astype(np.float32))


def signature(page: Canvas, x: float, y: float, text: str, role: str, dice: Generator, *, size: float = 11.0) -> None:
    """A name written by hand from x on, around the baseline y; `size` in mm. Slanted, uneven, drawn in one go."""
    em = page.px(size)
    image = Image.new("L", (round(em * (len(text) * 0.95 + 1.2)), round(em * 2)), 0)
    at = em * 0.5
    for letter in text:
        grown = round(em * float(dice.uniform(0.8, 1.1)))
        _letter(
            image, letter, (at + grown / 2, em * float(dice.uniform(0.9, 1.1))), grown, float(dice.uniform(-12, 12))
        )
        at += grown * float(dice.uniform(0.72, 0.9))
    stroke = [
        (at - em * 1.1, em * 1.45),
        (at - em * 0.3, em * 1.3),
        (at + em * 0.25, em * float(dice.uniform(1.1, 1.5))),
    ]
    ImageDraw.Draw(image).line(stroke, 220, max(1, em // 30), joint="curve")
    ink = _wavy(_alpha(image), em, dice)
    colour = BLUE_BLACK if dice.random() < 0.5 else (34, 34, 38)
    page.stamp(x, y - size * 1.4, ink, colour)
    rows, columns = np.nonzero(ink > 0.25)
    left, top = page.px(x), page.px(y - size * 1.4)
    box = rectangle(left + columns.min(), top + rows.min(), left + columns.max() + 1, top + rows.max() + 1)
    page.mark("signature", box, text, role)


def _wavy(ink: Alpha, em: int, dice: Generator) -> Alpha:
    """Bend strokes by slow random waves and lean them to the right, so that no glyph looks set."""
    height, width = ink.shape
    v, u = np.mgrid[0:height, 0:width].astype(np.float32)
    phases = dice.uniform(0, 6.28, 4)
    dx = 0.06 * em * np.sin(v / em * 5.1 + phases[0]) + 0.03 * em * np.sin((u + v) / em * 9 + phases[1])
    dy = 0.06 * em * np.sin(u / em * 4.3 + phases[2]) + 0.03 * em * np.sin((u - v) / em * 8 + phases[3])
    lean = (v - height / 2) * float(dice.uniform(0.1, 0.3))
    return cv2.remap(ink, (u + dx + lean).astype(np.float32), (v + dy).astype(np.float32), cv2.INTER_LINEAR).astype(
        np.float32, copy=False
    )
