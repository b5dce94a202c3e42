"""Print on a sheet: paragraphs, headlines, tables, codes. Lengths in mm, type in points."""

from __future__ import annotations

from collections.abc import Callable

from numpy.random import Generator

from bench.generator.canvas import Canvas, Colour, rectangle
from bench.generator.paper import code
from bench.seal_net.chance import between, happens, pick, whole
from bench.seal_net.cut import words

REDS: tuple[Colour, ...] = ((200, 30, 30), (220, 40, 40), (170, 24, 30), (230, 70, 60))
DARKS: tuple[Colour, ...] = ((28, 28, 32), (60, 60, 64), (20, 20, 90), (90, 90, 90))
POINT = 25.4 / 72  # mm
FEW = 80  # mm: narrower than this, a table of a few rows may be a stamp


def spot(page: Canvas, dice: Generator) -> tuple[float, float]:
    """Anywhere on the page."""
    return between(dice, 0, page.width), between(dice, 0, page.height)


def ink(dice: Generator, red: float = 0.15) -> Colour:
    """Something dark, or `red` of the time a red."""
    return pick(dice, REDS if happens(dice, red) else DARKS)


def _paragraph(page: Canvas, dice: Generator) -> None:
    x, y = between(dice, 8, page.width * 0.5), between(dice, 10, page.height)
    points, wide = between(dice, 7, 17), between(dice, 40, page.width - 16)
    em = points * POINT
    leading, colour = em * between(dice, 1.2, 2.2), ink(dice, 0.07)
    for _ in range(whole(dice, 1, 13)):
        count = max(1, int(min(wide, page.width - x) / em))
        page.write(x, y, words(dice, max(1, count // 2), count), points, colour=colour, bold=happens(dice, 0.2))
        y += leading


def _headline(page: Canvas, dice: Generator) -> None:
    """Large characters, red more often than not, a line below."""
    y, points, colour = between(dice, 15, page.height), between(dice, 20, 56), ink(dice, 0.6)
    text, bold, gap = words(dice, 2, 10), happens(dice, 0.5), between(dice, 0, 6)
    page.write(page.width / 2, y, text, points, colour=colour, bold=bold, centre=True, gap=gap)
    if happens(dice, 0.5):
        page.line([(15, y + 6), (page.width - 15, y + 6)], between(dice, 0.3, 1.5), colour)


def _table(page: Canvas, dice: Generator) -> None:
    """Cells with a word in most. A few of them alone look like a stamp of receipt: nobody is asked about those."""
    x, y = between(dice, 5, page.width * 0.4), between(dice, 5, page.height * 0.8)
    rows, columns = whole(dice, 1, 11), whole(dice, 1, 8)
    w, h = between(dice, 9, 40), between(dice, 6, 16)
    rules, letters = ink(dice, 0.2), ink(dice, 0.1)
    for row in range(rows):
        for column in range(columns):
            left, top = x + w * column, y + h * row
            page.frame(left, top, w, h, pick(dice, (0.2, 0.3, 0.5)), rules)
            if happens(dice, 0.75):
                text, points = words(dice, 1, max(1, int(w / 4.5))), between(dice, 8, 11)
                page.write(left + w / 2, top + h / 2 + 1.4, text, points, colour=letters, centre=True)
    if w * columns < FEW and rows < 5:
        u, v = page.px(x), page.px(y)
        page.mark("box", rectangle(u, v, u + page.px(w * columns), v + page.px(h * rows)))


def _code(page: Canvas, dice: Generator) -> None:
    (x, y), bars = spot(page, dice), happens(dice, 0.3)
    digits = dice.integers(0, 10, whole(dice, 8, 15 if bars else 89))
    code(page, x, y, "".join(map(str, digits)), size=between(dice, 10, 36), bars=bars)


LAYERS: tuple[Callable[[Canvas, Generator], None], ...] = (
    _paragraph, _paragraph, _paragraph, _headline, _table, _table, _code,
)  # fmt: skip
