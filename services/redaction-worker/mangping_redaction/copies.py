"""Cheaper copies of a page's pixels, each made at first need: many stages begin with the same one."""

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
