"""Half rings across the border of a page, in other ink than the border's. Pure.

The lines and loops of a border outdo a ring in the field that likely rings come from; without its ink they do not.
"""

from __future__ import annotations

import cv2
import numpy as np

from mangping_redaction.finders.seal.field import likely_rings
from mangping_redaction.finders.seal.ink import Sheet
from mangping_redaction.finders.seal.look import Ink, above, without
from mangping_redaction.finders.seal.rings import Ring, proved

MARGIN_MM = 25.0  # how far from the edges of the picture borders are, and the middles of seals across them
BORDER_MM2 = 800.0  # of red ink there: less is no border
DARK = 16  # the faintest ink of a ring


def rings_across(inks: Sheet, taken: Ink, level: int) -> list[Ring]:
    """Rings in black, grey or blue near the edges of a page with a border in red ink above `level`, the likeliest first;
    where the border lies on them they count for nothing."""
    reach = round(MARGIN_MM * inks.mm)
    red = above(inks.red, level)
    strips = red[:reach], red[-reach:], red[reach:-reach, :reach], red[reach:-reach, -reach:]
    if sum(np.count_nonzero(strip) for strip in strips) < BORDER_MM2 * inks.mm**2:
        return []
    strong = np.asarray(cv2.dilate(above(inks.red, 2 * level), np.ones((3, 3), np.uint8)), np.uint8)
    hidden = np.asarray(cv2.max(cv2.dilate(red, np.ones((5, 5), np.uint8)), taken), np.uint8)
    ink = without(inks.dark, taken)
    height, width = ink.shape
    likely = likely_rings(without(inks.dark, strong), inks.mm, inks.desk)
    near = [ring for ring in likely if min(*ring.centre, width - ring.centre[0], height - ring.centre[1]) < reach]
    return [ring for ring in proved(ink, near, DARK, inks.mm, hidden=hidden) if ring]
