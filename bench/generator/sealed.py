"""A page of proofs under many seals: in the text, at its foot, in the table, on the portrait, across the page's edge."""

from __future__ import annotations

from numpy.random import Generator

from bench.generator import texts
from bench.generator.canvas import Canvas
from bench.generator.paper import border, guilloche, portrait
from bench.generator.people import Person, pick
from bench.generator.seals import stamped
from bench.generator.slots import runs

TITLES = ("教学工作证明", "任职情况审核表", "支教经历证明", "材料真实性审核意见")
WAYS = ("red", "red", "red", "red", "blue", "purple", "grey", "grey")


def sealed(person: Person, dice: Generator, dpi: float) -> Canvas:
    """Three to five seals of mixed kinds, sizes and inks on one sheet; every third sheet has a border or a ground."""
    page = Canvas(210, 297, dpi, face=pick(dice, ("song", "hei")))
    ground = dice.random()
    if ground < 0.15:
        guilloche(page, (70, 120, 150), dice, strength=0.4)
    elif ground < 0.3:
        border(page, pick(dice, ((60, 60, 60), (160, 40, 40))), margin=8)
    page.write(105, 34, pick(dice, TITLES), 22, bold=True, centre=True)
    page.write(28, 48, runs("{unit}　{name}", person, dice), 13)
    photo = dice.random() < 0.5
    top = 58.0
    if photo:
        portrait(page, 158, 40, dice, width=26)
        top = 86.0
    for number in dice.permutation(len(texts.PARAGRAPHS))[:4]:
        top = page.flow(28, top, 154, runs(texts.PARAGRAPHS[number], person, dice), 12)
    if dice.random() < 0.6:
        for row in range(4):
            for column in range(5):
                page.frame(28 + 31 * column, top + 9 * row, 31, 9)
                page.write(30 + 31 * column, top + 6 + 9 * row, pick(dice, ("合格", "2021", "语文", "三年级", "—")), 10)
    _seals(page, person, photo, dice)
    return page


def _seals(page: Canvas, person: Person, photo: bool, dice: Generator) -> None:
    """At the foot always; elsewhere by chance. A sheet has one hand: at least half of its seals share an ink."""
    ink = pick(dice, WAYS)
    weak = bool(dice.random() < 0.2)
    name, office = person.name.replace("·", ""), f"{person.place}教育局"
    foot = 240 + float(dice.uniform(-6, 12))
    page.write(130, foot + 4, person.unit, 12, centre=True)
    page.write(130, foot + 13, runs("{year}年10月12日", person, dice), 12, centre=True)
    places: list[tuple[float, float, str, str]] = [
        (130 + float(dice.uniform(-8, 12)), foot, pick(dice, ("round", "round", "dated", "oval")), person.unit)
    ]
    if dice.random() < 0.6:
        places.append((60 + float(dice.uniform(-15, 8)), foot, pick(dice, ("chop", "strip", "oval")), office))
    if dice.random() < 0.5:
        places.append((178, foot + float(dice.uniform(-4, 8)), "chop", name))
    if photo and dice.random() < 0.7:
        places.append((160 + float(dice.uniform(-3, 4)), 72, pick(dice, ("round", "chop", "dated")), office))
    if dice.random() < 0.45:
        away = float(dice.uniform(-6, 8))
        places.append((210 + away, float(dice.uniform(110, 190)), "round", person.unit))
    if dice.random() < 0.5:
        x, y = float(dice.uniform(50, 150)), float(dice.uniform(110, 160))
        places.append((x, y, pick(dice, ("round", "oval", "strip", "chop")), office))
    for x, y, kind, text in places:
        own = ink if dice.random() < 0.7 else pick(dice, WAYS)
        stamped(page, x, y, kind, text if kind != "chop" else name, dice, ink=own, weak=weak)
