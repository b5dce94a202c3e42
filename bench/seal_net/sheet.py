"""Grounds to stamp on, DPI dots an inch: pages of the generator with their seals known, and sheets full of what only
looks like a seal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image

from bench.generator.canvas import Canvas, Mark
from bench.generator.pages import PAGES
from bench.generator.paper import border, guilloche
from bench.generator.people import invent
from bench.seal_net.alike import ALIKE
from bench.seal_net.chance import between, happens, pick, shade, whole
from bench.seal_net.pictures import Box, Pixels, picture
from bench.seal_net.printed import PRINTED
from bench.seal_net.writing import LAYERS, REDS

DPI = 110
MM = DPI / 25.4  # pixels
ASKED, SPARED = 255, 128  # here the network shall say that there is a seal; here nobody asks it
SIZES = (
    (210, 297),
    (210, 297),
    (210, 297),
    (297, 210),
    (260, 184),
    (184, 260),
    (150, 95),
    (210, 140),
    (130, 180),
)  # mm


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A page (h, w, 3) in RGB; `seals` (h, w) is ASKED where one is known to lie, SPARED where one may; its pictures."""

    pixels: Pixels
    seals: Pixels
    pictures: tuple[Box, ...]


def ground(dice: Generator, photos: Sequence[Image.Image] = ()) -> Ground:
    """A page by chance, A4 or smaller, upright or across; some bear one of `photos`."""
    return _generated(dice, photos) if happens(dice, 0.35) else _sheet(dice, photos)


def _generated(dice: Generator, photos: Sequence[Image.Image]) -> Ground:
    """A page of the generator, with more pictures."""
    page = PAGES[pick(dice, list(PAGES))](invent(dice), dice, DPI)
    seals = _map(page, ((mark, {"seal": ASKED, "fingerprint": SPARED}.get(mark.cls, 0)) for mark in page.marks))
    boxes = [_box(mark) for mark in page.marks if mark.cls == "face"]
    while happens(dice, 0.4):
        x, y, w, h = picture(page, photos, dice)
        seals[max(0, y) : y + h, max(0, x) : x + w] = 0
        boxes.append((x, y, w, h))
    return Ground(np.asarray(page.image).copy(), seals, tuple(boxes))


def _sheet(dice: Generator, photos: Sequence[Image.Image]) -> Ground:
    """Paper with print, pictures and what looks like a seal."""
    page = _paper(dice)
    for _ in range(whole(dice, 3, 8)):
        pick(dice, LAYERS)(page, dice)
    boxes = [picture(page, photos, dice) for _ in range(whole(dice, 0, 3))]
    for _ in range(whole(dice, 0, 6)):
        pick(dice, PRINTED if happens(dice, 0.4) else ALIKE)(page, dice)
    seals = _map(page, ((mark, SPARED) for mark in page.marks if mark.cls == "box"))
    return Ground(np.asarray(page.image).copy(), seals, tuple(boxes))


def _paper(dice: Generator) -> Canvas:
    """Pale, seldom coloured, sometimes with a guilloche and a border."""
    wide, tall = pick(dice, SIZES)
    red, green, blue = shade(dice, 230, 256) if happens(dice, 0.85) else shade(dice, 60, 255)
    page = Canvas(wide, tall, DPI, (red, green, blue), face="song" if happens(dice, 0.5) else "hei")
    if happens(dice, 0.2):
        guilloche(page, shade(dice, 40, 200), dice, strength=between(dice, 0.2, 0.6))
    if happens(dice, 0.2):
        colour = REDS[0] if happens(dice, 0.5) else shade(dice, 30, 180)
        border(page, colour, margin=between(dice, 4, 12))
    return page


def _map(page: Canvas, marks: Iterable[tuple[Mark, int]]) -> Pixels:
    """(h, w) of 0, with each mark filled with its value."""
    seals = np.zeros((page.image.height, page.image.width), np.uint8)
    for mark, value in marks:
        if value:
            cv2.fillPoly(seals, [np.round(mark.outline).astype(np.int32)], value)
    return seals


def _box(mark: Mark) -> Box:
    (x, y), (w, h) = map(int, mark.outline.min(0)), map(int, np.ptp(mark.outline, 0))
    return x, y, w, h
