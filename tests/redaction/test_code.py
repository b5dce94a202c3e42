"""Codes on generated pages: read, unreadable, worn; and what must not be taken for one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp
from mangping_redaction.finders.code import matrix as code_matrix
from mangping_redaction.finders.code import read as code_read
from mangping_redaction.finders.code.find import find_codes
from mangping_redaction.finders.code.read import Symbol
from mangping_redaction.page import Found, Page, Pixels, Polygon, quad
from zxingcpp import BarcodeFormat as Format

SIZE = (1170, 1654)  # a half page at 200 dpi: height, width


def _paper(lines: range = range(80, 500, 40)) -> Pixels:
    page = np.full((*SIZE, 3), 244, np.uint8)
    random = np.random.default_rng(3)
    for y in lines:
        for x in range(100, 1540, 30):
            for _ in range(5):
                start, end = random.integers(0, 25, 2), random.integers(0, 25, 2)
                cv2.line(page, np.add(start, (x, y)).tolist(), np.add(end, (x, y)).tolist(), (35, 35, 35), 3)
    return page


def _symbol(text: str, kind: Format) -> Pixels:
    image = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind), scale=1, add_quiet_zones=False)
    return np.array(image, dtype=np.uint8)


def _put(page: Pixels, symbol: Pixels, x: int, y: int, ink: tuple[int, int, int] = (20, 20, 20)) -> Polygon:
    height, width = symbol.shape
    page[y - 16 : y + height + 16, x - 30 : x + width + 30] = 244
    page[y : y + height, x : x + width] = np.where(symbol[..., None] > 127, 244, np.array(ink)).astype(np.uint8)
    return quad(x, y, x + width, y + height)


def _qr(module: int) -> Pixels:
    symbol = _symbol("https://xl.example.cn/v?c=010322730095067417", Format.QRCode)
    return cv2.resize(symbol, None, fx=module, fy=module, interpolation=cv2.INTER_NEAREST).astype(np.uint8)


def _bars(kind: Format, text: str, module: int, height: int) -> Pixels:
    row = _symbol(text, kind)[:1]
    return cv2.resize(row, (row.shape[1] * module, height), interpolation=cv2.INTER_NEAREST).astype(np.uint8)


def _covered(truth: Polygon, found: Found, cls: str) -> float:
    wanted, cover = np.zeros(SIZE, np.uint8), np.zeros(SIZE, np.uint8)
    cv2.fillPoly(wanted, [np.round(truth).astype(np.int32)], 1)
    for finding in found.findings:
        if finding.cls == cls:
            cv2.fillPoly(cover, [np.round(finding.polygon).astype(np.int32)], 1)
    return float((wanted & cover).sum() / wanted.sum())


def _find(pixels: Pixels) -> Found:
    return find_codes(Page(pixels, dpi=200.0))


def _tilted(pixels: Pixels, degrees: float) -> tuple[Pixels, np.ndarray]:
    matrix = cv2.getRotationMatrix2D((SIZE[1] / 2, SIZE[0] / 2), degrees, 1)
    return cv2.warpAffine(pixels, matrix, SIZE[::-1], borderValue=(244, 244, 244)).astype(np.uint8), matrix


@pytest.mark.parametrize("module", [2, 4, 9])
@pytest.mark.parametrize("ink", [(20, 20, 20), (150, 60, 20)], ids=["black", "blue"])
def test_qr_codes_are_covered_whole(module: int, ink: tuple[int, int, int]) -> None:
    page = _paper()
    truth = _put(page, _qr(module), 1100, 640, ink)
    found = _find(page)
    assert [finding.cls for finding in found.findings] == ["qrcode"]
    assert _covered(truth, found, "qrcode") >= 0.99
    assert cv2.contourArea(found.findings[0].polygon) <= 1.6 * cv2.contourArea(truth)


@pytest.mark.parametrize(
    "ink",
    [(119, 110, 230), (190, 170, 245), (120, 180, 250), (130, 235, 245), (235, 200, 150), (180, 225, 180), (205,) * 3],
    ids=["pale red", "pink", "orange", "yellow", "light blue", "light green", "light grey"],
)
def test_codes_in_pale_ink_are_covered_whole(ink: tuple[int, int, int]) -> None:
    page = _paper()
    square, bars = _qr(5), _bars(Format.Code128, "9329731662958509", 3, 80)
    truth = {"qrcode": _put(page, square, 1100, 640, ink), "barcode": _put(page, bars, 200, 900, ink)}
    found = _find(page)
    assert sorted(finding.cls for finding in found.findings) == ["barcode", "qrcode"]
    assert min(_covered(outline, found, cls) for cls, outline in truth.items()) >= 0.99


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Format.Code128, "9329731662958509"),
        (Format.Code39, "ZS2023000417"),
        (Format.EAN13, "690123456789"),
        (Format.ITF, "20230004179314"),
    ],
    ids=["code128", "code39", "ean13", "itf"],
)
@pytest.mark.parametrize("lying", [False, True])
def test_barcodes_are_covered_whole(kind: Format, text: str, lying: bool) -> None:
    page = _paper()
    symbol = _bars(kind, text, 2, 70)
    truth = _put(page, np.ascontiguousarray(symbol.T) if lying else symbol, 900, 600)
    found = _find(page)
    assert {finding.cls for finding in found.findings} == {"barcode"}
    assert _covered(truth, found, "barcode") >= 0.99


def test_what_is_added_around_high_bars_stays_within_their_quiet_zone() -> None:
    page = _paper()
    truth = _put(page, _bars(Format.Code128, "KRL20261120", 4, 190), 300, 640)
    (found,) = _find(page).findings
    beyond = np.abs(found.polygon - truth.mean(axis=0)).max(axis=0) - np.ptp(truth, axis=0) / 2
    assert beyond.max() <= 4.5 * 200 / 25.4


def test_a_damaged_qr_code_that_nobody_can_read_is_covered() -> None:
    page, symbol = _paper(), _qr(5)
    random = np.random.default_rng(5)
    noise = np.kron(random.integers(0, 2, (symbol.shape[0] // 5, symbol.shape[1] // 5)), np.ones((5, 5))) * 255
    truth = _put(page, noise.astype(np.uint8), 1100, 640)  # no finder pattern, no check sum: texture alone
    found = _find(page)
    assert [(finding.cls, finding.why) for finding in found.findings] == [("qrcode", "texture of a 2-D code")]
    assert _covered(truth, found, "qrcode") >= 0.99


def test_bars_that_nobody_can_read_are_covered() -> None:
    page, random = _paper(), np.random.default_rng(6)
    row = np.repeat(np.arange(60) % 2, random.integers(2, 9, 60)) * 255
    truth = _put(page, np.repeat(row[None].astype(np.uint8), 60, axis=0), 900, 700)
    found = _find(page)
    assert [(finding.cls, finding.why) for finding in found.findings] == [("barcode", "stripes of a barcode")]
    assert _covered(truth, found, "barcode") >= 0.99


def test_bars_that_a_worn_spot_parts_are_covered_whole() -> None:
    page, random = _paper(), np.random.default_rng(6)
    row = np.repeat(np.arange(60) % 2, random.integers(2, 9, 60)) * 255
    truth = _put(page, np.repeat(row[None].astype(np.uint8), 60, axis=0), 900, 700)
    middle = 900 + len(row) // 2
    page[700:760:4, middle - 40 : middle + 40] = 244  # streaks: neither half has the steps of a whole code
    found = _find(page)
    assert {(finding.cls, finding.why) for finding in found.findings} == {("barcode", "stripes of a barcode")}
    assert _covered(truth, found, "barcode") >= 0.99


@pytest.mark.parametrize("degrees", [-5.0, 5.0])
def test_skewed_codes(degrees: float) -> None:
    page = _paper()
    truths = [
        (_put(page, _qr(4), 1100, 700), "qrcode"),
        (_put(page, _bars(Format.Code128, "9329731662958509", 2, 90), 400, 700), "barcode"),
    ]
    tilted, matrix = _tilted(page, degrees)
    found = _find(tilted)
    for truth, cls in truths:
        assert _covered((truth @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32), found, cls) >= 0.97


@pytest.mark.parametrize("worn", ["red seal", "copy", "blur", "jpeg"])
def test_worn_codes(worn: str) -> None:
    page = _paper()
    truths = [
        (_put(page, _qr(5), 1100, 700), "qrcode"),
        (_put(page, _bars(Format.Code128, "9329731662958509", 3, 90), 300, 700), "barcode"),
    ]
    if worn == "red seal":
        ink = np.full_like(page, 255)
        for centre in ((1180, 780), (520, 740)):
            cv2.circle(ink, centre, 150, (60, 50, 220), 10)
            cv2.circle(ink, centre, 40, (60, 50, 220), cv2.FILLED)
        page = (page.astype(np.float32) * ink / 255).astype(np.uint8)
    elif worn == "copy":
        grey = np.clip((cv2.cvtColor(page, cv2.COLOR_BGR2GRAY).astype(np.float32) - 100) * 1.7 + 40, 0, 255)
        page = cv2.cvtColor(grey.astype(np.uint8), cv2.COLOR_GRAY2BGR).astype(np.uint8)
    elif worn == "blur":
        page = cv2.GaussianBlur(page, (0, 0), 1.8).astype(np.uint8)
    else:
        _, jpeg = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 40])
        page = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
    found = _find(page)
    assert [_covered(truth, found, cls) >= 0.97 for truth, cls in truths] == [True, True]


def test_text_tables_hatching_and_rings_are_no_codes() -> None:
    page = _paper()
    for x in range(100, 700, 12):
        cv2.line(page, (x, 560), (x, 700), (30, 30, 30), 3)  # an even hatching
    for y in range(760, 1100, 40):
        cv2.line(page, (100, y), (900, y), (30, 30, 30), 2)
    for x in range(100, 901, 80):
        cv2.line(page, (x, 760), (x, 1080), (30, 30, 30), 2)
    for radius in range(30, 160, 9):
        cv2.circle(page, (1250, 850), radius, (40, 40, 40), 2)
    assert _find(page) == Found()


def test_what_goes_on_for_longer_than_any_code_is_an_ornament() -> None:
    woven = np.kron(np.random.default_rng(5).integers(0, 2, (20, 56)), np.full((4, 4), 255)).astype(np.uint8)
    height, width = woven.shape
    alone, band = _paper(range(200, 500, 40)), _paper(range(200, 500, 40))
    truth = _put(alone, woven, 600, 700)
    for x in range(100, 1300, width + 14):  # a little paper parts its pieces, as a worn scan does
        band[700 : 700 + height, x : x + width] = woven[..., None]
    assert [one.cls for one in _find(alone).findings] == ["qrcode"]
    assert _covered(truth, _find(alone), "qrcode") == 1.0
    assert _find(band) == Found()


def test_a_coarse_page_is_looked_at_enlarged() -> None:
    page = _paper()
    truth = _put(page, _qr(4), 1100, 640)
    coarse = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)
    found = find_codes(Page(coarse, dpi=100.0))
    assert [finding.cls for finding in found.findings] == ["qrcode"]
    doubled = Found(tuple(type(f)(f.cls, f.polygon * 2, f.confidence, f.finder, f.why) for f in found.findings))
    assert _covered(truth, doubled, "qrcode") >= 0.99


def _coarsely(page: Pixels, dpi: float, blur: float) -> Found:
    """What is found on the page scanned at fewer dots an inch and out of focus, in pixels of the page."""
    factor = dpi / 200
    coarse = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    found = find_codes(Page(cv2.GaussianBlur(coarse, (0, 0), blur).astype(np.uint8), dpi=dpi))
    return Found(tuple(type(f)(f.cls, f.polygon / factor, f.confidence, f.finder, f.why) for f in found.findings))


@pytest.mark.parametrize(("kind", "blur"), [(Format.QRCode, 1.1), (Format.DataMatrix, 0.9), (Format.Aztec, 0.9)])
def test_modules_that_a_coarse_page_melts_together_are_covered(kind: Format, blur: float) -> None:
    page, symbol = _paper(), _symbol("https://xl.example.cn/v?c=010322730095067417", kind)
    small = cv2.resize(symbol, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST).astype(np.uint8)
    truth = _put(page, small, 1100, 640)
    found = _coarsely(page, dpi=120.0, blur=blur)
    assert [(one.cls, one.why) for one in found.findings] == [("qrcode", "texture of a 2-D code")]
    assert _covered(truth, found, "qrcode") >= 0.97


def test_stacked_bars_with_broad_ends_that_nobody_can_read_are_covered() -> None:
    page, symbol = _paper(), _symbol("CERT|722288488132|2031", Format.PDF417)
    symbol[:, 60:-60] = np.random.default_rng(7).permutation(symbol[:, 60:-60], axis=1)  # no check sum holds
    truth = _put(page, cv2.resize(symbol, None, fx=2, fy=3, interpolation=cv2.INTER_NEAREST).astype(np.uint8), 700, 640)
    found = _coarsely(page, dpi=140.0, blur=0.9)
    assert [(one.cls, one.why) for one in found.findings] == [("qrcode", "texture of a 2-D code")]
    assert _covered(truth, found, "qrcode") >= 0.97


def test_large_stacked_bars_on_grainy_paper_are_read() -> None:
    page, symbol = _paper(), _symbol("CERT|722288488132", Format.PDF417)
    large = cv2.resize(symbol, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST).astype(np.uint8)
    truth = _put(page, large, 600, 640)
    grain = np.random.default_rng(8).normal(0, 6.5, (*SIZE, 1))
    found = _find(np.clip(cv2.GaussianBlur(page, (0, 0), 1.0) + grain, 0, 255).astype(np.uint8))
    assert [(one.cls, one.why) for one in found.findings] == [("qrcode", "read")]
    assert _covered(truth, found, "qrcode") >= 0.97


def test_thin_bars_that_a_coarse_page_melts_together_are_covered() -> None:
    page = _paper()
    truth = _put(page, _bars(Format.EAN13, "6901234567892", 2, 120), 900, 700)
    found = _coarsely(page, dpi=120.0, blur=1.1)
    assert [(one.cls, one.why) for one in found.findings] == [("barcode", "stripes of a barcode")]
    assert _covered(truth, found, "barcode") >= 0.97


def test_large_characters_are_no_codes() -> None:
    page = np.full((*SIZE, 3), 244, np.uint8)
    for x in range(200, 1000, 200):  # of 12 mm, half ink, without a gap: only their strokes are too few
        for at in range(0, 89, 22):
            cv2.rectangle(page, (x + at, 300), (x + at + 5, 393), (30, 30, 30), cv2.FILLED)
            cv2.rectangle(page, (x, 300 + at), (x + 93, 305 + at), (30, 30, 30), cv2.FILLED)
    assert _find(page) == Found()


@pytest.mark.parametrize(("stacked", "whole"), [(True, True), (False, False)])
def test_of_stacked_bars_that_were_read_in_part_all_is_covered(
    monkeypatch: pytest.MonkeyPatch, stacked: bool, whole: bool
) -> None:
    """zxing's corners of stacked bars may lie well within them."""
    page, symbol = _paper(), _symbol("CERT|722288488132", Format.PDF417)
    truth = _put(page, cv2.resize(symbol, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST).astype(np.uint8), 300, 640)
    part = truth.mean(axis=0) + 0.5 * (truth - truth.mean(axis=0))
    monkeypatch.setattr(code_read, "symbols", lambda *_: [Symbol(part.astype(np.float32), True, True, stacked)])
    monkeypatch.setattr(code_matrix, "matrices", lambda *_: [])
    assert (_covered(truth, _find(page), "qrcode") > 0.97) is whole
