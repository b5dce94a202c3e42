"""What sticks out from under a grey portrait: a copied chop half on it is grey on grey, and only its other half can be seen.

On a coloured portrait a seal's ink tells itself; where a page was copied, photo and seal have the same one. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.blobs import disc
from mangping_redaction.finders.seal.ink import Sheet
from mangping_redaction.finders.seal.look import Floats, Ink, above, fill, without
from mangping_redaction.page import Page, Polygon

COLOURED = 5.0  # how far the colours of a face lie apart in Lab: copies to 2.8, coloured faces from 9 on
PICTURE = 8  # pixels of a cell that a picture fills and text does not
DENSE = 153  # of 255: how much of a cell is ink in a picture
LARGE_MM, RECTANGLE = 40.0, 0.85  # the shorter side of a picture of an event; its share of the rectangle about it
FULL = 0.6  # of such a picture is dense: faces and skies are not
FAINT = 16  # ink that a picture is full of
DARK = 32  # ink fainter than this is a pattern of the paper
RIM_MM = 1.2  # a picture's edge may lie so far outside its map
GAP_MM = 0.9  # worn through by so much a frame still is one
OUT_MM = 4.4  # a picture that stands askew, or the lines of a card's ground beside it, do not stick out as far
NEAR_MM = 45.0  # what sticks out is looked for so far around: no chop is longer
LONG_MM = (6.0, 95.0)  # a card may be taken for a sheet; a ruled table is longer than any chop


def is_grey(page: Page, face: Polygon) -> bool:
    """Whether the picture of a face has no colours of its own, whatever light it was taken in."""
    low, high = np.maximum(face.min(axis=0) / 2, 0).astype(int), (face.max(axis=0) / 2).astype(int) + 1
    colours = cv2.cvtColor(page.copies.half[low[1] : high[1], low[0] : high[0]], cv2.COLOR_BGR2LAB)[:, :, 1:].astype(
        np.float32
    )
    if not colours.size:
        return False
    apart = cv2.GaussianBlur(colours, (0, 0), 1) - np.median(colours, axis=(0, 1))
    return float(np.percentile(np.linalg.norm(apart, axis=2), 90)) < COLOURED


def sticks_out(map_: Ink, mm: float, photos: Ink, taken: Ink, desk: Ink, read: Iterable[Floats]) -> list[Floats]:
    """The boxes of ink of the map that runs from under a portrait (255 in `photos`) as far as a chop's half would.

    `taken` is known already; `read` are the lines of text that were read, in working pixels. What reaches the desk is the
    shadow of the sheet.
    """
    x, y, w, h = cv2.boundingRect(photos)
    reach = round(NEAR_MM * mm)
    left, top = max(0, x - reach), max(0, y - reach)
    part = np.s_[top : y + h + reach, left : x + w + reach]
    map_, photos = np.ascontiguousarray(map_[part]), np.ascontiguousarray(photos[part])
    known = np.asarray(cv2.max(np.ascontiguousarray(taken[part]), photos), np.uint8)
    for line in read:
        fill(known, (line - (left, top)).astype(np.float32))
    near = np.asarray(cv2.dilate(photos, disc(2 * RIM_MM * mm)), np.uint8)
    away = cv2.distanceTransform(np.asarray(255 - photos, np.uint8), cv2.DIST_L2, 3)
    ink = cv2.morphologyEx(above(without(map_, known), DARK), cv2.MORPH_CLOSE, disc(GAP_MM * mm))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(np.asarray(ink, np.uint8))
    touching = np.unique(labels[near > 0])
    edge = cv2.dilate(np.ascontiguousarray(desk[part]), np.ones((5, 5), np.uint8)) > 0
    # Longer than any chop: tables, borders, shadows.
    beyond = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1], labels[edge]])
    touching = np.setdiff1d(touching, beyond)
    sized = (n for n in touching[touching > 0] if LONG_MM[0] * mm < max(boxes[n, 2], boxes[n, 3]) < LONG_MM[1] * mm)
    return [_box(boxes[n], left, top) for n in sized if float(away[labels == n].max()) > OUT_MM * mm]


def _box(part: NDArray[np.int32], left: int, top: int) -> Floats:
    x, y, w, h = part[:4].tolist()
    corners = np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], np.float32)
    return corners + np.array((left, top), np.float32)


def photos(page: Page, inks: Sheet) -> tuple[Ink, Ink]:
    """Maps of the portraits, and of what no picture is in there. What a seal does on a picture cannot be seen.

    A portrait is as wide as photos are about a face, and goes as far beyond as its picture does without a gap. But
    photographs are cropped closer than thought, or have a white ground: a seal shows there as it does on paper.
    """
    mask, beyond = np.zeros_like(inks.red), np.zeros_like(inks.red)
    faces = [finding.polygon for finding in page.findings if finding.cls == "face"]
    for face in faces:
        _frame(mask, face * inks.scale, (0.4, 0.5), (0.4, 0.8))
        _frame(beyond, face * inks.scale, (1.0, 0.9), (1.0, 1.9))
    if not faces:
        return mask, mask
    dense = _dense(inks)
    whole = _unfolded(_picture(dense, np.ptp(faces[0], axis=0) * inks.scale / PICTURE), mask)
    whole = np.asarray(cv2.dilate(whole, np.ones((7, 7), np.uint8)), np.uint8)
    mask = np.asarray(mask | (whole & beyond), np.uint8)
    kernel = np.ones((3, 3), np.uint8)  # strokes of a seal are no picture
    picture = np.asarray(cv2.dilate(cv2.morphologyEx(dense, cv2.MORPH_OPEN, kernel), kernel), np.uint8)
    return mask, without(mask, _unfolded(picture, mask))


def pictures(page: Page, inks: Sheet) -> Ink:
    """A map of the large pictures that hold faces, however far from a face they go: patches of dense ink that are
    rectangles."""
    found = np.zeros_like(inks.red)
    faces = [finding.polygon.mean(axis=0) * inks.scale / PICTURE for finding in page.findings if finding.cls == "face"]
    if not faces:
        return found
    solid = np.asarray(cv2.morphologyEx(_dense(inks), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        centre, (w, h), turn = cv2.minAreaRect(contour)
        area = cv2.contourArea(cv2.convexHull(contour))
        if min(w, h) * PICTURE < LARGE_MM * inks.mm or area < RECTANGLE * w * h or _at_the_edge(contour, solid):
            continue
        holds = any(cv2.pointPolygonTest(contour, (float(x), float(y)), False) >= 0 for x, y in faces)
        if holds and _filled(solid, contour) > FULL:  # a desk runs round its sheet, which is no picture
            corners = (cv2.boxPoints((centre, (w + 2, h + 2), turn)) + 0.5) * PICTURE
            cv2.fillPoly(found, [np.rint(corners).astype(np.int32)], (255,))
    return found


def _at_the_edge(contour: NDArray[Any], solid: Ink) -> bool:
    """Whether a contour reaches three edges of the page: a desk does."""
    x, y, w, h = cv2.boundingRect(contour)
    return [x, y, x + w - solid.shape[1], y + h - solid.shape[0]].count(0) > 2


def _filled(solid: Ink, contour: NDArray[Any]) -> float:
    """Share of what a contour encloses that is dense."""
    x, y, w, h = cv2.boundingRect(contour)
    inside = np.zeros((h, w), np.uint8)
    cv2.drawContours(inside, [contour - (x, y)], 0, (255,), -1)
    return cv2.countNonZero(cv2.bitwise_and(inside, solid[y : y + h, x : x + w])) / max(cv2.countNonZero(inside), 1)


def _dense(inks: Sheet) -> Ink:
    """255 for every cell that is full of ink, as a picture's are."""
    size = tuple(max(1, side // PICTURE) for side in inks.tint.shape[::-1])
    share = cv2.resize(above(inks.tint, FAINT), size, interpolation=cv2.INTER_AREA)
    return above(np.asarray(share, np.uint8), DENSE)


def _unfolded(cells: Ink, map_: Ink) -> Ink:
    """Cells as a map as large as another one."""
    return np.asarray(cv2.resize(cells, map_.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def _picture(dense: Ink, face: Floats) -> Ink:
    """The parts of dense ink as high and as wide as photographs are about a face (wide, high); a chop on their rim is
    neither."""
    wide, high = (max(1, round(1.2 * float(side))) for side in face)
    kernels = np.ones((high, 1), np.uint8), np.ones((1, wide), np.uint8)
    upright, level = (cv2.morphologyEx(dense, cv2.MORPH_OPEN, kernel) for kernel in kernels)
    return np.asarray(cv2.bitwise_and(upright, level), np.uint8)


def _frame(mask: Ink, face: Floats, before: tuple[float, float], behind: tuple[float, float]) -> None:
    """Marks the box around a face, grown by shares of its size to the left and top, right and bottom."""
    low, high = face.min(axis=0), face.max(axis=0)
    size = high - low
    low, high = low - size * before, high + size * behind
    cv2.rectangle(mask, low.astype(int).tolist(), high.astype(int).tolist(), (255,), -1)
