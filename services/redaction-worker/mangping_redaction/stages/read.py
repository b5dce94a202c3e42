"""Read the page: the tiny reader everywhere, the better one where the tiny is unsure or an identity nearly matches."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from mangping_redaction.finders.identity import hits
from mangping_redaction.page import Ask, Page, Polygon
from mangping_redaction.readers import paddle
from mangping_redaction.readers.area import mask_of, share
from mangping_redaction.readers.layout import joints
from mangping_redaction.readers.line import Line

LINE_SCORE = 0.92  # below: the tiny reader's mean confidence says little
CHARACTER_SCORE = 0.6  # one word character below this may be any character
SMALLEST_TEXT = 11.0  # pixels of line height on the detector's copy: smaller print is lost there
WIDE_SIDE = 1600
SEAL_SIDE = 640
RED = 20  # levels by which red outshines blue and green where a red stroke lies


def read(page: Page, ask: Ask) -> Page:
    """The page with its lines, unsure ones read twice."""
    lines = paddle.read(page.pixels)
    if _print_is_small(page, lines):
        lines = paddle.read(page.pixels, WIDE_SIDE)
    again = {id(line) for line in lines if unsure(line)} | _near(lines, ask)
    read_lines = tuple(better(page, line) if id(line) in again else line for line in lines)
    return replace(page, lines=read_lines)


def read_through_seals(page: Page) -> Page:
    """The page with the lines around its seals read again as if the red ink were not there.

    In the red channel red ink is as bright as paper, so what a seal was stamped over stands clear.
    """
    seals = [f.polygon for f in page.findings if f.cls == "seal" and _is_red(page, f.polygon)]
    if not seals:
        return page
    clear = np.repeat(page.pixels[:, :, 2:], 3, axis=2)
    found: list[Line] = []
    for x0, y0, x1, y1 in _surroundings(page, seals):
        part = np.ascontiguousarray(clear[y0:y1, x0:x1])
        for quad in paddle.detect(part, SEAL_SIDE):
            if _is_cut(quad, (x0, y0, x1, y1), page.size):
                continue
            line = paddle.recognise(paddle.crop(part, quad), quad)
            line = paddle.read_again(part, line) if unsure(line) else line
            found.append(replace(line, polygon=line.polygon + np.array([x0, y0], np.float32)))
    again = mask_of(page.size, [line.polygon for line in found])
    kept = tuple(line for line in page.lines if share(again, line.polygon) < 0.6)
    return replace(page, lines=(*kept, *found))


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
    return line.score < LINE_SCORE or worst < CHARACTER_SCORE


def better(page: Page, line: Line) -> Line:
    """The surer of two readings; at a near tie the one that dropped no character."""
    second = paddle.read_again(page.pixels, line)
    lost = len(second.text) < len(line.text)
    return line if second.score < line.score + (0.05 if lost else -0.02) else second


def _near(lines: tuple[Line, ...], ask: Ask) -> set[int]:
    near: set[int] = set()
    if not ask.identity:
        return near
    for joint in joints(lines, most=2):
        for hit in hits(joint, ask):
            if hit.near:
                near |= {id(line) for line, _, _ in joint.pieces(hit.start, hit.end)}
    return near


def _print_is_small(page: Page, lines: tuple[Line, ...]) -> bool:
    longest = max(page.size)
    if longest <= WIDE_SIDE * 0.75 or not lines:
        return False
    heights = sorted(line.height for line in lines)
    return heights[len(heights) // 4] * 960 / longest < SMALLEST_TEXT
