"""What the applicant drew or took away by hand, on top of what the finders say.

A box that was taken away stays off also when the rendition is read again; the page then waits for an officer, so that
nobody uncovers an identity alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mangping_redaction.area import mask_of
from mangping_redaction.page import Ask, Drawn, Finding, Found, Page, Polygon
from mangping_redaction.readers.line import Line
from mangping_redaction.stages.verify import TextFinder

REMOVED = "mask_removed"
_SAME = 0.5  # intersection over union of a finding with the box that was taken away


def by_hand(page: Page, ask: Ask) -> Page:
    """The page with the applicant's boxes, without those they took away."""
    drawn = tuple(
        Finding(box.cls, upright(page, box), 1.0, "applicant", "drawn by the applicant")
        for box in ask.drawn if box.page == page.number
    )  # fmt: skip
    kept = tuple(finding for finding in page.findings if not _removed(page, ask, finding))
    doubts = () if len(kept) == len(page.findings) else (REMOVED,)
    return replace(page, findings=kept + drawn, doubts=page.doubts + doubts)


def respecting(find_text: TextFinder) -> TextFinder:
    """The finder that verification asks, silent where the applicant took a box away."""

    def find(page: Page, ask: Ask, unseen: Sequence[Line]) -> Found:
        found = find_text(page, ask, unseen)
        kept = tuple(f for f in found.findings if not _removed(page, ask, f))
        return Found(kept, found.doubts if len(kept) == len(found.findings) else (*found.doubts, REMOVED))

    return find


def upright(page: Page, box: Drawn) -> Polygon:
    """A box given in source pixels, in the page's upright pixels, cut to the page."""
    return np.clip(page.from_source(np.asarray(box.polygon, np.float32)), 0, page.size).astype(np.float32)


def _removed(page: Page, ask: Ask, finding: Finding) -> bool:
    mine = [box for box in ask.removed if box.page == page.number and box.cls == finding.cls]
    return any(_alike(page, finding.polygon, upright(page, box)) for box in mine)


def _alike(page: Page, one: Polygon, other: Polygon) -> bool:
    """Whether two outlines share so much of what both take up that they are one box."""
    first, second = mask_of(page.size, [one]) > 0, mask_of(page.size, [other]) > 0
    both = int((first & second).sum())
    return both > 0 and both / int((first | second).sum()) >= _SAME
