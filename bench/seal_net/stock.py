"""Scenes at hand in memory that processes share: painters draw more of them for ever, the training takes some by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import cv2
import numpy as np
import torch
from numpy.random import Generator
from PIL import Image
from torch import Tensor, multiprocessing

from bench.seal_net.chance import happens, pick
from bench.seal_net.scene import CELLS, Scene, scene
from bench.seal_net.sheet import ground
from bench.seal_net.sketch import sketch
from bench.seal_net.taking import SIDE

KEPT = 9000  # scenes at hand (4.6 GB); the oldest goes when a new one is drawn
GROUNDS, SKETCHES = 300, 1500  # that a painter keeps to put scenes together from
FIRST_GROUNDS, FIRST_SKETCHES = 40, 200
FRESH_GROUND = 0.2  # how often one more ground is drawn for a scene; one more seal always is
T = TypeVar("T")


class Stock(NamedTuple):
    """`pixels` (KEPT, SIDE, SIDE, 3) of 0..255, `truth` and `weight` (KEPT, 1, CELLS, CELLS); `drawn` ever so far."""

    pixels: Tensor
    truth: Tensor
    weight: Tensor
    drawn: Any

    def put(self, one: Scene) -> None:
        with self.drawn.get_lock():
            at = self.drawn.value % KEPT
            self.drawn.value += 1
        for kept, fresh in zip(self[:3], (one.pixels, one.truth[None], one.weight[None]), strict=True):
            kept[at] = torch.from_numpy(fresh)

    def batch(self, size: int, dice: Generator) -> tuple[Tensor, Tensor, Tensor]:
        """(pixels (size, 3, SIDE, SIDE), truth, weight) of scenes by chance, all mirrored or none, lighter or darker."""
        at = torch.from_numpy(dice.integers(0, min(KEPT, self.drawn.value), size))
        pixels, truth, weight = self.pixels[at].permute(0, 3, 1, 2).float(), self.truth[at], self.weight[at]
        if happens(dice, 0.5):
            pixels, truth, weight = (part.flip(3) for part in (pixels, truth, weight))
        gain = torch.from_numpy(dice.uniform(0.85, 1.15, (size, 1, 1, 1)).astype(np.float32))
        return (pixels * gain).clamp(0, 255).contiguous(memory_format=torch.channels_last), truth, weight


def empty() -> Stock:
    """A scene that is not drawn yet weighs nothing."""
    truth, weight = (torch.zeros(KEPT, 1, CELLS, CELLS).share_memory_() for _ in "tw")
    pixels = torch.zeros(KEPT, SIDE, SIDE, 3, dtype=torch.uint8).share_memory_()
    return Stock(pixels, truth, weight, multiprocessing.Value("q", 0))


def painters(stock: Stock, count: int, seed: int, photos: Sequence[Image.Image]) -> Any:
    """Processes that fill the stock; `join(timeout)` of what is returned raises the error of one that died."""
    return multiprocessing.start_processes(
        _paint, (stock, seed, photos), nprocs=count, join=False, daemon=True, start_method="fork"
    )


def _paint(number: int, stock: Stock, seed: int, photos: Sequence[Image.Image]) -> None:
    """Draw scenes for ever."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    dice = np.random.default_rng(seed * 100 + number)
    grounds = [ground(dice, photos) for _ in range(FIRST_GROUNDS)]
    sketches = [sketch(dice) for _ in range(FIRST_SKETCHES)]
    while True:
        if happens(dice, FRESH_GROUND):
            _renew(grounds, GROUNDS, ground(dice, photos), dice)
        _renew(sketches, SKETCHES, sketch(dice), dice)
        stock.put(scene(pick(dice, grounds), sketches, dice))


def _renew(those: list[T], most: int, one: T, dice: Generator) -> None:
    """One more; when there are `most`, in place of another."""
    if len(those) < most:
        those.append(one)
    else:
        those[int(dice.integers(most))] = one
