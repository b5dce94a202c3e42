"""Smaller copies of pictures; those of a page are made at first need, for many stages begin with the same one."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from mangping_redaction.page import Pixels


def halved(pixels: Pixels) -> Pixels:
    """Half as large, averaged; an odd last row or column is left out."""
    height, width = max(1, pixels.shape[0] // 2), max(1, pixels.shape[1] // 2)
    return np.asarray(
        cv2.resize(pixels[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA), np.uint8
    )


def scaled(pixels: Pixels, scale: float) -> Pixels:
    """The picture times `scale`: halved as often as it goes (exact halves are ten times cheaper), the rest linear."""
    pixels, size = brought_near(pixels, scale)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def brought_near(pixels: Pixels, scale: float, half: Pixels | None = None) -> tuple[Pixels, tuple[int, int]]:
    """All of `scaled` but its last step: (what is left to be resized, to which width and height). `half` is the first
    halving where there is one already."""
    while scale <= 0.5 and min(pixels.shape[:2]) >= 64:
        pixels, half, scale = halved(pixels) if half is None else half, None, 2 * scale
    return pixels, (max(16, round(pixels.shape[1] * scale)), max(16, round(pixels.shape[0] * scale)))


class Copies:
    """Copies of one array of pixels (height, width, 3); they live as long as its page."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    @cached_property
    def half(self) -> Pixels:
        """Half as large, averaged; an odd last row or column is left out."""
        return halved(self.pixels)

    @cached_property
    def quarter(self) -> Pixels:
        """A quarter as large, likewise."""
        return halved(self.half)

    @cached_property
    def red(self) -> Pixels:
        """The red channel, where red ink vanishes."""
        return np.asarray(cv2.extractChannel(self.pixels, 2), np.uint8)
