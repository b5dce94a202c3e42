"""What a reader makes of a pen's strokes does not decide whether they are a signature."""

from __future__ import annotations

import numpy as np
import pytest
from mangping_redaction.finders.signature import _is_hand
from mangping_redaction.page import quad
from mangping_redaction.readers.line import Line


@pytest.mark.parametrize(
    ("text", "score", "hand"),
    [("月越", 0.21, True), ("10月12日", 0.97, False), ("单位", 0.9, False), ("签字", 0.99, False), ("吕明", 0.9, True)],
)
def test_a_stop_word_counts_only_where_it_was_read(text: str, score: float, hand: bool) -> None:
    edges = np.linspace(0, 1, len(text) + 1, dtype=np.float32)
    cells = np.stack([edges[:-1], edges[1:]], axis=1)
    assert _is_hand(Line(quad(0, 0, 80, 30), text, cells, (score,) * len(text), tuple(text), "test")) is hand
