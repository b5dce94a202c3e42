"""Which lines are read a second time, and in what order the readers take them."""

from __future__ import annotations

import numpy as np
import pytest
from mangping_redaction.page import Polygon, quad
from mangping_redaction.readers import paddle
from mangping_redaction.readers.line import Line
from mangping_redaction.readers.recipe import READERS
from mangping_redaction.stages.read import unsure


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
