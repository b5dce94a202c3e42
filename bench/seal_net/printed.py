"""Print that is taken for seals: plans of boxes, empty frames, notices, single characters, crests, wheels, logos."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from bench.generator.canvas import Canvas, Colour
from bench.generator.fonts import font
from bench.seal_net.alike import around, pixel, ray
from bench.seal_net.chance import between, happens, pick, shade, whole
from bench.seal_net.cut import star, words
from bench.seal_net.rims import LATIN
from bench.seal_net.writing import POINT, REDS, ink, spot

GOLDS: tuple[Colour, ...] = ((235, 200, 80), (200, 160, 60), (255, 225, 120))
BLUES: tuple[Colour, ...] = ((30, 60, 150), (40, 80, 170), (20, 110, 150))


def _coloured(dice: Generator) -> Colour:
    """The colours of printed frames: red, blue, anything, dark."""
    return pick(dice, (pick(dice, REDS), pick(dice, BLUES), shade(dice, 30, 200), ink(dice)))


def _plan(page: Canvas, dice: Generator) -> None:
    """A plan of seats, an organisation's chart: boxes of one size in rows, a word in each, gaps between them."""
    (x, y), (wide, tall) = spot(page, dice), (between(dice, 14, 40), between(dice, 8, 22))
    colour, letters, across = _coloured(dice), ink(dice, 0.3), between(dice, 1.5, 10)
    width, points = between(dice, 0.2, 0.9), min(tall * 1.3, wide * 0.65, between(dice, 8, 16))
    for row in range(whole(dice, 1, 4)):
        for column in range(whole(dice, 3, 6)):
            left, top = x - wide + column * (wide + across), y + row * (tall + across)
            page.frame(left, top, wide, tall, width, colour)
            page.write(left + wide / 2, top + tall / 2 + 1.4, words(dice, 2, 3), points, colour=letters, centre=True)


def _empty(page: Canvas, dice: Generator) -> None:
    """A frame with nothing in it: for a photograph, a postage stamp, a tick, an answer."""
    x, y = spot(page, dice)
    wide = between(dice, 4, 60)
    tall, colour = wide * between(dice, 0.3, 1.5), _coloured(dice)
    page.frame(x, y, wide, tall, between(dice, 0.2, 1.0), colour)
    if wide > 15 and happens(dice, 0.3):
        page.frame(x + 1, y + 1, wide - 2, tall - 2, 0.2, colour)


def _notice(page: Canvas, dice: Generator) -> None:
    """A frame round a paragraph."""
    (x, y), wide, points = spot(page, dice), between(dice, 60, 130), between(dice, 7, 12)
    x, em = x - wide / 2, points * POINT
    count, colour = whole(dice, 4, 9), ink(dice, 0.3)
    page.frame(x, y, wide, (count + 1) * em * 1.6, between(dice, 0.2, 0.8), _coloured(dice))
    for row in range(count):
        most = int((wide - 4) / em)
        page.write(x + 2, y + (row + 1.3) * em * 1.6, words(dice, most // 2, most), points, colour=colour)


def _single(page: Canvas, dice: Generator) -> None:
    """One large character, or a few of a size one after the other."""
    (x, y), points = spot(page, dice), between(dice, 30, 130)
    colour = pick(dice, (pick(dice, REDS), pick(dice, GOLDS), ink(dice, 0.3), shade(dice, 30, 220)))
    page.write(x, y, words(dice, 1, pick(dice, (1, 1, 2, 4))), points, colour=colour, bold=happens(dice, 0.5))


def _crest(page: Canvas, dice: Generator) -> None:
    """A coat of arms: a disc with stars and a gate, a rim of metal with a wreath, a cog or ribbons at its foot; often paler."""
    (u, v), r, before = pixel(page, dice), page.px(between(dice, 9, 34) / 2), page.image.copy()
    red, gold = pick(dice, (*REDS, *REDS, *BLUES)), pick(dice, GOLDS)
    pen = ImageDraw.Draw(page.image)
    pen.pieslice(around(u, v + r // 3, 1.15 * r, 0.95 * r), 30, 150, fill=pick(dice, (red, gold)))
    pen.ellipse(around(u, v, r), fill=gold)
    for turn in np.linspace(0, 2 * math.pi, whole(dice, 12, 40)).tolist():
        x, y = ray(u, v, 0.94 * r, turn)
        pen.ellipse(around(x, y, max(1, r / 12)), fill=pick(dice, (gold, red)))
    pen.ellipse(around(u, v, r * between(dice, 0.7, 0.85)), fill=red)
    pen.polygon(star(u, v - 0.35 * r, 0.22 * r), fill=gold)
    for turn in np.linspace(-2.6, -0.5, whole(dice, 0, 4)).tolist():
        pen.polygon(star(*ray(u, v + 0.1 * r, 0.5 * r, turn), 0.09 * r), fill=gold)
    if happens(dice, 0.7):
        for level, wide in ((0.2, 0.3), (0.32, 0.45), (0.44, 0.38)):
            pen.rectangle((u - wide * r, v + level * r, u + wide * r, v + (level + 0.08) * r), fill=gold)
    _paler(page, before, dice)


def _paler(page: Canvas, before: Image.Image, dice: Generator) -> None:
    """What was drawn since, thinned out as far as chance wants."""
    if happens(dice, 0.4):
        page.image = Image.blend(before, page.image, between(dice, 0.25, 0.8))


def _wheel(page: Canvas, dice: Generator) -> None:
    """A disc or a ring with rays in it, like a sun or a cog; no letters."""
    (u, v), r, before = pixel(page, dice), page.px(between(dice, 7, 30) / 2), page.image.copy()
    colour, pen, rays = pick(dice, (pick(dice, REDS), _coloured(dice))), ImageDraw.Draw(page.image), whole(dice, 5, 24)
    outer, inner = between(dice, 0.7, 1.0), between(dice, 0.2, 0.45)
    if happens(dice, 0.7):
        pen.ellipse(around(u, v, r), outline=colour, width=max(1, round(r * between(dice, 0.05, 0.2))))
    for turn in (np.arange(rays) * 2 * math.pi / rays).tolist():
        half = math.pi / rays * between(dice, 0.4, 0.8)
        corners = [ray(u, v, inner * r, turn), ray(u, v, outer * r, turn - half), ray(u, v, outer * r, turn + half)]
        pen.polygon(corners, fill=colour)
    if happens(dice, 0.6):
        pen.ellipse(around(u, v, r * inner), fill=colour)
    _paler(page, before, dice)


def _logo(page: Canvas, dice: Generator) -> None:
    """A filled disc, oval or rounded square with pale Latin letters, as of firms, applications and persons of a chat."""
    (u, v), a, colour = pixel(page, dice), page.px(between(dice, 6, 40) / 2), shade(dice, 20, 220)
    b, pen = a * pick(dice, (1.0, 1.0, 0.6)), ImageDraw.Draw(page.image)
    if happens(dice, 0.5):
        pen.ellipse(around(u, v, a, b), fill=colour)
    else:
        pen.rounded_rectangle(around(u, v, a, b), radius=a * between(dice, 0, 0.4), fill=colour)
    if happens(dice, 0.3):
        pen.ellipse(around(u, v, 0.88 * a, 0.88 * b), outline=(250, 250, 250), width=max(1, a // 20))
    if happens(dice, 0.75):
        text = "".join(dice.choice(list(LATIN), whole(dice, 1, 4)))
        size = max(6, round(min(b * 1.2, 1.7 * a / len(text))))
        pen.text((u, v), text, (250, 250, 250), font("hei", size), anchor="mm")


PRINTED: tuple[Callable[[Canvas, Generator], None], ...] = (
    _plan, _plan, _empty, _empty, _notice, _single, _single, _single, _crest, _crest, _wheel, _logo, _logo,
)  # fmt: skip
