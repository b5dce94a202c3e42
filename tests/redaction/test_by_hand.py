"""Boxes that an applicant drew or took away, and a page's likeness."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from mangping_redaction.page import Ask, Drawn, Finding, Found, Page, quad
from mangping_redaction.stages.applicant import REMOVED, by_hand, respecting, upright
from mangping_redaction.stages.likeness import likeness

PIXELS = np.full((60, 100, 3), 255, np.uint8)
NAME = Finding("name", quad(10, 10, 30, 20), 0.9, "identity", "known")


def box(*corners: float, page: int = 1, cls: str = "name") -> Drawn:
    return Drawn(page, cls, tuple((float(x), float(y)) for x, y in quad(*corners)))  # type: ignore[arg-type]


@pytest.mark.parametrize("turn", range(4))
def test_a_box_in_source_pixels_comes_back_to_where_it_was_drawn(turn: int) -> None:
    page = Page(PIXELS, turn=turn)
    polygon = quad(5, 6, 20, 30)
    drawn = Drawn(1, "name", tuple((float(x), float(y)) for x, y in page.to_source(polygon)))
    assert np.allclose(upright(page, drawn), polygon)


def test_what_was_drawn_is_covered_on_its_page_only() -> None:
    ask = Ask(drawn=(box(40, 10, 60, 20, cls="seal"), box(0, 0, 9, 9, page=2)))
    page = by_hand(Page(PIXELS, findings=(NAME,)), ask)
    assert [(f.cls, f.finder, f.covered) for f in page.findings] == [
        ("name", "identity", True), ("seal", "applicant", True),
    ]  # fmt: skip
    assert page.doubts == ()


@pytest.mark.parametrize(
    ("removed", "stays"),
    [
        (box(10, 10, 30, 20), False), (box(11, 10, 31, 21), False), (box(10, 10, 30, 20, cls="unit"), True),
        (box(10, 10, 30, 20, page=2), True), (box(60, 10, 80, 20), True),
    ],
)  # fmt: skip
def test_what_was_taken_away_stays_off_and_calls_an_officer(removed: Drawn, stays: bool) -> None:
    ask = Ask(removed=(removed,))
    page = by_hand(Page(PIXELS, findings=(NAME,)), ask)
    assert (len(page.findings), page.doubts) == ((1, ()) if stays else (0, (REMOVED,)))
    again = respecting(lambda page, ask: Found((NAME,), ("doubt",)))(page, ask)
    assert (len(again.findings), again.doubts) == (1 if stays else 0, ("doubt",))


def test_the_same_picture_saved_again_has_nearly_the_same_likeness() -> None:
    rng = np.random.default_rng(7)
    first, other = (
        cv2.resize(rng.integers(0, 255, (20, 14, 3)).astype(np.uint8), (700, 1000), interpolation=cv2.INTER_CUBIC)
        for _ in range(2)
    )
    again = cv2.imdecode(cv2.imencode(".jpg", cv2.resize(first, (350, 500)), [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1)

    def apart(one: str, two: str) -> int:
        return (int(one, 16) ^ int(two, 16)).bit_count()

    assert len(likeness(first)) == 64
    assert apart(likeness(first), likeness(np.asarray(again, np.uint8))) <= 10
    assert apart(likeness(first), likeness(other)) > 60
