"""Faces in photos, and the eyes in them. A portrait-shaped photo in which no face is found is a doubt, not a pass."""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.finders import face_detect, face_eyes, face_tone
from mangping_redaction.finders.face_detect import Face, Region
from mangping_redaction.page import Finding, Found, Page, Pixels, Polygon, quad

FINDER = "face"
WHOLE = 0.6  # share of the page in toned regions from which one look at the whole page is cheaper than many
CLOSER = 320 * 320  # working pixels in all, up to which the regions are looked at closer than the whole page would be
CLOSEST = 2.0  # times the scale of the whole page
FAR = 0.35  # of the usual scale: a face that fills the page is too large for the detector
GROWN = 0.12  # of the box: the detector leaves out hair, ears and chin

# Portrait photos: 1 inch is 25 x 35 mm, 2 inch 35 x 49 or 35 x 53, ID cards 26 x 32.
PHOTO_SHORT_MM = (17.0, 44.0)
PHOTO_RATIO = (1.15, 1.6)
PHOTO_FILLED = 0.85
PHOTO_LEVELS = 18.0  # standard deviation of grey inside


def find_faces(page: Page) -> Found:
    """Classes `face` (the box, grown a little) and `eyes` (a bar across both); doubt `photo_without_face`."""
    tone = face_tone.tone(page.pixels)
    faces = face_detect.merge(face for region, scale in _regions(page, tone) for face in face_detect.detect(page.pixels, region, scale))
    findings = [finding for face in faces for finding in _findings(page.pixels, face)]
    doubts = ("photo_without_face",) if _lonely_photo(page, tone, faces) else ()
    return Found(tuple(findings), doubts)


def _regions(page: Page, tone: face_tone.Tone) -> list[tuple[Region, float]]:
    """Where to look, and at which scale."""
    width, height = page.size
    if not tone.boxes:
        return []
    if tone.share >= WHOLE:
        everything = (0, 0, width, height)
        return [(everything, tone.scale), (everything, tone.scale * FAR)]
    closer = min(CLOSEST, max(1.0, (CLOSER / (tone.share * width * height * tone.scale**2)) ** 0.5))
    scale = min(1.0, tone.scale * closer)
    looks = []
    for x, y, w, h in tone.boxes:
        x0, y0 = int(x / tone.scale), int(y / tone.scale)
        looks.append(((x0, y0, min(width, int((x + w) / tone.scale)), min(height, int((y + h) / tone.scale))), scale))
    return looks


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
    more_x, more_y = GROWN * (x1 - x0), GROWN * (y1 - y0)
    return quad(x0 - more_x, y0 - more_y, x1 + more_x, y1 + more_y)


def _lonely_photo(page: Page, tone: face_tone.Tone, faces: list[Face]) -> bool:
    """Whether a continuous-tone rectangle of a portrait's size and shape holds no face."""
    filled = cv2.morphologyEx(tone.mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    mm = page.dpi * tone.scale / 25.4
    height, width = tone.mask.shape
    for outline in outlines:
        x, y, w, h = cv2.boundingRect(outline)
        inside_page = x > 0 and y > 0 and x + w < width and y + h < height
        if inside_page and _like_a_portrait(outline, mm) and _many_levels(tone.grey, outline):
            box = (x / tone.scale, y / tone.scale, (x + w) / tone.scale, (y + h) / tone.scale)
            if not any(_inside(face, box) for face in faces):
                return True
    return False


def _like_a_portrait(outline: Polygon, mm: float) -> bool:
    _, sides, _ = cv2.minAreaRect(outline)
    short, long = sorted(sides)
    if short < 1 or not PHOTO_SHORT_MM[0] <= short / mm <= PHOTO_SHORT_MM[1]:
        return False
    if not PHOTO_RATIO[0] <= long / short <= PHOTO_RATIO[1]:
        return False
    return bool(cv2.contourArea(outline) / (short * long) >= PHOTO_FILLED)


def _many_levels(grey: Pixels, outline: Polygon) -> bool:
    inside = np.zeros(grey.shape, np.uint8)
    cv2.drawContours(inside, [outline], -1, 255, cv2.FILLED)
    return bool(grey[inside > 0].std() >= PHOTO_LEVELS)


def _inside(face: Face, box: tuple[float, float, float, float]) -> bool:
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
