"""Finds red fingerprints: ovals of red ridges on bare paper, as pressed beside a signature. Sizes are millimetres.

Ridges are finer than the working copy, so a print is a dense, uneven, oval patch. Seals have a ring or a frame,
emblems have gold, faces are skin, printed dots are even: none of these is taken for a print.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal import ink_levels, stands_in_a_row
from mangping_redaction.finders.seal_blobs import Blob, blobs
from mangping_redaction.finders.seal_ink import Sheet, sheet
from mangping_redaction.finders.seal_look import Floats, Ink, look
from mangping_redaction.page import Finding, Found, Page

GROW = 1.25  # the faint rim of a print lies well outside its dense middle
LONG_MM = (8.0, 33.0)
SHORT_MM = 6.0
PAPER = 40  # ink below this is bare paper
BARE = 0.6  # share of the surroundings that must be paper
GOLD = 0.3  # of the red: more is a golden emblem, or skin


def find_fingerprints(page: Page) -> Found:
    """Every red print on the page as an oval a quarter wider than its ink."""
    inks = sheet(page)
    found: list[Blob] = []
    for level in ink_levels(inks):
        every = blobs(inks, None, level, least_mm=SHORT_MM)
        for blob in every:
            known = any(np.linalg.norm(blob.centre - other.centre) < other.long * inks.mm / 2 for other in found)
            if not known and _is_print(blob) and not stands_in_a_row(blob, every) and _on_paper(blob, inks):
                found.append(blob)
    return Found(tuple(Finding("fingerprint", _oval(b, inks), 0.8, "fingerprint", "red print") for b in found))


def _is_print(blob: Blob) -> bool:
    sized = LONG_MM[0] < blob.long < LONG_MM[1] and blob.short > SHORT_MM and blob.long < 2.4 * blob.short
    oval = 0.86 < blob.oval < 1.14 and blob.boxed < 0.9
    return sized and oval and blob.fill > 0.68 and blob.core > 0.25 and blob.relief > 0.12


def _on_paper(blob: Blob, inks: Sheet) -> bool:
    """Bare paper around; inside neither gold nor skin, both of which take more blue than green."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    around = _look(inks.tint, blob, turn, np.array([1.12, 1.22, 1.32]))
    inside = turn, np.linspace(0.1, 0.95, 12)
    gold, red = _look(inks.gold, blob, *inside), _look(inks.red, blob, *inside)
    return bool((around < PAPER).mean() > BARE and gold.mean() < GOLD * red.mean())


def _look(ink: Ink, blob: Blob, turn: NDArray[np.float64], depth: NDArray[np.float64]) -> Ink:
    return look(ink, _round(blob, turn)[:, None] * depth[None, :, None] + blob.centre)


def _round(blob: Blob, turn: NDArray[np.float64]) -> Floats:
    """(n, 2) around the ellipse in the patch's rectangle, from its centre."""
    a, b = (blob.rect[1] - blob.rect[0]) / 2, (blob.rect[2] - blob.rect[1]) / 2
    return np.asarray(np.cos(turn)[:, None] * a + np.sin(turn)[:, None] * b, np.float32)


def _oval(blob: Blob, inks: Sheet) -> Floats:
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    return np.asarray((_round(blob, turn) * GROW + blob.centre) / inks.scale, np.float32)
