"""Whether the ink of a rectangle is spread as in a 2-D code, readable or not.

It is half ink everywhere, changes often along every row and column, and has no gap between rows.
"""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.finders.code.cells import Floats, steps

CONTRAST = 50.0  # grey levels
BLOCKS = 5  # the rectangle is cut into 5 x 5 blocks
INK = (0.36, 0.62)
# Full changes between ink and paper along the average row and column (fewer, more), how far the blocks' ink may spread,
# the darkest block, and the least ink of the emptiest row or column: text has paper between its lines. The more changes,
# the less even the ink may be, as where a copied seal lies across. Last the stacked bars of a PDF417 with its broad ends.
TEXTURES = (
    (7.5, 7.5, 0.085, 0.8, 0.12),
    (12.0, 12.0, 0.12, 0.92, 0.12),
    (5.0, 25.0, 0.12, 0.8, 0.12),
    (2.2, 16.0, 0.125, 0.82, 0.3),
)
LIGHTEST_BLOCK = 0.2
PAPER, FULL = 0.3, 0.6  # ink in the lightest and darkest tenth of a block
TONED, GRAIN_TONED = 0.88, 0.55  # of the blocks must have both
ONE_WAY = 3.0  # changes along over changes across, from which a code counts as stacked bars

# Grain: modules of a pixel or two, that keep little contrast on a coarse page. Edges are counted, not weighed.
GRAIN_CONTRAST = 70.0
GRAIN_INK, GRAIN_GAP = (0.42, 0.6), 0.22
GRAIN_SPREAD, GRAIN_DARKEST = 0.14, 0.85  # of the blocks' ink
MIDDLE_MM = 1.0  # around a pixel, whose ink tells whether it is a dark one
# Along the average row and column: the fewer edges, and their product; a large Chinese character has 7 and 7.
EDGES, ALL_EDGES = 6.2, 70.0
EDGE_MM = 1.6  # from one to the next, at most
UNLIKE = 1.6  # how much farther apart they may be one way than the other: modules are square


def textured(dark: Floats, contrast: float, noise: float) -> bool:
    """Whether the ink (0..1) of a rectangle is spread as in a code; `noise`: change per pixel of paper, in grey levels."""
    if contrast < CONTRAST or not INK[0] <= dark.mean() <= INK[1]:
        return False
    changes = [float(steps(dark, axis).sum(axis=axis).mean()) - noise / contrast * dark.shape[axis] for axis in (1, 0)]
    gaps = _emptiest(dark)
    if max(changes) > ONE_WAY * min(changes):  # stacked bars have wide spaces between them; text has gaps the other way
        gaps = gaps[:1] if changes[0] > changes[1] else gaps[1:]
    blocks = cv2.resize(dark, (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA)
    fits = any(
        min(changes) >= fewer and max(changes) >= more and blocks.std() <= spread and blocks.max() <= darkest
        and min(gaps) >= gap for fewer, more, spread, darkest, gap in TEXTURES
    )  # fmt: skip
    return fits and bool(blocks.min() >= LIGHTEST_BLOCK) and _two_toned(dark, TONED)


def grained(dark: Floats, contrast: float, mm: float) -> bool:
    """Whether the ink (0..1) of a rectangle, of `mm` pixels a millimetre, is as even and as fine as that of a code."""
    half = GRAIN_INK[0] <= dark.mean() <= GRAIN_INK[1]
    if contrast < GRAIN_CONTRAST or not half or min(_emptiest(dark)) < GRAIN_GAP:
        return False
    blocks = cv2.resize(dark, (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA)
    if blocks.std() > GRAIN_SPREAD or blocks.min() < LIGHTEST_BLOCK or blocks.max() > GRAIN_DARKEST:
        return False
    black = dark > (cv2.GaussianBlur(dark, (0, 0), MIDDLE_MM * mm) + dark.mean()) / 2
    edges = [
        float((black[:, 1:] != black[:, :-1]).sum()) / len(black),
        float((black[1:] != black[:-1]).sum()) / len(black[0]),
    ]
    apart = [side / mm / max(count, 1.0) for count, side in zip(edges, black.shape[::-1], strict=True)]
    fine = min(edges) >= EDGES and edges[0] * edges[1] >= ALL_EDGES and max(apart) <= EDGE_MM
    return fine and max(apart) <= UNLIKE * min(apart) and _two_toned(dark, GRAIN_TONED)


def _emptiest(dark: Floats) -> list[float]:
    """The ink of the emptiest row and of the emptiest column, the rim left out."""
    rim = max(1, min(dark.shape) // 16)
    return [float(dark.mean(axis=axis)[rim:-rim].min()) for axis in (1, 0)]


def _two_toned(dark: Floats, share: float) -> bool:
    """Whether such a share of the blocks holds both ink and paper: shaded text and pictures do not."""
    blocks = [part for band in np.array_split(dark, BLOCKS, axis=0) for part in np.array_split(band, BLOCKS, axis=1)]
    levels = np.array([np.percentile(block, (10, 90)) for block in blocks])
    return bool((levels[:, 0] <= PAPER).mean() >= share and (levels[:, 1] >= FULL).mean() >= share)
