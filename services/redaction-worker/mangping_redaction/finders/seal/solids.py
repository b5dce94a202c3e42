"""Rectangles of page that ink closes off, whatever runs into them: where frames may be. Pure, pixels of the working copy."""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.finders.seal.blobs import disc
from mangping_redaction.finders.seal.look import Floats, Ink, above, without

RULE_MM = 16.0  # a level line as long belongs to a table, a border, a form
BRIDGE_MM = 1.7
TEXT_MM = 5.2  # lines of text that run into a rectangle are lower
SIDES_MM = (8.0, 95.0)
SLIVER_MM = 2.2  # narrower is an edge of the picture that its map left out
SLIM = 7.0


def solids(small: Ink, text: Ink, hide: Ink, level: int, mm: float) -> list[Floats]:
    """(4, 2) rectangles, in pixels of the working copy, around what closes up once rules are taken out and text filled in.

    `small` is ink in half as many pixels, `text` 255 in the lines that were read, `hide` where something lies on top, which
    belongs to no rectangle; `mm` is that of the working copy.
    """
    mm = mm / 2
    mask = without(above(small, level), hide)
    rules = np.zeros_like(mask)
    size = round(RULE_MM * mm)
    for kernel in (np.ones((1, size), np.uint8), np.ones((size, 1), np.uint8)):
        rules |= np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel), np.uint8)
    rules = np.asarray(cv2.dilate(rules, np.ones((3, 3), np.uint8)), np.uint8)
    bridge = np.ones((max(1, round(BRIDGE_MM * mm)),) * 2, np.uint8)
    own = cv2.max(cv2.subtract(cv2.subtract(mask, rules), text), hide)
    mask = np.asarray(cv2.max(cv2.morphologyEx(own, cv2.MORPH_CLOSE, bridge), text), np.uint8)
    contours, ranks = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for contour, (_, _, _, parent) in zip(contours, ranks[0] if len(contours) else (), strict=True):
        if parent >= 0 and max(cv2.boundingRect(contour)[2:]) < SIDES_MM[1] * mm:
            cv2.drawContours(mask, [contour], 0, (255,), cv2.FILLED)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc(TEXT_MM * mm)), np.uint8)
    if hide.any():
        mask = np.asarray(cv2.morphologyEx(cv2.subtract(mask, hide), cv2.MORPH_OPEN, disc(SLIVER_MM * mm)), np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        centre, (w, h), turn = cv2.minAreaRect(contour)
        if min(w, h) > SIDES_MM[0] * mm and max(w, h) < min(SIDES_MM[1] * mm, SLIM * min(w, h)):
            rect = cv2.boxPoints((centre, (w + 1, h + 1), turn))
            found.append((np.asarray(rect, np.float32) * 2 + 1).astype(np.float32))
    return found
