"""Cheaper ways to an answer give the answer of the plain way."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from mangping_redaction.finders.code import cells as code_cells
from mangping_redaction.finders.seal.look import around
from mangping_redaction.readers import ctc, paddle


@pytest.mark.parametrize("share", [0.001, 0.05, 0.7])
def test_the_outline_of_ink_is_that_of_all_its_pixels(share: float) -> None:
    own = (np.random.default_rng(3).random((90, 140)) < share).astype(np.uint8) * 255
    own[40, 70] = 255
    plain = cv2.convexHull(np.argwhere(own)[:, ::-1].astype(np.int32))[:, 0]
    assert {tuple(point) for point in around(own)[:, 0].tolist()} == {tuple(point) for point in plain.tolist()}


@pytest.mark.parametrize(("rows", "columns", "size"), [(130, 60, 4), (64, 20, 3), (1, 1, 5)])
def test_cells_averaged_in_bands_are_those_of_the_whole_page(rows: int, columns: int, size: int) -> None:
    grey = np.random.default_rng(5).integers(0, 256, (rows * size, columns * size), np.uint8)
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, 1:] = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    down[1:] = cv2.absdiff(grey[1:], grey[:-1]) if rows * size > 1 else 0
    for mean, plain in zip(code_cells._averaged(grey, rows, columns), (grey, across, down), strict=True):
        assert (mean == cv2.resize(plain, (columns, rows), interpolation=cv2.INTER_AREA)).all()


def test_a_rectangle_is_cut_out_as_any_quad_is() -> None:
    y, x = np.mgrid[0:200, 0:400]
    pixels = np.repeat((127 + 60 * np.sin(x / 9) + 60 * np.cos(y / 7)).astype(np.uint8)[..., None], 3, axis=2)
    quad = cv2.boxPoints(((200.0, 100.0), (260.0, 40.0), 7.0)).astype(np.float32)
    bent = quad + np.array([[0, 0], [0, 0], [0.06, 0], [0, 0]], np.float32)  # no parallelogram, hardly
    one, other = (paddle.crop(pixels, polygon).astype(int) for polygon in (quad, bent))
    assert one.shape == other.shape
    assert np.abs(one - other).max() <= 4


def test_only_the_likely_are_candidates() -> None:
    characters = ["", *(chr(0x4E00 + k) for k in range(2000))]
    row = np.full(len(characters), 1e-7, np.float32)
    row[[5, 9, 300, 1200, 1999, 77, 78]] = (0.4, 0.2, 0.1, 0.08, 0.07, 0.05, 0.04)
    text, _, _, candidates = ctc.decode(row[None], characters)
    assert (text, candidates) == (characters[5], ("".join(characters[k] for k in (5, 9, 300, 1200, 1999)),))
