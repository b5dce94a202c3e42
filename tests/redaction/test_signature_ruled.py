"""Hands in the cells of ruled tables: found by the rules, whatever the reader made of them. 100 dpi A4."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mangping_redaction.finders.hand.find import find_signatures
from mangping_redaction.finders.hand.signed import signed_cell, signed_column
from mangping_redaction.page import Finding, Page, Pixels, Polygon, quad
from mangping_redaction.readers.line import Line
from mangping_redaction.stages.cover import cover

from tests.redaction.lines import line
from tests.redaction.print_shop import INK, PAPER, noisy, tilted

LEFT, TOP, ROW, COLUMNS = 80, 200, 52, (0, 90, 260, 420, 660)
EM = 20


def table(rows: int = 5) -> Pixels:
    pixels = np.full((1169, 827, 3), PAPER, np.uint8)
    for x in COLUMNS:
        cv2.line(pixels, (LEFT + x, TOP), (LEFT + x, TOP + rows * ROW), INK, 2)
    for row in range(rows + 1):
        cv2.line(pixels, (LEFT, TOP + row * ROW), (LEFT + COLUMNS[-1], TOP + row * ROW), INK, 2)
    return pixels


def heads(word: str = "证明人签名") -> tuple[Line, ...]:
    return tuple(
        line(text, LEFT + x + 20, TOP + 15, height=EM)
        for x, text in zip(COLUMNS, ("序号", "年级", "结果", word), strict=False)
    )


def scribble(pixels: Pixels, x: float, y: float, colour: tuple[int, int, int] = (90, 40, 30)) -> Polygon:
    """A pen's name of 90 by 30 pixels at x, y (upper left corner), and the box around it."""
    points = np.array([(0, 24), (12, 2), (20, 28), (34, 6), (44, 26), (60, 4), (66, 29), (78, 9), (89, 20)])
    cv2.polylines(pixels, [(points + np.array([x, y])).astype(np.int32)], False, colour, 2, cv2.LINE_AA)
    return quad(x, y + 2, x + 90, y + 30)


def inside(place: Polygon, findings: list[Finding]) -> bool:
    return any(
        all(cv2.pointPolygonTest(found.polygon, corner.tolist(), False) >= 0 for corner in place) for found in findings
    )


@pytest.mark.parametrize("degrees", [0, 3])
def test_every_hand_under_the_head_of_a_column_is_found_though_none_was_read(degrees: float) -> None:
    pixels = table()
    places = [scribble(pixels, LEFT + 440, TOP + row * ROW + 12) for row in (1, 2, 4)]
    middle = np.array([413.5, 584.5])
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    lines = tuple(
        Line(((e.polygon - middle) @ turn + middle).astype(np.float32), e.text, e.cells, e.scores, e.candidates, "test")
        for e in heads()
    )
    page = Page(noisy(tilted(pixels, degrees), 3), lines=lines, skew_degrees=degrees)
    found = signed_column(page, lines[-1], lines)
    assert [inside((place - middle) @ turn + middle, found) for place in places] == [True] * 3
    assert len(found) == 3
    assert {finding.why for finding in find_signatures(page).findings} == {"a hand in a ruled cell"}


def test_the_hairlines_of_a_coarse_copy_are_rules_though_they_break() -> None:
    pixels = np.full((1169, 827, 3), PAPER, np.uint8)
    pixels[TOP : TOP + 5 * ROW + 1, [LEFT + x for x in COLUMNS]] = 185
    pixels[[TOP + row * ROW for row in range(6)], LEFT : LEFT + COLUMNS[-1]] = 185
    pixels[TOP - 10 :: 24, :][:, [LEFT + x for x in COLUMNS]] = PAPER
    places = [scribble(pixels, LEFT + 440, TOP + row * ROW + 12) for row in (1, 2, 4)]
    found = signed_column(Page(noisy(pixels, 3), lines=heads()), heads()[-1], heads())
    assert [inside(place, found) for place in places] == [True] * 3


def test_a_hand_that_runs_over_the_rule_is_found_whole_and_the_print_beside_it_stays() -> None:
    pixels = table(3)
    place = scribble(pixels, LEFT + 396, TOP + ROW + 12)
    beside = line("合格", LEFT + 330, TOP + ROW + 15, height=EM)
    lines = (*heads(), beside)
    [found] = signed_column(Page(pixels, lines=lines), lines[3], lines)
    assert inside(place, [found])
    assert found.polygon[:, 0].min() > beside.polygon[:, 0].max()


def test_a_cell_that_says_somebody_was_away_and_one_under_a_seal_hold_no_hand() -> None:
    pixels = table(4)
    scribble(pixels, LEFT + 440, TOP + ROW + 12)
    scribble(pixels, LEFT + 440, TOP + 2 * ROW + 12)  # read as 请假
    scribble(pixels, LEFT + 440, TOP + 3 * ROW + 12)
    lines = (*heads(), line("请假", LEFT + 460, TOP + 2 * ROW + 14, height=EM))
    seal = Finding("seal", quad(LEFT + 425, TOP + 3 * ROW + 4, LEFT + 640, TOP + 5 * ROW), 0.9, "seal", "ring")
    [found] = signed_column(Page(pixels, lines=lines, findings=(seal,)), lines[3], lines)
    assert found.polygon[:, 1].max() < TOP + 2 * ROW


def test_a_column_of_print_below_a_word_is_none_of_hands() -> None:
    pixels = table(4)
    scribble(pixels, LEFT + 440, TOP + ROW + 12)
    labels = [line(word, LEFT + 440, TOP + row * ROW + 14, height=EM) for row, word in ((2, "备注"), (3, "主管部门"))]
    lines = (*heads(), *labels)
    assert signed_column(Page(pixels, lines=lines), lines[3], lines) == []


def test_a_covered_cell_holds_no_further_hand_when_its_rendition_is_read() -> None:
    pixels = table(4)
    for row in (1, 3):  # small: a larger cover has the straight edges of a rule
        cv2.line(pixels, (LEFT + 500, TOP + row * ROW + 20), (LEFT + 522, TOP + row * ROW + 32), (90, 40, 30), 2)
    page = Page(pixels, lines=(line("签到表", 300, 60), *heads("签到")))
    page = page.add(find_signatures(page))
    assert len(page.findings) == 2
    missed = line("备注", 100, 900)
    rendition = replace(page, pixels=cover(page, page.findings), lines=(*page.lines, missed))
    assert find_signatures(rendition, [missed]).findings == ()


def test_below_a_signers_title_a_printed_name_stays_and_a_hand_is_found() -> None:
    pixels = table(3)
    place = scribble(pixels, LEFT + 440, TOP + ROW + 12)
    lines = (*heads("审核人"), line("王芳", LEFT + 460, TOP + 2 * ROW + 14, height=EM))
    cv2.putText(pixels, "WF", (LEFT + 460, TOP + 2 * ROW + 34), cv2.FONT_HERSHEY_SIMPLEX, 0.8, INK, 2)
    found = find_signatures(Page(pixels, lines=lines)).findings
    assert inside(place, list(found))
    assert all(finding.polygon[:, 1].max() < TOP + 2 * ROW for finding in found)


def test_without_rules_there_is_no_column() -> None:
    pixels = np.full((1169, 827, 3), PAPER, np.uint8)
    scribble(pixels, LEFT + 440, TOP + ROW + 12)
    assert signed_column(Page(pixels, lines=heads()), heads()[3], heads()) == []


def test_a_hand_far_below_its_word_in_the_same_cell_is_found() -> None:
    pixels = np.full((1169, 827, 3), PAPER, np.uint8)
    cv2.rectangle(pixels, (LEFT, TOP), (LEFT + 600, TOP + 150), INK, 2)
    place = scribble(pixels, LEFT + 420, TOP + 95)
    word, said = line("医师签名：", LEFT + 380, TOP + 15, height=EM), line("未见异常", LEFT + 30, TOP + 100, height=EM)
    cv2.putText(pixels, "ABCD", (LEFT + 30, TOP + 118), cv2.FONT_HERSHEY_SIMPLEX, 0.8, INK, 2)
    page = Page(pixels, lines=(word, said))
    [found] = signed_cell(page, word, page.lines)
    assert inside(place, [found])
    assert found.polygon[:, 0].min() > LEFT + 360
    assert [finding.why for finding in find_signatures(page).findings] == ["a hand in a ruled cell"]
