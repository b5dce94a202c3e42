"""What nobody could read is told to a human; ornaments, which repeat themselves, are no text."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mangping_redaction.finders.text.unreadable import find_hardly_read, find_unreadable, repeats_itself
from mangping_redaction.page import Finding, Found, Page, Pixels, quad
from mangping_redaction.readers.paddle import crop
from PIL import Image, ImageDraw

from bench.generator import fonts
from tests.redaction.lines import line

PAPER = 238
HIGH = 40


def _border(kind: str) -> Pixels:
    """A page with an ornament from 60, 200 on, HIGH high."""
    page = np.full((400, 900, 3), PAPER, np.uint8)
    for i, x in enumerate(range(60, 860, 32)):
        if kind == "rings":
            cv2.circle(page, (x + 16, 220), 19, (120, 70, 30), 3)
        elif kind == "leaves":
            cv2.ellipse(page, (x + 16, 220), (20, 7), -50, 0, 360, (60, 130, 60), -1)
        else:
            turns = [(x, 236), (x, 204), (x + 24, 204), (x + 24, 228), (x + 10, 228), (x + 10, 216)]
            cv2.polylines(page, [np.array(turns, np.int32)], False, (90, 120, 150), 3 + i % 2)
    noise = np.random.default_rng(2).normal(0, 5, page.shape)
    return np.clip(cv2.GaussianBlur(page, (0, 0), 1.0) + noise, 0, 255).astype(np.uint8)


def _written(text: str, blur: float) -> Pixels:
    image = Image.new("RGB", (900, 400), (PAPER,) * 3)
    ImageDraw.Draw(image).text((60, 200), text, fill=(40, 40, 40), font=fonts.font("song", HIGH - 4))
    return np.asarray(cv2.GaussianBlur(np.asarray(image), (0, 0), blur), np.uint8)


def _found(pixels: Pixels, length: int, text: str = "Vxw0a9", score: float = 0.3) -> Found:
    """What is told of a line from 60, 200 on, on a page that says something else besides."""
    guessed = replace(line(text, score=score), polygon=quad(60, 200, 60 + length, 200 + HIGH))
    image = Image.fromarray(pixels)
    ImageDraw.Draw(image).text((60, 60), "教学效果良好", fill=(40, 40, 40), font=fonts.font("song", HIGH - 4))
    page = np.asarray(image, np.uint8)
    return find_unreadable(Page(page, lines=(line("教学效果良好", 60, 60, height=HIGH), guessed)))


def _doubts(pixels: Pixels, length: int) -> tuple[str, ...]:
    return _found(pixels, length).doubts


def _scribbled(length: int) -> Pixels:
    """A pen's strokes in the place of the line."""
    page = np.full((400, 900, 3), PAPER, np.uint8)
    at = np.random.default_rng(4).integers((62, 202), (58 + length, 198 + HIGH), (24, 2))
    cv2.polylines(page, [at.astype(np.int32)], False, (120, 50, 30), 3, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("kind", ["rings", "leaves", "key"])
def test_a_border_is_no_text(kind: str) -> None:
    assert _doubts(_border(kind), 700) == ()


@pytest.mark.parametrize("kind", ["rings", "leaves", "key"])
def test_a_border_that_runs_down_is_no_text(kind: str) -> None:
    page = np.ascontiguousarray(_border(kind).transpose(1, 0, 2))
    cv2.putText(page, "read", (260, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (40, 40, 40), 3)
    down = replace(line("8", score=0.3), polygon=quad(200, 60, 200 + HIGH, 760))
    assert find_unreadable(Page(page, lines=(line("read", 260, 60, height=HIGH), down))) == Found()


@pytest.mark.parametrize("blur", [0.5, 3.0, 5.0])
@pytest.mark.parametrize("text", ["松台市第三中学教务处", "本人承诺以上材料属实", "0996-2022-2022-2022"])
def test_a_line_of_text_is_told(text: str, blur: float) -> None:
    pixels = _written(text, blur)
    length = int(np.flatnonzero((pixels[200:240].min(axis=2) < PAPER - 10).any(axis=0)).max()) - 60
    assert _doubts(pixels, length) == ("unreadable_text",)


@pytest.mark.parametrize("text", ["", "m", "刘王"])
@pytest.mark.parametrize("length", [40, 70, 100])
def test_a_pens_mark_that_reads_as_hardly_anything_is_covered(text: str, length: int) -> None:
    found = _found(_scribbled(length), length, text)
    (mark,) = found.findings
    assert (mark.cls, mark.covered, found.doubts) == ("unreadable", True, ())
    low, high = mark.polygon.min(axis=0), mark.polygon.max(axis=0)
    assert (low <= [60, 200]).all()
    assert (high >= [60 + length, 200 + HIGH]).all()


def test_a_mark_too_large_to_be_covered_on_a_guess_is_told() -> None:
    assert _found(_scribbled(160), 160, "m") == Found(doubts=("unreadable_text",))


def test_a_long_scribble_that_reads_as_one_character_over_and_over_is_told() -> None:
    assert _doubts(_scribbled(700), 700) == _found(_scribbled(700), 700, "mmmmmmmm").doubts == ("unreadable_text",)


def test_a_box_around_bare_paper_is_nothing() -> None:
    blank = np.full((400, 900, 3), PAPER, np.uint8)
    assert [_found(blank, length, text) for length, text in ((90, ""), (700, "OT"))] == [Found(), Found()]


def test_a_script_read_as_letters_half_surely_is_told_and_print_read_as_surely_is_not() -> None:
    scribble = _scribbled(500)
    assert _found(scribble, 500, "grlyxMaliaGgi cuw", 0.62).doubts == ("unreadable_text",)
    assert _found(scribble, 500, "松台市第三中学教务处", 0.62) == Found()
    assert _found(scribble, 500, "Certificate of Honor", 0.9) == Found()


@pytest.mark.parametrize(("end", "doubts"), [(300, ("unreadable_text",)), (470, ("unreadable_text",)), (540, ())])
def test_what_sticks_out_of_a_cover_is_told(end: float, doubts: tuple[str, ...]) -> None:
    other = replace(line("Vxw0a9", score=0.3), polygon=quad(60, 200, 560, 200 + HIGH))
    seal = Finding("seal", quad(40, 180, end, 260), 1.0, "t", "t")
    page = Page(_scribbled(500), lines=(line("教学效果良好", 60, 60, height=HIGH), other), findings=(seal,))
    assert find_unreadable(page).doubts == doubts


def test_only_the_lines_asked_about_are_judged() -> None:
    other = replace(line("Vxw0a9", score=0.3), polygon=quad(60, 200, 560, 200 + HIGH))
    page = Page(_scribbled(500), lines=(line("教学效果良好", 60, 60, height=HIGH), other))
    assert find_unreadable(page, page.lines[:1]) == Found()
    assert find_unreadable(page, page.lines[1:]).doubts == ("unreadable_text",)


def test_a_border_that_changes_in_its_middle_is_no_text() -> None:
    page = np.full((400, 900, 3), PAPER, np.uint8)
    for x in range(60, 444, 32):
        cv2.ellipse(page, (x + 16, 220), (20, 7), -50, 0, 360, (60, 130, 60), -1)
    for x in range(450, 850, 25):
        cv2.rectangle(page, (x + 4, 206), (x + 15, 234), (60, 130, 60), 4)
    noise = np.random.default_rng(2).normal(0, 5, page.shape)
    page = np.clip(cv2.GaussianBlur(page, (0, 0), 1.0) + noise, 0, 255).astype(np.uint8)
    assert [_found(page, 800, text).doubts for text in ("VVVVVVV<<<<<<", "VVxwm0a9")] == [(), ("unreadable_text",)]


def test_a_smear_repeats_nothing() -> None:
    smear = np.full((48, 400, 3), PAPER, np.uint8)
    smear[16:32] = 90
    assert not repeats_itself(crop(smear, quad(0, 0, 400, 48)))


@pytest.mark.parametrize(
    ("guessed", "sure", "told"),
    [
        (6, 4, True),  # a summary in a hand
        (6, 30, False),  # some lines of an appraisal filled in by hand
        (4, 2, False),  # too few to be a text
    ],
)
def test_where_much_was_guessed_a_human_looks(guessed: int, sure: int, told: bool) -> None:
    prose = [
        line("本学期担任班主任工作", 60, 60 + 40 * n, score=0.6 if n < guessed else 0.99) for n in range(guessed + sure)
    ]
    page = Page(np.full((1600, 900, 3), PAPER, np.uint8), lines=tuple(prose))
    assert find_hardly_read(page) == Found(doubts=("hardly_read",) if told else ())


def test_what_is_covered_and_was_guessed_troubles_nobody() -> None:
    prose = [line("本学期担任班主任工作", 60, 60 + 40 * n, score=0.6) for n in range(8)]
    page = Page(np.full((500, 900, 3), PAPER, np.uint8), lines=tuple(prose))
    covered = Finding(
        "unreadable", quad(0, 0, 900, 500), 0.5, "unreadable", "a mark that nobody could read", covered=True
    )
    assert find_hardly_read(replace(page, findings=(covered,))) == Found()
