"""Finds fingerprints: ovals of red ridges on bare paper, as pressed beside a signature; where a page asks for prints, those of
any ink, as copied ones and those of blue pads are. Sizes are millimetres.

Ridges are finer than the working copy, so a print is a dense, uneven, oval patch. Seals have a ring or a frame,
emblems have gold, faces are skin, printed dots are even: none of these is taken for a print.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.blobs import Blob, blobs
from mangping_redaction.finders.seal.ink import LEAST_DPI, Sheet, ink_levels, sheet
from mangping_redaction.finders.seal.judge import stands_in_a_row
from mangping_redaction.finders.seal.look import Floats, Ink, look
from mangping_redaction.finders.seal.print import READ
from mangping_redaction.page import Finding, Found, Page, Polygon
from mangping_redaction.readers.line import Line

GROW = 1.25  # the faint rim of a print lies well outside its dense middle
LONG_MM = (8.0, 33.0)
SHORT_MM = 6.0
EMBLEM_MM = 24.0  # what is as large and ROUND is a red emblem: fingertips are longer than wide
ROUND = 1.15
PAPER = 40  # ink below this is bare paper
BARE = 0.6  # share of the surroundings that must be paper
GOLD = 0.3  # of the red: more is a golden emblem, or skin
PRINTED = 140  # of 255: red ink as strong is a printer's, an emblem's or a badge's; 15 prints of six sets reach 79
LEVEL = 24  # of 255: red ink well above the noise of paper
SIGNED_MM = 60.0  # a print and the whole signature that runs through it
BEYOND_MM = 1.2  # strokes reach so far outside the box of their signature
ASKED = re.compile("[捺按]印|[手指]印|指[纹模]")  # print that asks for one
BLOT_MM = 0.7  # ridges closer than this belong to one print


def prints(inks: Sheet, lines: Sequence[Line] = ()) -> Found:
    """Every red print on the page as an oval a quarter wider than its ink; of any ink where the `lines` ask for prints."""
    found = _prints(inks, "red print", stands_in_a_row)
    if any(ASKED.search(line.text) for line in lines):
        known = [line.polygon for line in lines if line.score > READ] + [print_.polygon for print_ in found]
        places = [(place * inks.scale).astype(np.float32) for place in known]
        # Prints stand in a row here, one beside each name and below the other: only what was read is a line's.
        elsewhere = partial(_is_known, places=places)
        found += _prints(replace(inks, red=inks.tint), "print, where one is asked for", elsewhere)
    return Found(tuple(found))


def _prints(inks: Sheet, why: str, in_a_line: Callable[[Blob, list[Blob]], bool]) -> list[Finding]:
    """Those in the ink that is `red` in the sheet, but for what a line of characters may be part of."""
    found: list[Blob] = []
    for level in ink_levels(inks):
        every = blobs(inks, None, level, least_mm=SHORT_MM)
        for blob in every:
            known = any(np.linalg.norm(blob.centre - other.centre) < other.long * inks.mm / 2 for other in found)
            if not known and _is_print(blob) and not in_a_line(blob, every) and _on_paper(blob, inks):
                found.append(blob)
    return [Finding("fingerprint", _oval(blob, inks), 0.8, "fingerprint", why) for blob in found]


def _is_known(blob: Blob, _: list[Blob], places: list[Floats]) -> bool:
    """Whether it lies in one of the places, or where the sheet ends: shadows and desks have ink of their own."""
    middle = blob.centre.tolist()
    return blob.edge or blob.desk or any(cv2.pointPolygonTest(place, middle, False) >= 0 for place in places)


def find_under_signatures(page: Page) -> Found:
    """A print that a pen ran through is no oval any more: red ink that touches a signature goes with it, and of a copy,
    where all ink is alike, whatever runs on from it."""
    signatures = [f.polygon for f in page.findings if f.cls == "signature"]
    return Found(tuple(found for s in signatures if (found := _under(page, s))))


def _under(page: Page, signature: Polygon) -> Finding | None:
    """The ink under one signature, looked for as far around it as a print may reach."""
    reach = LONG_MM[1] * max(page.dpi, LEAST_DPI) / 25.4
    low = np.maximum(signature.min(axis=0) - reach, 0).astype(int)
    high = (signature.max(axis=0) + reach).astype(int) + 1
    part = np.ascontiguousarray(page.pixels[low[1] : high[1], low[0] : high[0]])
    if min(part.shape[:2]) < 16:
        return None
    inks = sheet(Page(part, dpi=page.dpi))
    area = (signature - low) * inks.scale
    points = _touching(inks.red, LEVEL, area, inks.mm)
    why = "red ink under a signature"
    if len(points) < 3:
        read = [(line.polygon - low) * inks.scale for line in page.lines if line.score > READ]
        points, why = _running_on(inks, area, read), "ink that runs on from a signature"
    if len(points) < 3 or not SHORT_MM * inks.mm < np.ptp(points, axis=0).max() < LONG_MM[1] * inks.mm:
        return None
    outline = cv2.convexHull(points)[:, 0] + 0.5
    middle = outline.mean(axis=0)
    grown = np.asarray((middle + (outline - middle) * GROW) / inks.scale + low, np.float32)
    return Finding("fingerprint", grown, 0.7, "fingerprint", why)


def _running_on(inks: Sheet, signature: Floats, read: list[Floats]) -> Floats:
    """(n, 2) the pixels outside the signature of patches that reach into it, if they reach well beyond; no lines `read`."""
    ink, away = inks.tint.copy(), np.full_like(inks.tint, 255)
    for line in read:
        cv2.fillPoly(ink, [np.round(line).astype(np.int32)], (0,))
    cv2.fillPoly(away, [np.round(signature).astype(np.int32)], (0,))
    points = _touching(ink, PAPER, signature, inks.mm, SIGNED_MM)
    if not len(points):
        return points
    far = np.asarray(cv2.distanceTransform(away, cv2.DIST_L2, 3))[points[:, 1].astype(int), points[:, 0].astype(int)]
    return points[far > 0] if far.max() > BEYOND_MM * inks.mm else points[:0]


def _touching(ink: Ink, level: int, signature: Floats, mm: float, most: float = LONG_MM[1]) -> Floats:
    """(n, 2) the pixels of every patch of ink above `level`, at most so many mm long, that reaches into the signature."""
    reach = 2 * max(1, round(BLOT_MM * mm)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    patch = cv2.morphologyEx((ink > level).astype(np.uint8), cv2.MORPH_CLOSE, disc)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(patch)
    area = np.zeros_like(ink)
    cv2.fillPoly(area, [np.round(signature).astype(np.int32)], (1,))
    numbers = [n for n in np.unique(labels[area > 0]) if n and _is_part(boxes[n], mm, most)]
    return np.argwhere(np.isin(labels, numbers))[:, ::-1].astype(np.float32)


def _is_part(box: NDArray[np.int32], mm: float, most: float) -> bool:
    """Whether a patch (x, y, width, height, area) may be a piece of a print: larger than dust, smaller than a seal."""
    _, _, width, height, area = (float(value) for value in box)
    return area > (0.8 * mm) ** 2 and max(width, height) < most * mm


def _is_print(blob: Blob) -> bool:
    sized = LONG_MM[0] < blob.long < LONG_MM[1] and blob.short > SHORT_MM and blob.long < 2.4 * blob.short
    oval = 0.86 < blob.oval < 1.14 and blob.boxed < 0.9
    emblem = blob.long > EMBLEM_MM and blob.long < ROUND * blob.short
    return sized and oval and not emblem and blob.fill > 0.68 and blob.core > 0.25 and blob.relief > 0.12


def _on_paper(blob: Blob, inks: Sheet) -> bool:
    """Bare paper around; inside neither a printer's ink, nor gold nor skin, both of which take more blue than green."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    around = _look(inks.tint, blob, turn, np.array([1.12, 1.22, 1.32]))
    inside = turn, np.linspace(0.1, 0.95, 12)
    gold, red = _look(inks.gold, blob, *inside), _look(inks.red, blob, *inside)
    pressed = np.percentile(red, 75) < PRINTED and gold.mean() < GOLD * red.mean()
    return bool((around < PAPER).mean() > BARE and pressed)


def _look(ink: Ink, blob: Blob, turn: NDArray[np.float64], depth: NDArray[np.float64]) -> Ink:
    return look(ink, _round(blob, turn)[:, None] * depth[None, :, None] + blob.centre)


def _round(blob: Blob, turn: NDArray[np.float64]) -> Floats:
    """(n, 2) around the ellipse in the patch's rectangle, from its centre."""
    a, b = (blob.rect[1] - blob.rect[0]) / 2, (blob.rect[2] - blob.rect[1]) / 2
    return np.asarray(np.cos(turn)[:, None] * a + np.sin(turn)[:, None] * b, np.float32)


def _oval(blob: Blob, inks: Sheet) -> Floats:
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    return np.asarray((_round(blob, turn) * GROW + blob.centre) / inks.scale, np.float32)
