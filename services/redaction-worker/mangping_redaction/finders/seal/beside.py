"""What sticks out from under a grey portrait: a copied chop half on it is grey on grey, and only its other half can be seen.

On a coloured portrait a seal's ink tells itself; where a page was copied, photo and seal have the same one. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.blobs import disc
from mangping_redaction.finders.seal.look import WORN_MM, Floats, Ink, above, fill, without
from mangping_redaction.page import Page, Polygon

COLOURED = 5.0  # how far the colours of a face lie apart in Lab: copies to 2.8, coloured faces from 9 on
DARK = 32  # ink fainter than this is a pattern of the paper
RIM_MM = 1.2  # a picture's edge may lie so far outside its map
OUT_MM = 4.4  # a picture that stands askew, or the lines of a card's ground beside it, do not stick out as far
NEAR_MM = 45.0  # what sticks out is looked for so far around: no chop is longer
THIN_MM = 2.0  # the half of a chop is wider; a table's line is not
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
    ink = cv2.morphologyEx(above(without(map_, known), DARK), cv2.MORPH_CLOSE, disc(WORN_MM * mm))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(np.asarray(ink, np.uint8))
    touching = np.unique(labels[near > 0])
    edge = cv2.dilate(np.ascontiguousarray(desk[part]), np.ones((5, 5), np.uint8)) > 0
    # Longer than any chop: tables, borders, shadows.
    beyond = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1], labels[edge]])
    touching = np.setdiff1d(touching, beyond)
    sized = (n for n in touching[touching > 0] if _is_sized(boxes[n], mm))
    return [_box(boxes[n], left, top) for n in sized if float(away[labels == n].max()) > OUT_MM * mm]


def _is_sized(part: NDArray[np.int32], mm: float) -> bool:
    short, long = sorted(part[2:4].tolist())
    return bool(short > THIN_MM * mm and LONG_MM[0] * mm < long < LONG_MM[1] * mm)


def _box(part: NDArray[np.int32], left: int, top: int) -> Floats:
    x, y, w, h = part[:4].tolist()
    corners = np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], np.float32)
    return corners + np.array((left, top), np.float32)
