"""Text aslant across a page swallows lines: they are looked for on a copy from which what is pale is wiped."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from mangping_redaction.readers.line import Line
from mangping_redaction.stages.watermark import is_watermarked, without_pale_ink

from tests.redaction.lines import line

ROWS = tuple(line("本学年成绩合格准予结业", 100, 100 + 60 * n) for n in range(6))


def turned(text: str, degrees: float, score: float = 0.95) -> Line:
    level = line(text, 300, 300, score=score)
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    middle = level.polygon.mean(axis=0)
    polygon = ((level.polygon - middle) @ turn + middle).astype(np.float32)
    return Line(polygon, level.text, level.cells, level.scores, level.candidates, level.reader)


@pytest.mark.parametrize(
    ("aslant", "marked"),
    [
        (turned("仅供职称评审使用", -30), True), (turned("仅供职称评审使用", 24), True), (turned("仅供职称评审使用", 3), False),
        (turned("教学过程", 90), False), (turned("中学教", 40, score=0.4), False), (turned("学", 40), False),
    ],
)  # fmt: skip
def test_text_aslant_makes_a_watermark(aslant: Line, marked: bool) -> None:
    assert is_watermarked((*ROWS, aslant)) is marked


def test_a_page_that_leans_as_a_whole_has_none() -> None:
    assert is_watermarked(tuple(turned("本学年成绩合格准予结业", 5) for _ in range(4))) is False
    assert is_watermarked(()) is False


def test_pale_ink_goes_and_print_stays_however_the_page_is_lit() -> None:
    page = np.full((300, 600, 3), 240, np.uint8)
    cv2.line(page, (0, 280), (600, 20), (200, 200, 200), 8)
    cv2.putText(page, "9876", (200, 180), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (40, 40, 40), 5)
    light = np.linspace(1.0, 0.6, 600)[None, :, None]
    lit = (page * light).astype(np.uint8)
    wiped = without_pale_ink(lit)
    pale, ink = page[..., 0] == 200, page[..., 0] == 40
    paper = np.broadcast_to(240 * light[..., 0], pale.shape)
    assert np.abs(wiped[..., 0][pale].astype(float) - paper[pale]).max() < 20
    assert np.array_equal(wiped[ink], lit[ink])
