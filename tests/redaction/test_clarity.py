"""Clear pages are clear, and every way of spoiling one is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from mangping_redaction.page import Clarity, Page, Pixels
from mangping_redaction.readers.line import Line
from mangping_redaction.stages import clarity_page
from mangping_redaction.stages.clarity import GLARE, REASONS, judge
from mangping_redaction.stages.clarity_text import character_size, measure

from tests.redaction.print_shop import blurred, line_at, lit, noisy, printed, shaken, washed

EM = 24


def verdict(pixels: Pixels, lines: Sequence[Line], score: float | None = None) -> Clarity:
    if score is not None:
        lines = [replace(line, scores=(score,) * len(line.text)) for line in lines]
    clarity = judge(Page(pixels, lines=tuple(lines), dpi=100))
    json.dumps(clarity.measures)  # a record is written as JSON
    assert clarity.clear == (not clarity.reasons)
    for name, (reason, sign) in REASONS.items():
        if name in clarity.measures:
            beyond = sign * (clarity.measures[name] - clarity.measures[f"{name}_limit"]) > 0
            assert beyond <= (reason in clarity.reasons)
    return clarity


@pytest.fixture(scope="module")
def page() -> tuple[Pixels, tuple[Line, ...]]:
    return printed(em=EM)


@pytest.mark.parametrize("share", [0.0, 0.03, 0.06, 0.08])
def test_blur_people_read_through_is_clear(page: tuple[Pixels, tuple[Line, ...]], share: float) -> None:
    pixels, lines = page
    assert verdict(blurred(pixels, max(share * EM, 0.1)), lines).reasons == ()


@pytest.mark.parametrize(("share", "score"), [(0.16, 0.7), (0.2, 0.4), (0.35, 0.2)])
def test_blur_nobody_reads_through(page: tuple[Pixels, tuple[Line, ...]], share: float, score: float) -> None:
    pixels, lines = page
    clarity = verdict(blurred(pixels, share * EM), lines, score)
    assert not clarity.clear
    assert "blurred" in clarity.reasons


@pytest.mark.parametrize("share", [0.05, 0.1, 0.15])
def test_blur_is_measured_in_characters_whatever_noise_and_contrast(
    page: tuple[Pixels, tuple[Line, ...]], share: float
) -> None:
    pixels, lines = page
    spoilt = noisy(washed(blurred(pixels, share * EM), 140), 5)
    seen = measure(spoilt, lines)
    assert seen is not None
    assert seen.sharp == pytest.approx(share, abs=0.03)  # thin strokes are no steps: they look a little softer
    assert seen.em == pytest.approx(EM, rel=0.02)


def test_large_soft_print_is_clear_where_small_print_is_not() -> None:
    small, large = printed(em=16, columns=30), printed(em=64, rows=8, columns=10)
    assert "blurred" in verdict(blurred(small[0], 3.2), small[1], 0.5).reasons
    assert verdict(blurred(large[0], 3.2), large[1]).reasons == ()


def test_motion_is_told_from_blur(page: tuple[Pixels, tuple[Line, ...]]) -> None:
    pixels, lines = page
    assert verdict(shaken(pixels, round(0.2 * EM)), lines).reasons == ()
    assert verdict(shaken(pixels, round(0.8 * EM)), lines, 0.4).reasons == ("motion",)


def test_faint_print(page: tuple[Pixels, tuple[Line, ...]]) -> None:
    pixels, lines = page
    assert verdict(noisy(washed(pixels, 110), 4), lines).reasons == ()
    assert verdict(washed(pixels, 10), lines).reasons == ("low_contrast",)
    assert verdict(noisy(washed(pixels, 20), 3), ()).reasons == ("low_contrast",)


def test_few_pixels_a_character() -> None:
    assert verdict(*printed(em=13, columns=30)).reasons == ()
    assert verdict(*printed(em=6, columns=60), 0.9).reasons == ("low_resolution",)


def test_where_only_a_headline_could_be_read_the_blur_is_held_against_the_body() -> None:
    pixels, lines = printed(em=100, rows=2, columns=6)
    assert verdict(blurred(pixels, 1.0), lines).reasons == ()
    assert verdict(blurred(pixels, 10.0), lines).reasons == ("blurred",)


def test_glare_hides_text_but_a_white_panel_does_not(page: tuple[Pixels, tuple[Line, ...]]) -> None:
    pixels, lines = page
    bright = lit(pixels, 400, 500, 140)
    kept = tuple(line for line in lines if abs(line.polygon[:, 1].mean() - 500) > 120)
    assert verdict(bright, kept).reasons == ("glare",)
    panel = (pixels * 0.8).astype(np.uint8)
    cv2.rectangle(panel, (300, 420), (560, 600), (255, 255, 255), -1)
    assert verdict(panel, kept).reasons == ()


def test_a_page_of_which_most_is_burnt_out_has_glare(page: tuple[Pixels, tuple[Line, ...]]) -> None:
    pixels, lines = page
    bright = lit(pixels, 400, 500, 330)
    kept = tuple(line for line in lines if abs(line.polygon[:, 1].mean() - 500) > 380)
    assert verdict(bright, kept).reasons == ("glare",)


def test_a_scanner_that_whitens_the_paper_about_print_burns_nothing_out() -> None:
    """A column of print, 56 pixels wide: white where it was read is a scanner's sharpening, where nothing was it is burnt out."""
    white = np.zeros((1169, 827), np.float32)
    white[300:900, 380:436] = 1
    paper = np.repeat((236 + 19 * cv2.GaussianBlur(white, (0, 0), 6))[:, :, None], 3, axis=2).round().astype(np.uint8)
    print_ = [line_at("课堂", 388, y, EM, 0.98) for y in range(300, 900, 34)]
    assert clarity_page.glare(paper, print_) == 0
    assert clarity_page.glare(paper, [print_[0], print_[-1]]) > GLARE


def test_on_white_paper_glare_is_told_by_lines_that_fade_into_it() -> None:
    pixels, lines = printed(em=EM)
    white = 255 - (255 - pixels) * (pixels < 128)
    across = np.linspace(0, 1, pixels.shape[1], dtype=np.float32)[None, :, None]
    burnt = 255 - (255 - white) * np.clip(1.6 - 2 * across, 0, 1)
    assert verdict(white.astype(np.uint8), lines).reasons == ()
    assert verdict(burnt.astype(np.uint8), lines).reasons == ("glare",)
    grey = 255 - (255 - white) * np.where(across < 0.5, 1.0, 0.35)  # what is filled in, in grey ink
    assert verdict(grey.astype(np.uint8), lines).reasons == ()


def test_light_that_falls_off_over_a_page_on_a_dark_desk_is_no_glare(page: tuple[Pixels, tuple[Line, ...]]) -> None:
    pixels, lines = page
    fall = np.linspace(30, -80, pixels.shape[0], dtype=np.float32)[:, None, None]
    shaded = np.asarray((pixels + fall).clip(0, 255), np.uint8)
    middle = shaded.shape[1] // 2
    shaded[:400, middle - 60 : middle + 60] = 60  # a dark thing lies in the lit part
    assert verdict(shaded, lines).reasons == ()


def test_text_that_runs_off_the_page(page: tuple[Pixels, tuple[Line, ...]]) -> None:
    pixels, lines = page
    half = lines[0].polygon[0, 0] + 12.5 * EM  # through the middle of a column of characters
    cut = np.ascontiguousarray(pixels[:, : int(half)])
    bound = np.array([half, np.inf], np.float32)
    left = [replace(line, polygon=np.minimum(line.polygon, bound)) for line in lines]
    assert verdict(cut, left).reasons == ("cut_off",)
    narrow = np.ascontiguousarray(pixels[:, 95:-95])  # tight margins lose nothing
    moved = [replace(line, polygon=line.polygon - np.array([95, 0], np.float32)) for line in lines]
    assert verdict(narrow, moved).reasons == ()


def test_line_sliced_along_the_top(page: tuple[Pixels, tuple[Line, ...]]) -> None:
    pixels, lines = page
    cut = np.ascontiguousarray(pixels[90 + EM // 2 :])
    up, floor = np.array([0, 90 + EM // 2], np.float32), np.array([-np.inf, 0], np.float32)
    moved = [replace(line, polygon=np.maximum(line.polygon - up, floor)) for line in lines]
    assert verdict(cut, moved).reasons == ("cut_off",)


def test_empty_page() -> None:
    sheet = np.full((1169, 827, 3), 244, np.uint8)
    assert verdict(sheet, ()).reasons == ("blank",)
    assert verdict(noisy(sheet, 4), ()).reasons == ("blank",)


def test_picture_without_text_is_clear_unless_out_of_focus() -> None:
    picture = np.full((1000, 800, 3), 235, np.uint8)
    rng = np.random.default_rng(3)
    for x, y, radius in rng.integers((60, 60, 8), (740, 940, 60), (120, 3)):
        cv2.circle(picture, (int(x), int(y)), int(radius), rng.integers(0, 255, 3).tolist(), -1)
    assert verdict(blurred(picture, 0.8), ()).reasons == ()
    assert verdict(blurred(picture, 14), ()).reasons == ("blurred",)


def test_one_pixel_and_a_strip_are_judged_without_an_error() -> None:
    assert verdict(np.full((1, 1, 3), 200, np.uint8), ()).reasons == ("blank",)
    assert verdict(np.full((3, 900, 3), 200, np.uint8), ()).reasons == ("blank",)


def test_character_size_comes_from_the_pitch_of_han_characters() -> None:
    _, lines = printed(em=20, rows=1)
    assert character_size(lines[0]) == pytest.approx(20, abs=0.01)
    latin = replace(lines[0], text="a" * len(lines[0].text))
    assert character_size(latin) == pytest.approx(0.72 * lines[0].height, abs=0.01)


def test_characters_read_into_one_place_of_a_column_have_no_pitch() -> None:
    _, lines = printed(em=20, rows=1)
    one_place = replace(lines[0], cells=np.tile(lines[0].cells[:1], (len(lines[0].text), 1)))
    assert character_size(one_place) == pytest.approx(0.72 * lines[0].height, abs=0.01)
