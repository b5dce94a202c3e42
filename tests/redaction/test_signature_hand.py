"""What a reader makes of a pen's strokes does not decide whether they are a signature."""

from __future__ import annotations

import numpy as np
import pytest
from mangping_redaction.finders.signature import _is_hand
from mangping_redaction.page import quad
from mangping_redaction.readers.line import Line


@pytest.mark.parametrize(
    ("text", "score", "hand"),
    [
        ("月越", 0.21, True), ("10月12日", 0.97, False), ("单位", 0.9, False), ("签字", 0.99, False), ("吕明", 0.9, True),
        ("艾尼瓦尔·阿不都拉", 0.9, True), ("阿卜杜热合曼·买买提依明", 0.9, True), ("情况属实同意推荐上报", 0.9, False),
    ],
)  # fmt: skip
def test_what_was_read_in_a_signing_place_is_a_hand_where_it_may_be_a_name(text: str, score: float, hand: bool) -> None:
    edges = np.linspace(0, 1, len(text) + 1, dtype=np.float32)
    cells = np.stack([edges[:-1], edges[1:]], axis=1)
    assert _is_hand(Line(quad(0, 0, 80, 30), text, cells, (score,) * len(text), tuple(text), "test")) is hand
