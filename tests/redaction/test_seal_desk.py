"""Where a sheet lies on wood or cloth, nothing beside the sheet is a seal; what stands near its print may be one."""

from __future__ import annotations

import numpy as np
from mangping_redaction.finders.seal.ink import sheet
from mangping_redaction.finders.seal.pictures import photos
from mangping_redaction.page import Finding, Page, quad

from tests.redaction.print_shop import line_at

DPI = 150.0
WOOD, DARK, PAPER = (70, 130, 190), (130, 140, 30), (232, 236, 238)  # blue, green, red


def _on_wood(*, lines: bool) -> Page:
    """A sheet of 100 by 140 mm in the middle of a table, with two lines of print at its head."""
    pixels = np.full((1200, 1000, 3), WOOD, np.uint8)
    pixels[180:1010, 200:800] = PAPER
    said = (line_at("松台市第三中学教务处", 300, 300, 30, 0.98), line_at("教学设计一份", 300, 380, 30, 0.98))
    return Page(pixels, dpi=DPI, lines=said if lines else ())


def _at(page: Page, x: float, y: float) -> bool:
    """Whether this place of the page counts as off the sheet."""
    inks = sheet(page)
    return bool(inks.desk[round(y * inks.scale), round(x * inks.scale)])


def test_wood_far_from_print_is_no_paper() -> None:
    page = _on_wood(lines=True)
    assert [_at(page, *place) for place in ((60, 1100), (940, 600), (500, 1150), (500, 700), (400, 320))] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_near_print_any_ground_may_bear_a_seal() -> None:
    assert not _at(_on_wood(lines=True), 195, 320)


def test_where_nothing_was_read_colour_tells_no_paper() -> None:
    assert not _at(_on_wood(lines=False), 60, 1100)


def _on_pictures(page: Page, *places: tuple[float, float]) -> list[bool]:
    """Whether these places of the page count as parts of a picture that holds a face."""
    inks = sheet(page)
    held, _ = photos(page, inks)
    return [bool(held[round(y * inks.scale), round(x * inks.scale)]) for x, y in places]


def test_a_desk_round_a_sheet_with_a_portrait_is_no_picture_of_an_event() -> None:
    face = Finding("face", quad(600, 250, 700, 370), 0.9, "face", "face detector")
    pixels = np.full((1200, 1000, 3), DARK, np.uint8)
    pixels[40:1160, 40:960] = PAPER  # so close to the picture's border that the desk counts as ink on paper
    desk = Page(pixels, dpi=DPI, findings=(face,))
    assert _on_pictures(desk, (20, 600), (500, 1180), (650, 310)) == [False, False, True]
    event = np.full_like(pixels, 240)
    event[300:900, 100:900] = np.random.default_rng(3).integers(20, 120, (600, 800, 3), np.uint8)
    held = Page(event, dpi=DPI, findings=(face,))
    assert _on_pictures(held, (120, 320), (880, 880), (50, 600)) == [True, True, False]
