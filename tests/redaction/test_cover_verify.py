"""Covers are solid and nothing else survives; what can still be read is covered, or a human looks."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from mangping.identity import Identity
from mangping_redaction import pipeline
from mangping_redaction.area import mask_of
from mangping_redaction.finders.text.identity import hits
from mangping_redaction.finders.text.stamped import find_stamped
from mangping_redaction.page import Ask, Finding, Found, Page, Pixels, Polygon, quad
from mangping_redaction.readers import paddle
from mangping_redaction.readers.layout import Joint
from mangping_redaction.readers.line import Line
from mangping_redaction.readers.recipe import READERS
from mangping_redaction.stages import cover, find, verify
from mangping_redaction.stages.find import find_text
from mangping_redaction.stages.read import read
from PIL import Image, ImageDraw

from bench.generator import fonts
from tests.redaction.lines import line as laid


@pytest.fixture
def written() -> Page:
    """An A5 page of three lines that name 周砚秋 twice."""
    image = Image.new("RGB", (1000, 700), "white")
    draw = ImageDraw.Draw(image)
    for y, text in (
        (100, "兹有周砚秋同志在我校任教"),
        (220, "教学效果良好，成绩优秀"),
        (340, "证明人对周砚秋的工作表示满意"),
    ):
        draw.text((90, y), text, fill=(20, 20, 20), font=fonts.font("song", 44))
    return Page(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]))


def test_cover_fills_every_pixel_and_leaves_the_rest(written: Page) -> None:
    covered = cover.cover(written, [Finding("name", quad(100, 100, 200, 150), 1.0, "t", "t")])
    assert (covered[100:150, 100:200] == cover.FILL).all()
    changed = (covered != written.pixels).any(axis=2)
    changed[99:152, 99:202] = False
    assert not changed.any()


def test_what_is_only_reported_stays_readable(written: Page) -> None:
    covered = cover.cover(written, [Finding("name", quad(0, 0, 900, 600), 1.0, "t", "t", covered=False)])
    assert (covered == written.pixels).all()


@pytest.mark.parametrize("image_format", ["jpg", "png"])
def test_an_encoded_rendition_holds_pixels_and_nothing_else(written: Page, image_format: str) -> None:
    image = Image.open(io.BytesIO(cover.encode(written.pixels, image_format)))
    image.load()
    assert (image.size, image.mode, dict(image.getexif())) == ((1000, 700), "RGB", {})
    assert not {"exif", "icc_profile", "xmp", "comment", "transparency"} & set(image.info)


def test_a_name_the_finders_missed_is_covered_by_verification(written: Page) -> None:
    ask = Ask(Identity(names=("周砚秋",)))
    page = read(written, ask)
    seen, _ = verify.cover_and_verify(page, ask, "jpg", find_text)  # nobody looked for it before
    added = [finding for finding in seen.findings if finding.finder == "verify" and finding.cls == "name"]
    assert len(added) == 2
    assert seen.doubts == ()
    again, image = verify.cover_and_verify(seen, ask, "jpg", find_text)
    assert [f for f in find_text(verify.read_rendition(again, image, ask)[0], ask).findings if f.cls == "name"] == []


def test_what_lies_wholly_under_the_fill_is_not_read_again(written: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = sorted(read(written, Ask()).lines, key=lambda line: float(line.polygon[0, 1]))
    covers = (first.stretch(-0.1, 1.1, 0.0, first.height), second.stretch(0.5, 1.1, 0.0, second.height))
    page = replace(
        written,
        lines=(first, second, third),
        findings=tuple(Finding("name", polygon, 1.0, "t", "t") for polygon in covers),
    )
    asked: list[int] = []
    read_lines = paddle.read_lines

    def counting(pixels: Pixels, wanted: Sequence[tuple[Polygon, str]]) -> list[Line]:
        asked.append(len(wanted))
        return read_lines(pixels, wanted)

    monkeypatch.setattr(paddle, "read_lines", counting)
    again, unseen = verify.read_rendition(page, cover.encode(cover.cover(page, page.findings), "jpg"), Ask())
    assert asked[0] == 1
    assert [line.text[:4] for line in again.lines] == [third.text[:4], "████", second.text[:4]]
    assert len(again.lines[2].text) < len(second.text)
    assert unseen == ()


def test_a_leak_that_cannot_be_covered_is_a_doubt(written: Page) -> None:
    stubborn = Found((Finding("name", quad(90, 600, 300, 650), 1.0, "t", "t"),))
    calls = iter(range(10))

    def never_settles(page: Page, ask: Ask, unseen: Sequence[Line]) -> Found:
        shift = np.array([0, -100 * next(calls)], np.float32)
        return Found(tuple(Finding(f.cls, f.polygon + shift, 1.0, "t", "t") for f in stubborn.findings))

    page, _ = verify.cover_and_verify(written, Ask(), "jpg", never_settles)
    assert page.doubts == ("identity_still_readable",)


def test_what_lies_on_black_is_covered_only_when_the_fill_lies_on_it() -> None:
    page = Page(np.zeros((200, 400, 3), np.uint8))
    leak = Finding("name", quad(100, 100, 200, 140), 1.0, "t", "t")
    assert verify.is_covered(page, leak) is False
    covers = [
        replace(leak, polygon=quad(90, 90, end, 150), covered=covered) for end, covered in ((185, True), (210, False))
    ]
    assert verify.is_covered(page.add(Found(tuple(covers))), leak) is False
    assert verify.is_covered(page.add(Found((*covers, replace(leak, polygon=quad(180, 90, 199, 150))))), leak) is True


@pytest.mark.parametrize(
    ("text", "length", "told"),
    [("Vxw0a9", 500, ((), ("unreadable_text",))), ("", 90, (("verify",), ()))],
    ids=["a line", "a mark"],
)
def test_what_only_the_second_detector_finds_and_nobody_reads_is_not_silent(
    written: Page, text: str, length: int, told: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = written.pixels.copy()
    pen = np.random.default_rng(4).integers((102, 502), (98 + length, 546), (24, 2)).astype(np.int32)
    cv2.polylines(pixels, [pen], False, (120, 50, 30), 3, cv2.LINE_AA)
    page = read(Page(written.pixels), Ask())
    page = Page(pixels, lines=page.lines)
    place = quad(100, 500, 100 + length, 548)
    monkeypatch.setattr(paddle, "detect", lambda pixels, side: [place])
    guess = replace(laid(text, score=0.3), polygon=place, reader=READERS[0])
    monkeypatch.setattr(verify, "read_surely", lambda pixels, quads, ask: [guess for _ in quads])
    seen, _ = verify.cover_and_verify(page, Ask(), "jpg", find_text)
    assert (tuple(f.finder for f in seen.findings if f.cls == "unreadable"), seen.doubts) == told


def test_what_only_the_second_detector_finds_is_searched_for_signatures() -> None:
    pixels = np.full((300, 900, 3), 255, np.uint8)
    pen = np.random.default_rng(4).integers((230, 104), (350, 136), (24, 2)).astype(np.int32)
    cv2.polylines(pixels, [pen], False, (120, 50, 30), 3, cv2.LINE_AA)
    page = Page(pixels, lines=(laid("承诺人：", 100, 100), laid("教学效果良好", 100, 200)))
    unseen = [[f.cls for f in find_text(page, Ask(), lines).findings] for lines in ((), page.lines[1:], page.lines[:1])]
    assert unseen == [[], [], ["signature"]]


def test_unread_text_under_a_seal_that_stays_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    seal = Finding("seal", quad(90, 190, 700, 300), 1.0, "seal", "t")
    table = [
        (classes, besides, lambda page: Found((seal,), ("seal_suspect",)))
        for classes, besides, _ in find.PICTURE_FINDERS
    ]
    monkeypatch.setattr(find, "PICTURE_FINDERS", table[-1:])
    monkeypatch.setattr(find, "read_through_seals", lambda page, ask: page)
    pixels = np.random.default_rng(4).integers(0, 255, (400, 900, 3)).astype(np.uint8)
    page = Page(pixels, lines=(laid("教学效果良好", 100, 100), laid("Vxw0a9", 100, 200, score=0.3)))
    asked = {classes: find.find(page, Ask(classes=frozenset(classes))) for classes in (("seal",), ("name",), ("eyes",))}
    assert [(len(seen.findings), seen.doubts) for seen in asked.values()] == [
        (1, ("seal_suspect",)), (1, ("unreadable_text",)), (0, ("unreadable_text",)),
    ]  # fmt: skip


@pytest.mark.parametrize(("begin", "more"), [(100, False), (80, False), (40, True)])
def test_a_line_of_which_a_stretch_was_missed_is_read_again(begin: float, more: bool) -> None:
    known = mask_of((800, 400), [quad(100, 100, 600, 140)])
    assert verify._says_more(quad(begin, 96, 600, 144), known) is more
    assert verify._says_more(quad(begin, 240, 600, 280), known) is True


def test_a_unit_that_runs_under_a_seal_is_covered_to_its_end() -> None:
    text = "白桦岭市教师进修"  # what shows of 白桦岭市教师进修学校
    cells = np.stack([np.arange(8) / 8, (np.arange(8) + 1) / 8], axis=1).astype(np.float32)
    line = Line(quad(100, 100, 420, 140), text, cells, (0.99,) * 8, tuple(text), "text-rec-tiny")
    page = Page(np.full((400, 800, 3), 255, np.uint8), lines=(line,))
    page = page.add(Found((Finding("seal", quad(410, 40, 560, 200), 1.0, "seal", "t"),)))
    (found,) = find_stamped(page, ("白桦岭市教师进修学校",)).findings
    assert (found.cls, round(float(found.polygon[:, 0].min())), round(float(found.polygon[:, 0].max()))) == (
        "unit",
        95,
        505,
    )
    assert find_stamped(page, ("红泉市第三中学",)).findings == ()


def test_another_body_of_the_same_town_is_no_unit_cut_short() -> None:
    seal = Finding("seal", quad(290, 50, 500, 260), 0.9, "seal", "ring")
    for text, score, found in (
        ("白桦岭市教师工会", 0.99, 0),
        ("白桦岭市教师工会", 0.6, 1),
        ("白桦岭市教师进", 0.99, 1),
    ):
        page = Page(
            np.full((400, 1000, 3), 255, np.uint8), lines=(laid(text, 100, 100, score=score),), findings=(seal,)
        )
        assert len(find_stamped(page, ("白桦岭市教师进修学校",)).findings) == found


@pytest.mark.parametrize(("text", "found"), [("白桦岭市东勒镇年", 1), ("白桦岭市实验学校", 0), ("白桦岭市", 0)])
def test_a_unit_of_which_the_ring_swallowed_characters_between(text: str, found: int) -> None:
    seal = Finding("seal", quad(250, 50, 400, 260), 0.9, "seal", "ring")
    page = Page(np.full((400, 1000, 3), 255, np.uint8), lines=(laid(text, 100, 100),), findings=(seal,))
    assert len(find_stamped(page, ("白桦岭市东玛勒镇九年一贯制学校",)).findings) == found


def test_what_is_read_from_the_ring_of_a_seal_is_no_unit_cut_short() -> None:
    seal = Finding("seal", quad(90, 50, 400, 360), 0.9, "seal", "ring")
    page = Page(np.full((400, 1000, 3), 255, np.uint8), lines=(laid("白桦岭市教师", 120, 100),), findings=(seal,))
    assert find_stamped(page, ("白桦岭市教师进修学校",)).findings == ()


@pytest.mark.parametrize(
    ("head", "end", "x", "y", "found"),
    [
        ("甲方：喀勒", "室", 520, 100, 1), ("甲方：喀勒", "研究室", 460, 104, 1), ("甲方：喀勒", "室", 900, 100, 0),
        ("甲方喀刀塔日教育", "室", 520, 100, 1), ("：目勒塔县教育）", "室", 520, 100, 1), ("甲方喀刀日县", "室", 520, 100, 0),
        ("甲方：喀勒", "室", 520, 150, 0), ("甲方：喀勒", "校", 520, 100, 0), ("甲方：松勒", "室", 520, 100, 0),
    ],
)  # fmt: skip
def test_a_unit_of_which_a_seal_leaves_head_and_end_is_covered_between_them(
    head: str, end: str, x: float, y: float, found: int
) -> None:
    seal = Finding("seal", quad(240, 50, 530, 250), 0.9, "seal", "ring")
    lines = (laid(head, 100, 100), laid(end, x, y))
    page = Page(np.full((400, 1000, 3), 255, np.uint8), lines=lines, findings=(seal,))
    covers = find_stamped(page, ("喀勒塔县教育局教学研究室",)).findings
    assert len(covers) == found
    for one in covers:
        assert (one.polygon[:, 0].min() < 190, 540 < one.polygon[:, 0].max() < 570) == (True, True)


def test_the_edge_of_a_cover_beside_bare_paper_is_no_line_that_was_missed() -> None:
    pixels = np.full((400, 600, 3), 240, np.uint8)
    pixels[100:160, 60:300] = 0
    changed, edge = mask_of((600, 400), [quad(60, 100, 300, 160)]), quad(20, 90, 140, 170)
    apart = quad(320, 90, 500, 170)  # touches no cover: whatever it is, it is read
    assert [id(place) for place in verify._without_edges(pixels, changed, [edge, apart])] == [id(apart)]
    pixels[120:126, 25:45] = 150
    assert [id(place) for place in verify._without_edges(pixels, changed, [edge, apart])] == [id(edge), id(apart)]


def test_a_page_that_fails_leaves_no_identity_in_memory(written: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Ask(Identity(names=("周砚秋",)))

    def breaks(page: Page, ask: Ask) -> Page:
        assert hits(Joint(read(page, ask).lines[:1]), ask)
        raise RuntimeError

    monkeypatch.setattr(pipeline, "STAGES", (("read", breaks),))
    with pytest.raises(RuntimeError):
        pipeline.redact_page(written, ask)
    assert hits.cache_info().currsize == 0


# What knows nothing of any job: weights, networks, shapes of ink by their size, what PaddleOCR says of its
# models, and the stores by their addresses.
KEPT_BETWEEN_JOBS = frozenset(
    {
        "path",
        "recipe",
        "characters",
        "_core",
        "_model",
        "network",
        "pixel_network",
        "sized_network",
        "_tagger",
        "_spectra",
        "_outlines",
        "_store",
    }
)


def test_nothing_worked_out_from_an_identity_outlives_its_job(written: Page) -> None:
    ask = Ask(
        Identity(("周砚秋",), ("白桦岭市第三中学",), ("110101199001011234",), ("13800000000",)), third_parties=True
    )
    for rendition in pipeline.redact(cover.encode(written.pixels, "png"), ask):
        assert {finding["class"] for finding in rendition.record["findings"]} == {"name"}
        assert [kept.__name__ for kept in _filled_caches() if kept.__name__ not in KEPT_BETWEEN_JOBS] == []


def _filled_caches() -> list[Any]:
    """Every function of ours that holds answers it gave."""
    rooms = ("mangping_redaction", "mangping.identity")
    ours = [module for name, module in sys.modules.items() if name.startswith(rooms)]
    found = {id(thing): thing for module in ours for thing in vars(module).values() if hasattr(thing, "cache_info")}
    return [kept for kept in found.values() if kept.__module__.startswith(rooms) and kept.cache_info().currsize]
