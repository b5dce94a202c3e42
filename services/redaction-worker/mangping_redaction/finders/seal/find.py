"""Finds seals: red, blue, purple and photocopied; round, oval, square; whole, cut off, faint, under text. In millimetres.

Looks at one small copy of the page, as coloured ink, as ink paler than the print, and as all ink: in each for frames and
for rings, which prove themselves (a stroke nearly all the way round, with paper on both sides); then for other coloured
shapes. What is neither ring nor frame must be small and dense, or stand at the edge, and never in a row with its like, as
characters do. Beside these rules a small network looks (`likely`); what both say is settled in `agree`.
"""

from __future__ import annotations

from dataclasses import replace

from mangping_redaction.finders.seal import judge
from mangping_redaction.finders.seal.agree import agreed
from mangping_redaction.finders.seal.ink import RED, Sheet, ink_levels, pale, sheet
from mangping_redaction.finders.seal.likely import likely
from mangping_redaction.finders.seal.search import Search
from mangping_redaction.page import Found, Page

FRAMES = (16, 32, 56)  # where frames in black ink are looked for: faint ones, and those on a grey ground


def find_seals(page: Page, inks: Sheet | None = None) -> Found:
    """Every seal on the page as a polygon around its whole outline; `seal_suspect` when something else may be one."""
    inks = inks or sheet(page)
    said = likely(page)
    return agreed(shapes(inks, page, rings=said.anywhere), said)


def shapes(inks: Sheet, page: Page, *, rings: bool) -> Search:
    """What can be told from shapes, the surest first: frames, rings, then what is left of coloured ink."""
    search = Search(inks, page)
    cool = replace(inks, red=inks.cool)
    between = pale(inks, search.print.usual)
    red, blue, faint = ink_levels(inks), ink_levels(cool), max(10, round(4 * inks.noise))
    search.frames_in(inks, red[:1], judge.framed_red)
    search.frames_in(cool, blue[:2], judge.block)
    search.triangles([inks.tint, *(view.red for view, levels in ((inks, red), (cool, blue)) if levels)])
    search.boxes(FRAMES)
    if rings:
        search.rings([(view, levels[0]) for view, levels in ((inks, red), (cool, blue)) if levels], (between, faint))
    for level in red:
        search.shapes(level)
    search.beside_photos(inks, min(red, default=RED), slim=5.0)
    search.beside_photos(cool, min(blue, default=RED), slim=2.2)
    search.beside_grey_photos(page)
    search.words()
    return search
