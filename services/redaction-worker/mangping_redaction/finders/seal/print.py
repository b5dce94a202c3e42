"""What a page's print is like: how strong its ink, how its lines slant. Pixels of the working copy.

A seal is told from print by not being like it: paler, askew, or across its lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mangping_redaction.finders.seal.look import Floats, Ink
from mangping_redaction.levels import percentile
from mangping_redaction.page import Page

READ = 0.85  # mean confidence of a line of print
STRONG = 56  # ink of print; fainter ink tells nothing of it
SLIM = 2.5  # a line shorter than so many of its heights has no slant to trust
NEAREST = 5  # lines that tell how print slants at a place: photographed pages are not equally turned all over
LETTER = 13  # a line as long is a sentence, or has the words of a letterhead
# Print says 公章 or 盖章 where a seal belongs, seals say this.
STAMPED = re.compile("专用章|收文章|[收付验]讫$")
COPIED = re.compile("件与原件|与原件核对|原件(核对)?(一致|相符|无误)")  # so do seals on copies, and hands
# What strips say, and print as well: of a strip where it stands askew or is coloured.
MARKED = re.compile(
    r"^已?(录用|审[核验]|检[验讫]|核对|登记|办结|作废|存档)$|^.{0,3}已[检审核验阅报]$|[审检]验合格|复印无效$"
    r"|^(19|20)\d\d[.年-]\d\d?[.月-]\d\d?日?$"
)


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """How the print of a page looks, and what of it seals say."""

    usual: float  # the ink of its strokes, 0..255
    skew: float  # degrees, clockwise
    middles: Floats  # (n, 2) of the lines that are long enough to have a slant
    slants: NDArray[np.floating]  # (n,) degrees, clockwise
    stamped: tuple[Floats, ...]  # (4, 2) lines that say what only seals say
    copied: tuple[Floats, ...]  # those that say what seals on copies do
    marked: tuple[Floats, ...]  # and those that say what strips and print do

    def slant(self, place: Floats) -> float:
        """Degrees, clockwise, of the print about a place."""
        if len(self.slants) < 2:
            return self.skew
        away = np.linalg.norm(self.middles - place, axis=1)
        return float(np.median(self.slants[np.argsort(away)[:NEAREST]]))


def print_of(page: Page, tint: Ink, scale: float) -> Print:
    """The print of a page whose ink map is `scale` as large."""
    inked = tint[::3, ::3]
    inked = inked[inked > STRONG]
    read = [line for line in page.lines if line.score > READ]
    quads = [(line.polygon * scale).astype(np.float32) for line in read]
    long = [quad for quad, line in zip(quads, read, strict=True) if line.length > SLIM * line.height]
    ways = np.array([quad[1] - quad[0] for quad in long]).reshape(-1, 2)
    slants = (np.rad2deg(np.arctan2(ways[:, 1], ways[:, 0])) + 90) % 180 - 90
    stamped, copied, marked = (
        tuple(line.polygon * scale for line in page.lines if len(line.text) < LETTER and said.search(line.text))
        for said in (STAMPED, COPIED, MARKED)
    )
    return Print(
        usual=percentile(inked, 75)[0] if inked.size else 255.0,
        skew=page.skew_degrees,
        middles=np.array([quad.mean(0) for quad in long], np.float32).reshape(-1, 2),
        slants=slants,
        stamped=stamped,
        copied=copied,
        marked=marked,
    )
