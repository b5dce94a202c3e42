"""What only looks like a seal: emblems, badges, stains, pen strokes, dials, printed boxes, banners, watermarks, rosettes."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from bench.generator.canvas import Canvas, Colour, rectangle
from bench.generator.fonts import font
from bench.seal_net.chance import between, happens, pick, shade, whole
from bench.seal_net.cut import star, words
from bench.seal_net.writing import POINT, REDS, ink, spot

STRONG: tuple[Colour, ...] = ((210, 30, 30), (230, 190, 60), (40, 80, 170), (40, 140, 80), (200, 150, 50))
PENS: tuple[Colour, ...] = ((210, 30, 40), (210, 30, 40), (30, 40, 150), (30, 30, 34))
TEAS = ((150, 100, 50), (170, 130, 80), (120, 80, 50), (190, 160, 110))


def pixel(page: Canvas, dice: Generator) -> tuple[int, int]:
    x, y = spot(page, dice)
    return page.px(x), page.px(y)


def around(u: float, v: float, a: float, b: float | None = None) -> tuple[float, float, float, float]:
    """The box of an ellipse with these half axes."""
    b = a if b is None else b
    return u - a, v - b, u + a, v + b


def ray(u: float, v: float, r: float, angle: float) -> tuple[float, float]:
    return u + r * math.cos(angle), v + r * math.sin(angle)


def _emblem(page: Canvas, dice: Generator) -> None:
    """A filled disc or flag with stars on it, rays, plates, ribbons: printed, in strong colours."""
    (u, v), r = pixel(page, dice), page.px(between(dice, 8, 40) / 2)
    first, second = (STRONG[int(n)] for n in dice.choice(len(STRONG), 2, replace=False))
    pen = ImageDraw.Draw(page.image)
    if happens(dice, 0.7):
        pen.ellipse(around(u, v, r), fill=first, outline=second, width=max(1, r // 8))
    else:
        pen.rectangle(around(u, v, r, 2 * r // 3), fill=first)
    if happens(dice, 0.5):
        for turn in np.arange(0, 2 * math.pi, math.pi / whole(dice, 6, 29)).tolist():
            pen.line((ray(u, v, r * 0.8, turn), ray(u, v, r, turn)), second, max(1, r // 20))
        for _ in range(whole(dice, 1, 8)):
            x, y, s = u + r * dice.uniform(-0.6, 0.5), v + r * dice.uniform(-0.3, 0.6), r * dice.uniform(0.05, 0.4)
            pen.rectangle((x, y, x + s, y + s / 2), outline=second)
    for _ in range(whole(dice, 1, 5)):
        x, y, s = u + r * dice.uniform(-0.5, 0.5), v + r * dice.uniform(-0.5, 0.5), r * dice.uniform(0.1, 0.4)
        pen.polygon(star(x, y, s), fill=second)
    if happens(dice, 0.4):
        for side in (-1, 1):
            pen.polygon([(u, v + r), (u + side * r, v + 2 * r), (u + side * r // 2, v + r)], fill=first)


def _badge(page: Canvas, dice: Generator) -> None:
    """A jagged rim, a ring and a word, ribbons below."""
    (u, v), r = pixel(page, dice), page.px(between(dice, 14, 45) / 2)
    first, second = ((190, 25, 35), (240, 210, 120)) if happens(dice, 0.6) else ((210, 160, 60), (255, 240, 200))
    teeth, pen = whole(dice, 14, 39), ImageDraw.Draw(page.image)
    for side in (-1, 1):
        corners = ((0, 0), (0.8, 2.2), (0.3, 1.9), (0, 2.2))
        pen.polygon([(u + side * r * x, v + r * y) for x, y in corners], fill=first)
    rim = [ray(u, v, r if k % 2 else r * 0.9, math.pi * k / teeth) for k in range(2 * teeth)]
    pen.polygon(rim, fill=first)
    pen.ellipse(around(u, v, r * 0.7), outline=second, width=max(1, r // 14))
    pen.text((u, v), words(dice, 1, 3), second, font("hei", max(6, r // 2)), anchor="mm")


def _stain(page: Canvas, dice: Generator) -> None:
    """The ring of a cup, a blot of water or tea: brown, uneven, without writing."""
    pixels = np.asarray(page.image).astype(np.float32)
    (x, y), radius = pixel(page, dice), page.px(between(dice, 10, 45))
    v, u = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)
    u, v = u - x, v - y
    angle = np.arctan2(v, u)
    wave = sum(np.sin(angle * k + between(dice, 0, 6.3)) * between(dice, 0, 0.03) for k in range(1, 7))
    away = np.hypot(u, v * between(dice, 0.85, 1.15)) / radius * (1 + wave)
    width, filled = between(dice, 0.015, 0.08), between(dice, 0, 0.5)
    alpha = np.exp(-(((away - 1) / width) ** 2)) + filled * (away < 1)
    uneven = np.clip(0.6 + 0.5 * np.sin(angle * whole(dice, 1, 3) + between(dice, 0, 6)), 0, 1)
    alpha *= uneven * between(dice, 0.1, 0.5)
    lost = 1 - np.array(pick(dice, TEAS), np.float32) / 255
    page.image = Image.fromarray(np.clip(pixels * (1 - alpha[..., None] * lost), 0, 255).astype(np.uint8))


def _pen(page: Canvas, dice: Generator) -> None:
    """Rings, ticks, underlines and scrawls of a pen, red or blue or black."""
    pixels, colour = np.asarray(page.image).copy(), pick(dice, PENS)
    at = np.array(pixel(page, dice))
    size, width = page.px(between(dice, 3, 30)), max(1, page.px(between(dice, 0.3, 1.0)))
    way = dice.random()
    if way < 0.4:
        path = _ringed(dice)
    elif way < 0.6:
        path = np.array([(0, 0), (0.3, 0.4), (1, -0.6)])
    else:
        path = _scrawl(dice)
    cv2.polylines(pixels, [np.round(at + path * size).astype(np.int32)], False, colour, width, cv2.LINE_AA)
    page.image = Image.fromarray(pixels)


def _ringed(dice: Generator) -> np.ndarray:
    """A ring drawn by hand, of radius 1 or a little more, once or twice round."""
    around = np.linspace(dice.uniform(0, 6.3), dice.uniform(5.5, 13), 80)
    drift = 1 + 0.08 * np.sin(around * dice.uniform(0.4, 1.6) + dice.uniform(0, 6)) + 0.02 * around
    return np.stack([np.cos(around) * drift, dice.uniform(0.35, 1) * np.sin(around) * drift], 1)


def _scrawl(dice: Generator) -> np.ndarray:
    """A line that wanders to the right, a sixth of the size a step."""
    steps = np.cumsum(dice.normal(0, 1, (whole(dice, 6, 39), 2)), 0).astype(np.float32)
    smooth = cv2.resize(steps, (2, 6 * len(steps)), interpolation=cv2.INTER_CUBIC)
    return smooth / 6 + np.linspace(0, dice.uniform(0, 2), len(smooth))[:, None] * [1, 0]


def _dial(page: Canvas, dice: Generator) -> None:
    """Rings of diagrams: clocks, heads of cartoons, circled figures; thin, black or in colour."""
    (x, y), size, colour = spot(page, dice), between(dice, 4, 40), ink(dice, 0.3)
    u, v, r = page.px(x), page.px(y), max(3, page.px(size / 2))
    fill = shade(dice, 150, 256) if happens(dice, 0.4) else None
    pen, width = ImageDraw.Draw(page.image), max(1, page.px(between(dice, 0.2, 0.9)))
    pen.ellipse(around(u, v, r), outline=colour, width=width, fill=fill)
    way = dice.random()
    if way < 0.3:
        for angle in dice.uniform(0, 6.3, whole(dice, 1, 4)):
            pen.line(((u, v), ray(u, v, r, angle)), colour, 1)
    elif way < 0.6:
        for side in (-1, 1):
            pen.ellipse(around(u + side * r // 3, v - r // 4, max(1, r // 8)), fill=colour)
        pen.arc(around(u, v, r // 2), 20, 160, colour, max(1, r // 12))
    elif way < 0.8:
        pen.text((u, v), str(whole(dice, 1, 29)), colour, font("hei", max(6, r)), anchor="mm")


def _pie(page: Canvas, dice: Generator) -> None:
    (u, v), r = pixel(page, dice), page.px(between(dice, 12, 60) / 2)
    pen, cuts = ImageDraw.Draw(page.image), np.sort(dice.uniform(0, 360, whole(dice, 2, 6)))
    for begin, end in zip(cuts, np.append(cuts[1:], cuts[0] + 360), strict=True):
        pen.pieslice(around(u, v, r), float(begin), float(end), fill=shade(dice, 40, 240))
    if happens(dice, 0.3):
        pen.ellipse(around(u, v, r // 2), fill=(255, 255, 255))


def _box(page: Canvas, dice: Generator) -> None:
    """A printed box with a word, upright and even: it may be a stamp as well, so nobody is asked about it."""
    (x, y), wide, tall, colour = spot(page, dice), between(dice, 12, 50), between(dice, 6, 16), ink(dice, 0.6)
    page.frame(x, y, wide, tall, between(dice, 0.2, 0.8), colour)
    text = words(dice, 2, 6)
    points = min(tall * 1.8, wide / len(text) * 2.4)
    page.write(x + wide / 2, y + tall / 2 + 1.6, text, points, colour=colour, centre=True)
    u, v = page.px(x), page.px(y)
    page.mark("box", rectangle(u, v, u + page.px(wide), v + page.px(tall)))


def _banner(page: Canvas, dice: Generator) -> None:
    """An area of colour with pale writing: bars of a form, buttons, labels."""
    (x, y), wide, tall = spot(page, dice), between(dice, 10, 120), between(dice, 4, 20)
    colour = pick(dice, REDS) if happens(dice, 0.5) else shade(dice, 30, 230)
    area = (page.px(x), page.px(y), page.px(x + wide), page.px(y + tall))
    ImageDraw.Draw(page.image).rectangle(area, fill=colour)
    text = words(dice, 2, max(2, int(wide / tall)))
    pale = (255, 255, 250) if happens(dice, 0.6) else (250, 220, 90)
    page.write(x + 2, y + tall * 0.72, text, tall * 1.7, colour=pale)


def _watermark(page: Canvas, dice: Generator) -> None:
    """Pale words aslant across the sheet, once or over and over."""
    text, size = words(dice, 3, 9), page.px(between(dice, 14, 60) * POINT)
    mask = Image.new("L", (round(size * len(text) * 1.1), round(size * 1.4)), 0)
    strength, face = round(between(dice, 25, 120)), "hei" if happens(dice, 0.7) else "song"
    ImageDraw.Draw(mask).text((0, 0), text, strength, font(face, size))
    slopes = (between(dice, 15, 60), between(dice, -60, -15))
    mask = mask.rotate(pick(dice, slopes), Image.Resampling.BILINEAR, expand=True)
    colour = Image.new("RGB", mask.size, shade(dice, 0, 150) if happens(dice, 0.3) else (90, 90, 90))
    for _ in range(pick(dice, (1, 1, 4, 9))):
        u, v = pixel(page, dice)
        page.image.paste(colour, (u - mask.width // 2, v - mask.height // 2), mask)


def _rosette(page: Canvas, dice: Generator) -> None:
    """Fine curves that cross round a middle, as on banknotes, and sheaves of waves."""
    pixels, colour = np.asarray(page.image).copy(), shade(dice, 60, 225)
    x, y = pixel(page, dice)
    around = np.linspace(0, 2 * math.pi, 240)
    size, lobes, depth = page.px(between(dice, 8, 70)), whole(dice, 3, 12), between(dice, 0.1, 0.6)
    for n in range(whole(dice, 4, 25)):
        radius = size * (1 - depth + depth * np.sin(lobes * around + n * pick(dice, (0.15, 0.3))))
        flat = 1 if happens(dice, 0.9) else 0.7
        path = np.stack([x + radius * np.cos(around), y + radius * np.sin(around) * flat], 1)
        cv2.polylines(pixels, [np.round(path * 8).astype(np.int32)], False, colour, 1, cv2.LINE_AA, 3)
    page.image = Image.fromarray(pixels)


def _figure(page: Canvas, dice: Generator) -> None:
    """A circle, a triangle or a square of geometry: thin, empty but for a letter or two."""
    (u, v), r, colour = pixel(page, dice), page.px(between(dice, 8, 45) / 2), ink(dice, 0.3)
    pen, width, sides = ImageDraw.Draw(page.image), max(1, page.px(between(dice, 0.2, 1.1))), whole(dice, 2, 5)
    if sides == 2:
        pen.ellipse(around(u, v, r, r * pick(dice, (1.0, 0.6))), outline=colour, width=width)
    else:
        turn = pick(dice, (-math.pi / 2, between(dice, 0, 6.3)))
        corners = [ray(u, v, r, turn + 2 * math.pi * k / sides) for k in range(sides)]
        pen.line([*corners, *corners[:2]], colour, width)
    for _ in range(whole(dice, 0, 3)):
        place = ray(u, v, r * pick(dice, (0.0, 0.4, 1.2)), between(dice, 0, 6.3))
        pen.text(place, pick(dice, tuple("OABCDMPxy12")), colour, font("song", max(6, page.px(3.5))), anchor="mm")


def _corner(page: Canvas, dice: Generator) -> None:
    """The corners of a printed frame with a flower of petals on each: loops, or filled so thinly that they show through."""
    colour, inset, size = shade(dice, 60, 215), between(dice, 8, 25), page.px(between(dice, 4, 11))
    for gap in (0.0, between(dice, 1, 3)):
        page.frame(
            inset + gap, inset + gap, page.width - 2 * (inset + gap), page.height - 2 * (inset + gap), 0.5, colour
        )
    pixels, petals, pale = np.asarray(page.image).copy(), whole(dice, 4, 12), happens(dice, 0.6)
    filled, long, thick = happens(dice, 0.5), between(dice, 0.35, 0.7), 1 if pale or happens(dice, 0.7) else -1
    for x in (inset, page.width - inset):
        for y in (inset, page.height - inset):
            for turn in (np.arange(petals) * 360 / petals).tolist():
                away, half = np.array(ray(0, 0, size * long, math.radians(turn))), (size * long, size * long / 2)
                petal = cv2.ellipse2Poly((0, 0), tuple(map(round, half)), round(turn), 0, 360, 12)
                path = (petal + np.round(away + np.array([page.px(x), page.px(y)]))).astype(np.int32)
                if filled:
                    over = cv2.fillPoly(pixels.copy(), [path], colour, cv2.LINE_AA)
                    pixels = cv2.addWeighted(over, 0.25, pixels, 0.75, 0)
                if thick > 0:
                    cv2.polylines(pixels, [path], True, colour, thick, cv2.LINE_AA)
                elif not filled:
                    cv2.fillPoly(pixels, [path], colour, cv2.LINE_AA)
    page.image = Image.fromarray(pixels)


def _far_apart(page: Canvas, dice: Generator) -> None:
    """A title of two or three large characters, red or gold, far from each other."""
    colour = pick(dice, (*REDS, (190, 140, 50)))
    points, y = between(dice, 34, 80), between(dice, 20, page.height - 5)
    text = words(dice, 2, 3)
    page.write(
        page.width / 2, y, text, points, colour=colour, bold=happens(dice, 0.5), centre=True, gap=between(dice, 8, 40)
    )


ALIKE: tuple[Callable[[Canvas, Generator], None], ...] = (
    _emblem, _badge, _stain, _stain, _pen, _pen, _dial, _dial, _pie, _box, _banner, _banner,
    _watermark, _watermark, _watermark, _rosette, _rosette, _figure, _figure, _corner, _far_apart,
)  # fmt: skip
