"""Pictures that pages bear: photographs, and colours and shapes that look like one from afar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bench.generator.canvas import Canvas
from bench.generator.paper import portrait_picture
from bench.seal_net.chance import between, happens, pick, whole

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]  # x, y, width, height in pixels
LARGEST = 512  # pixels of a photograph's longer side: no page shows more of it
BACKGROUNDS = ((60, 110, 200), (200, 40, 40), (240, 240, 245))  # of ID photographs: blue, red, white


def photographs(folder: Path) -> list[Image.Image]:
    """The pictures of a folder, in order of their names. Raises PIL.UnidentifiedImageError for a file that is none."""
    found = [Image.open(file).convert("RGB") for file in sorted(folder.iterdir())]
    for image in found:
        image.thumbnail((LARGEST, LARGEST))
    return found


def picture(page: Canvas, photos: Sequence[Image.Image], dice: Generator) -> Box:
    """Put one on the page: the generator's portrait, one of `photos`, or a scenery; returns where."""
    large = happens(dice, 0.15)
    wide = between(dice, 40, page.width * 0.8) if large else between(dice, 18, 40)
    tall = wide * (between(dice, 0.6, 0.8) if large else between(dice, 1.25, 1.45))
    x, y = between(dice, 0, page.width - wide / 2), between(dice, 0, page.height - tall / 2)
    size = (page.px(wide), page.px(tall))
    image = _photograph(size, photos, dice) if happens(dice, 0.72) else _scenery(size, dice)
    toned = np.clip(128 + (image.astype(np.float32) - 128) * between(dice, 0.5, 1.1) + between(dice, -30, 40), 0, 255)
    if happens(dice, 0.3):
        toned = np.repeat(toned.mean(2, keepdims=True), 3, 2)
    page.paste(x, y, Image.fromarray(toned.astype(np.uint8)))
    return (page.px(x), page.px(y), *size)


def _photograph(size: tuple[int, int], photos: Sequence[Image.Image], dice: Generator) -> Pixels:
    """A photograph's middle, mirrored by chance, bent a little, its channels shifted."""
    choice = whole(dice, -1, len(photos) - 1)
    photo, centre = portrait_picture() if choice < 0 else photos[choice], dice.uniform(0.3, 0.7, 2)
    image = np.asarray(ImageOps.fit(photo, size, Image.Resampling.BILINEAR, centering=(centre[0], centre[1])))
    image = image[:, ::-1] if happens(dice, 0.5) else image
    bent = _bent(image, dice)
    if happens(dice, 0.3):
        bent = bent[:, :, dice.permutation(3)]
    return np.clip(bent * dice.uniform(0.7, 1.2, 3) + dice.uniform(-25, 25, 3), 0, 255).astype(np.uint8)


def _bent(image: Pixels, dice: Generator) -> Pixels:
    """Each pixel moved by smooth waves of a fortieth of the width."""
    h, w = image.shape[:2]
    across, down = (dice.normal(0, 0.025 * w, (4, 4)).astype(np.float32) for _ in "xy")
    u, v = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    u += cv2.resize(across, (w, h), interpolation=cv2.INTER_CUBIC)
    v += cv2.resize(down, (w, h), interpolation=cv2.INTER_CUBIC)
    bent = cv2.remap(np.ascontiguousarray(image), u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(bent, np.uint8)


def _scenery(size: tuple[int, int], dice: Generator) -> Pixels:
    """Clouds of colour with shapes, or a head and shoulders."""
    coarse = dice.uniform(0, 255, (whole(dice, 2, 6), whole(dice, 2, 6), 3)).astype(np.float32)
    clouds = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC).clip(0, 255), np.float32)
    return _head(clouds, dice) if happens(dice, 0.5) else _shapes(clouds, dice)


def _head(clouds: NDArray[np.float32], dice: Generator) -> Pixels:
    """Shoulders, a face with dots for eyes, hair, before a ground of one colour."""
    image = clouds * 0.2 + np.array(pick(dice, BACKGROUNDS)) * 0.8
    h, w = image.shape[:2]
    skin, cloth = between(dice, 110, 230) * np.array([1, 0.82, 0.7]), dice.uniform(10, 220, 3)
    for down, wide, tall, begin, colour in (
        (1.05, 0.45, 0.38, 0, cloth.tolist()),
        (0.4, 0.23, 0.25, 0, skin.tolist()),
        (0.27, 0.25, 0.17, 180, [30, 26, 26]),
    ):
        cv2.ellipse(image, (w // 2, round(h * down)), (round(w * wide), round(h * tall)), 0, begin, 360, colour, -1)
    for across in (0.41, 0.59):
        cv2.circle(image, (round(w * across), round(h * 0.4)), max(1, w // 40), [20, 20, 20], -1)
    return cv2.GaussianBlur(image, (0, 0), max(0.5, w / 120)).astype(np.uint8)


def _shapes(image: NDArray[np.float32], dice: Generator) -> Pixels:
    """Rectangles, discs and lines, out of focus."""
    size = image.shape[1::-1]
    for _ in range(whole(dice, 3, 24)):
        a, b = (tuple(map(int, dice.uniform(0, 1, 2) * size)) for _ in "ab")
        colour, way = dice.uniform(0, 255, 3).tolist(), dice.random()
        if way < 0.4:
            cv2.rectangle(image, a, b, colour, -1 if happens(dice, 0.6) else 2)
        elif way < 0.7:
            cv2.circle(image, a, int(dice.uniform(2, 0.2 * size[0] + 3)), colour, -1 if happens(dice, 0.6) else 2)
        else:
            cv2.line(image, a, b, colour, whole(dice, 1, 7))
    soft = cv2.GaussianBlur(image, (0, 0), between(dice, 0.5, 2))
    return np.clip(soft + dice.normal(0, 6, image.shape), 0, 255).astype(np.uint8)
