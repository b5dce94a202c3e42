"""What the network that finds seals learns from must be true: ink where the outline is, answers where the seals are."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.random import Generator
from PIL import Image

from bench.generator.canvas import Canvas
from bench.samples import load
from bench.score import fill
from bench.seal_net import scene as scenes
from bench.seal_net import stamping
from bench.seal_net.alike import ALIKE
from bench.seal_net.cut import GRAIN, Sketch
from bench.seal_net.judge import SHARES, Found, judged, report
from bench.seal_net.pictures import Pixels, photographs, picture
from bench.seal_net.printed import PRINTED
from bench.seal_net.rims import round_seal
from bench.seal_net.scene import CELLS, Scene, learned, scene
from bench.seal_net.sheet import ASKED, SPARED, Ground, ground
from bench.seal_net.sketch import KINDS, sketch
from bench.seal_net.stamping import Floats, stamp
from bench.seal_net.taking import DRAWN, SIDE

WHITE = 250


def _bare() -> Ground:
    """White paper of 140 x 160 mm."""
    height, width = 700, 600
    return Ground(np.full((height, width, 3), WHITE, np.uint8), np.zeros((height, width), np.uint8), ())


@cache
def _sketches() -> tuple[Sketch, ...]:
    return tuple(sketch(np.random.default_rng(seed)) for seed in range(12))


def _scene(seed: int) -> Scene:
    dice = np.random.default_rng(seed)
    return scene(ground(dice), _sketches(), dice)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_draws_the_same_scene(seed: int) -> None:
    one, again, other = _scene(seed), _scene(seed), _scene(seed + 100)
    assert one.pixels.shape == (SIDE, SIDE, 3)
    assert one.truth.shape == one.weight.shape == (CELLS, CELLS)
    assert [np.array_equal(getattr(one, part), getattr(again, part)) for part in Scene.__slots__] == [True] * 3
    assert not np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("kind", [kind for kind, _ in KINDS], ids=lambda kind: kind.__name__)
def test_a_sketch_has_its_ink_inside_its_outline(kind: Callable[[Generator], Sketch]) -> None:
    for seed in range(30):
        made = kind(np.random.default_rng(seed))
        inside = fill((made.ink.shape[0], made.ink.shape[1]), [made.outline])
        beyond = cv2.dilate(inside, np.ones((2 * round(GRAIN) + 1,) * 2)) == 0  # a millimetre and more
        assert float(made.ink[beyond].sum()) == 0
        assert 0.04 < float(made.ink[inside > 0].mean()) < 0.95


def _extent(mask: np.ndarray) -> np.ndarray:
    """(left, top, right, bottom) of what is set."""
    rows, columns = np.nonzero(mask)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


@pytest.mark.parametrize("seed", range(12))
def test_the_truth_lies_where_the_ink_was_stamped(seed: int) -> None:
    bare, dice = _bare(), np.random.default_rng(seed)
    page, seals = bare.pixels.astype(np.float32), bare.seals.copy()
    stamp(page, seals, round_seal(dice), bare, False, dice)
    changed, known = np.abs(page - WHITE).max(2) > 3, seals > 0
    assert int((changed & (cv2.dilate(seals, np.ones((13, 13))) == 0)).sum()) == 0
    a, b = _extent(changed), _extent(known)
    assert np.ptp(a.reshape(2, 2), 0).prod() > 0.85 * np.ptp(b.reshape(2, 2), 0).prod()


def test_a_seal_that_shows_too_little_is_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    for strength, known in ((0.9, ASKED), (0.15, SPARED)):
        monkeypatch.setattr(stamping, "STRENGTHS", ((1.0, (strength, strength)),))
        bare, dice = _bare(), np.random.default_rng(4)
        page, seals = bare.pixels.astype(np.float32), bare.seals.copy()
        stamp(page, seals, round_seal(dice), bare, False, dice)
        assert np.unique(seals).tolist() == [0, known]


def test_spared_marks_weigh_nothing() -> None:
    seals = np.zeros((DRAWN, DRAWN), np.uint8)
    seals[: DRAWN // 2, : DRAWN // 2] = SPARED
    seals[DRAWN // 2 :] = ASKED
    truth, weight = learned(seals)
    half = CELLS // 2
    quarters = [(truth[rows, columns].mean(), weight[rows, columns].mean()) for rows, columns in _quarters(half)]
    assert quarters == [(0, 0), (0, 1), (1, 1), (1, 1)]
    seals[:] = 0
    seals[: DRAWN // CELLS] = ASKED  # one row of cells
    assert learned(seals)[0].sum(1).tolist() == [CELLS] + [0] * (CELLS - 1)


def _quarters(half: int) -> list[tuple[slice, slice]]:
    low, high = slice(0, half), slice(half, 2 * half)
    return [(low, low), (low, high), (high, low), (high, high)]


@pytest.mark.parametrize(("copied", "colours"), [(1.0, False), (0.0, True)])
def test_a_copy_has_no_colour(monkeypatch: pytest.MonkeyPatch, copied: float, colours: bool) -> None:
    monkeypatch.setattr(scenes, "COPIED", copied)
    pixels = _scene(5).pixels
    assert bool((np.ptp(pixels, 2) > 0).any()) is colours


LOOKS = {draw.__name__: draw for draw in (*ALIKE, *PRINTED)}


@pytest.mark.parametrize("name", LOOKS)
def test_what_only_looks_like_a_seal_is_drawn_and_never_asked_for(name: str) -> None:
    dice, drawn = np.random.default_rng(9), 0
    for _ in range(5):
        page = Canvas(60, 60, 110, paper=(WHITE, WHITE, WHITE))
        LOOKS[name](page, dice)
        drawn += bool((np.asarray(page.image) != WHITE).any())
        assert {mark.cls for mark in page.marks} <= ({"box"} if name == "_box" else set())
    assert drawn >= 3


def test_a_page_bears_the_photographs_it_was_given(tmp_path: Path) -> None:
    for name, colour in (("b.png", (0, 200, 0)), ("a.jpg", (200, 0, 0))):
        Image.new("RGB", (1024, 300), colour).save(tmp_path / name)
    photos = photographs(tmp_path)
    assert [(photo.size, photo.getpixel((9, 9))) for photo in photos[1:]] == [((512, 150), (0, 200, 0))]
    page, dice = Canvas(210, 297, 50, paper=(WHITE, WHITE, WHITE)), np.random.default_rng(2)
    x, y, w, h = picture(page, photos, dice)
    outside = np.asarray(page.image).copy()
    inside = outside[max(0, y) : y + h, max(0, x) : x + w].copy()
    outside[max(0, y) : y + h, max(0, x) : x + w] = WHITE
    assert (bool((inside != WHITE).any()), bool((outside != WHITE).any())) == (True, False)


def test_the_judge_counts_seals_and_what_is_false(tmp_path: Path) -> None:
    """The network here calls dark what is a seal: one of two seals is, and a square beside them; the page lies turned."""
    pixels = np.full((320, 640, 3), 255, np.uint8)
    pixels[100:160, 100:160] = pixels[20:60, 400:440] = 0
    pixels[200:260, 100:125] = 0
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    boxes = [{"class": "seal", "box": [100, y, 160, y + 60]} for y in (100, 200)]
    truth = {"a.png": {"orientation_degrees": 90, "boxes": boxes}}
    (tmp_path / "truth.json").write_text(json.dumps(truth), "utf-8")
    seen: list[tuple[int, ...]] = []

    def look(upright: Pixels) -> Floats:
        seen.append(upright.shape)
        return np.asarray(1 - upright[..., 0] / 255, np.float32)

    pages = load(tmp_path)
    assert judged(pages[0], look) == [Found(2, 1, 42 * 42 / pixels[..., 0].size)] * len(SHARES)
    assert seen == [(640, 320, 3)]
    [*columns] = report([("a", pages)], look).columns
    assert [next(iter(column.cells)) for column in columns] == ["a", "1", "2", *["50.0%, 0.861%"] * len(SHARES)]
