"""Seals of rarer shapes and in part, and drawn shapes that are none. 100 dpi A4."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mangping_redaction.finders.seal.find import find_seals
from mangping_redaction.finders.seal.look import grown
from mangping_redaction.page import Finding, Found, Page, Pixels, Polygon, quad
from mangping_redaction.readers.line import Line
from PIL import Image, ImageDraw

from tests.redaction.print_shop import font, line_at, printed
from tests.redaction.test_seal import (
    BLUE,
    DPI,
    FINE,
    GREY,
    MM,
    RED,
    WEAK_RED,
    ellipse,
    round_seal,
    scanned,
    shares,
    stamp,
    strip,
)

X, Y = 500.0, 850.0
INK = (60, 60, 60)


def seals(pixels: Pixels) -> Found:
    return find_seals(Page(scanned(pixels), dpi=DPI))


def triangle(side_mm: float, text: str = "财务专用") -> Image.Image:
    side = int(side_mm * MM * FINE)
    mask = Image.new("L", (side, int(side * 0.87)), 0)
    pen, pad = ImageDraw.Draw(mask), side * 0.02
    corners = [(side / 2, 2 * pad), (side - 2 * pad, mask.height - pad), (2 * pad, mask.height - pad)]
    pen.line([*corners, *corners[:2]], fill=255, width=int(0.9 * MM * FINE), joint="curve")
    pen.text((side * 0.28, mask.height * 0.68), text, font=font(int(side * 0.11)), fill=255)
    pen.text((side * 0.36, mask.height * 0.45), text[:2], font=font(int(side * 0.13)), fill=255)
    return mask


@pytest.mark.parametrize(
    ("colour", "side"),
    [*((colour, side) for colour in (RED, BLUE, GREY, INK) for side in (30.0, 42.0)), (RED, 18.0), (INK, 18.0)],
)
def test_a_written_triangle_is_covered_in_any_ink(colour: tuple[int, int, int], side: float) -> None:
    pixels = stamp(printed(rows=14)[0], triangle(side), X, Y, colour)
    high = side * 0.87
    truth = np.array([(0, -high / 2), (side / 2, high / 2), (-side / 2, high / 2)], np.float32) * MM + (X, Y)
    covered, beyond = shares(seals(pixels), pixels, truth.astype(np.float32))
    assert covered > 0.95
    assert beyond < 5e-4  # of the page: what the network sees is rounder


def test_a_triangle_is_covered_within_a_border_and_with_a_watermark_across_its_side() -> None:
    pixels = printed(rows=14)[0].copy()
    cv2.rectangle(pixels, (40, 40), (787, 1129), INK, 2)
    cv2.line(pixels, (int(X) - 160, int(Y) + 160), (int(X) + 40, int(Y) + 20), (214, 214, 214), 9, cv2.LINE_AA)
    pixels = stamp(pixels, triangle(30.0), X, Y, INK)
    high = 30.0 * 0.87
    truth = np.array([(0, -high / 2), (15, high / 2), (-15, high / 2)], np.float32) * MM + (X, Y)
    found = seals(pixels)
    assert "written triangle" in [finding.why for finding in found.findings]
    assert shares(found, pixels, truth.astype(np.float32))[0] > 0.95


def test_an_empty_triangle_is_a_drawing() -> None:
    assert seals(stamp(printed(rows=14)[0], triangle(36.0, ""), X, Y, INK)) == Found()


@pytest.mark.parametrize("colour", [RED, BLUE, INK])
@pytest.mark.parametrize("letter", ["", "O"])
def test_a_circle_with_nothing_written_along_it_is_a_drawing(colour: tuple[int, int, int], letter: str) -> None:
    pixels = printed(rows=14)[0].copy()
    cv2.circle(pixels, (int(X), int(Y)), round(18 * MM), colour, 3, cv2.LINE_AA)
    cv2.putText(pixels, letter, (int(X) - 8, int(Y) + 8), cv2.FONT_HERSHEY_SIMPLEX, 0.8, INK, 2)
    assert seals(pixels) == Found()


def test_a_seal_beside_a_drawn_circle_is_covered() -> None:
    pixels = printed(rows=14)[0].copy()
    cv2.circle(pixels, (250, int(Y)), round(18 * MM), RED, 3, cv2.LINE_AA)
    pixels = stamp(pixels, round_seal(40, 40), X, Y, RED)
    covered, beyond = shares(seals(pixels), pixels, ellipse(X, Y, 40 * MM, 40 * MM))
    assert covered > 0.97
    assert beyond == 0


@pytest.mark.parametrize("degrees", [42, -35])
def test_a_red_watermark_across_the_page_is_no_seal(degrees: int) -> None:
    size = round(11.0 * MM * FINE)
    mask = Image.new("L", (9 * size, size + 8), 0)
    for place, character in enumerate("内部资料注意保存"):
        ImageDraw.Draw(mask).text((place * 1.12 * size, 0), character, font=font(size), fill=255)
    mark = mask.rotate(degrees, expand=True, resample=Image.Resampling.BICUBIC)
    assert seals(stamp(printed(rows=6)[0], mark, 420, 640, RED)) == Found()


def round_chop(wide_mm: float) -> Image.Image:
    wide = int(wide_mm * MM * FINE)
    mask = Image.new("L", (wide, wide), 0)
    pen = ImageDraw.Draw(mask)
    pen.ellipse((0, 0, wide - 1, wide - 1), outline=255, width=int(0.7 * MM * FINE))
    for row, character in enumerate("方远"):
        pen.text((wide * 0.32, wide * (0.14 + 0.36 * row)), character, font=font(int(wide * 0.36)), fill=255)
    return mask


@pytest.mark.parametrize(("count", "found"), [(1, 1), (2, 2), (5, 0)])
def test_a_round_name_chop_is_covered_in_black_and_a_row_of_icons_is_none(count: int, found: int) -> None:
    pixels = printed(rows=14)[0]
    for k in range(count):
        pixels = stamp(pixels, round_chop(14), 150.0 + 130 * k, Y, INK)
    assert len(seals(pixels).findings) == found


def in_part(mask: Image.Image, share: float) -> Image.Image:
    """What a stamp set down askew leaves: its left part."""
    kept = mask.copy()
    kept.paste(0, (int(share * mask.width), 0, mask.width, mask.height))
    return kept


def test_a_part_of_a_coloured_ring_is_covered_as_far_as_it_shows() -> None:
    pixels = stamp(printed(rows=14)[0], in_part(round_seal(42, 42), 0.62), X, Y, RED)
    whole, edge = ellipse(X, Y, 42 * MM, 42 * MM), X + 0.12 * 42 * MM
    covered, _ = shares(seals(pixels), pixels, np.minimum(whole, [edge, np.inf]).astype(np.float32))
    assert covered > 0.93


def test_of_a_part_of_a_grey_ring_a_human_is_asked() -> None:
    pixels = stamp(printed(rows=14)[0], in_part(round_seal(42, 42), 0.62), X, Y, GREY)
    assert seals(pixels).doubts == ("seal_suspect",)


def test_a_strip_half_under_a_seal_is_covered() -> None:
    mask = strip(62, 12).rotate(-5, expand=True)
    pixels = stamp(printed(rows=14)[0], round_seal(42, 42), X, Y, RED)
    x = X - 44 * MM
    pixels = stamp(pixels, mask, x, Y, WEAK_RED)
    along = np.deg2rad(5) * np.array([1.0, 1.0])
    across, down = np.array([np.cos(along[0]), np.sin(along[0])]), np.array([-np.sin(along[0]), np.cos(along[0])])
    corners = [(x, Y) + s * 31 * MM * across + t * 6 * MM * down for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    covered, _ = shares(seals(pixels), pixels, np.array(corners, np.float32))
    assert covered > 0.9


@pytest.mark.parametrize("degrees", [-6, 4])
def test_a_strip_that_shows_on_both_sides_of_a_seal_is_covered(degrees: int) -> None:
    """与原件核对一致 is stamped across the seal it vouches for: its middle is known, its ends are not."""
    x, y = X, Y + 15 * MM
    pixels = stamp(printed(rows=12)[0], round_seal(40, 40), X, Y, RED)
    pixels = stamp(pixels, strip(56, 13).rotate(degrees, expand=True), x, y, RED)
    around = cv2.boxPoints(((x, y), (56 * MM, 13 * MM), -degrees)).astype(np.float32)
    covered, _ = shares(seals(pixels), pixels, around)
    assert covered > 0.95


def test_a_frame_goes_whole_though_faint_lines_hide_it_from_the_first_look() -> None:
    wide, high = 30 * MM, 16 * MM
    mask = Image.new("L", (int(wide * FINE), int(high * FINE)), 0)
    pen, size = ImageDraw.Draw(mask), int(high * FINE / 2)
    pen.rectangle((0, 0, mask.width - 1, mask.height - 1), outline=255, width=int(0.6 * MM * FINE))
    pen.text(((mask.width - 2 * size) / 2, mask.height * 0.24), "作废", font=font(size), fill=255)
    pixels, left = printed(rows=12)[0].copy(), int(X - wide / 2)
    cv2.line(pixels, (0, int(Y)), (826, int(Y) + 8), (225, 222, 245), 5)
    cv2.line(pixels, (left, 600), (left - 3, 1150), (225, 222, 245), 5)
    pixels = stamp(pixels, mask, X, Y, (80, 70, 210))
    truth = quad(X - wide / 2, Y - high / 2, X + wide / 2, Y + high / 2)
    covered, beyond = shares(seals(pixels), pixels, truth)
    assert covered > 0.97
    assert beyond == 0


def test_the_outline_of_a_card_is_no_seal() -> None:
    pixels = printed(rows=4)[0].copy()
    low, high = (200, 500), (200 + round(83 * MM), 500 + round(54 * MM))
    pixels[low[1] : high[1], low[0] : high[0]] = (244, 240, 232)
    cv2.rectangle(pixels, low, high, (225, 215, 200), 3)
    sheet = Image.fromarray(pixels)
    for row, text in enumerate(("姓名方远", "性别女", "住址青禾市人民路")):
        ImageDraw.Draw(sheet).text((220, 530 + 50 * row), text, font=font(20), fill=INK)
    assert seals(np.asarray(sheet, np.uint8)) == Found()


def test_red_things_in_a_large_picture_with_faces_are_no_seals() -> None:
    pixels = printed(rows=4)[0].copy()
    left, top, wide, high = 120, 400, round(130 * MM), round(90 * MM)
    tones = np.random.default_rng(3).integers(40, 170, (9, 13, 3)).astype(np.uint8)
    pixels[top : top + high, left : left + wide] = cv2.resize(tones, (wide, high), interpolation=cv2.INTER_CUBIC)
    for x in (200, 420):
        cv2.rectangle(pixels, (x, 560), (x + 60, 620), (60, 40, 200), -1)
    face = Finding("face", quad(300, 450, 340, 500), 0.9, "face", "test")
    found = find_seals(Page(scanned(pixels), dpi=DPI, findings=(face,)))
    assert found == Found()


@pytest.mark.parametrize("text", ["档案室收文章", "财务专用章", "现金收讫"])
def test_what_only_seals_say_is_looked_at_where_none_was_found(text: str) -> None:
    pixels, lines = printed(rows=4)
    said = line_at(text, 300, 700, 24, 0.98)
    assert find_seals(Page(scanned(pixels), dpi=DPI, lines=(*lines, said))).doubts == ("seal_suspect",)


@pytest.mark.parametrize("text", ["复印件与原件一致", "复印件与原件一"])
def test_what_hands_write_on_copies_as_seals_do_is_no_doubt_where_the_network_sees_none(text: str) -> None:
    pixels, lines = printed(rows=4)
    said = line_at(text, 300, 700, 24, 0.98)
    assert find_seals(Page(scanned(pixels), dpi=DPI, lines=(*lines, said))) == Found()


def lettered(text: str, degrees: float, colour: tuple[int, int, int]) -> tuple[Pixels, tuple[Line, ...], Polygon]:
    """A page of print on which a text stands at an angle, its lines, and the quad of the text."""
    pixels, lines = printed(rows=4)
    mask = Image.new("L", (len(text) * 24 * FINE, 24 * FINE), 0)
    ImageDraw.Draw(mask).text((0, 0), text, font=font(24 * FINE), fill=255)
    pixels = stamp(pixels, mask.rotate(-degrees, expand=True, resample=Image.Resampling.BICUBIC), X, Y, colour)
    level = line_at(text, X - 12 * len(text), Y - 12, 24, 0.98)
    turn = cv2.getRotationMatrix2D((X, Y), -degrees, 1)
    place = cv2.transform(level.polygon[None], turn)[0].astype(np.float32)
    return pixels, (*lines, replace(level, polygon=place)), place


@pytest.mark.parametrize(
    ("text", "degrees", "colour"),
    [
        ("与原件核对无误", 5, INK),
        ("已录用", 0, RED),
        ("化验已检", 0, BLUE),
        ("2021.03.04", -6, INK),
        ("现金收讫", 4, RED),
    ],
)
def test_the_words_of_a_strip_that_stand_askew_or_in_colour_are_covered_though_no_frame_is_seen(
    text: str, degrees: float, colour: tuple[int, int, int]
) -> None:
    pixels, lines, place = lettered(text, degrees, colour)
    found = find_seals(Page(scanned(pixels), dpi=DPI, lines=lines))
    assert shares(found, pixels, place)[0] > 0.8  # of the ink all
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("text", "degrees", "colour"), [("已录用", 0, INK), ("录用结果", 5, RED), ("2021.03.04", 0, INK)]
)
def test_the_same_words_in_print_are_none_of_a_strip(text: str, degrees: float, colour: tuple[int, int, int]) -> None:
    pixels, lines, _ = lettered(text, degrees, colour)
    found = find_seals(Page(scanned(pixels), dpi=DPI, lines=lines))
    assert "words of a stamp" not in [finding.why for finding in found.findings]


def test_a_slender_shape_grows_as_much_across_as_along() -> None:
    strip_ = quad(100, 100, 400, 130)
    for corners in (strip_, strip_[::-1].copy()):
        assert sorted(map(tuple, grown(corners, 5.0).tolist())) == [(95, 95), (95, 135), (405, 95), (405, 135)]
