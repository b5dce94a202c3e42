"""Draws from the dice as Python's own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.generator.canvas import Colour

T = TypeVar("T")
Span = tuple[float, float]


def between(dice: Generator, low: float, high: float) -> float:
    return float(dice.uniform(low, high))


def whole(dice: Generator, low: int, high: int) -> int:
    """An integer, `high` among them."""
    return int(dice.integers(low, high + 1))


def happens(dice: Generator, share: float) -> bool:
    return bool(dice.random() < share)


def pick(dice: Generator, those: Sequence[T]) -> T:
    return those[int(dice.integers(len(those)))]


def spanned(dice: Generator, table: Sequence[tuple[float, Span]]) -> float:
    """A number of one of several spans, `table` of (odds, span)."""
    values = [between(dice, *span) for _, span in table]
    return float(dice.choice(values, p=[odds for odds, _ in table]))


def anywhere(dice: Generator, points: NDArray[np.integer]) -> NDArray[np.int64]:
    """One row of (n, 2)."""
    return np.asarray(points[int(dice.integers(len(points)))], np.int64)


def shade(dice: Generator, low: int, high: int) -> Colour:
    """A colour whose channels are of low .. high, `high` not among them."""
    red, green, blue = map(int, dice.integers(low, high, 3))
    return red, green, blue
