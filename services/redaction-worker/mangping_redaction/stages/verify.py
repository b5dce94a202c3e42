"""Read the finished rendition again, as an expert would get it: whatever can still be read of the identity is a leak.

Only what covering changed, or what the first look missed, is read again: lines a cover touches, and lines that a detector at
another scale finds where the first found none. All other pixels are those already read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from mangping_redaction.page import Ask, Finding, Found, Page, Pixels
from mangping_redaction.readers import paddle
from mangping_redaction.readers.area import mask_of, share
from mangping_redaction.readers.line import Line
from mangping_redaction.stages import cover
from mangping_redaction.stages.read import read_surely

# The first look uses 960 pixels: another scale is another pair of eyes, sharper where print is small.
SECOND_SIDES = (736, 1120)
SMALL_PRINT = 16.0  # pixels of line height in the first look
ROUNDS = 3
TextFinder = Callable[[Page, Ask], Found]


def cover_and_verify(page: Page, ask: Ask, image_format: str, find_text: TextFinder) -> tuple[Page, bytes]:
    """(the page with what verification added, its encoded rendition).

    Each leak is covered and the rendition made and read anew; a leak that survives ROUNDS covers becomes a doubt.
    """
    for _ in range(ROUNDS):
        image = cover.encode(cover.cover(page, page.findings), image_format)
        again = read_rendition(page, image)
        leaks = tuple(f for f in find_text(again, ask).findings if f.covered and not is_covered(again.pixels, f))
        if not leaks:
            return page, image
        page = page.add(Found(tuple(replace(leak, finder="verify") for leak in leaks)))
        page = replace(page, lines=again.lines)
    image = cover.encode(cover.cover(page, page.findings), image_format)
    return page.add(Found(doubts=("identity_still_readable",))), image


def read_rendition(page: Page, image: bytes) -> Page:
    """The page as its rendition reads: changed lines read anew, missed lines added."""
    decoded = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None or decoded.shape != page.pixels.shape:
        raise RuntimeError("the rendition does not decode to the page's geometry")
    pixels = np.asarray(decoded, np.uint8)
    changed = _changed(page)
    kept = [line for line in page.lines if not _touches(changed, line)]
    # By the reader that read them before: covers make any reader unsure of what they cut.
    touched = paddle.read_lines(pixels, [(line.polygon, line.reader) for line in page.lines if _touches(changed, line)])
    known = mask_of(page.size, [line.polygon for line in page.lines])
    missed = [q for q in paddle.detect(pixels, _second_side(page)) if share(known, q) < 0.5]
    return replace(page, pixels=pixels, lines=(*kept, *touched, *read_surely(pixels, missed)))


def _second_side(page: Page) -> int:
    heights = [line.height for line in page.lines]
    return SECOND_SIDES[not heights or float(np.median(heights)) * 960 / max(page.size) < SMALL_PRINT]


def _changed(page: Page) -> Pixels:
    return mask_of(page.size, [f.polygon for f in page.findings if f.covered])


def _touches(mask: Pixels, line: Line) -> bool:
    return share(mask, line.polygon) > 0.02


def is_covered(pixels: Pixels, finding: Finding) -> bool:
    """Whether the place already is nothing but fill (a hit "read" out of a cover is no leak)."""
    low = np.maximum(np.floor(finding.polygon.min(axis=0)).astype(int), 0)
    high = np.ceil(finding.polygon.max(axis=0)).astype(int)
    part = pixels[low[1] : high[1], low[0] : high[0]]
    inside = np.zeros(part.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(finding.polygon - low).astype(np.int32)], 1)
    values = part[inside > 0]
    return bool(len(values) == 0 or (values.max(axis=1) < 40).mean() > 0.9)
