"""Seals drawn on printed pages, 100 dpi A4: covered whole wherever they stand, and nothing else red is taken for one."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from mangping_redaction.finders.hand.fingerprint import prints
from mangping_redaction.finders.seal.find import find_seals
from mangping_redaction.finders.seal.ink import sheet
from mangping_redaction.page import Finding, Found, Page, Pixels, Polygon, quad
from PIL import Image, ImageDraw

from tests.redaction.print_shop import font, line_at, printed

DPI = 100.0
MM = DPI / 25.4
RED = (60, 50, 205)
WEAK_RED = (190, 185, 235)
BLUE = (190, 80, 45)
GREY = (135, 135, 135)
FINE = 3  # drawn at three times the size, then shrunk: soft rims, as in a scan


def ellipse(x: float, y: float, wide: float, high: float) -> Polygon:
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    return np.stack([x + wide / 2 * np.cos(turn), y + high / 2 * np.sin(turn)], axis=1).astype(np.float32)


def stamp(pixels: Pixels, mask: Image.Image, x: float, y: float, colour: tuple[int, int, int]) -> Pixels:
    """Multiplies ink over the page, its middle at x, y (it may lie outside)."""
    small = np.asarray(mask.resize((mask.width // FINE, mask.height // FINE), Image.Resampling.BOX), np.float32) / 255
    shift = np.array([[1, 0, x - small.shape[1] / 2], [0, 1, y - small.shape[0] / 2]])
    ink = cv2.warpAffine(small, shift, (pixels.shape[1], pixels.shape[0]))[..., None]
    return np.asarray(np.rint(pixels * (1 - ink + ink * np.array(colour) / 255)), np.uint8)


def round_seal(wide_mm: float, high_mm: float, text: str = "青禾市第三实验小学") -> Image.Image:
    wide, high = int(wide_mm * MM * FINE), int(high_mm * MM * FINE)
    mask = Image.new("L", (wide, high), 0)
    pen = ImageDraw.Draw(mask)
    pen.ellipse((0, 0, wide - 1, high - 1), outline=255, width=int(1.0 * MM * FINE))
    size = int(high * 0.14)
    for i, character in enumerate(text):
        turn = np.deg2rad(150 + 240 * (i + 0.5) / len(text))
        at = wide / 2 + 0.36 * wide * np.cos(turn) - size / 2, high / 2 + 0.36 * high * np.sin(turn) - size / 2
        pen.text(at, character, font=font(size), fill=255)
    points = [0.16 * high * (1 if k % 2 == 0 else 0.382) * np.exp(1j * (np.pi * k / 5 - np.pi / 2)) for k in range(10)]
    pen.polygon([(wide / 2 + p.real, high / 2 + p.imag) for p in points], fill=255)
    return mask


def name_chop(side_mm: float, *, filled: bool = False) -> Image.Image:
    side = int(side_mm * MM * FINE)
    paper, ink = (255, 0) if filled else (0, 255)
    mask = Image.new("L", (side, side), paper)
    pen = ImageDraw.Draw(mask)
    pen.rectangle((0, 0, side - 1, side - 1), outline=255, width=int(0.9 * MM * FINE))
    size = int(side * 0.40)
    for i, character in enumerate("方远之印"):
        pen.text(
            (side * (0.08 + 0.44 * (i % 2)), side * (0.08 + 0.44 * (i // 2))), character, font=font(size), fill=ink
        )
    return mask


def scanned(pixels: Pixels, quality: int = 70) -> Pixels:
    noisy = pixels + np.random.default_rng(5).normal(0, 2.5, pixels.shape)
    ok, data = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def painted(found: Found, pixels: Pixels) -> Pixels:
    mask = np.zeros(pixels.shape[:2], np.uint8)
    for finding in found.findings:
        cv2.fillPoly(mask, [np.rint(finding.polygon).astype(np.int32)], (255,))
    return mask


def shares(found: Found, pixels: Pixels, *truth: Polygon) -> tuple[float, float]:
    """(worst covered share of the true outlines, share of the page covered beyond 4 mm around them)."""
    cover = painted(found, pixels)
    covered, allowed = [], np.zeros_like(cover)
    for outline in truth:
        one = np.zeros_like(cover)
        cv2.fillPoly(one, [np.rint(outline).astype(np.int32)], (255,))
        covered.append(cv2.countNonZero(one & cover) / cv2.countNonZero(one))
        allowed |= np.asarray(cv2.dilate(one, np.ones((31, 31), np.uint8)), np.uint8)
    return min(covered, default=1.0), cv2.countNonZero(cover & ~allowed) / cover.size


@pytest.mark.parametrize("colour", [RED, WEAK_RED, BLUE, GREY])
@pytest.mark.parametrize(("wide", "high"), [(42, 42), (40, 28)])
def test_a_ring_over_text_is_covered_whole_in_any_ink(colour: tuple[int, int, int], wide: int, high: int) -> None:
    x, y = 560.0, 700.0
    pixels = scanned(stamp(printed(columns=20)[0], round_seal(wide, high), x, y, colour))
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, ellipse(x, y, wide * MM, high * MM))
    assert covered > 0.97
    assert beyond == 0


@pytest.mark.parametrize("guess", [0.75, 1.3])
def test_a_wrong_idea_of_the_resolution_does_no_harm(guess: float) -> None:
    x, y = 300.0, 500.0
    pixels = scanned(stamp(printed()[0], round_seal(40, 40), x, y, RED))
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI * guess)), pixels, ellipse(x, y, 40 * MM, 40 * MM))
    assert covered > 0.97
    assert beyond == 0


@pytest.mark.parametrize("filled", [False, True])
def test_a_name_chop_is_covered_whole(filled: bool) -> None:
    x, y, side = 600.0, 960.0, 16 * MM
    pixels = scanned(stamp(printed(rows=16)[0], name_chop(16, filled=filled), x, y, RED))
    square = quad(x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, square)
    assert covered > 0.95
    assert beyond == 0


@pytest.mark.parametrize(("x", "y"), [(0.0, 600.0), (822.0, 500.0), (400.0, 1160.0)])
def test_a_half_seal_at_the_edge_is_covered(x: float, y: float) -> None:
    pixels = scanned(stamp(printed(columns=18)[0], round_seal(42, 42), x, y, RED))
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, ellipse(x, y, 42 * MM, 42 * MM))
    assert covered > 0.95
    assert beyond == 0


def test_two_seals_that_overlap_are_both_covered() -> None:
    one, other = (330.0, 600.0), (440.0, 630.0)
    pixels = stamp(printed()[0], round_seal(42, 42), *one, RED)
    pixels = scanned(stamp(pixels, round_seal(40, 40, "远山县教育研究室"), *other, RED))
    truth = ellipse(*one, 42 * MM, 42 * MM), ellipse(*other, 40 * MM, 40 * MM)
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, *truth)
    assert covered > 0.95
    assert beyond == 0


def test_a_seal_in_the_shadow_of_a_yellow_photo_is_covered() -> None:
    x, y = 500.0, 800.0
    pixels = stamp(printed()[0], round_seal(42, 42), x, y, RED)
    light = np.linspace(1.0, 0.45, pixels.shape[0])[:, None, None] * np.array([0.7, 0.92, 0.97])
    pixels = scanned((pixels * light).astype(np.uint8), quality=50)
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, ellipse(x, y, 42 * MM, 42 * MM))
    assert covered > 0.97
    assert beyond == 0


def red_page() -> Pixels:
    """A red headline of large characters, a red rule, red table lines, a red line of text and a red picture."""
    pixels = printed(rows=12, top=320)[0]
    sheet = Image.fromarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    pen, red = ImageDraw.Draw(sheet), (205, 40, 45)
    pen.text((110, 90), "青禾市人民政府文件", font=font(66), fill=red)
    pen.rectangle((90, 230, 737, 234), fill=red)
    pen.text((110, 270), "注意事项请认真核对后填写", font=font(22), fill=red)
    for y in range(900, 1101, 40):
        pen.line((100, y, 460, y), fill=red, width=2)
    for x in range(100, 461, 90):
        pen.line((x, 900, x, 1100), fill=red, width=2)
    pen.rectangle((560, 900, 700, 1090), fill=red)
    return np.asarray(cv2.cvtColor(np.asarray(sheet), cv2.COLOR_RGB2BGR), np.uint8)


def test_red_print_is_no_seal() -> None:
    pixels = scanned(red_page())
    assert find_seals(Page(pixels, dpi=DPI)) == Found()
    assert prints(sheet(Page(pixels, dpi=DPI))) == Found()


def test_text_tables_and_drawn_circles_without_text_are_no_seals() -> None:
    pixels = printed(rows=10, top=500)[0]
    for (x, y), (u, v) in pairwise([(120, 90), (420, 250), (700, 90), (120, 400)]):
        cv2.rectangle(pixels, (x, y), (u, v), (60, 60, 60), 2)
    cv2.circle(pixels, (300, 1030), 24, (60, 60, 60), 2)
    assert find_seals(Page(scanned(pixels), dpi=DPI)) == Found()


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 400, 3), (64, 64, 3)])
def test_pages_too_small_for_a_seal_hold_none(shape: tuple[int, int, int]) -> None:
    page = Page(np.full(shape, 200, np.uint8), dpi=72)
    assert find_seals(page) == Found()
    assert prints(sheet(page)) == Found()


def fingerprint(wide: int, high: int) -> Image.Image:
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    away = np.hypot(x - wide * 0.55, (y - high * 0.6) * 0.7)
    ridges = np.clip(0.5 + np.sin(away * 2 * np.pi / (0.5 * MM * FINE)), 0, 1)
    pressed = np.clip(3 * (1 - ((x / wide - 0.5) * 2) ** 2 - ((y / high - 0.5) * 2) ** 2), 0, 1) * (
        0.45 + 0.5 * x / wide
    )
    return Image.fromarray((255 * ridges * pressed).astype(np.uint8))


def test_a_red_fingerprint_is_covered_with_its_rim_and_is_no_seal() -> None:
    x, y, wide, high = 600.0, 1000.0, 15 * MM, 20 * MM
    pixels = scanned(stamp(printed(rows=18)[0], fingerprint(int(wide * FINE), int(high * FINE)), x, y, RED))
    found = prints(sheet(Page(pixels, dpi=DPI)))
    covered, beyond = shares(found, pixels, ellipse(x, y, wide, high))
    assert [finding.cls for finding in found.findings] == ["fingerprint"]
    assert covered > 0.95
    assert beyond == 0


@pytest.mark.parametrize("ink", [BLUE, GREY])
@pytest.mark.parametrize(("asked", "found"), [("承诺人（签字捺印）：", 2), ("承诺人（签字）：", 0)])
def test_prints_of_other_inks_are_covered_where_the_page_asks_for_them(
    ink: tuple[int, int, int], asked: str, found: int
) -> None:
    """One below the other, as those of witnesses stand."""
    x, wide, high = 600.0, 13 * MM, 17 * MM
    pixels, lines = printed(rows=10)
    for y in (760.0, 860.0):
        pixels = stamp(pixels, fingerprint(int(wide * FINE), int(high * FINE)), x, y, ink)
    pixels = scanned(pixels)
    pressed = prints(sheet(Page(pixels, dpi=DPI)), (*lines, line_at(asked, 200, 640, 24, 0.98)))
    assert len(pressed.findings) == found
    for finding, y in zip(pressed.findings, sorted(f.polygon[:, 1].mean() for f in pressed.findings), strict=True):
        assert finding.cls == "fingerprint"
        place = min((760.0, 860.0), key=lambda at: abs(at - y))
        assert shares(pressed, pixels, ellipse(x, place, wide, high))[0] > 0.95


def test_a_seal_is_no_fingerprint() -> None:
    pixels = scanned(stamp(printed()[0], round_seal(42, 42), 500, 800, RED))
    assert prints(sheet(Page(pixels, dpi=DPI))) == Found()


def test_a_photocopied_name_chop_beside_the_text_is_covered() -> None:
    x, y, side = 600.0, 960.0, 18 * MM
    pixels = scanned(stamp(printed(rows=16)[0], name_chop(18), x, y, (90, 90, 90)))
    square = quad(x - side / 2, y - side / 2, x + side / 2, y + side / 2)
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, square)
    assert covered > 0.95
    assert beyond == 0


def strip(wide_mm: float, high_mm: float, text: str = "受理专用章") -> Image.Image:
    wide, high = int(wide_mm * MM * FINE), int(high_mm * MM * FINE)
    mask = Image.new("L", (wide, high), 0)
    pen = ImageDraw.Draw(mask)
    pen.rectangle((0, 0, wide - 1, high - 1), outline=255, width=int(0.9 * MM * FINE))
    pen.text((wide / 2, high / 2), text, font=font(int(0.8 * wide / len(text))), fill=255, anchor="mm")
    return mask


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("ink", [(90, 90, 90), (165, 165, 165), (150, 60, 120)])
@pytest.mark.parametrize("turn", [0, 9])
def test_a_name_chop_is_covered_in_any_ink_beside_a_red_seal(
    filled: bool, ink: tuple[int, int, int], turn: int
) -> None:
    x, y, side = 600.0, 960.0, 16 * MM
    chop = name_chop(16, filled=filled).rotate(turn, expand=True)
    pixels = stamp(printed(rows=16)[0], round_seal(42, 42), 300, 930, RED)
    pixels = scanned(stamp(pixels, chop, x, y, ink))
    around = cv2.boxPoints(((x, y), (side, side), -turn)).astype(np.float32)
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, around, ellipse(300, 930, 42 * MM, 42 * MM))
    assert covered > 0.95
    assert beyond == 0


def test_a_photocopied_strip_is_covered_though_printed_boxes_are_not() -> None:
    x, y = 500.0, 960.0
    pixels = scanned(stamp(printed(rows=16)[0], strip(50, 18).rotate(4, expand=True), x, y, (110, 110, 110)))
    around = cv2.boxPoints(((x, y), (50 * MM, 18 * MM), -4)).astype(np.float32)
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, around)
    assert covered > 0.95
    assert beyond == 0


def test_a_printed_box_as_level_and_as_black_as_the_print_is_covered_or_left_to_a_human() -> None:
    pixels = scanned(stamp(printed(rows=16)[0], strip(50, 18), 500.0, 960.0, (38, 38, 38)))
    found = find_seals(Page(pixels, dpi=DPI))
    covered, _ = shares(found, pixels, quad(500 - 25 * MM, 960 - 9 * MM, 500 + 25 * MM, 960 + 9 * MM))
    assert covered > 0.9 or found.doubts == ("seal_suspect",)


@pytest.mark.parametrize("colour", [BLUE, GREY, (150, 60, 120)])
@pytest.mark.parametrize(("x", "y"), [(0.0, 600.0), (822.0, 500.0)])
def test_half_a_seal_of_any_ink_at_the_edge_is_covered(colour: tuple[int, int, int], x: float, y: float) -> None:
    pixels = scanned(stamp(printed(columns=18)[0], round_seal(42, 42), x, y, colour))
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI)), pixels, ellipse(x, y, 42 * MM, 42 * MM))
    assert covered > 0.95
    assert beyond == 0


def test_a_seal_cut_off_where_the_sheet_ends_on_a_dark_desk_is_covered_on_the_sheet() -> None:
    sheet_, x, y = stamp(printed(columns=18)[0], round_seal(42, 42), 822.0, 600.0, GREY), 822.0, 600.0
    pixels = scanned(
        cv2.copyMakeBorder(sheet_, 30, 30, 30, 70, cv2.BORDER_CONSTANT, value=(60, 70, 80)).astype(np.uint8)
    )
    seal = np.minimum(ellipse(x + 30, y + 30, 42 * MM, 42 * MM), (827 + 29, 5000)).astype(np.float32)
    assert shares(find_seals(Page(pixels, dpi=DPI)), pixels, seal)[0] > 0.93


def test_a_blue_line_of_text_and_a_qr_code_are_no_seals() -> None:
    pixels = printed(rows=10, top=400)[0]
    sheet_ = Image.fromarray(pixels)
    ImageDraw.Draw(sheet_).text((110, 120), "青禾市人民政府荣誉证书", font=font(44), fill=(170, 70, 40))
    read = line_at("青禾市人民政府荣誉证书", 110, 120, 44, 0.98)
    pixels = np.asarray(sheet_).copy()
    blocks = np.random.default_rng(3).integers(0, 2, (25, 25)).astype(np.uint8) * 210 + 30
    pixels[900:1050, 560:710] = np.kron(blocks, np.ones((6, 6), np.uint8))[..., None]
    found = Finding("qrcode", quad(560, 900, 710, 1050), 0.9, "test", "code")
    assert find_seals(Page(scanned(pixels), dpi=DPI, lines=(read,), findings=(found,))) == Found()


def test_a_portrait_is_no_seal_and_hides_none_beside_it() -> None:
    pixels = printed(rows=14, columns=16, left=60, top=420)[0]
    v, u = np.mgrid[-1:1:138j, -1:1:98j]
    head = 60 + 120 * (np.hypot(u, v + 0.2) < 0.5) + 30 * np.sin(9 * u) * (v > 0.3)
    pixels[100:238, 640:738] = head[..., None].clip(0, 255).astype(np.uint8)
    face = Finding("face", quad(664, 120, 714, 190), 0.9, "test", "face")
    x, y = 640.0, 238.0
    sealed = scanned(stamp(pixels, round_seal(38, 38), x, y, (120, 120, 120)))
    assert find_seals(Page(scanned(pixels), dpi=DPI, findings=(face,))) == Found()
    covered, beyond = shares(
        find_seals(Page(sealed, dpi=DPI, findings=(face,))), sealed, ellipse(x, y, 38 * MM, 38 * MM)
    )
    assert covered > 0.95
    assert beyond == 0


def test_a_badge_in_a_printers_red_is_no_fingerprint() -> None:
    pixels = printed(rows=10, top=500)[0]
    centre, half = (413, 250), (round(7 * MM), round(9 * MM))
    cv2.ellipse(pixels, centre, half, 0, 0, 360, (40, 30, 210), -1)
    cv2.putText(pixels, "7", (400, 265), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 4)
    assert prints(sheet(Page(scanned(pixels), dpi=DPI))) == Found()
    cv2.ellipse(pixels, centre, half, 0, 0, 360, (110, 100, 220), -1)  # as a wet pad leaves it
    cv2.putText(pixels, "7", (400, 265), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 4)
    [found] = prints(sheet(Page(scanned(pixels), dpi=DPI))).findings
    assert found.cls == "fingerprint"


def test_a_large_round_emblem_is_no_fingerprint() -> None:
    pixels = printed(rows=10, top=500)[0]
    cv2.circle(pixels, (413, 250), 56, RED, -1)
    cv2.circle(pixels, (413, 250), 30, (190, 190, 235), 6)
    assert prints(sheet(Page(scanned(pixels), dpi=DPI))) == Found()


def test_a_closed_red_border_does_not_swallow_the_seals_inside_it() -> None:
    sheet = np.full((900, 700, 3), 250, np.uint8)
    cv2.rectangle(sheet, (30, 30), (670, 870), (40, 40, 190), 8)
    cv2.circle(sheet, (450, 650), 75, (50, 50, 200), 5)
    cv2.putText(sheet, "*", (430, 680), cv2.FONT_HERSHEY_SIMPLEX, 2, (50, 50, 200), 5)
    found = find_seals(Page(sheet, dpi=100.0)).findings
    covered = np.zeros(sheet.shape[:2], np.uint8)
    for finding in found:
        cv2.fillPoly(covered, [np.round(finding.polygon).astype(np.int32)], 1)
    ring = cv2.circle(np.zeros_like(covered), (450, 650), 77, 1, -1)
    assert (covered & ring).sum() > 0.95 * ring.sum()
    assert covered.sum() < 1.3 * ring.sum()


@pytest.mark.parametrize(("chop", "coloured", "found", "doubts"), [
    (True, False, ["seal"], ("seal_suspect",)), (False, False, [], ()), (False, True, [], ()),
])  # fmt: skip
def test_what_sticks_out_from_under_a_copied_portrait_is_looked_at(
    chop: bool, coloured: bool, found: list[str], doubts: tuple[str, ...]
) -> None:
    pixels, lines = printed(rows=8)
    left, top, wide, high = 500, 600, round(28 * MM), round(38 * MM)
    tones = np.random.default_rng(3).integers(60, 200, (6, 5, 3)).astype(np.uint8)
    portrait = np.asarray(cv2.resize(tones, (wide, high), interpolation=cv2.INTER_CUBIC), np.uint8)
    grey = np.asarray(cv2.cvtColor(cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
    pixels[top : top + high, left : left + wide] = portrait if coloured else grey
    if chop:
        pixels = stamp(pixels, name_chop(20), left, top + high - 20, (70, 70, 70))
    face = Finding(
        "face", quad(left + 0.25 * wide, top + 0.2 * high, left + 0.75 * wide, top + 0.65 * high), 1.0, "t", "t"
    )
    told = find_seals(Page(scanned(pixels), dpi=DPI, lines=lines, findings=(face,)))
    assert ([finding.cls for finding in told.findings], told.doubts) == (found, doubts)


@pytest.mark.parametrize("turn", [0, 7])
def test_a_weak_grey_strip_on_bare_paper_is_covered(turn: int) -> None:
    x, y = 500.0, 960.0
    pixels = stamp(printed(rows=16)[0], strip(45, 12, "青禾市教育局").rotate(turn, expand=True), x, y, (205, 205, 205))
    around = cv2.boxPoints(((x, y), (45 * MM, 12 * MM), -turn)).astype(np.float32)
    covered, beyond = shares(find_seals(Page(scanned(pixels), dpi=DPI)), pixels, around)
    assert covered > 0.93
    assert beyond == 0


def test_a_weak_blue_chop_across_the_lines_of_a_table_is_covered_and_its_cells_are_not() -> None:
    pixels = printed(rows=10)[0]
    for row in range(6):
        cv2.line(pixels, (100, 700 + 40 * row), (700, 700 + 40 * row), (40, 40, 40), 2)
    for column in range(6):
        cv2.line(pixels, (100 + 120 * column, 700), (100 + 120 * column, 900), (40, 40, 40), 2)
    assert find_seals(Page(scanned(pixels), dpi=DPI)) == Found()
    x, y, side = 460.0, 790.0, 18 * MM
    sealed = scanned(stamp(pixels, name_chop(18).rotate(5, expand=True), x, y, (205, 150, 120)))
    around = cv2.boxPoints(((x, y), (side, side), -5)).astype(np.float32)
    covered, beyond = shares(find_seals(Page(sealed, dpi=DPI)), sealed, around)
    assert covered > 0.95
    assert beyond == 0


def test_a_weak_oval_over_text_is_covered() -> None:
    x, y = 460.0, 640.0
    pixels, lines = printed()
    pixels = scanned(stamp(pixels, round_seal(45, 30), x, y, (205, 205, 205)))
    covered, beyond = shares(find_seals(Page(pixels, dpi=DPI, lines=lines)), pixels, ellipse(x, y, 45 * MM, 30 * MM))
    assert covered > 0.95
    assert beyond == 0


def test_a_cover_ends_where_the_sheet_does() -> None:
    sheet_, x, y = stamp(printed(columns=18)[0], round_seal(42, 42), 822.0, 600.0, RED), 852.0, 630.0
    pixels = scanned(
        cv2.copyMakeBorder(sheet_, 30, 30, 30, 120, cv2.BORDER_CONSTANT, value=(60, 70, 80)).astype(np.uint8)
    )
    cover = painted(find_seals(Page(pixels, dpi=DPI)), pixels)
    assert cover[int(y), int(x) - 60] == 255
    assert cv2.countNonZero(cover[:, 30 + 827 + round(7 * MM) :]) == 0
