"""What sticks out from under a grey portrait: a copied chop half on it is grey on grey, and only its other half can be seen.

On a coloured portrait a seal's ink tells itself; where a page was copied, photo and seal have the same one. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from mangping_redaction.finders.seal_blobs import disc
from mangping_redaction.finders.seal_look import Floats, Ink, above, fill, without
from mangping_redaction.page import Pixels, Polygon

COLOURED = 5.0  # how far the colours of a face lie apart in Lab: copies to 2.8, coloured faces from 9 on
DARK = 32  # ink fainter than this is a pattern of the paper
RIM_MM = 1.2  # a picture's edge may lie so far outside its map
GAP_MM = 0.9  # worn through by so much a frame still is one
OUT_MM = 4.4  # a picture that stands askew, or the lines of a card's ground beside it, do not stick out as far
LONG_MM = (6.0, 95.0)  # a card may be taken for a sheet; a ruled table is longer than any chop


def is_grey(pixels: Pixels, face: Polygon) -> bool:
    """Whether the picture of a face has no colours of its own, whatever light it was taken in."""
    low, high = np.maximum(face.min(axis=0), 0).astype(int), face.max(axis=0).astype(int) + 1
    colours = cv2.cvtColor(pixels[low[1] : high[1], low[0] : high[0]], cv2.COLOR_BGR2LAB)[:, :, 1:].astype(np.float32)
    if not colours.size:
        return False
    apart = cv2.GaussianBlur(colours, (0, 0), 2) - np.median(colours, axis=(0, 1))
    return float(np.percentile(np.linalg.norm(apart, axis=2), 90)) < COLOURED


def sticks_out(map_: Ink, mm: float, photos: Ink, taken: Ink, read: Iterable[Floats]) -> bool:
    """Whether ink of the map runs from under a portrait (255 in `photos`) as far as a chop's half would.

    `taken` is known already; `read` are the lines of text that were read, in working pixels.
    """
    known = np.asarray(cv2.max(taken, photos), np.uint8)
    for line in read:
        fill(known, line)
    near = np.asarray(cv2.dilate(photos, disc(2 * RIM_MM * mm)), np.uint8)
    away = cv2.distanceTransform(np.asarray(255 - photos, np.uint8), cv2.DIST_L2, 3)
    ink = cv2.morphologyEx(above(without(map_, known), DARK), cv2.MORPH_CLOSE, disc(GAP_MM * mm))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(np.asarray(ink, np.uint8))
    touching = np.unique(labels[near > 0])
    sized = (n for n in touching[touching > 0] if LONG_MM[0] * mm < max(boxes[n, 2], boxes[n, 3]) < LONG_MM[1] * mm)
    return any(float(away[labels == n].max()) > OUT_MM * mm for n in sized)
