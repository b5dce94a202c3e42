"""What happens to a page on its way into the computer: laid askew, scanned, copied or photographed, compressed.

Geometry is one homography from the drawn page to the final picture, so truth polygons go the very way the pixels go.
Everything after that is a tuple of pure functions on pixels.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.generator.canvas import Canvas, Mark, Points
from bench.generator.people import pick

Image = NDArray[np.uint8]
Matrix = NDArray[np.float64]
UNREADABLE = ("washed", "blur", "motion", "tiny")


@dataclass(frozen=True, slots=True)
class Shot:
    """How one page was taken. `turn`: degrees clockwise that make the picture upright; `harm`: what nobody can read."""

    mode: str = "clean"  # clean, scan, copy, photo
    dpi: float = 200.0
    skew: float = 0.0  # degrees, clockwise
    turn: int = 0
    jpeg: int = 92
    grey: bool = False
    blur: float = 0.0  # millimetres on the paper
    noise: float = 0.0  # levels
    harm: str = ""

    @classmethod
    def chance(cls, dice: Generator) -> Shot:
        """A shot as they come: mostly scans, some photos and copies; one in nine cannot be read."""
        mode = pick(dice, ("scan", "scan", "photo", "photo", "copy"))
        harm = pick(dice, UNREADABLE) if dice.random() < 0.11 else ""
        return cls(
            mode=mode,
            dpi=60.0 if harm == "tiny" else float(pick(dice, (100, 150, 150, 200, 200, 300))),
            skew=float(np.clip(dice.normal(0, 1.6), -5, 5)),
            turn=int(pick(dice, (0, 0, 0, 0, 0, 90, 180, 270))),
            jpeg=int(dice.integers(40, 96)),
            grey=mode == "copy" or dice.random() < 0.1,
            blur=float(dice.uniform(0.02, 0.10)),
            noise=float(dice.uniform(0.5, 5.0)),
            harm=harm,
        )


CLEAN = Shot()


@dataclass(frozen=True, slots=True)
class Encoded:
    content: bytes
    suffix: str


def shoot(page: Canvas, shot: Shot, dice: Generator) -> tuple[Encoded, dict[str, Any]]:
    """The picture file of a page, and its truth entry but for whose it is."""
    drawn = np.asarray(page.image)[:, :, ::-1]
    matrix, size = _geometry(page, shot, dice)
    pixels = _warp(drawn, matrix, size, shot, dice)
    for effect in EFFECTS:
        pixels = effect(pixels, shot, dice)
    quarter = shot.turn // 90
    pixels, matrix = np.ascontiguousarray(np.rot90(pixels, quarter)), _quarter(size, quarter) @ matrix
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, shot.jpeg])
    height, width = pixels.shape[:2]
    entry: dict[str, Any] = {
        "width": width,
        "height": height,
        "orientation_degrees": shot.turn,
        "is_clear": not shot.harm,
        "quality": asdict(shot),
        "boxes": [_told(mark, matrix, shot) for mark in page.marks if not mark.cls.startswith("near:")],
        "near_misses": [_told(mark, matrix, shot) for mark in page.marks if mark.cls.startswith("near:")],
    }
    return Encoded(encoded.tobytes(), ".jpg"), entry


def carry(outline: Points, matrix: Matrix) -> Points:
    """A polygon through a homography."""
    carried: Points = cv2.perspectiveTransform(outline[None].astype(np.float64), matrix)[0].astype(np.float32)
    return carried


def _told(mark: Mark, matrix: Matrix, shot: Shot) -> dict[str, Any]:
    outline = carry(mark.outline, matrix)
    quad = outline if len(outline) == 4 else cv2.boxPoints(cv2.minAreaRect(outline))
    told: dict[str, Any] = {"poly": np.round(quad, 1).tolist(), "text": mark.text}
    if len(outline) != 4:
        told["outline"] = np.round(outline, 1).tolist()
    if mark.cls.startswith("near:"):
        return {"kind": mark.cls.removeprefix("near:"), **told}
    variant = re.sub(r"\b(red|blue|purple) ", "grey ", mark.variant) if shot.grey else mark.variant
    return {"class": mark.cls, **told, **({"variant": variant} if variant else {})}


def _geometry(page: Canvas, shot: Shot, dice: Generator) -> tuple[Matrix, tuple[int, int]]:
    """(homography from drawn to final pixels before the quarter turn, (width, height) of the picture)."""
    scale = shot.dpi / page.dpi
    width, height = page.image.width * scale, page.image.height * scale
    margin = 0.04 * width if shot.mode == "photo" else 0.0
    size = round(width + 2 * margin), round(height + 2 * margin)
    angle = math.radians(shot.skew)
    middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1.0]])
    turn = np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1.0]])
    back = np.array([[1, 0, size[0] / 2], [0, 1, size[1] / 2], [0, 0, 1.0]])
    matrix: Matrix = back @ turn @ middle @ np.diag([scale, scale, 1.0])
    if shot.mode == "photo":
        corners = np.array([(0, 0), (size[0], 0), (size[0], size[1]), (0, size[1])], np.float32)
        moved = corners + dice.uniform(-0.018, 0.018, (4, 2)).astype(np.float32) * size[0]
        matrix = cv2.getPerspectiveTransform(corners, moved) @ matrix
    return matrix, size


def _warp(drawn: Image, matrix: Matrix, size: tuple[int, int], shot: Shot, dice: Generator) -> Image:
    """The page laid onto a desk (photo) or a scanner's lid; softened first when it shrinks, so that nothing aliases."""
    scale = math.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    if scale < 0.95:
        drawn = cv2.GaussianBlur(drawn, (0, 0), 0.42 / scale).astype(np.uint8, copy=False)
    around = (dice.uniform(40, 150, 3) if shot.mode == "photo" else np.full(3, dice.uniform(236, 254))).tolist()
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    centred = np.linalg.inv(half) @ matrix @ half  # cv2 counts from the middle of a pixel, truth from its corner
    kind = cv2.INTER_CUBIC if scale > 0.95 else cv2.INTER_LINEAR
    return cv2.warpPerspective(drawn, centred, size, flags=kind, borderValue=around).astype(np.uint8, copy=False)


def _quarter(size: tuple[int, int], quarter: int) -> Matrix:
    """The homography of np.rot90(pixels, quarter) for a picture of this (width, height)."""
    width, height = size
    return {
        0: np.eye(3),
        1: np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1.0]]),
        2: np.array([[-1, 0, width], [0, -1, height], [0, 0, 1.0]]),
        3: np.array([[0, -1, height], [1, 0, 0], [0, 0, 1.0]]),
    }[quarter]


def _light(pixels: Image, shot: Shot, dice: Generator) -> Image:
    """Photos: one side darker, the edge of a shadow, a warm or cold lamp. Scans: an even, slight cast."""
    height, width = pixels.shape[:2]
    v, u = np.mgrid[-1 : 1 : complex(height), -1 : 1 : complex(width)].astype(np.float32)
    angle, depth = float(dice.uniform(0, 6.28)), 0.28 if shot.mode == "photo" else 0.03
    along = u * math.cos(angle) + v * math.sin(angle)
    gain = 1 - depth * float(dice.random()) * (along + 1.2) / 2.4
    if shot.mode == "photo" and dice.random() < 0.4:
        gain *= 1 - float(dice.uniform(0.1, 0.35)) / (1 + np.exp(-(along - float(dice.uniform(-0.4, 0.6))) * 14))
    cast = 1 + dice.uniform(-0.08, 0.03, 3) * (1.0 if shot.mode == "photo" else 0.3)
    lit: Image = np.clip(pixels * gain[..., None] * cast.astype(np.float32), 0, 255).astype(np.uint8)
    return lit


def _copied(pixels: Image, shot: Shot, dice: Generator) -> Image:
    """Copies and grey scans lose colour; a copier also steepens, and leaves specks and a dark rim."""
    if not shot.grey:
        return pixels
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
    if shot.mode == "copy":
        grey = 255 / (1 + np.exp(-(grey - float(dice.uniform(140, 165))) / float(dice.uniform(26, 38))))
        rows, columns = (dice.integers(0, side, 120) for side in grey.shape)
        grey[rows, columns] = dice.uniform(0, 120, 120)
        grey[:, : max(1, int(grey.shape[1] * dice.uniform(0, 0.006)))] *= 0.4
    return cv2.cvtColor(np.clip(grey, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)


def _focus(pixels: Image, shot: Shot, dice: Generator) -> Image:
    """The optics' blur, or one that nobody can read through."""
    pixel = shot.dpi / 25.4
    sigma = float(dice.uniform(1.1, 1.6)) if shot.harm == "blur" else shot.blur
    pixels = cv2.GaussianBlur(pixels, (0, 0), max(0.3, sigma * pixel)).astype(np.uint8, copy=False)
    if shot.harm == "motion":
        length = max(9, round(float(dice.uniform(3.2, 4.5)) * pixel))
        kernel = np.zeros((length, length), np.float32)
        angle = float(dice.uniform(0, math.pi))
        reach = np.array([math.cos(angle), math.sin(angle)]) * length / 2
        ends = [(int(length / 2 + side * reach[0]), int(length / 2 + side * reach[1])) for side in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1)
        pixels = cv2.filter2D(pixels, -1, kernel / kernel.sum()).astype(np.uint8, copy=False)
    return pixels


def _wash(pixels: Image, shot: Shot, dice: Generator) -> Image:
    """Faded until ink and paper are hardly apart."""
    if shot.harm != "washed":
        return pixels
    left, level = float(dice.uniform(0.06, 0.12)), float(dice.uniform(190, 225))
    return np.clip(level + (pixels.astype(np.float32) - 235) * left, 0, 255).astype(np.uint8)


def _grain(pixels: Image, shot: Shot, dice: Generator) -> Image:
    """Sensor noise, the same in all channels of a grey picture."""
    if not shot.noise:
        return pixels
    shape = pixels.shape[:2] + ((1,) if shot.grey else (3,))
    noise = dice.standard_normal(shape, dtype=np.float32) * shot.noise
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def _taken(effect: Callable[[Image, Shot, Generator], Image]) -> Callable[[Image, Shot, Generator], Image]:
    """An effect that a pristine page is spared."""
    return lambda pixels, shot, dice: pixels if shot.mode == "clean" else effect(pixels, shot, dice)


EFFECTS = tuple(map(_taken, (_light, _copied, _focus, _wash, _grain)))
