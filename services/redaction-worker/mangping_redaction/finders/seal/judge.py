"""What a ring or a patch of ink must look like to be taken for a seal: sizes in millimetres, shares, neighbours. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import cv2
import numpy as np

from mangping_redaction.finders.seal.blobs import Blob
from mangping_redaction.finders.seal.boxes import Box
from mangping_redaction.finders.seal.frames import Frame
from mangping_redaction.finders.seal.ink import Sheet
from mangping_redaction.finders.seal.look import Floats, look
from mangping_redaction.finders.seal.rings import Ring

SQUARE_MM = 48.0
STRIP_MM = (20.0, 85.0)
DOUBTFUL = "a printed box or a strip"
GOLD = 0.45  # gold over red: skin, wood and gilding have more
RING_MM = 12.0
MOST_MM = 85.0  # a card's seal, when the card is thought to be a sheet
CUT_OUT = 0.075  # of a block, by its characters: a bar or a picture's ground has less
CUT_MM = 22.0  # a photographed sheet's edge from the picture's
SHOWN = 0.28  # of a ring: less proves nothing
CUT = "ring cut off by the edge of its sheet"
HEM = 0.3  # of a strip's ink, a little within its frame: a bubble's coloured ground has more
COLOURED = 0.3  # of the ink, where no code is
EMPTY = 0.1  # of the sectors inside a ring: every seal has writing along its ring
MARKED = "coloured ring about a mark"
STAR, STAR_INK = 0.05, 40  # of its middle, that has so much of its ink
PART = "part of a coloured ring"
RING = "ring"  # in ink of any colour
PALE = "pale ring"
CHOP_MM = 10.0
CHOP = "ring of a name chop"
SURE = 0.9  # coverage of a ring beyond doubt
RED_FRAME, COLOURED_FRAME = "red frame", "coloured frame"
FRAMED = frozenset({RED_FRAME, "square frame", "strip frame"})
GREY = frozenset({RING, PALE, CUT, CHOP, "square frame", "strip frame"})  # in the ink of pens: what is coloured is none
UNDER_A_SEAL, UNDER_A_PORTRAIT = "ink under a seal", "ink under a portrait"  # of which but a part shows
SAID = "words of a stamp"
AT_THE_EDGE = "red shape at the edge"
STRAIGHT = 0.2  # of its height: how far a character's middle may lie beside its line


def coloured_ring(ring: Ring, inks: Sheet, patches: Callable[[], list[Blob]]) -> str:
    """Why a ring of coloured ink is a seal's, or an empty string; `patches` are those of its ink on the page."""
    if is_red_ring(ring, inks):
        why = MARKED if ring.spread < EMPTY and _is_marked(ring, inks) else "coloured ring"
        return "" if in_a_headline(ring, patches, inks.mm) else why
    return PART if is_part_of_ring(ring, inks.mm) and not is_golden(ring, inks) else ""


def is_red_ring(ring: Ring, inks: Sheet) -> bool:
    long = ring.long / inks.mm
    if long < RING_MM or long > MOST_MM or ring.shown < SHOWN:
        return False
    return ring.coverage > (0.78 if ring.seen > 0.6 and long > 24 else 0.84) and not is_golden(ring, inks)


def _is_marked(ring: Ring, inks: Sheet) -> bool:
    """Whether the ring's own ink stands in its middle, as a star does; a letter there has the ink of the print."""
    depth = np.linspace(0.02, 0.4, 10)[:, None, None]
    middle = np.asarray(ring.centre)
    inside = middle + depth * (ring.polygon(0.0, corners=48) - middle)
    return float((look(inks.red, inside) > STAR_INK).mean()) > STAR


def is_golden(ring: Ring, inks: Sheet) -> bool:
    along = ring.polygon(-ring.stroke, corners=96)[None]
    return bool(look(inks.gold, along).mean() > GOLD * look(inks.red, along).mean())


def is_part_of_ring(ring: Ring, mm: float) -> bool:
    """Whether it is what a dry pad, or a stamp set down askew, left of a round seal: one stretch, written along inside."""
    long, slim = ring.long / mm, ring.slim > 1.2
    drawn = ring.coverage > 0.45 and ring.unbroken > 0.4 and ring.shown > 0.6
    return 26 < long < 56 and not slim and drawn and ring.spread > 0.25


def any_ring(ring: Ring, inks: Sheet) -> str:
    """Why a ring of ink of any colour is a seal's, or an empty string."""
    if is_grey_ring(ring, inks.mm):
        return RING
    if is_small_ring(ring, inks.mm):
        return CHOP
    if is_cut_ring(ring, inks):
        return CUT
    return DOUBTFUL if is_part_of_ring(ring, inks.mm) else ""


def pale_ring(ring: Ring, mm: float) -> str:
    """Why a ring seen between strokes of stronger ink is a seal's: what shows of it must be nearly whole; or nothing."""
    long, slim = ring.long / mm, ring.slim > 1.75
    whole = ring.coverage > 0.85 and ring.shown > SHOWN and ring.unbroken > 0.3
    return PALE if 24 < long < 70 and not slim and whole and ring.spread > 0.1 else ""


def is_empty(ring: Ring) -> bool:
    """Whether nothing is written along the inside of a ring that lies open: a drawn circle."""
    return ring.spread < EMPTY and ring.shown > 0.6


def is_small_ring(ring: Ring, mm: float) -> bool:
    """Whether a small ring in ink of any colour is a name chop: a whole circle about characters, larger than a numeral's."""
    long, slim = ring.long / mm, ring.slim > 1.2
    return CHOP_MM < long <= 18 and not slim and ring.coverage > 0.93 and ring.shown > 0.9 and 0.15 < ring.spread < 0.95


def is_grey_ring(ring: Ring, mm: float) -> bool:
    long = ring.long / mm
    return (
        18 < long < 70
        and ring.slim <= 1.65
        and ring.coverage > (0.8 if ring.shown > 0.8 else 0.88)
        and ring.shown > SHOWN
    )


def is_cut_ring(ring: Ring, inks: Sheet) -> bool:
    """Whether it is a ring that ends where the sheet does, on a ground that is not dark enough to tell: in one stretch,
    written inside, and what is missing lies near the edge of the picture."""
    begin, end = ring.arc
    missing = ring.at(2 * np.pi * np.array([(begin + end + 1) / 2]))[0]
    height, width = inks.red.shape
    away = min(missing[0], missing[1], width - missing[0], height - missing[1]) / inks.mm
    long = ring.long / inks.mm
    return 24 < long < 60 and away < CUT_MM and 0.4 < ring.unbroken < 0.9 and ring.shown > 0.45 and ring.spread > 0.3


def in_a_headline(ring: Ring, patches: Callable[[], list[Blob]], mm: float) -> bool:
    """Whether a small ring is only bent strokes of a line of large red characters."""
    long = ring.long / mm
    if long > 26 or ring.coverage > SURE:
        return False
    every = patches()
    inside = [b for b in every if holds(b, ring)]
    return any((b.long > 1.8 * long and b.short < 1.6 * long) or stands_in_a_row(b, every) for b in inside)


def holds(blob: Blob, ring: Ring) -> bool:
    return bool(cv2.pointPolygonTest(blob.rect, ring.centre, False) >= 0)


def framed_red(blob: Blob, every: list[Blob]) -> str:
    """Why a patch is a seal with a frame, or an empty string."""
    sized = blob.short > 6 and blob.long < min(60, 3.6 * blob.short)
    if not sized or blob.boxed < 0.8 or blob.gold > GOLD:
        return ""
    worst, mean = blob.frame
    if worst < 0.55 or mean < 0.75 or stands_in_a_row(blob, every, framed=strong(blob)):
        return ""
    if _is_thick(blob):
        return "red block" if _is_block(blob) else ""
    return RED_FRAME


def frame(found: Frame, slant: float) -> str:
    """Why a proved frame in coloured ink is a seal's, or an empty string.

    `slant` is that of the print about it, in degrees: what is printed shares it.
    """
    if not 7 < found.short < SQUARE_MM or found.long > min(85, 6 * found.short):
        return ""
    if found.shown < 0.45 or found.worst < 0.5 or found.mean < 0.8 or not 0.04 < found.written < 0.8:
        return ""
    tilted, sure = abs(found.tilt - slant) > 2.2, found.worst > 0.75 and found.mean > 0.88
    slipped = found.beyond <= 3  # a stamp that slipped has its sides twice
    return COLOURED_FRAME if slipped and (tilted or sure) else ""


def block(blob: Blob, every: list[Blob]) -> str:
    """Why a patch is characters cut into a block of coloured ink, or an empty string."""
    if blob.boxed < 0.8 or not _is_block(blob) or blob.gold > GOLD:
        return ""
    return "" if stands_in_a_row(blob, every, framed=strong(blob)) else "coloured block"


def _is_block(blob: Blob) -> bool:
    """Whether thick ink has the size of a chop, whole sides, and characters cut into it."""
    sized = blob.short > 8 and blob.long < min(30, 1.5 * blob.short)
    return sized and _is_thick(blob) and blob.frame[0] > 0.8 and blob.relief > 0.2


def _is_thick(blob: Blob) -> bool:
    """Whether most of a patch, or of its ink, is thicker than any stroke."""
    return blob.core > max(0.1, 0.6 * blob.fill) or blob.core > 0.45


def box(found: Box, skew: float, usual: float) -> str:
    """Why a rectangle of any ink is a seal, an empty string, or DOUBTFUL: characters in a frame, or cut into a block.

    `usual` is the ink of the page's print, `skew` the tilt of its lines in degrees: what is printed shares both.
    """
    worst, mean = found.frame
    if worst < 0.7 or mean < 0.85 or found.paper + found.between < CUT_OUT:
        return ""
    tilted = abs(found.tilt - skew)
    if found.long < 1.25 * found.short:
        return _square(found, sure=worst > 0.9 and mean > 0.96, tilted=tilted > 2.5)
    sized = STRIP_MM[0] < found.long < STRIP_MM[1] and found.long < 6 * found.short and found.boxed > 0.92
    if not sized or worst < 0.97 or found.fill > 0.62 or found.paper < 0.5 or found.written < 0.5 or found.hem > HEM:
        return ""
    return "strip frame" if tilted > 1.2 or found.weight < 0.85 * usual else DOUBTFUL


def _square(found: Box, *, sure: bool, tilted: bool) -> str:
    """`sure` of the frame; text that runs across one spoils it, but text is not `tilted`."""
    if found.long > SQUARE_MM or found.grid < 0.85 or found.between > 0.36 or found.paper > 0.8:
        return ""
    if sure and found.boxed > 0.87:
        return "square frame" if found.quarter > 0.05 else ""
    doubtful = tilted and found.boxed > 0.85 and found.short > 11 and found.fill < 0.62
    return DOUBTFUL if doubtful and found.redness < 0.4 else ""  # what is red was judged as such


def shape_red(blob: Blob, every: list[Blob]) -> str:
    """Why a patch without a frame or a proved ring is taken for a seal all the same, or an empty string."""
    cut = blob.edge and 12 < blob.long < 60
    if not (blob.short > 7 or cut) or blob.core > 0.3 or blob.gold > GOLD or stands_in_a_row(blob, every):
        return ""
    large, small = blob.long < min(75, 1.9 * blob.short), blob.long < min(30, 1.7 * blob.short)
    if large and blob.short > 10 and 0.92 < blob.oval < 1.12 and blob.rim > 0.6 and blob.fill < 0.65:
        return "red oval"
    if small and blob.short > 7 and blob.boxed > 0.75 and blob.grid > 0.83 and 0.2 < blob.fill < 0.75:
        return "dense red patch"
    if cut and blob.long < 8 * blob.short and 0.08 < blob.fill < 0.7:
        return AT_THE_EDGE
    half = blob.short > 8 and blob.long < min(60, 4 * blob.short) and 0.8 < blob.oval < 1.08 and blob.fill < 0.5
    return AT_THE_EDGE if half and blob.fill > 0.08 and blob.desk else ""


def may_be_cut(blob: Blob, every: list[Blob]) -> bool:
    """Whether a patch beside a seal has the size and the strokes of a chop or a strip, and is no character of a line."""
    sized = blob.short > 7 and 9 < blob.long < min(75, 8 * blob.short)
    drawn = 0.1 < blob.fill < 0.75 and blob.core < 0.3 and blob.boxed > 0.7 and blob.gold < 0.3
    return sized and drawn and not stands_in_a_row(blob, every)


def stands_in_a_row(blob: Blob, every: list[Blob], *, framed: bool = False) -> bool:
    """Whether patches of about the same height stand beside or below it, as the characters of one line do.

    Two framed patches side by side are two name chops, and a chop may stand beside a larger seal: what is well `framed`
    needs two neighbours without a frame, or a whole stretch of a line, to be taken for a character. Along a slant, as in a
    watermark, two neighbours must stand on one line with it.
    """
    mates, ways = 0, []
    for other in every:
        stretch = other.long > 1.7 * other.short
        if other is blob or not 0.6 < other.short / blob.short < 1.6 or not (stretch or other.long < 1.6 * blob.long):
            continue
        if framed and strong(other) and not stretch:
            continue
        across, down = np.abs(other.centre - blob.centre).tolist()
        size, reach = blob.size, other.size / 2
        if min(across, down) < 0.3 * size and size * 0.6 < max(across, down) < 4.5 * size + reach:
            mates += 2 if stretch else 1
        if size * 0.6 < float(np.hypot(across, down)) < 4.5 * size + reach:
            ways.append(other.centre - blob.centre)
    return mates > (1 if framed else 0) or _on_one_line(ways, STRAIGHT * blob.short * blob.inks.mm)


def _on_one_line(ways: Sequence[Floats], off: float) -> bool:
    """Whether two of the ways from a place lie on one straight line through it, `off` pixels at the most beside it."""
    for one, other in combinations(ways, 2):
        area, far = abs(float(one[0] * other[1] - one[1] * other[0])), max(np.hypot(*one), np.hypot(*other))
        if area < off * far:  # the nearer one beside the line to the farther
            return True
    return False


def strong(blob: Blob) -> bool:
    return blob.frame[0] > 0.75 and blob.frame[1] > 0.88
