"""Where a page's portraits and pictures of events lie: what a seal does on one cannot be seen. Pure, working pixels."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.ink import Sheet
from mangping_redaction.finders.seal.look import Floats, Ink, above, without
from mangping_redaction.page import Page

# How far a portrait goes beyond its face, in sizes of that, to the left and top, to the right and bottom.
SURELY, AT_MOST = ((0.45, 0.55), (0.45, 0.87)), ((1.08, 0.98), (1.08, 2.03))
WIDER = 1.27  # times the face: no portrait is narrower or lower
PICTURE = 8  # pixels of a cell that a picture fills and text does not
DENSE = 153  # of 255: how much of a cell is ink in a picture
LARGE_MM, RECTANGLE = 40.0, 0.85  # the shorter side of a picture of an event; its share of the rectangle about it
FULL = 0.6  # of such a picture is dense: faces and skies are not
FAINT = 16  # ink that a picture is full of


def photos(page: Page, inks: Sheet) -> tuple[Ink, Ink]:
    """Maps of the pictures that hold faces, and of what no picture is in the portraits among them."""
    faces = [finding.polygon * inks.scale for finding in page.findings if finding.cls == "face"]
    if not faces:
        return np.zeros_like(inks.red), np.zeros_like(inks.red)
    dense = _dense(inks)
    portraits = _portraits(dense, faces, inks)
    kernel = np.ones((3, 3), np.uint8)  # strokes of a seal are no picture
    solid = cv2.morphologyEx(dense, cv2.MORPH_OPEN, kernel)
    bare = without(portraits, _unfolded(np.asarray(cv2.dilate(solid, kernel), np.uint8), portraits))
    return np.asarray(cv2.max(portraits, _events(np.asarray(solid, np.uint8), faces, inks)), np.uint8), bare


def _portraits(dense: Ink, faces: list[Floats], inks: Sheet) -> Ink:
    """A map of the portraits, the surest of the faces first.

    A portrait is as wide as photos are about a face, and goes as far beyond as its picture does without a gap. But
    photographs are cropped closer than thought, or have a white ground: a seal shows there as it does on paper.
    """
    mask, beyond = np.zeros_like(inks.red), np.zeros_like(inks.red)
    for face in faces:
        _mark(mask, face, *SURELY)
        _mark(beyond, face, *AT_MOST)
    surest = np.ptp(faces[0], axis=0)
    whole = _unfolded(_picture(dense, surest / PICTURE), mask)
    whole = np.asarray(cv2.dilate(whole, np.ones((7, 7), np.uint8)), np.uint8)
    return np.asarray(mask | (whole & beyond), np.uint8)


def _events(solid: Ink, faces: list[Floats], inks: Sheet) -> Ink:
    """The large pictures that hold faces, however far from a face they go: solid patches that are rectangles."""
    found = np.zeros_like(inks.red)
    middles = [face.mean(axis=0) / PICTURE for face in faces]
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        centre, (w, h), turn = cv2.minAreaRect(contour)
        area = cv2.contourArea(cv2.convexHull(contour))
        if min(w, h) * PICTURE < LARGE_MM * inks.mm or area < RECTANGLE * w * h or _at_the_edge(contour, solid):
            continue
        holds = any(cv2.pointPolygonTest(contour, (float(x), float(y)), False) >= 0 for x, y in middles)
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
    wide, high = (max(1, round(WIDER * float(side))) for side in face)
    kernels = np.ones((high, 1), np.uint8), np.ones((1, wide), np.uint8)
    upright, level = (cv2.morphologyEx(dense, cv2.MORPH_OPEN, kernel) for kernel in kernels)
    return np.asarray(cv2.bitwise_and(upright, level), np.uint8)


def _mark(mask: Ink, face: Floats, before: tuple[float, float], behind: tuple[float, float]) -> None:
    """Marks the box around a face, grown by shares of its size to the left and top, right and bottom."""
    low, high = face.min(axis=0), face.max(axis=0)
    size = high - low
    low, high = low - size * before, high + size * behind
    cv2.rectangle(mask, low.astype(int).tolist(), high.astype(int).tolist(), (255,), -1)
