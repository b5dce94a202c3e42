"""Stamping a seal on a page: where, turned how, in which ink, how well it took."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.generator.canvas import Colour
from bench.seal_net.chance import Span, anywhere, between, happens, pick, spanned
from bench.seal_net.cut import GRAIN, Sketch
from bench.seal_net.pictures import Pixels
from bench.seal_net.sheet import ASKED, MM, SPARED, Ground

Floats = NDArray[np.float32]
INKS: tuple[tuple[float, tuple[Colour, ...]], ...] = (  # how often, and the shades
    (0.62, ((214, 36, 40), (230, 60, 70), (170, 30, 40), (240, 80, 50), (190, 20, 60), (235, 100, 100))),
    (0.13, ((40, 60, 170), (60, 90, 200), (30, 40, 120))),
    (0.06, ((120, 50, 140), (150, 40, 110))),
    (0.19, ((30, 30, 34), (70, 70, 70), (110, 110, 110), (140, 140, 140))),
)
STRENGTHS: tuple[tuple[float, Span], ...] = ((0.6, (0.65, 1)), (0.28, (0.3, 0.65)), (0.12, (0.14, 0.3)))
PRESSED = 0.09  # how often a seal is pressed without ink
FAINT, FAINT_COPIED = 0.17, 0.2  # ink weaker than this, as it shows, is not asked for; copied or pressed, than this
LEAST = 8  # pixels of the page that a seal must reach into, both ways


def stamp(page: Floats, seals: Pixels, seal: Sketch, ground: Ground, grey: bool, dice: Generator) -> None:
    """Stamp `seal` on `page` (h, w, 3) and say so in `seals` (h, w): ASKED, or SPARED if it shows too little on a page
    that is copied in grey later. One that misses the page leaves both as they are."""
    ink, outline = _turned(seal, dice)
    size = np.array(ink.shape[::-1])
    dry = happens(dice, PRESSED)
    middle = _place(size, ground, seals, dry, dice)
    left, top = (int(value) for value in (middle - size / 2).round())
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(page.shape[1], left + int(size[0])), min(page.shape[0], top + int(size[1]))
    if x1 - x0 < LEAST or y1 - y0 < LEAST:
        return
    strength, colour = spanned(dice, STRENGTHS), _colour(dice)
    part, seen = page[y0:y1, x0:x1], (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    if dry:
        part += _relief(ink, dice)[seen][..., None]
    else:
        part *= 1 - (_worn(ink, dice) * strength)[seen][..., None] * (1 - colour / 255)
    shown = strength * (1 - float(colour @ (0.3, 0.59, 0.11)) / 255 if grey else 1.0)
    fresh = np.zeros_like(seals)
    known = ASKED if shown > (FAINT_COPIED if dry or grey else FAINT) else SPARED
    cv2.fillPoly(fresh, [np.round(outline + np.array([left, top])).astype(np.int32)], known)
    np.maximum(seals, fresh, out=seals)


def _turned(seal: Sketch, dice: Generator) -> tuple[Floats, Floats]:
    """(ink, outline) in the page's pixels: mostly nearly upright, a little wider or narrower than it was cut."""
    angle = float(dice.normal(0, 7)) if happens(dice, 0.85) else between(dice, -180, 180)
    turn = cv2.getRotationMatrix2D((0, 0), angle, MM / GRAIN)[:, :2] * dice.uniform(0.95, 1.05, (1, 2))
    h, w = seal.ink.shape
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)]) @ turn.T
    low = np.floor(corners.min(0))
    wide, tall = (math.ceil(side) + 2 for side in np.ptp(corners, 0))
    ink = cv2.warpAffine(seal.ink, np.hstack([turn, -low[:, None]]), (wide, tall), flags=cv2.INTER_AREA)
    return np.asarray(ink, np.float32), np.asarray(seal.outline @ turn.T - low, np.float32)


def _place(size: NDArray[np.int_], ground: Ground, seals: Pixels, dry: bool, dice: Generator) -> Floats:
    """The middle of a seal on the page: anywhere, often on a picture's rim, at the sheet's edge, on another seal. A `dry`
    one is mostly on a picture, where there is any."""
    where, page = dice.random(), np.array(seals.shape[::-1])
    if where < (0.6 if dry else 0.2) and ground.pictures:
        x, y, w, h = pick(dice, ground.pictures)
        spot = np.array([pick(dice, (x, x + w, x + w / 2, x + w)), pick(dice, (y + h, y + h, y + h, y + h / 2))])
        return (spot + dice.normal(0, 0.18, 2) * (w, h)).astype(np.float32)
    if where < 0.32:
        side = int(dice.integers(4))
        away, along = between(dice, -0.32, 0.4) * size[side % 2], dice.uniform(0, 1, 2) * page
        along[side % 2] = away if side < 2 else page[side % 2] - away
        return np.asarray(along, np.float32)
    if where < 0.4 and len(others := np.argwhere(seals[::8, ::8] == ASKED)):
        return np.asarray(anywhere(dice, others)[::-1] * 8 + dice.normal(0, 0.5, 2) * size, np.float32)
    return np.asarray(dice.uniform(0.03, 0.97, 2) * page, np.float32)


def _colour(dice: Generator) -> Floats:
    """Of an ink: red, blue, violet, or black and grey."""
    family = int(dice.choice(len(INKS), p=[odds for odds, _ in INKS]))
    shade = np.array(pick(dice, INKS[family][1])) + dice.uniform(-14, 14, 3)
    return np.clip(shade, 0, 255).astype(np.float32)


def _relief(ink: Floats, dice: Generator) -> Floats:
    """Light and shadow of a seal pressed without ink."""
    relief = cv2.GaussianBlur(ink, (0, 0), between(dice, 0.6, 1.2)) * between(dice, 22, 75)
    step = (pick(dice, (-1, 1)), pick(dice, (0, 1, 1)))
    light = np.roll(relief, step, (0, 1)) - np.roll(relief, (-step[0], -step[1]), (0, 1))
    return np.clip(light, -255, 255 * between(dice, 0.05, 0.3)).astype(np.float32)


def _worn(ink: Floats, dice: Generator) -> Floats:
    """Ink that took unevenly: clouds, specks, a side pressed less, too much of it."""
    shape = ink.shape[::-1]
    cloud = cv2.resize(dice.random((5, 5)).astype(np.float32), shape, interpolation=cv2.INTER_CUBIC)
    depth = pick(dice, (0.2, 0.5, 0.9))
    out = ink * np.clip(1 - depth + depth * 1.6 * cloud, 0, 1)
    if happens(dice, 0.6):
        speckle = cv2.GaussianBlur(dice.random(ink.shape).astype(np.float32), (0, 0), between(dice, 0.5, 1.2))
        out *= speckle > pick(dice, (0.25, 0.38, 0.48))
    if happens(dice, 0.25):
        angle, v, u = dice.uniform(0, 6.3), *np.mgrid[-1 : 1 : complex(ink.shape[0]), -1 : 1 : complex(ink.shape[1])]
        slope = (u * math.cos(angle) + v * math.sin(angle)) * between(dice, 0.4, 0.9)
        out *= np.clip(0.6 + slope, 0.05, 1)
    if happens(dice, 0.2):
        out = np.maximum(out, cv2.GaussianBlur(out, (0, 0), between(dice, 1, 2.5)))
    return out.astype(np.float32)
