"""Print of the other side reads in a mirror: what it says of the applicant goes, what it says of nobody is no doubt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mangping.identity import Identity
from mangping_redaction.finders.text.through import seen_through
from mangping_redaction.page import Ask, Page, Pixels
from mangping_redaction.readers import paddle
from mangping_redaction.readers.line import Line
from mangping_redaction.stages.find import find_text

from tests.redaction.lines import line

PAPER, INK = 240, 40
KNOWN = line("教学效果良好", 60, 60, height=40)


def _page(faint: int, guessed: Line) -> Page:
    """A line of dark strokes and, under it, one that is so many levels darker than the paper."""
    pixels = np.full((300, 900, 3), PAPER, np.uint8)
    for one, level in ((KNOWN, INK), (guessed, PAPER - faint)):
        (x0, y0), (x1, y1) = (corner.astype(int) for corner in (one.polygon.min(axis=0), one.polygon.max(axis=0)))
        for x, y in np.random.default_rng(3).integers((x0, y0 + 6), (x1 - 3, y1 - 16), (60, 2)):
            pixels[y : y + 10, x : x + 3] = level
    return Page(pixels, lines=(KNOWN, guessed))


def _mirror(monkeypatch: pytest.MonkeyPatch, text: str, score: float) -> None:
    def recognise(level: Pixels, polygon: np.ndarray, reader: str) -> Line:
        return replace(line(text, height=40, score=score), polygon=polygon, reader=reader)

    monkeypatch.setattr(paddle, "recognise", recognise)


def _guess(score: float = 0.5) -> Line:
    return line("宇娜已入鲜身高", 60, 160, height=40, score=score)


def test_what_shines_through_is_covered_where_it_names_the_applicant(monkeypatch: pytest.MonkeyPatch) -> None:
    _mirror(monkeypatch, "姓名周砚秋同志", 0.95)
    page = _page(30, _guess())
    found = find_text(page, Ask(Identity(names=("周砚秋",))), page.lines[1:])
    (name,) = [finding for finding in found.findings if finding.cls == "name"]
    # characters 2 to 4 of seven, counted from the right end of 60 .. 340
    assert np.allclose(name.polygon[:, 0].mean(), 340 - 3.5 * 40, atol=2)
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("faint", "score", "mirrored", "doubts"),
    [
        (30, 0.5, 0.95, ()),  # shines through, of nobody
        (30, 0.5, 0.55, ("unreadable_text",)),  # reads neither way
        (150, 0.5, 0.95, ("unreadable_text",)),  # as dark as print
        (4, 0.5, 0.1, ()),  # paper
    ],
)
def test_what_shines_through_is_no_doubt(
    faint: int, score: float, mirrored: float, doubts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    _mirror(monkeypatch, "信息技术与数学", mirrored)
    page = _page(faint, _guess(score))
    assert find_text(page, Ask(Identity(names=("周砚秋",))), page.lines[1:]).doubts == doubts


def test_what_was_read_surely_is_never_held_to_a_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(paddle, "recognise")
    page = _page(30, _guess(0.95))
    assert seen_through(page, page.lines) == ((), frozenset())
