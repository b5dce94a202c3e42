"""Print of the other side that shines through: faint, and read from a mirror. It says what the page behind says, so whatever
it tells of the applicant is covered; what it tells of nobody is no doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mangping_redaction.levels import percentile
from mangping_redaction.page import Page, Pixels
from mangping_redaction.readers import paddle
from mangping_redaction.readers.ctc import darkness
from mangping_redaction.readers.line import Line
from mangping_redaction.readers.recipe import READERS

DOUBTED = 0.9  # score of a line below which it may be read the wrong way round
FAINT = 0.35  # of the ink of what was read: what shines through a sheet has a tenth, copied twice a fifth
LEVELS = 255  # the ink of the darkest print on the whitest paper
BARE = 0.05  # of it: paper, however it is lit
SAID, MORE = 0.6, 0.1  # score in the mirror, and how much surer than the other way round
KNOWN = 12  # lines from which the page's ink is taken


def ink(level: Pixels) -> float:
    """How dark the strokes of a levelled line are, in levels."""
    return percentile(darkness(level), 95)[0]


def usual_ink(page: Page, read: Sequence[Line]) -> float:
    """How dark the strokes of lines that were read are on this page, in levels."""
    return float(np.median([ink(paddle.crop(page.pixels, line.polygon)) for line in read[:KNOWN]]))


def seen_through(page: Page, among: Sequence[Line]) -> tuple[tuple[Line, ...], frozenset[int]]:
    """(what stands in a mirror, ids of the lines that are nothing but that, or bare paper)."""
    doubted = [line for line in among if line.score < DOUBTED and line.length > line.height]
    read = [line for line in page.lines if line.score >= DOUBTED]
    if not doubted or not read:
        return (), frozenset()
    levels = [paddle.crop(page.pixels, line.polygon) for line in doubted]
    inks = [ink(level) for level in levels]
    if min(inks) >= FAINT * LEVELS:
        return (), frozenset()  # fainter than no print could be
    usual = usual_ink(page, read)
    mirrored: list[Line] = []
    settled: set[int] = set()
    for line, level, own in zip(doubted, levels, inks, strict=True):
        share = own / max(usual, 1.0)
        if share < BARE:
            settled.add(id(line))
        elif share < FAINT and (turned := _turned(line, level)).score >= max(SAID, line.score + MORE):
            mirrored.append(turned)
            settled.add(id(line))
    return tuple(mirrored), frozenset(settled)


def _turned(line: Line, level: Pixels) -> Line:
    """The line as it reads in a mirror; its polygon begins where that reading does, so places are true."""
    a, b, c, d = line.polygon
    flipped = np.ascontiguousarray(level[:, ::-1])
    best = paddle.recognise(flipped, line.polygon, READERS[1])
    return replace(best, polygon=np.stack([b, a, d, c]))
