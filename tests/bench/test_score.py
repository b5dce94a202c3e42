"""Known maskings must give known scores."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.generator import generate
from bench.samples import Sample, load
from bench.score import READABLE, Image, fill, judge, read
from bench.tally import DEMANDED, Judged, tally

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Sample, Image]]:
    """Three kinds of pages, damaged, with their pixels."""
    found = generate(tmp_path_factory.mktemp("pages"), 3, 11, kinds=("card", "training", "summary"))
    return [(sample, pixels) for sample in found if (pixels := read(sample.path)) is not None]


def _covered(sample: Sample, pixels: Image, colour: tuple[int, int, int], *, grow: float = 1.0) -> Image:
    """Every demanded region filled, scaled about its middle by a factor; saved as a JPEG as renditions are."""
    masked = pixels.copy()
    for region in sample.regions:
        if region.cls not in READABLE:
            middle = region.outline.mean(axis=0)
            masked[fill(pixels.shape[:2], [(region.outline - middle) * grow + middle]) > 0] = colour
    _, encoded = cv2.imencode(".jpg", masked, [cv2.IMWRITE_JPEG_QUALITY, 92])
    again = read(encoded.tobytes())
    assert again is not None
    return again


def test_covered_in_black_and_turned_upright(pages: list[tuple[Sample, Image]]) -> None:
    for sample, pixels in pages:
        masked = np.ascontiguousarray(np.rot90(_covered(sample, pixels, BLACK, grow=1.03), -(sample.turn // 90)))
        score = judge(pixels, masked, sample)
        assert [s.region.cls for s in score.leaks(DEMANDED)] == []
        assert score.turn == sample.turn
        assert score.over < 1e-3
        assert score.near_masked == ()


def test_untouched_pages_leak_everything(pages: list[tuple[Sample, Image]]) -> None:
    for sample, pixels in pages:
        score = judge(pixels, pixels, sample)
        assert [s.covered for s in score.scores] == [False] * len(sample.regions)
        assert (score.turn, score.over) == (0, 0.0)


def test_half_a_region_is_not_covered(pages: list[tuple[Sample, Image]]) -> None:
    for sample, pixels in pages:
        score = judge(pixels, _covered(sample, pixels, BLACK, grow=0.7), sample)
        demanded = [s for s in score.scores if s.region.cls in {*DEMANDED} - {"eyes"}]  # those lie inside the face
        assert [s.covered for s in demanded] == [False] * len(demanded)
        assert all(0.3 < s.area < 0.75 for s in demanded)


def test_blur_is_not_a_cover(pages: list[tuple[Sample, Image]]) -> None:
    for sample, pixels in pages:
        soft = cv2.GaussianBlur(pixels, (0, 0), min(pixels.shape[:2]) / 400).astype(np.uint8)
        masked = pixels.copy()
        inside = fill(pixels.shape[:2], [r.outline for r in sample.regions if r.cls == "name"]) > 0
        masked[inside] = soft[inside]
        names = [s.covered for s in judge(pixels, masked, sample).scores if s.region.cls == "name"]
        assert names == [False] * len(names)


def test_white_out_of_half_the_ink_is_seen(tmp_path: Path) -> None:
    """White on white paper changes nothing, so the area alone would pass: the ink tells."""
    pixels = np.full((60, 200, 3), 255, np.uint8)
    pixels[15:45, 20:28] = pixels[15:45, 100:108] = 0
    box = {"class": "name", "poly": [[10, 10], [190, 10], [190, 50], [10, 50]]}
    truth = {"a.png": {"identity": {"name": "某"}, "boxes": [box]}}
    (tmp_path / "truth.json").write_text(json.dumps(truth), "utf-8")
    [sample] = load(tmp_path)
    masked = pixels.copy()
    masked[:, :60] = WHITE
    [score] = judge(pixels, masked, sample).scores
    assert (score.covered, score.area > 0.9, round(score.ink, 2)) == (False, True, 0.5)


def test_a_cover_beside_the_truth_is_over_masking(pages: list[tuple[Sample, Image]]) -> None:
    sample, pixels = pages[0]
    masked = pixels.copy()
    masked[:40, :50] = (0, 200, 0)
    clear_of_truth = fill(pixels.shape[:2], [r.outline for r in sample.regions])[:48, :58].sum() == 0
    assert clear_of_truth
    assert judge(pixels, masked, sample).over == pytest.approx(2000 / pixels[..., 0].size, rel=0.02)


def test_another_size_covers_nothing(pages: list[tuple[Sample, Image]]) -> None:
    sample, pixels = pages[0]
    assert judge(pixels, np.zeros((50, 70, 3), np.uint8), sample).turn is None
    assert judge(pixels, None, sample).leaks(DEMANDED) != ()


def test_the_tally_counts_silent_leaks_and_automation(pages: list[tuple[Sample, Image]]) -> None:
    sample, pixels = pages[0]
    bare, done = judge(pixels, pixels, sample), judge(pixels, _covered(sample, pixels, BLACK, grow=1.03), sample)
    said = {"verified": True, "needs_human": [], "clarity": {"clear": sample.clear}}
    asked = {**said, "needs_human": ["unsure"]}
    report = tally([Judged(sample, bare, said), Judged(sample, bare, asked), Judged(sample, done, said)])
    assert report["silent_leaks"] == 1
    assert report["leak_free"] == pytest.approx(1 / 3)
    assert report["automation"] == pytest.approx(2 / 3)
    assert report["clarity"] == 1.0
    assert report["classes"]["name"]["covered"] == pytest.approx(1 / 3)


def test_truth_without_a_form_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    boxes = [
        {"class": "seal", "box": [10, 10, 30, 20], "shape": "ellipse"},
        {"class": "unit", "box": [0, 0, 9, 9], "optional": True},
        {"class": "name", "box": [50, 50, 60, 70], "poly": [[51, 50], [60, 51], [59, 70], [50, 69]]},
    ]
    truth = {"a.png": {"orientation_degrees": 90, "ignore": [{"box": [0, 0, 5, 5]}], "boxes": boxes}}
    (tmp_path / "truth.json").write_text(json.dumps(truth), "utf-8")
    [sample] = load(tmp_path)
    assert (sample.third_parties, sample.turn, sample.clear, len(sample.free)) == (True, 90, True, 2)
    assert [region.cls for region in sample.regions] == ["seal", "name"]
    assert sample.regions[0].outline.min(axis=0) == pytest.approx([10, 10], abs=0.2)
    assert sample.regions[1].outline.tolist() == [[51, 50], [60, 51], [59, 70], [50, 69]]
    assert sample.path == tmp_path / "images" / "a.png"
