"""From columns to characters, from characters to places, from places to joined text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping_redaction.area import mask_of, share
from mangping_redaction.page import Page, quad
from mangping_redaction.readers import ctc
from mangping_redaction.readers.layout import joints
from mangping_redaction.readers.line import ALONG, Line

CHARACTERS = ["blank", "王", "芳", "玉", " "]


def columns(*steps: tuple[int, float]) -> np.ndarray:
    """One row per step: the class and its probability, the rest spread evenly."""
    rows = np.full((len(steps), len(CHARACTERS)), 0.0, np.float32)
    for row, (best, probability) in zip(rows, steps, strict=True):
        row[:] = (1 - probability) / (len(CHARACTERS) - 1)
        row[best] = probability
    return rows


def test_decode_merges_repeats_keeps_doubles_and_offers_candidates() -> None:
    read = ctc.decode(
        columns((0, 0.9), (1, 0.9), (1, 0.99), (0, 0.9), (2, 0.6), (2, 0.5), (0, 0.9), (2, 0.98)), CHARACTERS
    )
    text, confidence, centres, candidates = read
    assert text == "王芳芳"
    assert confidence == pytest.approx((0.99, 0.6, 0.98))
    assert centres.tolist() == pytest.approx([2 / 8, 5 / 8, 7.5 / 8])
    assert (candidates[0], candidates[2]) == ("王", "芳")
    assert candidates[1][0] == "芳"
    assert sorted(candidates[1]) == sorted("芳王玉 ")


def test_decode_of_nothing_is_empty() -> None:
    text, confidence, centres, candidates = ctc.decode(columns((0, 0.9), (0, 0.9)), CHARACTERS)
    assert (text, confidence, len(centres), candidates) == ("", (), 0, ())


def test_cells_part_characters_at_the_emptiest_column() -> None:
    level = np.full((48, 120, 3), 255, np.uint8)
    level[8:40, 10:46] = level[8:40, 60:110] = 0  # ink, and a gap from 46 to 60 that the midpoint (55) is inside of
    cells = ctc.cells(np.array([28.0, 85.0], np.float32), level) * 120
    assert cells[0, 0] <= 10
    assert 46 <= cells[0, 1] <= 60
    assert 46 <= cells[1, 0] <= 60
    assert cells[1, 1] >= 110


def line(text: str, x: float, y: float, size: float = 20.0, turn: float = 0.0) -> Line:
    """A line of square characters whose top left corner is at x, y."""
    n = len(text)
    cells = np.stack([np.arange(n) / n, (np.arange(n) + 1) / n], axis=1).astype(np.float32)
    box = quad(0, 0, n * size, size) @ np.array(
        [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32
    )
    return Line(box + np.array([x, y], np.float32), text, cells, (1.0,) * n, tuple(text), "test")


def test_span_covers_its_characters_and_the_padding_only() -> None:
    low, high = (extreme(line("张三李四", 100, 50).span(1, 3), axis=0) for extreme in (np.min, np.max))
    along, across = ALONG * 20, 1.5
    assert low.tolist() == pytest.approx([120 - along, 50 - across])
    assert high.tolist() == pytest.approx([160 + along, 70 + across])


@given(st.integers(0, 3), st.integers(1, 4), st.floats(-0.2, 0.2))
def test_span_turns_with_its_line(start: int, length: int, turn: float) -> None:
    text = line("一二三四五六七", 300, 200, turn=turn)
    straight = line("一二三四五六七", 300, 200)
    assert np.linalg.norm(text.span(start, start + length)[1] - text.span(start, start + length)[0]) == pytest.approx(
        np.linalg.norm(straight.span(start, start + length)[1] - straight.span(start, start + length)[0]), rel=1e-3
    )


def test_short_columns_that_were_read_across_are_read_down_as_well() -> None:
    """姓名 and 覃明 run down beside each other; a reader of rows says 覃姓, 明名."""
    rows = [line("覃姓", 200, 100), line("明名", 200, 150), line("评审条件", 200, 250), line("女性", 600, 100)]
    joined = [joint for joint in joints(rows) if joint.text.replace("\n", "") in ("覃明", "姓名")]
    assert sorted(joint.text for joint in joined) == ["姓\n名", "覃\n明"]
    (name,) = (joint for joint in joined if joint.text == "覃\n明")
    places = [one.span(start, end).mean(axis=0).tolist() for one, start, end in name.pieces(0, 3)]
    assert places == [[210, 110], [210, 160]]
    aside = [line("覃姓", 200, 100), line("明名", 240, 150)]
    assert "覃\n明" not in {joint.text for joint in joints(aside)}


def test_joints_run_over_the_row_and_over_the_line_break_not_over_columns() -> None:
    left, right, below, far = (
        line("在库尔勒市", 0, 0),
        line("第三", 110, 0),
        line("中学任教", 0, 26),
        line("别处", 400, 26),
    )
    texts = {joint.text for joint in joints([left, right, below, far])}
    assert {"在库尔勒市", "在库尔勒市\n第三", "在库尔勒市\n中学任教"} <= texts
    assert "第三\n别处" not in texts
    assert "中学任教\n别处" not in texts


def test_a_row_that_a_seal_parts_goes_on_with_the_next_row() -> None:
    parted = [line("论文发表于", 0, 0), line("作者HAN", 300, 3), line("XIAO，刊号", 0, 26), line("年第三期", 320, 30)]
    texts = {joint.text for joint in joints(parted)}
    assert {"作者HAN\nXIAO，刊号", "论文发表于\nXIAO，刊号", "作者HAN\n年第三期"} <= texts
    assert not {"年第三期\n作者HAN", "年第三期\n论文发表于", "论文发表于\n年第三期"} & texts


def test_pieces_map_a_hit_back_to_its_lines() -> None:
    joint = next(j for j in joints([line("在库尔勒市", 0, 0), line("第三中学", 0, 26)]) if len(j.lines) == 2)
    assert [(piece.text, start, end) for piece, start, end in joint.pieces(1, 8)] == [
        ("在库尔勒市", 1, 5),
        ("第三中学", 0, 2),
    ]


@pytest.mark.parametrize("turn", range(4))
def test_polygons_go_back_to_the_source(turn: int) -> None:
    source = np.zeros((40, 60, 3), np.uint8)
    source[5:9, 12:20] = 255
    page = Page(np.ascontiguousarray(np.rot90(source, turn)), turn=turn)
    ys, xs = np.nonzero(page.pixels[:, :, 0])
    back = page.to_source(quad(xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    assert [*back.min(axis=0), *back.max(axis=0)] == [12, 5, 20, 9]


def test_share_counts_the_covered_part() -> None:
    mask = mask_of((400, 400), [quad(0, 0, 200, 400)])
    assert share(mask, quad(100, 100, 300, 300)) == pytest.approx(0.5, abs=0.03)
    assert share(mask, quad(500, 500, 600, 600)) == 0.0
