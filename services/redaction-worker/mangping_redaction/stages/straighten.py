"""Quarter turn and skew. The page comes out upright in its own pixels; skew is measured, never warped away."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from mangping_redaction.copies import halved
from mangping_redaction.page import Found, Page, Pixels
from mangping_redaction.stages import straighten_skew, straighten_turn

SMALL = 800  # pixels of the longer side: enough to tell lines of 6 pt on A4
A4_LONG_INCHES = 11.69
SHORTEST_INCHES, LONGEST_INCHES = 2.0, 17.5  # of the longer side: a passport photo page, A3 with a margin
ROTATE = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}


def straighten(page: Page) -> Page:
    """The page upright, with `turn`, `skew_degrees` and a plausible `dpi`; `orientation_unsure` when it cannot tell."""
    small = reduced(page.copies.half if max(page.size) >= 2 * SMALL else page.pixels)
    turn = straighten_turn.find(page.pixels, small)
    upright = replace(
        page,
        pixels=turned(page.pixels, turn.quarters),
        turn=(page.turn + turn.quarters) % 4,
        skew_degrees=straighten_skew.skew(turned(small, turn.quarters)),
        dpi=plausible_dpi(page.dpi, max(page.size)),
    )
    return upright if turn.sure else upright.add(Found(doubts=("orientation_unsure",)))


def turned(pixels: Pixels, quarters: int) -> Pixels:
    """np.rot90(pixels, quarters), contiguous; the same array when there is nothing to turn."""
    if not quarters:
        return pixels
    return np.asarray(cv2.rotate(pixels, ROTATE[quarters]), np.uint8)


def reduced(pixels: Pixels, side: int = SMALL) -> Pixels:
    """A copy whose longer side is at most `side`: halved by averaging as often as goes, faster than one step."""
    while max(pixels.shape[:2]) >= 2 * side:
        pixels = halved(pixels)
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def plausible_dpi(dpi: float, longer_side: int) -> float:
    """The resolution as claimed if the paper it implies exists, else the one that makes the longer side that of A4."""
    if dpi > 0 and SHORTEST_INCHES <= longer_side / dpi <= LONGEST_INCHES:
        return float(dpi)
    return longer_side / A4_LONG_INCHES
