"""Faces in photos, and the eyes in them. A portrait-shaped photo in which no face is found is a doubt, not a pass.

One look at a small copy of the whole page finds nearly all faces; weak answers are looked at closer, in four rotations.
"""

from __future__ import annotations

import numpy as np

from mangping_redaction.finders.face import detect as face_detect
from mangping_redaction.finders.face import eyes as face_eyes
from mangping_redaction.finders.face import tone as face_tone
from mangping_redaction.finders.face.detect import SURE, Face, Region
from mangping_redaction.finders.face.tone import Tone
from mangping_redaction.page import Finding, Found, Page, Pixels, Polygon, quad

FINDER = "face"
LONG_SIDE = 640  # of the small copy: 55 dpi on A4, a face of 60 px at 200 dpi is 16 px
FAR_SIDE, FAR_TONE = 320, 0.25  # of a smaller copy, where much of the page is tone: a face may fill it
AROUND = 1.5  # sizes of a weak answer, on every side, that a closer look takes in
CLOSE = 190.0  # working pixels of a closer look, about a third of them the face
CLEAR = 0.5  # score from which no other rotation is tried
GROWN = 0.05  # of the box: landmarks lie just inside the outline of the face
LEAST = 3.0  # pixels: small faces are found less exactly


def find_faces(page: Page) -> Found:
    """Classes `face` (the box, grown a little) and `eyes` (a bar across both); doubt `photo_without_face`."""
    tone = face_tone.tone(page)
    seen = _first_look(tone)
    faces = [face for face in seen if face.score >= SURE]
    for weak in seen:
        if weak.score < SURE:
            faces += _closer(page.pixels, _around(weak, page.size))
    portraits, pictures = face_tone.photos(tone, page.dpi)
    portraits += face_tone.masses(tone, page)
    for picture in pictures:
        faces += _group(page.pixels, picture)
    doubts: tuple[str, ...] = ()
    for photo in portraits:
        if not any(_inside(face, photo) for face in faces):
            found = _closer(page.pixels, photo)
            faces += found
            doubts = doubts if found else ("photo_without_face",)
    findings = [finding for face in face_detect.merge(faces) for finding in _findings(page.pixels, face)]
    return Found(tuple(findings), doubts)


def _first_look(tone: Tone) -> list[Face]:
    height, width = tone.grey.shape
    looks = [LONG_SIDE, FAR_SIDE] if tone.share >= FAR_TONE else [LONG_SIDE]
    faces: list[Face] = []
    for side in looks:
        faces += face_detect.detect(tone.small, (0, 0, width, height), min(1.0, side / max(width, height)))
    return [face.enlarged(1 / tone.scale) for face in face_detect.merge(faces)]


def _closer(pixels: Pixels, region: Region) -> list[Face]:
    """The faces in a small region, in the rotation that shows them best."""
    scale = CLOSE / max(region[2] - region[0], region[3] - region[1])
    faces: list[Face] = []
    for turn in range(4):
        faces += face_detect.detect(pixels, region, scale, turn)
        if any(face.score >= CLEAR for face in faces):
            break
    return [face for face in face_detect.merge(faces) if face.score >= SURE]


def _group(pixels: Pixels, region: Region) -> list[Face]:
    """The faces in a large picture, looked at as closely as the first look would look at a page of its size."""
    scale = min(1.0, LONG_SIDE / max(region[2] - region[0], region[3] - region[1]))
    return [face for face in face_detect.detect(pixels, region, scale) if face.score >= SURE]


def _around(face: Face, size: tuple[int, int]) -> Region:
    """The face and its surroundings, as far as a page of `size` (width, height) has them; never empty."""
    x, y, reach = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2, AROUND * face.size
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    return left, top, max(left + 1, min(size[0], int(x + reach))), max(top + 1, min(size[1], int(y + reach)))


def _findings(pixels: Pixels, face: Face) -> list[Finding]:
    seen = face_eyes.eyes(pixels, face)
    confidence = round(face.score, 3)
    why = "face detector" if len(seen) == 1 else "face detector, several ways round"
    box = _box(face, [look.oval for look in seen])
    return [
        Finding("face", box, confidence, FINDER, why),
        *(Finding("eyes", look.bar, confidence, FINDER, why) for look in seen),
    ]


def _box(face: Face, ovals: list[Polygon]) -> Polygon:
    """The detector's box with the outline of the face, grown on every side."""
    points = np.concatenate([np.array(face.box, np.float32).reshape(2, 2), *ovals])
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    more_x, more_y = max(GROWN * (x1 - x0), LEAST), max(GROWN * (y1 - y0), LEAST)
    return quad(x0 - more_x, y0 - more_y, x1 + more_x, y1 + more_y)


def _inside(face: Face, region: Region) -> bool:
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    return region[0] <= x <= region[2] and region[1] <= y <= region[3]
