"""The generator's truth must be the truth: ink inside polygons, the same page for the same seed, nobody's identity."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.generator import KINDS, drawn, generate
from bench.generator.canvas import Canvas, Run, rectangle
from bench.generator.damage import Shot, shoot
from bench.generator.people import MISSING_COUNTIES, UNGIVEN_PREFIXES, invent
from bench.generator.slots import fill, runs
from bench.score import fill as raster
from bench.score import read

SHOTS = [
    Shot("scan", 150, skew=4.5, turn=0),
    Shot("scan", 100, skew=-3.0, turn=90),
    Shot("photo", 200, skew=2.0, turn=180),
    Shot("photo", 150, skew=-5.0, turn=270),
]


def _page() -> Canvas:
    """White paper with one name and one phone as its only ink."""
    page = Canvas(80, 60, 200, paper=(255, 255, 255))
    page.write(12, 20, [Run("阿依努尔·吾布力", "name", "dot ·")], 16)
    page.write(12, 45, [Run("160 1234 5678", "phone")], 14, bold=True, gap=0.5)
    return page


def _outlines(entry: dict[str, list[dict[str, list[list[float]]]]]) -> list[np.ndarray]:
    return [np.array(box.get("outline", box["poly"]), np.float32) for box in entry["boxes"]]


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: f"{shot.mode}-{shot.turn}")
def test_all_ink_lies_inside_the_polygons_and_fills_them(shot: Shot) -> None:
    encoded, entry = shoot(_page(), shot, np.random.default_rng(5))
    colour = read(encoded.content)
    assert colour is not None
    pixels = colour.min(axis=2)
    assert pixels.shape == (entry["height"], entry["width"])
    ink = pixels < 0.4 * cv2.medianBlur(pixels, 31)  # darker than the paper around, however it is lit
    outlines = _outlines(entry)
    edge = raster(pixels.shape, outlines) == 0
    page = cv2.erode(raster(pixels.shape, [_paper(shot)]), np.ones((9, 9))) > 0
    near = cv2.dilate(raster(pixels.shape, outlines), np.ones((41, 41))) > 0
    assert int(ink[~edge].sum()) > 200
    assert int((ink & edge & near & page).sum()) == 0
    for outline in outlines:  # and no polygon is wider than its ink: every side has some within 3 pixels
        inside = raster(pixels.shape, [outline]) > 0
        core = cv2.erode(inside.astype(np.uint8), np.ones((9, 9))) > 0
        assert int((ink & inside & ~core).sum()) > 0


def _paper(shot: Shot) -> np.ndarray:
    """The paper's own outline in the picture."""
    page = _page()
    page.marks.clear()
    page.mark("paper", rectangle(0, 0, page.image.width, page.image.height))
    _, entry = shoot(page, shot, np.random.default_rng(5))
    return _outlines(entry)[0]


def test_the_same_seed_draws_the_same_pages(tmp_path: Path) -> None:
    kinds = ("card", "certificate")
    generate(tmp_path / "a", 2, 7, kinds=kinds)
    generate(tmp_path / "b", 2, 7, kinds=kinds)
    generate(tmp_path / "c", 2, 8, kinds=kinds)
    a, b, c = (
        [file.read_bytes() for file in sorted((tmp_path / name).iterdir())] for name in ("a", "b", "c")
    )  # pictures, then truth.json
    assert a == b
    assert [x == y for x, y in zip(a, c, strict=True)] == [False, False, False]


def test_every_kind_is_drawn_with_what_it_promises(tmp_path: Path) -> None:
    pages = generate(tmp_path, len(KINDS), 3, pristine=True)
    classes = {page.template: {region.cls for region in page.regions} for page in pages}
    own = {"name", "unit"}
    assert {
        kind: sorted(found & {"face", "eyes", "qrcode", "barcode", "fingerprint"}) for kind, found in classes.items()
    } == {
        "certificate": [],
        "appraisal": classes["appraisal"] and sorted(classes["appraisal"] & {"face", "eyes"}),
        "summary": [],
        "card": ["eyes", "face"],
        "training": ["barcode", "qrcode"],
        "clean": [],
        "pledge": ["fingerprint"],
        "bilingual": ["eyes", "face"],
        "sealed": classes["sealed"] and sorted(classes["sealed"] & {"face", "eyes"}),
    }
    assert classes["clean"] == set()
    assert [kind for kind in KINDS if kind != "clean" and not own <= classes[kind]] == []
    assert [page.path.is_file() for page in pages] == [True] * len(KINDS)


def test_names_are_given_as_soon_as_they_are_drawn(tmp_path: Path) -> None:
    names = drawn(tmp_path, 2, 1, kinds=("card",))
    assert next(names) == "0001.jpg"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0001.jpg"]
    assert list(names) == ["0002.jpg"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0001.jpg", "0002.jpg", "truth.json"]


@pytest.mark.parametrize("seed", range(40))
def test_nobody_has_this_identity(seed: int) -> None:
    dice = np.random.default_rng(seed)
    person = invent(dice)
    assert person.id_number[:6] in MISSING_COUNTIES
    assert re.fullmatch(r"\d{6}(19[6-9]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d)\d{3}[\dX]", person.id_number)
    assert person.phone[:3] in UNGIVEN_PREFIXES
    assert len(person.phone) == 11
    assert person.other_unit != person.unit
    assert [other for other in person.others if other[:2] in person.name] == []


def test_a_template_tells_what_is_whose() -> None:
    dice = np.random.default_rng(1)
    person = invent(dice)
    made = runs("由{unit}的{other0}宣读{number}。", person, dice)
    assert [(run.text if run.cls != "near:id_like" else "", run.cls) for run in made] == [
        ("由", ""),
        (person.unit, "unit"),
        ("的", ""),
        (person.others[0], "third_party_name"),
        ("宣读", ""),
        ("", "near:id_like"),
        ("。", ""),
    ]
    with pytest.raises(KeyError):
        fill("nobody", person, dice)
