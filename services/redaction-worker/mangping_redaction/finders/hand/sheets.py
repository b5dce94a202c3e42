"""Sheets that people sign once a day or once a lesson: a column of hands under each date, a row of them behind each name."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.hand import words
from mangping_redaction.finders.hand.hands import is_hand
from mangping_redaction.finders.hand.pen import Box, Frame, at_start, outline, strokes, union
from mangping_redaction.finders.hand.signed import signed_column
from mangping_redaction.finders.text.rows import Cell, below, lean, level
from mangping_redaction.page import Finding, Found, Page
from mangping_redaction.readers.line import Line

SHEET = re.compile(r"签到(?:表|册|簿|单)|签名(?:表|册)|考勤(?:表|册|簿|记录)|点名(?:表|册)|出勤(?:表|册)")
DAY = re.compile(
    r"\s*(?:(?:\d{1,2}\s*月)?\s*\d{1,2}\s*[日号]|\d{1,2}\s*[./-]\s*\d{1,2}|(?:星期|周)\s*[一二三四五六日天]"
    r"|第\s*[一二三四五六七八九十\d]{1,3}\s*[天次节周讲期场]|[上下]\s*午|晚上|签\s*[到退])\s*"
)
NAMES = re.compile(r"\s*(?:教师|学员|参训教师)?姓\s*名\W{0,2}")
ALONE = 2.5  # line heights beside a head, where there is no other
SAME_ROW = 0.9  # line heights: how far off the name of its row a hand may stand
Floats = NDArray[np.float32]


def find_signed_sheets(page: Page, known: Container[int] = ()) -> Found:
    """Every hand under a date of a sheet for signing; what says that somebody was away is none. `known` are the ids of heads
    whose columns need no second look."""
    if not any(SHEET.search(line.text) for line in page.lines):
        return Found()
    cells, angle = level(page.lines), lean(page.lines)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    heads = [cell for cell in cells if DAY.fullmatch(cell.line.text) and id(cell.line) not in known]
    names = list(_names(cells))
    covered = [finding.polygon.mean(axis=0) @ turn for finding in page.findings if finding.cls == "signature"]
    findings: list[Finding] = []
    for head in heads:
        if signed := signed_column(page, head.line, page.lines):
            findings += signed
            continue
        left, right = _column(head, cells)
        written = [c for c in cells if c.y > head.y + head.h and left < (c.x0 + c.x1) / 2 < right]
        findings += [_as_read(page, cell, right) for cell in written if _is_signed(cell.line)]
        filled = [cell.y for cell in written] + [y for x, y in covered if left < x < right]  # a cover is ink as well
        for name in names:
            if name.y > head.y and not any(abs(y - name.y) < SAME_ROW * name.h for y in filled):
                findings += _inked(page, name, left, right, turn)
    return Found(tuple(findings))


def _column(head: Cell, cells: Sequence[Cell]) -> tuple[float, float]:
    """From where to where the hands under a head stand, in the level frame: as far as to the middle between it and the
    next head on either side, and no further on one than on the other."""
    row = [cell for cell in cells if cell is not head and abs(cell.y - head.y) < head.h]
    gaps = [max(head.x0 - cell.x1, cell.x0 - head.x1) for cell in row]
    aside = min(gaps, default=2 * ALONE * head.h) / 2
    return head.x0 - aside, head.x1 + aside


def _is_signed(line: Line) -> bool:
    return is_hand(line) and not words.ABSENT.fullmatch(line.text) and not DAY.fullmatch(line.text)


def _names(cells: Sequence[Cell]) -> Iterator[Cell]:
    """The printed names below 姓名: each stands for a row."""
    for head in cells:
        if NAMES.fullmatch(head.line.text):
            yield from below(head, cells, 60.0)


def _as_read(page: Page, hand: Cell, right: float) -> Finding:
    """A hand that was read, with the strokes that the reader left of it in its column."""
    frame = at_start(hand.line)
    box = frame.of(hand.line.polygon)
    inked = strokes(page.pixels, frame, max(box[2], (right - hand.x0) / hand.h))
    return _finding(page, frame, box if inked is None else union(box, inked))


def _inked(page: Page, name: Cell, left: float, right: float, turn: Floats) -> Iterator[Finding]:
    """Ink in the cell where a row meets a column, of which nothing was read; `turn` levels the page."""
    origin = np.array([left, name.y - name.h / 2], np.float32) @ turn.T
    frame = Frame(origin, turn.T[0] * name.h, turn.T[1] * name.h)
    inked = strokes(page.pixels, frame, (right - left) / name.h)
    if inked is not None:
        yield _finding(page, frame, inked)


def _finding(page: Page, frame: Frame, box: Box) -> Finding:
    return Finding("signature", outline(page.pixels, frame, box), 0.8, "signature", "a hand on a sheet for signing")
