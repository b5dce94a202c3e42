"""Faces and eyes on generated pages with the public-domain portrait; its eye corners are known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from mangping_redaction import runtime
from mangping_redaction.finders.face import detect as face_detect
from mangping_redaction.finders.face import tone as face_tone
from mangping_redaction.finders.face.find import find_faces
from mangping_redaction.page import Found, Page, Pixels, Polygon
from numpy.typing import NDArray

PORTRAIT = Path(__file__).parents[2] / "bench" / "generator" / "faces" / "astronaut.jpg"
EYES = ((136.0, 116.0), (188.0, 119.0))  # centres in the portrait's pixels, measured by hand
EYE = (16.0, 8.5)  # half width and height of an eye in the portrait


def _paper(height: int = 1170, width: int = 827) -> Pixels:
    """A page at 100 dpi with lines of strokes that look like print."""
    page = np.full((height, width, 3), 246, np.uint8)
    random = np.random.default_rng(7)
    for y in range(80, height - 60, 22):
        for x in range(70, width - 70, 16):
            for _ in range(4):
                start = random.integers(0, 12, 2)
                end = random.integers(0, 12, 2)
                cv2.line(page, np.add(start, (x, y)).tolist(), np.add(end, (x, y)).tolist(), (40, 40, 40), 1)
    return page


def _portrait() -> Pixels:
    return np.asarray(cv2.imread(str(PORTRAIT)), np.uint8)


def _with_portrait(width: int, turn: int = 0, at: tuple[int, int] = (560, 60)) -> tuple[Pixels, list[Polygon]]:
    """The page with the portrait `width` px wide, and the outlines of its eyes."""
    portrait = _portrait()
    scale = width / portrait.shape[1]
    photo = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height = photo.shape[0]
    eyes = []
    for x, y in EYES:
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * EYE + (x, y)
        eyes.append(_turned(corners * scale, turn, width, height) + at)
    photo = np.rot90(photo, turn)
    page = _paper()
    page[at[1] : at[1] + photo.shape[0], at[0] : at[0] + photo.shape[1]] = photo
    return page, [eye.astype(np.float32) for eye in eyes]


def _turned(points: Polygon, turn: int, width: int, height: int) -> Polygon:
    x, y = points[:, 0], points[:, 1]
    turned = {0: (x, y), 1: (y, width - x), 2: (width - x, height - y), 3: (height - y, x)}[turn]
    return np.stack(turned, axis=1)


def _covered(truth: Polygon, found: Found, cls: str, size: tuple[int, int]) -> float:
    wanted, cover = np.zeros(size[::-1], np.uint8), np.zeros(size[::-1], np.uint8)
    cv2.fillPoly(wanted, [np.round(truth).astype(np.int32)], 1)
    for finding in found.findings:
        if finding.cls == cls:
            cv2.fillPoly(cover, [np.round(finding.polygon).astype(np.int32)], 1)
    return float((wanted & cover).sum() / wanted.sum())


def _find(pixels: Pixels) -> tuple[Found, Page]:
    page = Page(pixels, dpi=100.0)
    return find_faces(page), page


def _halftone(grey: Pixels, cell: float) -> Pixels:
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]]
    screen = (np.cos((x + y) * np.pi * 1.41 / cell) + np.cos((x - y) * np.pi * 1.41 / cell)) / 4 + 0.5
    return np.where(grey / 255 > screen, 255, 0).astype(np.uint8)


def _grey(page: Pixels) -> Pixels:
    return cv2.cvtColor(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR).astype(np.uint8)


def _sealed(page: Pixels) -> Pixels:
    ink = np.full_like(page, 255)
    cv2.circle(ink, (600, 210), 78, (60, 50, 220), 6)
    return (page.astype(np.float32) * ink / 255).astype(np.uint8)


def _poor(page: Pixels) -> Pixels:
    blurred = cv2.GaussianBlur(page, (0, 0), 1.2)
    _, jpeg = cv2.imencode(".jpg", blurred, [cv2.IMWRITE_JPEG_QUALITY, 40])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def _screened(page: Pixels) -> Pixels:
    tone = _halftone(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY).astype(np.uint8), 3)
    return cv2.cvtColor(tone, cv2.COLOR_GRAY2BGR).astype(np.uint8)


def _faint(page: Pixels) -> Pixels:
    return (255 - (255 - page.astype(np.float32)) * 0.4).astype(np.uint8)


@pytest.mark.parametrize("width", [70, 130, 240])
def test_both_eyes_of_a_photo_are_covered_and_nothing_else(width: int) -> None:
    pixels, eyes = _with_portrait(width)
    found, page = _find(pixels)
    assert [finding.cls for finding in found.findings] == ["face", "eyes"]
    assert [_covered(eye, found, "eyes", page.size) >= 0.98 for eye in eyes] == [True, True]
    assert [_covered(eye, found, "face", page.size) for eye in eyes] == [1.0, 1.0]
    assert found.doubts == ()
    bar = cv2.contourArea(found.findings[1].polygon)
    assert bar < 0.09 * width * width  # a bar, not the whole photo


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_photo_glued_sideways_or_upside_down(turn: int) -> None:
    pixels, eyes = _with_portrait(150, turn)
    found, page = _find(pixels)
    assert [_covered(eye, found, "eyes", page.size) >= 0.95 for eye in eyes] == [True, True]


@pytest.mark.parametrize("worn", [_grey, _sealed, _poor, _screened, _faint], ids=lambda worn: worn.__name__)
def test_worn_photos(worn: object) -> None:
    pixels, eyes = _with_portrait(140)
    found, page = _find(worn(pixels))  # type: ignore[operator]
    assert [_covered(eye, found, "eyes", page.size) >= 0.95 for eye in eyes] == [True, True]


@pytest.mark.parametrize("degrees", [-5.0, 5.0, 15.0])
def test_the_bar_turns_with_the_face(degrees: float) -> None:
    pixels, eyes = _with_portrait(150, at=(500, 200))
    matrix = cv2.getRotationMatrix2D((575, 300), degrees, 1)
    tilted = cv2.warpAffine(pixels, matrix, (827, 1170), borderValue=(246, 246, 246)).astype(np.uint8)
    found, page = _find(tilted)
    moved = [(eye @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32) for eye in eyes]
    assert [_covered(eye, found, "eyes", page.size) >= 0.98 for eye in moved] == [True, True]


def test_a_page_of_text_has_no_face_and_no_doubt() -> None:
    found, _ = _find(_paper())
    assert found == Found()


def test_a_photo_without_a_face_is_a_doubt() -> None:
    page = _paper()
    y, x = np.mgrid[:138, :98]
    page[60:198, 560:658] = (110 + 50 * np.sin(x / 9) + 40 * np.cos(y / 13))[..., None].astype(np.uint8)
    found, _ = _find(page)
    assert found == Found((), ("photo_without_face",))


@pytest.mark.parametrize("grey", [False, True])
def test_black_masses_as_large_as_a_portrait_are_a_doubt_on_a_page_of_black_and_white_alone(grey: bool) -> None:
    page = _paper()
    page[page < 128], page[page >= 128] = 0, 255
    cv2.ellipse(
        page, (610, 95), (34, 40), 0, 0, 360, (0, 0, 0), -1
    )  # hair, about bare paper where the face was, a coat
    cv2.ellipse(page, (610, 108), (18, 26), 0, 0, 360, (255, 255, 255), -1)
    cv2.rectangle(page, (560, 132), (660, 195), (0, 0, 0), -1)
    page[900:1000] = 170 if grey else 255
    found, _ = _find(page)
    assert found == Found((), () if grey else ("photo_without_face",))


def test_ten_small_faces_in_one_picture() -> None:
    page, portrait = _paper(), _portrait()
    small = cv2.resize(portrait, (44, 56), interpolation=cv2.INTER_AREA)
    page[600:760, 150:670] = (120, 90, 60)
    for i in range(10):
        page[650:706, 160 + i * 50 : 204 + i * 50] = small
    found, _ = _find(page)
    assert [finding.cls for finding in found.findings].count("eyes") == 10


def test_tone_is_measured_on_a_small_copy() -> None:
    tone = face_tone.tone(Page(_paper(2340, 1654)))
    assert tone.grey.shape == (896, 633)
    assert tone.share < 0.02


class Answering:
    """A network that says the same of every picture."""

    def __init__(self, *maps: NDArray[np.float32]) -> None:
        self.answer = [part[None] for part in maps]

    def look(self, _: Pixels) -> list[NDArray[np.float32]]:
        return self.answer

    __call__ = look


@pytest.mark.parametrize("turn", range(4))
def test_what_is_seen_on_the_bare_canvas_beside_a_crop_is_no_face(monkeypatch: pytest.MonkeyPatch, turn: int) -> None:
    heat, maps = np.zeros((1, 48, 48), np.float32), [np.zeros((n, 48, 48), np.float32) for n in (2, 2, 10)]
    heat[0, 5, 6] = heat[0, 40, 41] = 0.9
    maps[0][:] = np.log(5.0)  # 20 pixels of the canvas
    monkeypatch.setattr(runtime, "pixel_network", lambda *_, **__: Answering(heat, *maps))
    [found] = face_detect.detect(np.zeros((300, 200, 3), np.uint8), (50, 60, 150, 160), 1.0, turn)
    box = {0: (66, 72), 1: (118, 76), 2: (114, 128), 3: (62, 124)}[turn]
    assert found.box == pytest.approx((*box, box[0] + 20, box[1] + 20))
