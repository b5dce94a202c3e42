"""Where a page is something else than ink strokes on paper: photos, emblems, filled bars, the table under the sheet.

Strokes thinner than 3 mm vanish when the page is closed (dark details filled from their bright surroundings); what then
is still darker than the paper around it is *tone*. Halftone dots melt into tone because it is done on a small copy.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike as Outline

from mangping_redaction.finders.face.detect import Region, smaller
from mangping_redaction.page import Page, Pixels

LONG_SIDE = 896  # of the small copy: about 75 dpi on A4
STROKE = 9  # px of the small copy, 3 mm
PAPER = 15  # cells of 8 px: how far around (40 mm) the paper is looked for
DARKER = 12  # grey levels below the paper

# Portrait photos: 1 inch is 25 x 35 mm, 2 inch 35 x 49 or 35 x 53, ID cards 26 x 32.
PHOTO_SHORT_MM = (17.0, 44.0)
PHOTO_RATIO = (1.15, 1.6)
PHOTO_FILLED = 0.85
PHOTO_LEVELS = 18.0  # standard deviation of grey inside
# A copy in black and white alone leaves of a portrait the hair and the coat: masses, with the face as bare paper between.
GREY, BILEVEL = (50, 205), 0.02  # levels that such a page has at the edges of its ink only, and their share
MASS_MM, MASS = 4.0, 0.4  # between the masses of one portrait; of its box, that they fill


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """`scale` small pixels per page pixel; `small` (BGR), `grey` and `mask` (0 or 255): the small page."""

    scale: float
    small: Pixels
    grey: Pixels
    mask: Pixels

    @property
    def share(self) -> float:
        """How much of the page is tone (0..1)."""
        return float(np.count_nonzero(self.mask)) / self.mask.size


def tone(page: Page) -> Tone:
    """The toned regions of a page."""
    scale = min(1.0, LONG_SIDE / max(page.size))
    width, height = (max(1, round(side * scale)) for side in page.size)
    small = smaller(page.copies.half if scale <= 0.5 else page.pixels, width, height)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    closed = np.asarray(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((STROKE, STROKE), np.uint8)), np.uint8)
    darker = cv2.subtract(_paper(closed), closed)
    mask = np.asarray(cv2.threshold(darker, DARKER, 255, cv2.THRESH_BINARY)[1], np.uint8)
    return Tone(scale, small, np.asarray(grey, np.uint8), mask)


def _paper(closed: Pixels) -> Pixels:
    height, width = closed.shape[:2]
    cells = cv2.resize(closed, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(cells, np.ones((PAPER, PAPER), np.uint8)), (0, 0), PAPER / 4)
    return np.asarray(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def photos(tone: Tone, dpi: float) -> tuple[list[Region], list[Region]]:
    """Boxes (page pixels) of continuous-tone rectangles off the page's edge: portraits by size and shape, upright or
    lying, and larger pictures, in which faces may be small."""
    filled = cv2.morphologyEx(tone.mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    height, width = tone.mask.shape
    portraits: list[Region] = []
    pictures: list[Region] = []
    for outline in outlines:
        x, y, w, h = cv2.boundingRect(outline)
        short, long, share = _shape(outline, dpi * tone.scale / 25.4)
        inside_page = x > 0 and y > 0 and x + w < width and y + h < height
        if not inside_page or short < PHOTO_SHORT_MM[0] or share < PHOTO_FILLED or not _many_levels(tone.grey, outline):
            continue
        x0, y0, x1, y1 = (int(side / tone.scale) for side in (x, y, x + w, y + h))
        portrait = short <= PHOTO_SHORT_MM[1] and PHOTO_RATIO[0] <= long / short <= PHOTO_RATIO[1]
        (portraits if portrait else pictures).append((x0, y0, x1, y1))
    return portraits, pictures


def masses(tone: Tone, page: Page) -> list[Region]:
    """Boxes (page pixels) of black masses as large as a portrait, on a page of black and white alone."""
    grey = cv2.cvtColor(np.ascontiguousarray(page.pixels[::5, ::5]), cv2.COLOR_BGR2GRAY)
    if np.count_nonzero((grey > GREY[0]) & (grey < GREY[1])) > BILEVEL * grey.size:
        return []
    mm = page.dpi * tone.scale / 25.4
    solid = np.asarray(cv2.morphologyEx(tone.mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    joined = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((max(3, round(MASS_MM * mm)),) * 2, np.uint8))
    _, _, boxes, _ = cv2.connectedComponentsWithStats(np.asarray(joined, np.uint8))
    found: list[Region] = []
    for x, y, w, h, _ in boxes[1:].tolist():
        short, long = sorted((w / mm, h / mm))
        sized = PHOTO_SHORT_MM[0] <= short <= PHOTO_SHORT_MM[1] and PHOTO_RATIO[0] <= long / short <= PHOTO_RATIO[1]
        if sized and cv2.countNonZero(solid[y : y + h, x : x + w]) > MASS * w * h:
            x0, y0, x1, y1 = (int(side / tone.scale) for side in (x, y, x + w, y + h))
            found.append((x0, y0, x1, y1))
    return found


def _shape(outline: Outline, mm: float) -> tuple[float, float, float]:
    """The sides in millimetres, and how much of its smallest rectangle the outline fills."""
    _, sides, _ = cv2.minAreaRect(outline)
    short, long = sorted(max(side, 1e-3) for side in sides)
    return short / mm, long / mm, cv2.contourArea(outline) / (short * long)


def _many_levels(grey: Pixels, outline: Outline) -> bool:
    """Whether what an outline holds is a photo: a bar or a stamp has one tone."""
    inside = np.zeros(grey.shape, np.uint8)
    cv2.drawContours(inside, [outline], -1, 255, cv2.FILLED)
    return bool(grey[inside > 0].std() >= PHOTO_LEVELS)
