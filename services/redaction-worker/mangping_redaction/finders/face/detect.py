"""CenterFace: where faces are, on crops scaled to a working size. Finds turned faces too, with a looser box."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction import runtime
from mangping_redaction.area import Extent, overlap
from mangping_redaction.page import Pixels, Polygon, unturned

SURE = 0.3  # upright group photos at 9 px a face answer .3 to .5; pages without faces stay below
MAYBE = 0.1  # worth a closer look
OVERLAP = 0.3
# Inputs (height, width), smallest first: few, for the runtime keeps 10-40 MB for each size that it ever met.
CANVASES = ((192, 192), (320, 320), (448, 640), (640, 448))
STRIDE = 4  # one cell of the network's answer, in its input pixels

Region = tuple[int, int, int, int]  # x0, y0, x1, y1 in page pixels


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in page pixels: `box` x0, y0, x1, y1; `eyes` (2, 2): left and right eye of the picture, a guess."""

    score: float
    box: Extent
    eyes: NDArray[np.float32]

    @property
    def size(self) -> float:
        """The longer side in pixels: a sideways face comes with a box that is too short across."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    def enlarged(self, by: float) -> Face:
        x0, y0, x1, y1 = (side * by for side in self.box)
        return Face(self.score, (x0, y0, x1, y1), (self.eyes * by).astype(np.float32))


def detect(pixels: Pixels, region: Region, scale: float, turn: int = 0) -> list[Face]:
    """The faces (score MAYBE or better) inside `region` of the page, looked for at `scale` (working pixels per page
    pixel) or what still fits, after `turn` quarter turns as np.rot90 makes them."""
    x0, y0, x1, y1 = region
    crop = np.rot90(pixels[y0:y1, x0:x1], turn)
    width, height, canvas = _fit(crop.shape[1] * scale, crop.shape[0] * scale)
    canvas[:height, :width] = smaller(np.ascontiguousarray(crop), width, height)
    answer = runtime.pixel_network("face", size=(canvas.shape[0], canvas.shape[1]), rgb=True)(canvas[None])
    stretch = np.array([crop.shape[1] / width, crop.shape[0] / height], np.float32)

    def to_page(points: Polygon) -> Polygon:
        return unturned(points * stretch, turn, crop.shape[1], crop.shape[0]) + np.array([x0, y0], np.float32)

    seen = _decode(*(part[0] for part in answer))
    # Beyond the crop the canvas is bare: what is seen there is no face, and has no pixels to look at again.
    return [_moved(face, to_page) for face in seen if face.box[0] < width and face.box[1] < height]


def smaller(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resized; whole steps down by area first: a fractional step by area over a full page costs five times as much."""
    whole = max(1, min(pixels.shape[0] // height, pixels.shape[1] // width))
    if whole > 1:
        near = (pixels.shape[1] // whole, pixels.shape[0] // whole)
        pixels = np.asarray(cv2.resize(pixels, near, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _fit(width: float, height: float) -> tuple[int, int, Pixels]:
    """The size that the crop gets, and the white canvas that holds it."""
    for rows, columns in CANVASES:
        if height <= rows + 0.5 and width <= columns + 0.5:
            break
    else:
        rows, columns = CANVASES[-2 if width > height else -1]
        shrink = min(rows / height, columns / width)
        width, height = width * shrink, height * shrink
    return max(1, round(width)), max(1, round(height)), np.full((rows, columns, 3), 255, dtype=np.uint8)


def merge(faces: Iterable[Face]) -> list[Face]:
    """The best face of every group that overlaps."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda f: -f.score):
        if all(overlap(face.box, other.box) < OVERLAP for other in kept):
            kept.append(face)
    return kept


def _decode(
    heat: NDArray[np.float32], scales: NDArray[np.float32], offsets: NDArray[np.float32], marks: NDArray[np.float32]
) -> list[Face]:
    """The faces in the network's answer, in its input pixels. Each map is (channels, rows, columns) of its cells."""
    faces = []
    for row, column in zip(*np.nonzero(heat[0] >= MAYBE), strict=True):
        height, width = np.exp(scales[:, row, column]) * STRIDE
        x0 = (column + offsets[1, row, column] + 0.5) * STRIDE - width / 2
        y0 = (row + offsets[0, row, column] + 0.5) * STRIDE - height / 2
        points = marks[:, row, column].reshape(5, 2)[:2]
        eyes = np.stack([points[:, 1] * width + x0, points[:, 0] * height + y0], axis=1).astype(np.float32)
        box = (float(x0), float(y0), float(x0 + width), float(y0 + height))
        faces.append(Face(float(heat[0, row, column]), box, eyes))
    return merge(faces)


def _moved(face: Face, to_page: Callable[[Polygon], Polygon]) -> Face:
    corners = to_page(np.array(face.box, np.float32).reshape(2, 2))
    (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return Face(face.score, (x0, y0, x1, y1), to_page(face.eyes))
