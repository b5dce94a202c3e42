"""What nobody could read is told to a human; ornaments, which repeat themselves, are no text."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mangping_redaction.finders.unreadable import find_unreadable, repeats_itself
from mangping_redaction.page import Page, Pixels, quad
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


def _doubts(pixels: Pixels, length: int) -> tuple[str, ...]:
    guessed = replace(line("Vxw0a9", score=0.3), polygon=quad(60, 200, 60 + length, 200 + HIGH))
    return find_unreadable(Page(pixels, lines=(line("教学效果良好", 60, 60, height=HIGH), guessed))).doubts


@pytest.mark.parametrize("kind", ["rings", "leaves", "key"])
def test_a_border_is_no_text(kind: str) -> None:
    assert _doubts(_border(kind), 700) == ()


@pytest.mark.parametrize("blur", [0.5, 3.0, 5.0])
@pytest.mark.parametrize("text", ["松台市第三中学教务处", "本人承诺以上材料属实", "0996-2022-2022-2022"])
def test_a_line_of_text_is_told(text: str, blur: float) -> None:
    pixels = _written(text, blur)
    length = int(np.flatnonzero((pixels[200:240].min(axis=2) < PAPER - 10).any(axis=0)).max()) - 60
    assert _doubts(pixels, length) == ("unreadable_text",)


def test_a_smear_repeats_nothing() -> None:
    smear = np.full((48, 400, 3), PAPER, np.uint8)
    smear[16:32] = 90
    assert not repeats_itself(crop(smear, quad(0, 0, 400, 48)))
