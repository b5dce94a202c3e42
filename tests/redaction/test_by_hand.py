"""Boxes that an applicant drew or took away, and a page's likeness."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from mangping.identity import Identity
from mangping_redaction.page import Ask, Drawn, Finding, Found, Page, quad
from mangping_redaction.pipeline import redact
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
    again = respecting(lambda page, ask, unseen: Found((NAME,), ("doubt",)))(page, ask, ())
    assert (len(again.findings), again.doubts) == ((1, ("doubt",)) if stays else (0, ("doubt", REMOVED)))


def test_a_cover_of_what_nobody_could_read_is_taken_away_like_any_other() -> None:
    mark = Finding("unreadable", quad(50, 30, 70, 45), 0.5, "unreadable", "a mark that nobody could read")
    ask = Ask(removed=(box(50, 30, 70, 45, cls="unreadable"),))
    page = by_hand(Page(PIXELS, findings=(NAME, mark)), ask)
    assert ([f.cls for f in page.findings], page.doubts) == (["name"], (REMOVED,))
    again = respecting(lambda page, ask, unseen: Found((mark,)))(page, ask, ())  # at another scale
    assert again == Found((), (REMOVED,))


def test_the_same_picture_saved_again_has_nearly_the_same_likeness() -> None:
    rng = np.random.default_rng(7)
    first, other = (
        np.asarray(cv2.resize(noise, (700, 1000), interpolation=cv2.INTER_CUBIC), np.uint8)
        for noise in rng.integers(0, 255, (2, 20, 14, 3), np.uint8)
    )
    again = cv2.imdecode(cv2.imencode(".jpg", cv2.resize(first, (350, 500)), [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1)

    def apart(one: str, two: str) -> int:
        return (int(one, 16) ^ int(two, 16)).bit_count()

    assert len(likeness(first)) == 64
    assert apart(likeness(first), likeness(np.asarray(again, np.uint8))) <= 10
    assert apart(likeness(first), likeness(other)) > 60


def test_through_the_whole_pipeline() -> None:
    """Drawn is covered, taken away is to be read again, and then nobody but an officer lets the page through."""
    page = np.full((400, 500, 3), 255, np.uint8)
    cv2.putText(page, "WANG FANG", (60, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
    scan = cv2.imencode(".png", page)[1].tobytes()
    who = Identity(names=("Wang Fang",))
    [covered] = redact(scan, Ask(who), image_format="png")
    found = covered.record["findings"]
    assert ([one["class"] for one in found], covered.record["verified"]) == (["name"], True)
    removed = tuple(Drawn(1, "name", tuple((x, y) for x, y in one["polygon"])) for one in found)
    [by_hand] = redact(scan, Ask(who, removed=removed, drawn=(box(50, 250, 300, 300, cls="unit"),)), image_format="png")
    assert [(one["class"], one["finder"]) for one in by_hand.record["findings"]] == [("unit", "applicant")]
    assert (by_hand.record["verified"], by_hand.record["needs_human"]) == (False, [REMOVED])
    seen = cv2.imdecode(np.frombuffer(by_hand.image, np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    assert np.array_equal(seen[80:130], page[80:130])
    assert int(seen[260:290, 60:290].max()) == 0
