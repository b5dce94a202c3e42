"""A page as it is scanned, copied or photographed, as far as the network can tell: a window of DRAWN x DRAWN pixels."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.seal_net.chance import Span, anywhere, between, happens, pick, spanned
from bench.seal_net.pictures import Pixels
from bench.seal_net.sheet import ASKED, MM
from bench.seal_net.stamping import Floats

SIDE = 384  # pixels of a scene, at what the network takes
DRAWN = 3 * SIDE // 2  # it is drawn half as large again
FINE = 2.15  # pixels a millimetre of an A4 page at what the network takes
ZOOMS: tuple[tuple[float, Span], ...] = ((0.6, (0.75, 1.15)), (0.28, (1.15, 2.2)), (0.12, (2.2, 3.4)))  # of FINE
GREY = np.array([[0.3], [0.59], [0.11]], np.float32)


def laid(page: Floats, seals: Pixels, dice: Generator) -> tuple[Floats, Pixels]:
    """A window on the sheet (h, w, 3) and on its map of seals; the sheet lies a little askew on a desk or a scanner."""
    zoom = DRAWN / SIDE * FINE / MM * spanned(dice, ZOOMS)
    matrix = _view(zoom, seals, dice)
    soft = cv2.GaussianBlur(page, (0, 0), 0.5 / zoom) if zoom < 0.9 else page
    desk, window = _desk(page, dice), (DRAWN, DRAWN)
    warped = cv2.warpPerspective(soft, matrix, window, flags=cv2.INTER_LINEAR)
    sheet = cv2.warpPerspective(np.ones(seals.shape, np.float32), matrix, window)[..., None]
    marks = cv2.warpPerspective(seals, matrix, window, flags=cv2.INTER_NEAREST)
    return (warped + desk * (1 - sheet)).astype(np.float32), np.asarray(marks, np.uint8)


def _view(zoom: float, seals: Pixels, dice: Generator) -> NDArray[np.float64]:
    """From pixels of the page to those of the window, (3, 3): turned to 6 degrees, sometimes in perspective."""
    angle = math.radians(float(np.clip(dice.normal(0, 1.8), -6, 6)))
    c, s = zoom * math.cos(angle), zoom * math.sin(angle)
    turn = np.array([[c, -s], [s, c]])
    shift = DRAWN / 2 - turn @ _focus(DRAWN / zoom, seals, dice)
    matrix = np.vstack([np.hstack([turn, shift[:, None]]), [0, 0, 1]])
    if happens(dice, 0.4):
        square = np.array([(0, 0), (DRAWN, 0), (DRAWN, DRAWN), (0, DRAWN)], np.float32)
        moved = square + dice.uniform(-0.03, 0.03, (4, 2)).astype(np.float32) * DRAWN
        matrix = cv2.getPerspectiveTransform(square, moved) @ matrix
    return np.asarray(matrix, np.float64)


def _focus(wide: float, seals: Pixels, dice: Generator) -> list[float]:
    """The pixel of the page in the middle of a window `wide` of its pixels: anywhere, or near a seal."""
    reach = 0.1 * wide
    focus = [
        between(dice, -reach, side + reach - wide) + wide / 2
        if side > wide
        else side / 2 + float(dice.normal(0, reach))
        for side in seals.shape[::-1]
    ]
    asked = np.argwhere(seals[::16, ::16] == ASKED)
    if len(asked) and happens(dice, 0.5):
        return [float(at) for at in anywhere(dice, asked)[::-1] * 16 + dice.uniform(-0.4, 0.4, 2) * wide]
    return focus


def _desk(page: Floats, dice: Generator) -> Floats:
    """What lies round the sheet: the scanner's lid, an even ground, wood, marble."""
    if happens(dice, 0.45):
        return np.full((DRAWN, DRAWN, 3), between(dice, 225, 255), np.float32)
    if happens(dice, 0.3):
        colour = dice.uniform(20, 235, 3)
    else:
        colour = between(dice, 20, 235) * np.array([1, between(dice, 0.7, 1), between(dice, 0.5, 1)])
    if happens(dice, 0.2):
        colour = np.median(page.reshape(-1, 3)[::97], axis=0)
    shape = pick(dice, ((3, 40), (40, 3), (24, 24)))
    coarse = dice.normal(0, between(dice, 2, 16), shape).astype(np.float32)
    grain = cv2.resize(coarse, (DRAWN, DRAWN), interpolation=cv2.INTER_CUBIC)
    return (colour.astype(np.float32) + grain[..., None]).astype(np.float32)


def taken(page: Floats, grey: bool, dice: Generator) -> Floats:
    """Light, yellowed or faded paper, blur, copying or paler colours, noise; a copy has three equal channels."""
    page = page * _light(dice)
    if happens(dice, 0.15):
        page = 255 - (255 - page) * between(dice, 0.35, 0.7)
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), between(dice, 0.3, 1.6)), np.float32)
    if grey:
        page = _copied(page, dice)
    elif happens(dice, 0.15):
        mix = between(dice, 0.2, 0.8)
        page = page.mean(2, keepdims=True) * (1 - mix) + page * mix
    noise = dice.standard_normal((DRAWN, DRAWN, 1 if grey else 3), dtype=np.float32)
    return (page + noise * between(dice, 0.5, 9)).astype(np.float32)


def _light(dice: Generator) -> Floats:
    """What it leaves of each pixel's channels: darker towards one side, a shadow, a cast."""
    v, u = np.mgrid[-1 : 1 : complex(DRAWN), -1 : 1 : complex(DRAWN)].astype(np.float32)
    angle = between(dice, 0, 6.3)
    along = u * math.cos(angle) + v * math.sin(angle)
    light = 1 - pick(dice, (0.03, 0.15, 0.35)) * dice.random() * (along + 1.2) / 2.4
    if happens(dice, 0.2):
        deep, edge, steep = between(dice, 0.1, 0.4), between(dice, -0.6, 0.6), between(dice, 5, 20)
        light *= 1 - deep / (1 + np.exp(-(along - edge) * steep))
    cast = 1 + dice.uniform(-0.1, 0.03, 3)
    if happens(dice, 0.12):
        cast = np.array([1, between(dice, 0.82, 0.95), between(dice, 0.6, 0.85)])
    return np.asarray(light[..., None] * cast, np.float32)


def _copied(page: Floats, dice: Generator) -> Floats:
    """Grey; steep or in two tones, dusty by chance."""
    tone, way = page @ GREY, dice.random()
    if way < 0.4:
        middle, slope = between(dice, 135, 175), between(dice, 14, 40)
        tone = 255 / (1 + np.exp(-(tone - middle) / slope))
    elif way < 0.64:
        local = cv2.blur(tone[..., 0], (61, 61))[..., None] if happens(dice, 0.5) else np.float32(235)
        tone = (tone > local * between(dice, 0.6, 0.88)) * np.float32(255)
    if happens(dice, 0.3):
        rows, columns = dice.integers(0, DRAWN, (2, 150))
        tone[rows, columns] = dice.uniform(0, 140, (150, 1))
    return np.repeat(tone, 3, 2).astype(np.float32)


def compressed(pixels: Pixels, dice: Generator) -> Pixels:
    """RGB to BGR, mostly by way of a JPEG."""
    bgr = np.ascontiguousarray(pixels[:, :, ::-1])
    if happens(dice, 0.3):
        return bgr
    _, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, int(dice.integers(50, 97))])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
