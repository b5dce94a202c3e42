"""Read the page: the tiny reader everywhere, the better one where the tiny is unsure or an identity nearly matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from mangping_redaction.area import mask_of, share
from mangping_redaction.finders.text.identity import hits
from mangping_redaction.page import Ask, Page, Pixels, Polygon
from mangping_redaction.readers import paddle
from mangping_redaction.readers.layout import Joint, joints
from mangping_redaction.readers.line import Line
from mangping_redaction.readers.recipe import READERS

LINE_SCORE = 0.92  # below: the tiny reader's mean confidence says little
CHARACTER_SCORE = 0.6  # one word character below this may be any character
ROOM = 0.75  # of the distance between two characters, left at an end of a line: one may have been dropped there
SMALLEST_TEXT = 11.0  # pixels of line height on the detector's copy: smaller print is lost there
WIDE_SIDE = 1600
SEAL_SIDE = 640
RED = 20  # levels by which red outshines blue and green where a red stroke lies


def read(page: Page, ask: Ask) -> Page:
    """The page with its lines, unsure ones read twice."""
    lines = paddle.read(page.pixels, half=page.copies.half)
    if _print_is_small(page, lines):
        lines = paddle.read(page.pixels, WIDE_SIDE)
    again = {id(line) for line in lines if unsure(line)} | _near(lines, ask)
    return replace(page, lines=tuple(_better(page.pixels, lines, again, ask)))


def read_through_seals(page: Page, ask: Ask) -> Page:
    """The page with the lines around its seals read again as if the red ink were not there.

    In the red channel red ink is as bright as paper, so what a seal was stamped over stands clear. Print in red does not
    show there at all: what was read surely and says more stays beside what was read again.
    """
    seals = [f.polygon for f in page.findings if f.cls == "seal" and _is_red(page, f.polygon)]
    if not seals:
        return page
    found: list[Line] = []
    for x0, y0, x1, y1 in _surroundings(page, seals):
        part = np.asarray(cv2.merge([page.copies.red[y0:y1, x0:x1]] * 3), np.uint8)
        whole = [q for q in paddle.detect(part, SEAL_SIDE) if not _is_cut(q, (x0, y0, x1, y1), page.size)]
        for line in read_surely(part, whole, ask):
            found.append(replace(line, polygon=line.polygon + np.array([x0, y0], np.float32)))
    again = mask_of(page.size, [line.polygon for line in found])
    kept = tuple(line for line in page.lines if share(again, line.polygon) < 0.6 or _says_more(line, found))
    return replace(page, lines=(*kept, *found))


def _says_more(line: Line, others: Sequence[Line]) -> bool:
    """Whether what was read surely is not part of what others say."""
    return not unsure(line) and not any(line.text in other.text for other in others)


def _is_red(page: Page, polygon: Polygon) -> bool:
    """Whether there is red ink to see through: a photocopied seal is as grey as the text under it."""
    low, high = np.maximum(polygon.min(axis=0), 0).astype(int), polygon.max(axis=0).astype(int)
    part = page.pixels[low[1] : high[1] : 4, low[0] : high[0] : 4].astype(np.int16)
    redness = part[:, :, 2] - np.minimum(part[:, :, 0], part[:, :, 1])
    return part.size > 0 and float(np.percentile(redness, 90)) > RED


def _surroundings(page: Page, seals: list[Polygon]) -> list[tuple[int, int, int, int]]:
    """A box round each seal and the lines it was stamped over; boxes that touch become one."""
    width, height = page.size
    stamped = mask_of(page.size, seals)
    mask = np.zeros_like(stamped)
    for polygon in (*seals, *(line.polygon for line in page.lines if share(stamped, line.polygon) > 0)):
        low, high = polygon.min(axis=0), polygon.max(axis=0)
        reach = min(*(high - low)) * 0.4
        a, b = np.round((low - reach) / 4).astype(int), np.round((high + reach) / 4).astype(int)
        cv2.rectangle(mask, a.tolist(), b.tolist(), 1, -1)
    count, _, boxes, _ = cv2.connectedComponentsWithStats(mask)
    return [
        (x * 4, y * 4, min((x + w) * 4, width), min((y + h) * 4, height)) for x, y, w, h, _ in boxes[1:count].tolist()
    ]


def _is_cut(quad: Polygon, box: tuple[int, int, int, int], size: tuple[int, int]) -> bool:
    """Whether a line found in the box runs out of it (and not out of the page)."""
    (x0, y0, x1, y1), (width, height) = box, size
    low, high = quad.min(axis=0), quad.max(axis=0)
    left, top = low[0] < 3 and x0 > 0, low[1] < 3 and y0 > 0
    return bool(left or top or (high[0] > x1 - x0 - 3 and x1 < width) or (high[1] > y1 - y0 - 3 and y1 < height))


def unsure(line: Line) -> bool:
    """Whether the tiny reader's word on this line is not to be relied on."""
    worst = min((s for c, s in zip(line.text, line.scores, strict=True) if c.isalnum()), default=1.0)
    return line.score < LINE_SCORE or worst < CHARACTER_SCORE or _leaves_room(line)


def _leaves_room(line: Line) -> bool:
    """Whether a character more would fit between an end of the line, which hugs its ink, and what was read next to it."""
    if len(line.text) < 2:
        return False
    pitch = float(np.median(np.diff(line.cells.mean(axis=1))))
    return bool(max(line.cells[0, 0], 1 - line.cells[-1, 1]) > ROOM * pitch)


def read_surely(pixels: Pixels, quads: list[Polygon], ask: Ask) -> list[Line]:
    """Each line by the tiny reader, by the better one alone where that is unsure, by both where an identity nearly
    matches."""
    lines = paddle.read_lines(pixels, [(quad, READERS[0]) for quad in quads])
    again = iter(paddle.read_again(pixels, [line for line in lines if unsure(line)]))
    return read_near([next(again) if unsure(line) else line for line in lines], (), pixels, ask)


def read_near(lines: Sequence[Line], beside: Sequence[Line], pixels: Pixels, ask: Ask) -> list[Line]:
    """`lines`, those read by the better reader too in which, alone or with those `beside`, an identity nearly matches."""
    near = _near((*lines, *beside), ask)
    return _better(pixels, lines, {id(line) for line in lines if id(line) in near and line.reader == READERS[0]}, ask)


def _better(pixels: Pixels, lines: Sequence[Line], again: set[int], ask: Ask) -> list[Line]:
    """The surer of two readings for those whose id is in `again`."""
    second = iter(paddle.read_again(pixels, [line for line in lines if id(line) in again]))
    return [_surer(line, next(second), ask) if id(line) in again else line for line in lines]


def _surer(first: Line, second: Line, ask: Ask) -> Line:
    """The better reader's word where it names the applicant; at a near tie the one that dropped no character."""
    if any(not hit.near for hit in hits(Joint((second,)), ask)):
        return second
    lost = len(second.text) < len(first.text)
    return first if second.score < first.score + (0.05 if lost else -0.02) else second


def _near(lines: Sequence[Line], ask: Ask) -> set[int]:
    near: set[int] = set()
    if not ask.identity:
        return near
    for joint in joints(lines):
        for hit in hits(joint, ask):
            if hit.near:
                near |= {id(line) for line, _, _ in joint.pieces(hit.start, hit.end)}
    for left in _left_of_rare(ask):
        near |= {id(line) for line in lines if line.reader == READERS[0] and not left.isdisjoint(line.text)}
    return near


def _left_of_rare(ask: Ask) -> list[frozenset[str]]:
    """Of each name with a character that the tiny reader does not have, the others: it reads another there, and surely."""
    known = paddle.characters(READERS[0]) if ask.identity.names else frozenset()
    names = [frozenset(filter(str.isalpha, name)) for name in ask.identity.names]
    return [name & known for name in names if not name <= known]


def _print_is_small(page: Page, lines: tuple[Line, ...]) -> bool:
    longest = max(page.size)
    if longest <= WIDE_SIDE * 0.75 or not lines:
        return False
    heights = sorted(line.height for line in lines)
    return heights[len(heights) // 4] * paddle.SIDE / longest < SMALLEST_TEXT
