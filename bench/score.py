"""How blind is a rendition? Judged from pixels alone: the original, what came out, and the truth.

A region counts as covered when at least 90 % of its area was filled and, for whatever is written or stamped, at least
90 % of its ink. Filled means: changed by more than 25 levels in a channel, or already of the one colour the region was
filled with (a black stroke under a black bar did not change). Blur and mosaic have no one colour, so they fill nothing.
Over-masking is what changed outside every truth region grown by 8 pixels, as a share of the page; single noisy pixels
do not count. Renditions may be turned by quarter turns; the turn that fits the original is undone first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.samples import Points, Region, Sample

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

CHANGED = 25  # levels of any channel
SAME_COLOUR = 16  # levels of any channel around the fill
SOLID = 0.7  # share of the changed pixels that must have the fill colour
COVERED = 0.9
MARGIN = 8  # pixels around the truth that may be covered too
TOUCHED = 0.15  # a near miss counts as masked from this share on
INKED = frozenset({"name", "unit", "id_number", "phone", "third_party_name", "signature", "fingerprint", "seal"})
READABLE = frozenset({"third_party_name"})  # truth that must stay readable: only how much of it went is told


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of one region that were filled."""

    region: Region
    area: float
    ink: float

    @property
    def covered(self) -> bool:
        return self.area >= COVERED and (self.ink >= COVERED or self.region.cls not in INKED)


@dataclass(frozen=True, slots=True)
class PageScore:
    """One page judged. `turn` is None when no rendition of the right size came out: then nothing was covered."""

    scores: tuple[Score, ...]
    turn: int | None  # degrees clockwise the rendition was turned against the original
    over: float  # share of the page
    near_masked: tuple[Region, ...] = ()

    def leaks(self, classes: Iterable[str]) -> tuple[Score, ...]:
        """The demanded regions that can still be seen."""
        asked = frozenset(classes) - READABLE
        return tuple(score for score in self.scores if score.region.cls in asked and not score.covered)


def read(source: Path | bytes) -> Image | None:
    """BGR pixels as a viewer shows them (EXIF turn applied), or None when there is no picture."""
    raw = source.read_bytes() if isinstance(source, Path) else source
    pixels = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    return None if pixels is None else pixels.astype(np.uint8, copy=False)


def judge(original: Image, rendition: Image | None, sample: Sample) -> PageScore:
    """Score one rendition against its original (height, width, 3) and its truth."""
    turned = None if rendition is None else turn_back(original, rendition)
    if turned is None:
        return PageScore(tuple(Score(region, 0.0, 0.0) for region in sample.regions), None, 0.0)
    turn, masked = turned
    changed: Mask = cv2.absdiff(original, masked).max(axis=2) > CHANGED
    scores = [coverage(original, masked, changed, region) for region in sample.regions]
    return PageScore(
        tuple(score for score in scores if score is not None),
        turn,
        _over(changed, sample),
        tuple(region for region in sample.near if _near_share(changed, region, sample) > TOUCHED),
    )


def turn_back(original: Image, rendition: Image) -> tuple[int, Image] | None:
    """(clockwise degrees the rendition was turned, its pixels turned back), or None if no turn has its size."""
    step = max(1, min(original.shape[:2]) // 500)
    best: tuple[float, int, Image] | None = None
    for quarter in range(4):
        back = np.rot90(rendition, quarter)
        if back.shape != original.shape:
            continue
        apart = np.abs(back[::step, ::step].astype(np.int16) - original[::step, ::step])
        cost = float(np.minimum(apart.max(axis=2), 64).mean())  # clipped: large covers weigh the same in every turn
        if best is None or cost < best[0]:
            best = cost, quarter, np.ascontiguousarray(back)
    return None if best is None else (best[1] * 90, best[2])


def fill(shape: tuple[int, int], outlines: Iterable[Points], offset: tuple[int, int] = (0, 0)) -> NDArray[np.uint8]:
    """A 0/1 raster (height, width) of polygons given in pixel corners, to a sixteenth of a pixel."""
    raster = np.zeros(shape, np.uint8)
    for outline in outlines:
        fixed = np.round((outline - np.array(offset, np.float32) - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(raster, [fixed], 1, shift=4)
    return raster


def coverage(original: Image, masked: Image, changed: Mask, region: Region) -> Score | None:
    """How much of a region was filled; None when it lies outside the picture."""
    height, width = changed.shape
    x0, y0 = (max(0, int(v) - 1) for v in np.floor(region.outline.min(axis=0)))
    x1, y1 = (int(v) + 2 for v in np.ceil(region.outline.max(axis=0)))
    window = np.s_[y0 : min(y1, height), x0 : min(x1, width)]
    before, after = original[window], masked[window]
    if before.size == 0:
        return None
    inside = fill(before.shape[:2], [region.outline], (x0, y0)) > 0
    if not inside.any():
        return None
    filled = _filled(after, changed[window] & inside, inside)
    ink = _ink(before, inside)
    return Score(region, float(filled[inside].mean()), float(filled[ink].mean()) if ink.any() else 1.0)


def _filled(after: Image, changed: Mask, inside: Mask) -> Mask:
    if changed.sum() < 0.02 * inside.sum():
        return np.zeros_like(inside)
    colour = np.median(after[changed], axis=0)
    same: Mask = np.abs(after - colour).max(axis=2) <= SAME_COLOUR
    if same[changed].mean() < SOLID:
        return np.zeros_like(inside)
    return (changed | same) & inside


def _ink(before: Image, inside: Mask) -> Mask:
    """Pixels clearly darker than the paper in their darkest channel: black, blue and red ink alike."""
    value = before.min(axis=2).astype(np.float32)
    paper, dark = np.percentile(value[inside], (85, 2))
    ink: Mask = inside & (value < paper - 0.45 * (paper - dark))
    return ink


def _over(changed: Mask, sample: Sample) -> float:
    truth = fill(changed.shape, [region.outline for region in sample.regions] + list(sample.free))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * MARGIN + 1, 2 * MARGIN + 1))
    free = cv2.dilate(truth, disc) > 0
    steady = cv2.morphologyEx(changed.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    return float((steady & ~free).mean())


def _near_share(changed: Mask, region: Region, sample: Sample) -> float:
    """Share of a near miss that was masked; what lies under a demanded region (a seal on it) cannot be judged."""
    inside = fill(changed.shape, [region.outline]) > 0
    demanded = fill(changed.shape, [r.outline for r in sample.regions if r.cls not in READABLE])
    judged = inside & (cv2.dilate(demanded, np.ones((5, 5), np.uint8)) == 0)
    if judged.sum() < 0.5 * inside.sum():
        return 0.0
    return float(changed[judged].mean())
