"""What certificates are printed on: guilloche, borders, codes, portraits."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from numpy.random import Generator
from PIL import Image, ImageEnhance, ImageOps

from bench.generator.canvas import Canvas, Colour, rectangle

FACE = Path(__file__).parent / "faces" / "astronaut.jpg"
EYES = ((135.7, 116.7), (186.0, 119.0))  # pupils in the portrait's pixels
CROP = (38, 0, 278, 336)  # the part shown: 5 x 7
HEAD = (98, 50, 228, 214)  # forehead to chin


def guilloche(page: Canvas, colour: Colour, dice: Generator, *, strength: float = 0.3) -> None:
    """Fine interwoven waves over the whole page, pale."""
    pixels = np.asarray(page.image).copy()
    width = pixels.shape[1]
    pale = tuple(round(255 - (255 - level) * strength) for level in colour)
    u = np.arange(0, width + 8, max(2, width // 300), dtype=np.float32)
    swing, beat, step = (float(dice.uniform(*span)) for span in ((3, 7), (12, 26), (2.4, 3.6)))
    for number in range(int(page.height / step) + 2):
        base, phase = page.px(number * step), number * 0.55
        v = base + page.px(swing) * np.sin(2 * math.pi * u / page.px(beat * 4) + phase) * np.cos(
            2 * math.pi * u / page.px(beat) - phase
        )
        cv2.polylines(pixels, [np.stack([u, v], axis=1).astype(np.int32)], False, pale, 1, cv2.LINE_AA)
    page.image = Image.fromarray(pixels)


def border(page: Canvas, colour: Colour, *, margin: float = 9) -> None:
    """A double frame with a chain of rings between."""
    for inset, width in ((margin, 0.9), (margin + 6, 0.35)):
        page.frame(inset, inset, page.width - 2 * inset, page.height - 2 * inset, width, colour)
    pixels, middle = np.asarray(page.image).copy(), margin + 3
    across, down = (
        [float(at) for at in np.arange(middle, side - middle + 1, 3.4)] for side in (page.width, page.height)
    )
    rings = [(x, y) for y in (middle, page.height - middle) for x in across]
    rings += [(x, y) for x in (middle, page.width - middle) for y in down]
    for x, y in rings:
        cv2.circle(pixels, (page.px(x), page.px(y)), page.px(2), colour, max(1, page.px(0.2)), cv2.LINE_AA)
    page.image = Image.fromarray(pixels)


def code(page: Canvas, x: float, y: float, text: str, *, size: float = 24.0, bars: bool = False) -> None:
    """A QR code of `size` mm, or a Code 128 of that width and a sixth of it high."""
    kind = zxingcpp.BarcodeFormat.Code128 if bars else zxingcpp.BarcodeFormat.QRCode
    image = zxingcpp.create_barcode(text, kind).to_image(scale=1, add_quiet_zones=False)  # type: ignore[arg-type, unused-ignore]
    modules = np.asarray(image)
    wide, high = page.px(size), page.px(size / 6 if bars else size)
    page.paste(
        x,
        y,
        Image.fromarray(modules[:1] if bars else modules).resize((wide, high), Image.Resampling.NEAREST).convert("RGB"),
    )
    left, top = page.px(x), page.px(y)
    page.mark("barcode" if bars else "qrcode", rectangle(left, top, left + wide, top + high), text)


@cache
def portrait_picture() -> Image.Image:
    """The public-domain portrait itself, CROP of it."""
    return Image.open(FACE).convert("RGB").crop(CROP)


def portrait(page: Canvas, x: float, y: float, dice: Generator, *, width: float = 25.0) -> None:
    """The public-domain portrait as an ID photo `width` mm wide (5:7), sometimes mirrored, grey, pale or dark."""
    picture, flipped = portrait_picture(), dice.random() < 0.5
    scale = page.px(width) / picture.width
    picture = picture.resize((page.px(width), round(picture.height * scale)), Image.Resampling.LANCZOS)
    picture = ImageOps.mirror(picture) if flipped else picture
    picture = ImageOps.grayscale(picture).convert("RGB") if dice.random() < 0.3 else picture
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = enhance(picture).enhance(float(dice.uniform(0.8, 1.15)))
    page.paste(x, y, picture)
    apart = EYES[1][0] - EYES[0][0]
    boxes = [("face", HEAD)] + [
        ("eyes", (u - 0.3 * apart, v - 0.17 * apart, u + 0.3 * apart, v + 0.17 * apart)) for u, v in EYES
    ]
    for cls, (x0, y0, x1, y1) in boxes:
        box = (rectangle(x0, y0, x1, y1) - np.array(CROP[:2], np.float32)) * scale
        if flipped:
            box[:, 0] = picture.width - box[:, 0]
        page.mark(cls, box + np.array((page.px(x), page.px(y)), np.float32))
