"""Which lines are read a second time, and in what order the readers take them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mangping.identity import Identity
from mangping_redaction.page import Ask, Finding, Page, Polygon, quad
from mangping_redaction.readers import paddle
from mangping_redaction.readers.line import Line
from mangping_redaction.readers.recipe import READERS
from mangping_redaction.stages import read as stage
from mangping_redaction.stages.read import read_surely, read_through_seals, unsure


def line(begin: float, end: float, text: str = "长阳一中", score: float = 0.99) -> Line:
    """A line whose characters stand evenly between two fractions of its length."""
    edges = np.linspace(begin, end, len(text) + 1, dtype=np.float32)
    cells = np.stack([edges[:-1], edges[1:]], axis=1)
    return Line(quad(0, 0, 200, 30), text, cells, (score,) * len(text), tuple(text), READERS[0])


@pytest.mark.parametrize(
    ("begin", "end", "again"),
    [(0.02, 0.98, False), (0.1, 0.98, False), (0.25, 1.0, True), (0.0, 0.75, True)],
)
def test_a_line_with_room_for_one_more_character_is_read_again(begin: float, end: float, again: bool) -> None:
    assert unsure(line(begin, end)) is again


def test_a_line_of_one_character_or_none_has_no_distance_to_go_by() -> None:
    assert unsure(line(0.4, 0.6, "甲")) is False
    assert unsure(Line(quad(0, 0, 200, 30), "", np.zeros((0, 2), np.float32), (), (), READERS[0])) is True


def test_lines_come_back_in_the_order_asked_and_are_run_from_short_to_long(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, int]] = []

    def recognise(level: np.ndarray, polygon: Polygon, reader: str) -> Line:
        ran.append((reader, level.shape[1]))
        return Line(polygon, "", np.zeros((0, 2), np.float32), (), (), reader)

    monkeypatch.setattr(paddle, "recognise", recognise)
    page = np.full((200, 900, 3), 255, np.uint8)
    long, short, middle = quad(0, 0, 800, 48), quad(0, 60, 100, 108), quad(0, 120, 400, 168)
    tiny, small = READERS
    wanted = [(long, small), (long, tiny), (short, tiny), (middle, tiny)]
    lines = paddle.read_lines(page, wanted)
    assert [(id(read.polygon), read.reader) for read in lines] == [(id(q), reader) for q, reader in wanted]
    assert ran == [(small, 800), (tiny, 100), (tiny, 400), (tiny, 800)]


@pytest.mark.parametrize(("better", "kept"), [(("周砚秋", 0.95), "周砚秋"), (("周研秋", 0.99), "周研秋")])
def test_what_nearly_names_the_applicant_is_read_by_the_better_reader_too(
    better: tuple[str, float], kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny, _ = READERS
    said = dict(zip(READERS, (("周研秋", 0.99), better), strict=True))
    ran: list[str] = []

    def read_lines(pixels: np.ndarray, wanted: list[tuple[Polygon, str]]) -> list[Line]:
        ran.extend(reader for _, reader in wanted)
        return [replace(line(0.02, 0.98, *said[reader]), reader=reader) for _, reader in wanted]

    monkeypatch.setattr(paddle, "read_lines", read_lines)
    page, place = np.full((60, 300, 3), 255, np.uint8), [quad(0, 0, 200, 30)]
    assert [read.text for read in read_surely(page, place, Ask(Identity(names=("周砚秋",))))] == [kept]
    assert ran == list(READERS)
    assert [read.reader for read in read_surely(page, place, Ask(Identity(names=("方远之",))))] == [tiny]


def test_a_name_with_a_character_the_tiny_reader_does_not_have_is_read_by_the_better_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tiny, small = READERS
    said = dict(zip(READERS, ("姓名贾肪", "姓名贾昉"), strict=True))
    monkeypatch.setattr(paddle, "characters", lambda _: frozenset("姓名贾肪研秋周"))
    monkeypatch.setattr(
        paddle,
        "read_lines",
        lambda _, wanted: [replace(line(0.02, 0.98, said[reader]), reader=reader) for _, reader in wanted],
    )
    page, place = np.full((60, 300, 3), 255, np.uint8), [quad(0, 0, 200, 30)]
    read = {name: read_surely(page, place, Ask(Identity(names=(name,))))[0] for name in ("贾昉", "周昉", "周研秋")}
    assert {name: (one.text, one.reader) for name, one in read.items()} == {
        "贾昉": ("姓名贾昉", small),
        "周昉": ("姓名贾肪", tiny),
        "周研秋": ("姓名贾肪", tiny),
    }


def test_what_was_read_surely_beside_a_seal_stays_when_it_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red print does not show in the red channel: there only the rest of its line is read."""
    pixels = np.full((200, 400, 3), 255, np.uint8)
    pixels[20:180, 150:300] = (60, 50, 205)
    sure, guessed, known = (replace(line(0.02, 0.98, text, score), polygon=quad(10, y, 250, y + 30))
                     for text, score, y in (("姓名周砚秋", 0.99, 40), ("月日年", 0.3, 120), ("教学", 0.99, 80)))  # fmt: skip
    seal = Finding("seal", quad(150, 20, 300, 180), 1.0, "seal", "t")
    page = Page(pixels, lines=(sure, guessed, known), findings=(seal,))
    again = [
        replace(line(0.02, 0.98, text), polygon=quad(12, y, 200, y + 28))
        for text, y in (("姓名", 41), ("年月日", 121), ("教学研究", 81))
    ]
    monkeypatch.setattr(paddle, "detect", lambda part, side: [read.polygon for read in again])
    monkeypatch.setattr(stage, "_is_cut", lambda *_: False)
    monkeypatch.setattr(stage, "_surroundings", lambda *_: [(0, 0, 400, 200)])
    monkeypatch.setattr(stage, "read_surely", lambda *_: again)
    assert [read.text for read in read_through_seals(page, Ask()).lines] == ["姓名周砚秋", "姓名", "年月日", "教学研究"]
