"""Seals and prints of which a part cannot be seen: under a portrait, a code or a pen, across a border. 100 dpi A4."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from mangping_redaction.finders.hand.fingerprint import find_under_signatures
from mangping_redaction.finders.seal.find import find_seals, shapes
from mangping_redaction.finders.seal.ink import sheet
from mangping_redaction.page import Finding, Found, Page, Pixels, quad

from tests.redaction.print_shop import printed
from tests.redaction.test_seal import (
    DPI,
    FINE,
    GREY,
    MM,
    RED,
    ellipse,
    fingerprint,
    name_chop,
    round_seal,
    scanned,
    shares,
    stamp,
)

BLUE = (190, 80, 45)
LEFT, TOP, WIDE, HIGH = 500, 600, round(28 * MM), round(38 * MM)


def with_portrait(*, coloured: bool) -> Pixels:
    pixels = printed(rows=8)[0]
    tones = np.random.default_rng(3).integers(60, 200, (6, 5, 3)).astype(np.uint8)
    portrait = np.asarray(cv2.resize(tones, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC), np.uint8)
    if not coloured:
        portrait = np.asarray(cv2.cvtColor(cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
    pixels[TOP : TOP + HIGH, LEFT : LEFT + WIDE] = portrait
    return pixels


FACE = Finding(
    "face",
    quad(LEFT + 0.25 * WIDE, TOP + 0.2 * HIGH, LEFT + 0.75 * WIDE, TOP + 0.65 * HIGH),
    0.9,
    "test",
    "face",
)


@pytest.mark.parametrize("ink", [RED, BLUE, (90, 90, 90)])
def test_a_square_seal_half_on_a_portrait_is_covered_whole(ink: tuple[int, int, int]) -> None:
    x, y, side = LEFT - 10.0, TOP + HIGH - 10.0, 34 * MM
    pixels = scanned(stamp(with_portrait(coloured=True), name_chop(34).rotate(5, expand=True), x, y, ink))
    around = cv2.boxPoints(((x, y), (side, side), -5)).astype(np.float32)
    found = find_seals(Page(pixels, dpi=DPI, findings=(FACE,)))
    covered, beyond = shares(found, pixels, around)
    assert covered > 0.95
    assert beyond < 1e-3  # of the page: the network knows a rim to a cell


@pytest.mark.parametrize("ink", [RED, BLUE, (90, 90, 90)])
def test_a_round_seal_at_the_foot_of_a_closely_cropped_portrait_is_covered_whole(ink: tuple[int, int, int]) -> None:
    x, y = LEFT + WIDE - 4 * MM, TOP + HIGH + 6 * MM
    pixels = scanned(stamp(with_portrait(coloured=True), round_seal(26, 26), x, y, ink))
    face = quad(LEFT + 0.1 * WIDE, TOP + 0.1 * HIGH, LEFT + 0.9 * WIDE, TOP + 0.95 * HIGH)
    found = find_seals(Page(pixels, dpi=DPI, findings=(Finding("face", face, 0.9, "test", "face"),)))
    covered, beyond = shares(found, pixels, ellipse(x, y, 26 * MM, 26 * MM))
    assert covered > 0.95
    assert beyond == 0


def test_a_square_seal_under_a_code_is_covered_whole() -> None:
    x, y, side = 560.0, 960.0, 40 * MM
    pixels = stamp(printed(rows=10)[0], name_chop(40).rotate(4, expand=True), x, y, (110, 110, 110))
    blocks = np.random.default_rng(3).integers(0, 2, (25, 25)).astype(np.uint8) * 210 + 30
    pixels[920:1045, 450:575] = np.kron(blocks, np.ones((5, 5), np.uint8))[..., None]
    code = Finding("qrcode", quad(446, 916, 579, 1049), 1.0, "test", "code")
    around = cv2.boxPoints(((x, y), (side, side), -4)).astype(np.float32)
    pixels = scanned(pixels)
    covered, _ = shares(find_seals(Page(pixels, dpi=DPI, findings=(code,))), pixels, around)
    assert covered > 0.95


def test_a_table_beside_a_portrait_is_no_half_seal() -> None:
    pixels = with_portrait(coloured=True)
    for row in range(5):
        y = TOP + row * HIGH // 4
        cv2.line(pixels, (LEFT - 160, y), (LEFT, y), (60, 60, 60), 2)
    for x in (LEFT - 160, LEFT - 80):
        cv2.line(pixels, (x, TOP), (x, TOP + HIGH), (60, 60, 60), 2)
    assert find_seals(Page(scanned(pixels), dpi=DPI, findings=(FACE,))).findings == ()


@pytest.mark.parametrize(("chop", "doubts"), [(True, ("seal_suspect",)), (False, ())])
def test_a_black_chop_half_under_a_coloured_portrait_is_looked_at(chop: bool, doubts: tuple[str, ...]) -> None:
    pixels = with_portrait(coloured=True)
    if chop:
        pixels = stamp(pixels, name_chop(15, filled=True), LEFT, TOP + HIGH - 40, (70, 70, 70))
    assert find_seals(Page(scanned(pixels), dpi=DPI, findings=(FACE,))) == Found(doubts=doubts)


@pytest.mark.parametrize(("faces", "covered"), [(1, 1), (4, 0)])
def test_coloured_clothes_under_faces_are_covered_on_portraits_alone(faces: int, covered: int) -> None:
    pixels = with_portrait(coloured=False)
    cv2.ellipse(pixels, (LEFT - 30, TOP + 90), (50, 34), 12, 0, 360, RED, cv2.FILLED)
    page = Page(scanned(pixels), dpi=DPI, findings=(FACE,) * faces)
    found = shapes(sheet(page), page, rings=False)
    assert [finding.why for finding in found.found] == ["ink under a portrait"] * covered
    assert bool(found.beside) is not bool(covered)


def test_a_purple_chop_taken_for_a_code_is_covered_all_the_same() -> None:
    x, y, side = 600.0, 960.0, 18 * MM
    pixels = scanned(stamp(printed(rows=16)[0], name_chop(18), x, y, (150, 60, 120)))
    code = Finding("qrcode", quad(x - 30, y - 25, x + 40, y + 40), 0.8, "test", "code")
    square = quad(x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI, findings=(code,))), pixels, square)
    assert covered > 0.95
    assert beyond == 0


def bordered(colour: tuple[int, int, int]) -> Pixels:
    """A page with a border of two lines and a row of loops between them, as certificates have."""
    pixels = printed(rows=14, columns=14, left=160, top=200)[0]
    high, wide = pixels.shape[:2]
    for margin, thick in ((34, 3), (60, 2)):
        cv2.rectangle(pixels, (margin, margin), (wide - margin, high - margin), colour, thick)
    for y in range(47, high - 46, 22):
        for x in (47, wide - 47):
            cv2.circle(pixels, (x, y), 12, colour, 1, cv2.LINE_AA)
    return pixels


@pytest.mark.parametrize("ink", [GREY, BLUE, (80, 80, 80)])
def test_half_a_seal_across_a_red_border_is_covered(ink: tuple[int, int, int]) -> None:
    x, y = 810.0, 600.0
    plain = bordered((40, 40, 160))
    pixels = scanned(stamp(plain, round_seal(42, 42), x, y, ink))
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, ellipse(x, y, 42 * MM, 42 * MM))
    assert covered > 0.9
    assert beyond < 0.002
    assert find_seals(Page(scanned(plain), dpi=DPI)) == Found()


def test_a_red_seal_that_ends_where_its_sheet_does_is_covered_though_a_black_border_runs_across() -> None:
    x, y = 822.0, 600.0
    sheet = stamp(bordered((50, 50, 50)), round_seal(42, 42), x, y, RED)
    desk = cv2.copyMakeBorder(sheet, 30, 30, 30, 70, cv2.BORDER_CONSTANT, value=(60, 30, 70)).astype(np.uint8)
    pixels = scanned(desk)
    seal = np.minimum(ellipse(x + 30, y + 30, 42 * MM, 42 * MM), (827 + 28, 5000)).astype(np.float32)
    assert shares(find_seals(Page(pixels, dpi=DPI)), pixels, seal)[0] > 0.9


@pytest.mark.parametrize(("pressed", "found"), [(True, ["fingerprint"]), (False, [])])
def test_a_copied_print_that_a_signature_runs_through_goes_whole(pressed: bool, found: list[str]) -> None:
    x, y, wide, high = 600.0, 1000.0, 15 * MM, 22 * MM
    pixels = printed(rows=14)[0]
    if pressed:
        pixels = stamp(pixels, fingerprint(int(wide * FINE), int(high * FINE)), x, y, (70, 70, 70))
    zigzag = [[-70, 20], [-40, -18], [-20, 22], [0, -20], [20, 20], [40, -15], [70, 18]]
    strokes = np.array(zigzag) + np.array([x, y])
    cv2.polylines(pixels, [strokes.astype(np.int32)], False, (30, 30, 30), 3, cv2.LINE_AA)
    signature = Finding("signature", quad(x - 80, y - 26, x + 80, y + 26), 0.9, "test", "signature")
    pixels = scanned(pixels)
    under = find_under_signatures(Page(pixels, dpi=DPI, findings=(signature,)))
    assert [finding.cls for finding in under.findings] == found
    if pressed:
        covered, beyond = shares(Found((signature, *under.findings)), pixels, ellipse(x, y, wide, high))
        assert covered > 0.95
        assert beyond < 0.005
