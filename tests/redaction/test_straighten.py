"""Pages come out upright in their own pixels, and lean is measured."""

from __future__ import annotations

import numpy as np
import pytest
from mangping_redaction.page import Page, Pixels, quad
from mangping_redaction.stages.straighten import plausible_dpi, reduced, straighten, turned
from mangping_redaction.stages.straighten_skew import skew
from mangping_redaction.stages.straighten_turn import Turn, _by_reading, find

from tests.redaction.print_shop import PAPER, blurred, noisy, printed, tilted

TURNS = [0, 1, 2, 3]
FULL = printed()[0]
SHORT = printed(700, 500, 26, rows=2, columns=9, top=180, left=120)[0]


def turned_clockwise(pixels: Pixels, quarters: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(pixels, -quarters))


@pytest.mark.parametrize("quarters", TURNS)
@pytest.mark.parametrize("upright", [FULL, tilted(FULL, 5.0), SHORT, noisy(blurred(SHORT, 1.0), 8)], ids=range(4))
def test_every_quarter_turn_is_undone(upright: Pixels, quarters: int) -> None:
    page = straighten(Page(turned_clockwise(upright, quarters), dpi=100))
    assert page.turn == quarters
    assert page.doubts == ()
    assert page.pixels.flags.c_contiguous
    assert np.array_equal(page.pixels, upright)


@pytest.mark.parametrize("quarters", TURNS)
def test_reading_alone_tells_the_turn(quarters: int) -> None:
    for upright in (SHORT, tilted(SHORT, -5.0)):
        assert _by_reading(turned_clockwise(upright, quarters), (quarters + 2) % 4) == Turn(quarters, True)


def test_places_go_back_to_the_source() -> None:
    source = turned_clockwise(FULL, 1)
    page = straighten(Page(source))
    box = quad(100, 200, 160, 210)
    x0, y0 = page.to_source(box).min(axis=0).astype(int)
    x1, y1 = page.to_source(box).max(axis=0).astype(int)
    assert np.array_equal(np.rot90(source[y0:y1, x0:x1]), page.pixels[200:210, 100:160])


def test_an_upright_page_is_not_copied() -> None:
    page = straighten(Page(FULL))
    assert page.pixels is FULL
    assert page.turn == 0


@pytest.mark.parametrize("quarters", TURNS)
def test_turned_is_rot90(quarters: int) -> None:
    pixels = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    assert np.array_equal(turned(pixels, quarters), np.rot90(pixels, quarters))


@pytest.mark.parametrize("size", [(1, 1, 3), (600, 400, 3), (2, 4000, 3)])
def test_what_cannot_be_told_is_doubted(size: tuple[int, int, int]) -> None:
    page = straighten(Page(np.full(size, PAPER[0], np.uint8)))
    assert (page.turn, page.skew_degrees, page.doubts) == (0, 0.0, ("orientation_unsure",))


@pytest.mark.parametrize("degrees", [-9.0, -5.0, -0.4, 0.0, 1.3, 5.0, 9.0])
def test_lean_is_measured_clockwise_positive(degrees: float) -> None:
    assert skew(reduced(tilted(FULL, degrees))) == pytest.approx(degrees, abs=0.15)
    assert skew(reduced(noisy(blurred(tilted(FULL, degrees), 1.2), 10))) == pytest.approx(degrees, abs=0.3)


def test_lean_of_a_turned_page_is_that_of_its_upright_lines() -> None:
    page = straighten(Page(turned_clockwise(tilted(FULL, 3.0), 3)))
    assert page.turn == 3
    assert page.skew_degrees == pytest.approx(3.0, abs=0.15)


@pytest.mark.parametrize(("width", "height"), [(1654, 2339), (3000, 40), (500, 300), (1, 9000)])
def test_reduced_keeps_the_shape(width: int, height: int) -> None:
    small = reduced(np.full((height, width, 3), 90, np.uint8), 800)
    scale = min(1.0, 800 / max(width, height))
    assert small.shape[1] == pytest.approx(max(1, width * scale), abs=1)
    assert small.shape[0] == pytest.approx(max(1, height * scale), abs=1)
    assert int(small.min()) == int(small.max()) == 90


@pytest.mark.parametrize(
    ("claimed", "side", "dpi"),
    [(200, 2339, 200), (300, 1011, 300), (72, 4000, 4000 / 11.69), (1200, 1169, 100), (0, 1169, 100)],
)
def test_a_resolution_that_no_paper_has_is_replaced(claimed: float, side: int, dpi: float) -> None:
    assert plausible_dpi(claimed, side) == pytest.approx(dpi, rel=1e-3)


def test_one_glance_and_four_agree_with_reading() -> None:
    for quarters in TURNS:
        pixels = turned_clockwise(FULL, quarters)
        assert find(pixels, reduced(pixels)) == Turn(quarters, True)
