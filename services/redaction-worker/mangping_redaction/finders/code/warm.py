"""Where codes may be printed in a warm colour as bright as paper in the red channel: pale red, pink, orange, yellow."""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.finders.code.cells import opened
from mangping_redaction.page import Page, Pixels

CELL_MM = 2.0
WARMER = 18  # levels by which red outshines the weaker of blue and green, more than on the page's paper
SOLID, BROAD = 3, 6  # cells: of a code; of what is more than the border that a code touches
LARGEST_MM = 90.0  # of a code
AROUND_MM = 6.0  # quiet zone, and paper to compare with
MOST = 12  # boxes: a page of more has a warm ground or picture, and is looked at whole

Box = tuple[int, int, int, int]  # x0, y0, x1, y1


def warm_boxes(page: Page) -> list[Box]:
    """Boxes in page pixels around every patch of warm ink as large as a code."""
    cell = max(2.0, page.dpi * CELL_MM / 25.4)
    width, height = page.size
    columns, rows = max(1, round(width / cell)), max(1, round(height / cell))
    coarse = cv2.resize(page.copies.quarter, (columns, rows), interpolation=cv2.INTER_AREA)
    blue, green, red = (part.astype(np.int16) for part in cv2.split(coarse))
    warmth = red - np.minimum(blue, green)
    warm = (warmth > np.median(warmth) + WARMER).astype(np.uint8)
    solid = _without_borders(opened(warm, SOLID))
    if not solid.any():
        return []
    reach = round(AROUND_MM / CELL_MM)
    grown = cv2.dilate(solid, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(grown)
    across, down = width / columns, height / rows
    boxes = [
        (int(x * across), int(y * down), min(width, round((x + w) * across)), min(height, round((y + h) * down)))
        for x, y, w, h, _ in stats[1:].tolist()
    ]
    return boxes if len(boxes) <= MOST else [(0, 0, width, height)]


def _without_borders(solid: Pixels) -> Pixels:
    """The patches; of those larger than any code only what is broad."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    large = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) > LARGEST_MM / CELL_MM
    if not large[1:].any():
        return solid
    border = (large[labels] & (solid > 0)).astype(np.uint8)
    return np.asarray(solid - border + opened(border, BROAD), np.uint8)


def without_warmth(page: Page, box: Box) -> Pixels:
    """A part of the page as warm ink darkens it: the weaker of blue and green."""
    x0, y0, x1, y1 = box
    part = page.pixels[y0:y1, x0:x1]
    return np.asarray(cv2.min(cv2.extractChannel(part, 0), cv2.extractChannel(part, 1)), np.uint8)
