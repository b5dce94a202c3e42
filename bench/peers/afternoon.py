"""The script of an afternoon: RapidOCR with character boxes, a search for the known strings and for numbers that look
like IDs and phones, Haar cascades for eyes, a red mask for seals, OpenCV's QR detector. No doubt is ever told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.lane import Handle, Json, contestant
from bench.peers.known import spans
from bench.peers.rapidocr_bare import reader

Quad = NDArray[np.float32]
Quads = list[Quad]
Image = NDArray[Any]
HAAR = Path(cv2.__file__).parent / "data"
NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")


def _text(read: Any, pixels: Image, identity: Json) -> Quads:
    """Boxes of the characters that belong to a known string or a telling number."""
    answer = read(pixels, return_word_box=True, return_single_char_box=True)
    found = []
    for line in answer.word_results or ():
        letters = [(text, np.array(box, np.float32)) for text, _, box in line if box is not None]
        joined = "".join(text for text, _ in letters)
        owners = [box for text, box in letters for _ in text]
        for start, end in (*spans(joined, identity), *(number.span() for number in NUMBERS.finditer(joined))):
            found += owners[start:end]
    return [_grown(box, 0.12) for box in found]


def _grown(box: Quad, share: float) -> Quad:
    middle = box.mean(axis=0)
    grown: Quad = (box + (box - middle) * 2 * share).astype(np.float32)
    return grown


def _eyes(cascades: list[Any], pixels: Image) -> Quads:
    """Eyes inside faces; the eye band of a face when the second cascade sees none."""
    faces, eyes = cascades
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    found = []
    for x, y, w, h in faces.detectMultiScale(grey, 1.1, 6, minSize=(40, 40)):
        inside = eyes.detectMultiScale(grey[y : y + int(h * 0.6), x : x + w], 1.1, 5)
        boxes = [(x + u, y + v, a, b) for u, v, a, b in inside] or [(x + w // 8, y + h // 4, 3 * w // 4, h // 4)]
        found += [_rectangle(*box) for box in boxes]
    return found


def _seals(pixels: Image) -> Quads:
    """Large, roughly square patches of red."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV)
    ends = ((0, 12), (160, 180))  # red lies at both ends of the hue circle
    red = cv2.bitwise_or(*(cv2.inRange(hsv, (low, 60, 60), (high, 255, 255)) for low, high in ends))
    side = min(pixels.shape[:2])
    red = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((side // 60, side // 60), np.uint8))
    found = []
    for contour in cv2.findContours(red, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
        x, y, w, h = cv2.boundingRect(contour)
        if 0.06 * side < min(w, h) and max(w, h) < 0.4 * side and 0.5 < w / h < 2:
            found.append(_rectangle(x, y, w, h))
    return found


def _codes(pixels: Image) -> Quads:
    seen, points = cv2.QRCodeDetector().detectMulti(pixels)
    return [_grown(box, 0.03) for box in points] if seen else []


def _rectangle(x: float, y: float, w: float, h: float) -> Quad:
    return np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], np.float32)


def _prepare() -> Handle:
    read = reader()
    cascades = [cv2.CascadeClassifier(str(HAAR / f"haarcascade_{name}.xml")) for name in ("frontalface_default", "eye")]

    def handle(page: Json, plan: Json) -> tuple[bytes | None, Json]:
        pixels = cv2.imread(page["path"])
        if pixels is None:
            raise ValueError("not a picture")
        boxes = [*_text(read, pixels, page["identity"]), *_eyes(cascades, pixels), *_seals(pixels), *_codes(pixels)]
        for box in boxes:
            cv2.fillConvexPoly(pixels, np.round(box).astype(np.int32), (0, 0, 0))
        return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes(), {}

    return handle


if __name__ == "__main__":
    contestant(_prepare)
