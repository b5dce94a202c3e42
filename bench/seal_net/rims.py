"""Round and oval seals: words along the rim, something in the middle, something at the foot."""

from __future__ import annotations

import math

from numpy.random import Generator

from bench.seal_net.chance import between, happens, pick, whole
from bench.seal_net.cut import EDGE, GRAIN, Blank, Sketch, blank, ellipse, letter, line, star, typeface, words

DIAMETERS = (20, 25, 30, 34, 36, 38, 40, 42, 42, 45, 50, 58)  # mm
LATIN, UYGHUR = "ABCDEFGHIKLMNOPRSTUY", "ئابپتجچخدرزژسشغفقكگڭلمنھوۇۆۈېىي"


def round_seal(dice: Generator) -> Sketch:
    """A ring, or an oval one: words along the rim, a star, a word or a date in the middle, a number along the foot."""
    wide = pick(dice, DIAMETERS) * between(dice, 0.95, 1.05)
    seal = blank(wide, wide * (1.0 if happens(dice, 0.78) else between(dice, 0.6, 0.82)))
    _ring(seal, 1.0, between(dice, 0.5, 1.6))
    if happens(dice, 0.3):
        _ring(seal, between(dice, 0.9, 0.95), 0.3)
    if happens(dice, 0.12):
        _ring(seal, between(dice, 0.45, 0.62), 0.35)
    face, middle = typeface(dice), dice.random()
    _rim(seal, face, dice)
    if happens(dice, 0.2):
        _foreign_rim(seal, dice)
    if middle < 0.6:
        _star(seal, dice)
    elif middle < 0.85:
        _across(seal, face, dice)
    if happens(dice, 0.55):
        (_purpose if happens(dice, 0.6) else _number)(seal, face, dice)
    return seal.sketch(ellipse(seal))


def _ring(seal: Blank, share: float, width: float) -> None:
    """A ring of a share of the seal's size, `width` in mm."""
    low, high = (1 - share) / 2, (1 + share) / 2
    seal.pen().ellipse((seal.at(low, low), seal.at(high, high)), outline=255, width=max(1, round(width * GRAIN)))


def _bent(seal: Blank, degrees: float, radius: float, down: float | None = None) -> tuple[float, float]:
    """The pixel at an angle (0 right, 90 below); the radius is a share of the width, `down` that of the height."""
    angle = math.radians(degrees)
    return seal.at(0.5 + radius * math.cos(angle), 0.5 + (radius if down is None else down) * math.sin(angle))


def _rim(seal: Blank, face: str, dice: Generator) -> None:
    text = words(dice, 5, 22)
    size = min(seal.w * between(dice, 0.11, 0.17), 2.4 * seal.w / max(8, len(text)))
    span = min(between(dice, 230, 300), 26.0 * len(text))
    radius, narrow = between(dice, 0.36, 0.41), between(dice, 0.6, 1.0)
    down = radius if seal.w == seal.h else radius - 0.03
    for number, one in enumerate(text):
        degrees = -90 - span / 2 + span * (number + 0.5) / len(text)
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        upright = -(math.degrees(math.atan2(s / seal.h, c / seal.w)) + 90)
        letter(seal.image, one, _bent(seal, degrees, radius, down), size, face, angle=upright, narrow=narrow)


def _foreign_rim(seal: Blank, dice: Generator) -> None:
    """Latin or Uyghur letters along the lower rim, or along an inner circle."""
    latin = happens(dice, 0.5)
    count, radius = whole(dice, 10, 29), between(dice, 0.24, 0.42)
    span, below = between(dice, 90, 170), happens(dice, 0.7)
    for number, one in enumerate(dice.choice(list(LATIN if latin else UYGHUR), count)):
        away = span / 2 - span * (number + 0.5) / count
        degrees = 90 + away if below else -90 - away
        angle = 90 - degrees if below else -90 - degrees
        at, face = _bent(seal, degrees, radius), "hei" if latin else "naskh"
        letter(seal.image, str(one), at, seal.w * 0.06, face, angle=angle)


def _star(seal: Blank, dice: Generator) -> None:
    size = seal.w * between(dice, 0.1, 0.17)
    turn = -90 if happens(dice, 0.9) else between(dice, 0, 360)
    seal.pen().polygon(star(*seal.at(0.5, 0.5), size, turn), fill=255)


def _across(seal: Blank, face: str, dice: Generator) -> None:
    """A word or a date across the middle, sometimes between two lines."""
    wordy = happens(dice, 0.5)
    text = words(dice, 2, 6) if wordy else f"{whole(dice, 2005, 2025)}.{whole(dice, 1, 12)}.{whole(dice, 1, 28)}"
    line(seal, seal.at(0.5, 0.5), text, min(seal.h * 0.16, seal.w * 0.62 / len(text) * (1 if wordy else 1.7)), face)
    if happens(dice, 0.4):
        for y in (0.37, 0.63):
            seal.pen().line((seal.w * 0.08, seal.h * y, seal.w * 0.95, seal.h * y), 255, EDGE)


def _purpose(seal: Blank, face: str, dice: Generator) -> None:
    """What the seal is for, straight across below the middle."""
    foot = words(dice, 3, 7)
    for number, one in enumerate(foot):
        across = 0.5 + (number - (len(foot) - 1) / 2) * 0.09
        letter(seal.image, one, seal.at(across, 0.72), seal.w * 0.09, face)


def _number(seal: Blank, _face: str, dice: Generator) -> None:
    """Thirteen digits along the lower rim."""
    for number, digit in enumerate(dice.integers(0, 10, 13)):
        degrees = 90 + 34 - 68 * (number + 0.5) / 13
        letter(seal.image, str(digit), _bent(seal, degrees, 0.43), seal.w * 0.05, "hei", angle=90 - degrees)
