"""Names and labels whose characters stand one under the other."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from mangping.identity import Identity
from mangping_redaction.page import Ask, Page, Pixels, quad
from mangping_redaction.pipeline import redact_page
from mangping_redaction.readers import column, paddle
from PIL import Image, ImageDraw

from tests.redaction.print_shop import INK, PAPER, font

Box = tuple[int, int, int, int]  # x0, y0, x1, y1


def stacked(*texts: str, em: int = 34, spacing: float = 1.15, left: int = 120) -> tuple[Pixels, list[list[Box]]]:
    """A page with a headline and columns, and the box of each character."""
    sheet = Image.new("RGB", (900, 1000), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((150, 60), "荣誉证书编号二〇二四第十五号", font=font(30), fill=INK)
    places: list[list[Box]] = []
    for number, text in enumerate(texts):
        places.append([])
        for index, character in enumerate(text):
            at = (left + number * 170, 180 + index * em * spacing)
            pen.text(at, character, font=font(em), fill=INK)
            places[-1].append(tuple(map(round, pen.textbbox(at, character, font=font(em)))))  # type: ignore[arg-type]
    return np.asarray(cv2.cvtColor(np.asarray(sheet), cv2.COLOR_RGB2BGR), np.uint8), places


def covered(image: bytes, boxes: list[Box]) -> list[float]:
    """Share of each box that is black."""
    pixels = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return [float((pixels[y0:y1, x0:x1] < 20).mean()) for x0, y0, x1, y1 in boxes]


@pytest.mark.parametrize(("em", "spacing"), [(22, 1.05), (34, 1.2), (40, 1.5)])
def test_columns_are_read_down(em: int, spacing: float) -> None:
    texts = ("王建国", "阿依努尔", "工作单位", "三二言")
    page, _ = stacked(*texts, em=em, spacing=spacing)
    down = [line for line in paddle.read(page) if column.runs_down(line.polygon)]
    assert sorted(line.text for line in down) == sorted(texts)
    assert {len(line.cells) for line in down} == {3, 4}


def test_each_character_of_a_column_has_its_own_place() -> None:
    page, ((_, middle, _),) = stacked("王建国")
    (line,) = (line for line in paddle.read(page) if column.runs_down(line.polygon))
    span = line.span(1, 2)
    assert (span.min(axis=0) <= np.array(middle[:2])).all()
    assert (span.max(axis=0) >= np.array(middle[2:])).all()
    assert span[:, 1].max() - span[:, 1].min() < 1.6 * (middle[3] - middle[1])


def test_a_stacked_name_is_covered_and_its_neighbour_is_not() -> None:
    page, (name, other) = stacked("王建国", "教学能手")
    done = redact_page(Page(page), Ask(Identity(names=("王建国",))))
    assert min(covered(done.image, name)) > 0.98
    assert max(covered(done.image, other)) < 0.5  # its ink alone
    assert {finding["class"] for finding in done.record["findings"]} == {"name"}


def test_a_thin_stroke_and_an_empty_box_are_no_columns() -> None:
    page = np.full((300, 200, 3), 250, np.uint8)
    box = column.downwards(quad(80, 40, 110, 240))
    assert column.partings(page, box, 48) == []
    cv2.line(page, (95, 60), (95, 220), (20, 20, 20), 4)
    assert column.partings(page, box, 48) == []


def test_a_box_is_tall_by_its_own_sides() -> None:
    assert column.is_tall(quad(0, 0, 20, 60))
    assert not column.is_tall(quad(0, 0, 60, 20))
    assert column.runs_down(column.downwards(quad(0, 0, 20, 60)))
    assert not column.runs_down(quad(0, 0, 60, 20))
