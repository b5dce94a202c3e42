"""Counted percentiles, and the copies of a page that stages share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping_redaction.levels import darkest, percentile
from mangping_redaction.page import Page


@given(st.lists(st.integers(0, 255), min_size=1, max_size=60), st.floats(0, 100))
def test_counting_levels_answers_what_sorting_answers(levels: list[int], share: float) -> None:
    values = np.array(levels, np.uint8)
    assert percentile(values, share)[0] == pytest.approx(np.percentile(values, share), abs=1e-6)


def test_every_other_pixel_can_be_counted() -> None:
    values = np.random.default_rng(1).integers(0, 256, (61, 40)).astype(np.uint8)
    assert percentile(values[::2, ::2], 3, 50, 98) == pytest.approx(np.percentile(values[::2, ::2], (3, 50, 98)))


def test_copies_are_made_once_and_belong_to_their_pixels() -> None:
    page = Page(np.full((41, 60, 3), (10, 20, 30), np.uint8))
    assert page.copies.half.shape == (20, 30, 3)
    assert np.array_equal(page.copies.red, np.full((41, 60), 30))
    assert replace(page, turn=1).copies.half is page.copies.half
    covered = replace(page, pixels=np.zeros_like(page.pixels))
    assert (covered.copies.half.max(), page.copies.half.max()) == (0, 30)


def test_the_darkest_channel_of_every_pixel() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (31, 20, 3)).astype(np.uint8)
    assert np.array_equal(darkest(pixels), pixels.min(axis=2))
