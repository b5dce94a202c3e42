"""What the network learns from: a part of a page with seals stamped on it, taken as pages are taken, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from bench.seal_net.chance import happens, pick
from bench.seal_net.cut import Sketch
from bench.seal_net.pictures import Pixels
from bench.seal_net.sheet import ASKED, SPARED, Ground
from bench.seal_net.stamping import Floats, stamp
from bench.seal_net.taking import SIDE, compressed, laid, taken

CELL = 4  # pixels of a scene in one cell of the answer
CELLS = SIDE // CELL
COPIED = 0.38  # how often a page is a copy in grey
SEALS = (0.12, 0.24, 0.26, 0.2, 0.12, 0.06)  # how often none, one, two ... are stamped


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """`pixels` (SIDE, SIDE, 3) BGR; `truth`, `weight` (CELLS, CELLS): a cell's share under a seal, and what it counts."""

    pixels: Pixels
    truth: Floats
    weight: Floats


def scene(ground: Ground, sketches: Sequence[Sketch], dice: Generator) -> Scene:
    """One scene by chance: a copy is grey."""
    page, seals, grey = ground.pixels.astype(np.float32), ground.seals.copy(), happens(dice, COPIED)
    for _ in range(int(dice.choice(len(SEALS), p=SEALS))):
        stamp(page, seals, pick(dice, sketches), ground, grey, dice)
    page, seals = laid(page, seals, dice)
    page = taken(page, grey, dice)
    small = cv2.resize(page, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    pixels = compressed(np.clip(small, 0, 255).astype(np.uint8), dice)
    return Scene(pixels, *learned(seals))


def learned(seals: Pixels) -> tuple[Floats, Floats]:
    """(truth, weight) of a map of seals: a cell that is spared by half or more counts nothing."""
    truth, spared = (
        cv2.resize((seals == value).astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        for value in (ASKED, SPARED)
    )
    return np.asarray(truth, np.float32), (1 - np.clip(spared * 2, 0, 1)).astype(np.float32)
