"""Red fingerprints: ovals of 8 to 28 mm, full of broken ink, pressed beside a signing word or over a signature."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal_ink import Sheet, sheet
from mangping_redaction.finders.signature import ANCHOR
from mangping_redaction.page import Finding, Found, Page
from mangping_redaction.readers.line import Line

LEVEL = 24  # of 255: red ink well above the noise of paper
SIZE_MM = (8.0, 28.0)
NEAR_MM = 75.0  # from a signing word: a line of it, with the pen's room
GROW = 0.25  # measured: a print's faint rim lies outside its mask
BLOT_MM = 0.7  # ridges closer than this belong to one print


def find_fingerprints(page: Page) -> Found:
    """One finding for each print near a signing word."""
    anchors = _anchors(page.lines)
    if not len(anchors):
        return Found()
    inks = sheet(page)
    findings = []
    for outline in _ovals(inks):
        polygon = outline / inks.scale
        if np.linalg.norm(anchors - polygon.mean(axis=0), axis=1).min() < NEAR_MM * inks.mm / inks.scale:
            grown = polygon.mean(axis=0) + (polygon - polygon.mean(axis=0)) * (1 + GROW)
            findings.append(
                Finding("fingerprint", grown.astype(np.float32), 0.85, "fingerprint", "red oval at a signing word")
            )
    return Found(tuple(findings))


def _anchors(lines: Sequence[Line]) -> NDArray[np.float32]:
    """(n, 2) middles of the lines that hold a signing word."""
    return np.array([line.polygon.mean(axis=0) for line in lines if ANCHOR.search(line.text)], np.float32).reshape(
        -1, 2
    )


def _ovals(inks: Sheet) -> list[NDArray[np.float32]]:
    """Outlines, in working pixels, of red patches of a print's size and shape that are neither solid nor a bare ring."""
    red = (inks.red > LEVEL).astype(np.uint8)
    reach = max(1, round(BLOT_MM * inks.mm))
    patch = cv2.morphologyEx(red, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2))
    ovals = []
    for contour in cv2.findContours(patch, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
        hull = cv2.convexHull(contour)
        (_, (a, b), _), area = cv2.minAreaRect(hull), cv2.contourArea(hull)
        short, long = sorted((a / inks.mm, b / inks.mm))
        if not (SIZE_MM[0] * 0.7 < short and SIZE_MM[0] < long < SIZE_MM[1] and long < 2.2 * short):
            continue
        x, y, w, h = cv2.boundingRect(hull)
        inside = np.zeros((h, w), np.uint8)
        cv2.fillConvexPoly(inside, hull - (x, y), 1)
        core = cv2.erode(inside, np.ones((3, 3), np.uint8), iterations=max(1, int(min(w, h) / 6)))
        full = patch[y : y + h, x : x + w][inside > 0].mean()
        middle = red[y : y + h, x : x + w][core > 0].mean() if core.any() else 0.0
        if area > 0.68 * a * b and full > 0.72 and 0.25 < middle < 0.97:
            ovals.append(hull[:, 0].astype(np.float32) + 0.5)
    return ovals
