"""Read the finished rendition again, as an expert would get it: whatever can still be read of the identity is a leak.

Only what covering changed, or what the first look missed, is read again: lines a cover touches, and lines that a detector at
another scale finds where the first found none, or less. All other pixels are those already read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import dist

import cv2
import numpy as np

from mangping_redaction.area import around, mask_of, share
from mangping_redaction.page import Ask, Finding, Found, Page, Pixels, Polygon
from mangping_redaction.readers import paddle
from mangping_redaction.readers.line import Line
from mangping_redaction.stages import cover
from mangping_redaction.stages.read import read_near, read_surely
from mangping_redaction.stages.watermark import is_watermarked, without_pale_ink

# Another scale than the first look's (paddle.SIDE) is another pair of eyes, sharper where print is small.
COARSE_SIDE, FINE_SIDE = 736, 1120
SMALL_PRINT = 16.0  # pixels of line height in the first look
KNOWN, KNOWN_THERE = 0.5, 0.3  # of a line, of a stretch of it: less was read before
MISSED = 0.8  # of what a stretch must miss: pixels of the mask are coarse
WHOLE = 0.9  # of a place: so much of it under the fill is all of it
TOUCHED = 0.02  # of a line: pixels of the mask reach a little farther than what they stand for
BARE = 24  # levels within which paper is paper
RIM = np.ones((5, 5), np.uint8)  # of the mask, around a cover: what its edge and JPEG's ringing take
BLACK = 20  # levels, at most, that JPEG leaves of the fill (13 were seen, beside a border)
ROUNDS = 3
TextFinder = Callable[[Page, Ask, Sequence[Line]], Found]  # the lines: those of the page that nobody saw before


def cover_and_verify(page: Page, ask: Ask, image_format: str, find_text: TextFinder) -> tuple[Page, bytes]:
    """(the page with what verification added, its encoded rendition).

    Each leak is covered and the rendition made and read anew; a leak that survives ROUNDS covers becomes a doubt.
    """
    for _ in range(ROUNDS):
        image = cover.encode(cover.cover(page, page.findings), image_format)
        again, unseen = read_rendition(page, image, ask)
        told = find_text(again, ask, unseen)
        leaks = tuple(finding for finding in told.findings if finding.covered and not is_covered(page, finding))
        page = page.add(Found(tuple(replace(leak, finder="verify") for leak in leaks), told.doubts))
        if not leaks:
            return page, image
        page = replace(page, lines=again.lines)
    image = cover.encode(cover.cover(page, page.findings), image_format)
    return page.add(Found(doubts=("identity_still_readable",))), image


def read_rendition(page: Page, image: bytes, ask: Ask) -> tuple[Page, tuple[Line, ...]]:
    """(the page as its rendition reads, changed lines read anew; the lines among them that were missed before)."""
    decoded = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None or decoded.shape != page.pixels.shape:
        raise RuntimeError("the rendition does not decode to the page's geometry")
    pixels = np.asarray(decoded, np.uint8)
    changed = _changed(page)
    cut = [line for line in page.lines if _touches(changed, line)]
    gone = {id(line) for line in cut}
    kept = [line for line in page.lines if id(line) not in gone]
    touched = read_near(_read_what_shows(pixels, cut), kept, pixels, ask)
    known = [line.polygon for line in page.lines]
    missed = _missed(paddle.detect(pixels, _second_side(page)), known, page)
    missed = _without_edges(pixels, changed, missed)
    if is_watermarked(page.lines):
        missed += _missed(paddle.detect(without_pale_ink(page.pixels)), [*known, *missed], page)
    unseen = read_near(read_surely(pixels, missed, ask), (*kept, *touched), pixels, ask)
    return replace(page, pixels=pixels, lines=(*kept, *touched, *unseen)), tuple(unseen)


def _missed(found: list[Polygon], known: list[Polygon], page: Page) -> list[Polygon]:
    """Those that say more than the lines that are known."""
    mask = mask_of(page.size, known)
    return [quad for quad in found if _says_more(quad, mask)]


def _without_edges(pixels: Pixels, changed: Pixels, quads: list[Polygon]) -> list[Polygon]:
    """Those that are more than the edge of a cover with bare paper beside it, which detectors take for strokes."""
    near = np.asarray(cv2.dilate(changed, RIM), np.uint8)
    return [quad for quad in quads if share(changed, quad) == 0 or not _is_bare(pixels, near, quad)]


def _is_bare(pixels: Pixels, near: Pixels, quad: Polygon) -> bool:
    """Whether a place shows nothing but paper outside what is `near` a cover."""
    x0, y0, x1, y1 = (int(edge) // 4 for edge in around(quad))
    x0, y0 = max(x0, 0), max(y0, 0)
    part = pixels[4 * y0 : 4 * (y1 + 1), 4 * x0 : 4 * (x1 + 1)].max(axis=2)
    hidden = cv2.resize(near[y0 : y1 + 1, x0 : x1 + 1], None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(quad - (4 * x0, 4 * y0)).astype(np.int32)], 1)
    beside = part[(inside > 0) & (hidden[: part.shape[0], : part.shape[1]] == 0)]
    return not len(beside) or bool(np.ptp(np.percentile(beside, (1, 99))) < BARE)


def _read_what_shows(pixels: Pixels, lines: list[Line]) -> list[Line]:
    """Lines that a cover touches, by the reader that read them before (covers make any reader unsure of what they cut);
    of what lies wholly under the fill no pixel is left to read."""
    hidden = [_is_black(pixels, line.polygon) for line in lines]
    shown = [(line.polygon, line.reader) for line, black in zip(lines, hidden, strict=True) if not black]
    read = iter(paddle.read_lines(pixels, shown))
    return [line.hidden() if black else next(read) for line, black in zip(lines, hidden, strict=True)]


def _is_black(pixels: Pixels, polygon: Polygon) -> bool:
    """Whether every pixel of a line is the fill, as it was encoded."""
    low = np.maximum(np.floor(polygon.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(polygon.max(axis=0)).astype(int) + 1, pixels.shape[1::-1])
    if (high <= low).any():
        return False
    part = pixels[low[1] : high[1], low[0] : high[0]]
    inside = np.zeros(part.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(polygon - low).astype(np.int32)], 255)
    black = cv2.inRange(part, (0, 0, 0), (BLACK, BLACK, BLACK))
    return cv2.countNonZero(cv2.subtract(inside, black)) == 0


def _second_side(page: Page) -> int:
    """Pixels of the longer side of the copy on which lines are looked for once more."""
    heights = [line.height for line in page.lines]
    small = not heights or float(np.median(heights)) * paddle.SIDE / max(page.size) < SMALL_PRINT
    return FINE_SIDE if small else COARSE_SIDE


def _says_more(quad: Polygon, known: Pixels) -> bool:
    """Whether most of this line, or of a stretch of it as long as it is high, lies outside the lines that are known."""
    whole = share(known, quad)
    if whole < KNOWN:
        return True
    a, b, c, d = quad
    stretches = max(1, round(dist(a, b) / max(dist(a, d), 1.0)))
    if 1 - whole < MISSED * (1 - KNOWN_THERE) / stretches:  # too little for any stretch
        return False
    at = np.linspace(0, 1, stretches + 1)[:, None]
    top, bottom = a + at * (b - a), d + at * (c - d)
    parts = (np.stack([top[i], top[i + 1], bottom[i + 1], bottom[i]]) for i in range(stretches))
    return any(share(known, part.astype(np.float32)) < KNOWN_THERE for part in parts)


def _changed(page: Page) -> Pixels:
    """A mask of what is covered."""
    return mask_of(page.size, [f.polygon for f in page.findings if f.covered])


def _touches(mask: Pixels, line: Line) -> bool:
    return share(mask, line.polygon) > TOUCHED


def is_covered(page: Page, finding: Finding) -> bool:
    """Whether the place lies under the fill already (a hit "read" out of a cover is no leak), however dark the page is."""
    low = np.maximum(np.floor(finding.polygon.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(finding.polygon.max(axis=0)).astype(int), page.size)
    if (high <= low).any():
        return True
    inside, filled = (np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8) for _ in range(2))
    cv2.fillPoly(inside, [np.round(finding.polygon - low).astype(np.int32)], 1)
    for other in page.findings:
        if other.covered:
            cover.fill(filled, other.polygon - low, (1,))
    places = filled[inside > 0]
    return bool(len(places) == 0 or places.mean() > WHOLE)
