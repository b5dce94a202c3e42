"""Read the page: the tiny reader everywhere, the better one where the tiny is unsure or an identity nearly matches."""

from __future__ import annotations

from dataclasses import replace

from mangping.identity import find

from mangping_redaction.page import Ask, Page
from mangping_redaction.readers import paddle
from mangping_redaction.readers.layout import joints
from mangping_redaction.readers.line import Line

LINE_SCORE = 0.92  # below: the tiny reader's mean confidence says little
CHARACTER_SCORE = 0.6  # one word character below this may be any character
SMALLEST_TEXT = 11.0  # pixels of line height on the detector's copy: smaller print is lost there
WIDE_SIDE = 1600


def read(page: Page, ask: Ask) -> Page:
    """The page with its lines, unsure ones read twice."""
    lines = paddle.read(page.pixels)
    if _print_is_small(page, lines):
        lines = paddle.read(page.pixels, WIDE_SIDE)
    again = {id(line) for line in lines if unsure(line)} | _near(lines, ask)
    read_lines = tuple(better(page, line) if id(line) in again else line for line in lines)
    return replace(page, lines=read_lines)


def unsure(line: Line) -> bool:
    """Whether the tiny reader's word on this line is not to be relied on."""
    worst = min((s for c, s in zip(line.text, line.scores, strict=True) if c.isalnum()), default=1.0)
    return line.score < LINE_SCORE or worst < CHARACTER_SCORE


def better(page: Page, line: Line) -> Line:
    """The second reading, unless it is the less sure of the two."""
    second = paddle.read_again(page.pixels, line)
    return second if second.score >= line.score - 0.1 else line


def _near(lines: tuple[Line, ...], ask: Ask) -> set[int]:
    near: set[int] = set()
    if not ask.identity:
        return near
    for joint in joints(lines):
        for hit in find(ask.identity, joint.text, joint.candidates):
            if hit.near:
                near |= {id(line) for line, _, _ in joint.pieces(hit.start, hit.end)}
    return near


def _print_is_small(page: Page, lines: tuple[Line, ...]) -> bool:
    longest = max(page.size)
    if longest <= WIDE_SIDE * 0.75 or not lines:
        return False
    heights = sorted(line.height for line in lines)
    return heights[len(heights) // 4] * 960 / longest < SMALLEST_TEXT
