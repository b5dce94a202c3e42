"""Two look for seals: rules of shape, which outline to a tenth of a millimetre, and a network, which sees more. Here they meet.

Whatever either is sure of is covered, but for rings without colour, and parts of rings, where the network is sure that no seal
is: cups, diagrams, the edges of sheets leave such. A doubt of the rules stands unless what is there is covered, or a code; a weak
one unless the network is sure that no seal is. One about what is larger than seals are stands where the network sees one; one
about what runs out from under a picture of a group where it sees a trace, from under a portrait unless it sees nothing at all.
What is a weak doubt to the rules and mostly a seal to the network both see: it is covered, in the outline that the rules know.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from mangping_redaction.finders.seal.judge import COLOURED_FRAME, CUT, PALE, PART, RING, UNDER_A_PORTRAIT, UNDER_A_SEAL
from mangping_redaction.finders.seal.likely import CELL, LIKELY, Likely
from mangping_redaction.finders.seal.look import Ink, fill, grown, overlap
from mangping_redaction.finders.seal.print import READ
from mangping_redaction.finders.seal.search import FINDER, Search
from mangping_redaction.page import Finding, Found, Polygon

SUSPECT = "seal_suspect"
# How likely a seal is, at the least, where a ring without colour is one: half of the cups and diagrams stay below. The least of
# 110 such rings of thirteen sets has twice as much; of eleven cut off or half printed the least has 0.8, of 18 false ones 16
# stay below: desks' edges with grain for writing.
LEAST = {RING: 0.06, PALE: 0.06, CUT: 0.06, PART: 0.06}
WEAK = 0.15  # and where a weak doubt stands: of five whose seal nothing covered the least had 0.24, half of the others a tenth
BOTH = 0.7  # of a weak doubt's place, where a seal is likely: eight seals of 17 sets have 0.75, what is none 0.54 at the most
# So many frames whose sides differ by so little, in none of which a seal is likely, are a plan of boxes.
CELLS, ALIKE = 6, 0.12
HALF_SHOWN = {UNDER_A_SEAL, UNDER_A_PORTRAIT}  # whose own cover settles no doubt
AROUND_MM = 5.0  # what shows of a seal under another may go on beside its cover
COVERED = 0.9  # of a doubtful place
CODE = 0.8  # of a place, that is a code
ON_PORTRAIT, PORTRAIT = 0.98, 0.5  # how likely it must be where so much of the place is a portrait
ON_FACE = 0.3  # and of it the face: seals are set beside faces, what the network takes for one is the face itself, from 0.35 on
PRINT = 0.7  # of a place, that is a line of print
TRACE = 0.6 * LIKELY  # what belongs to a seal that is seen
NOTHING = 0.01  # table lines, shadows beside a portrait; half of what any page with a ring reaches


def agreed(search: Search, said: Likely) -> Found:
    """The seals that shapes prove and those the network sees, and SUSPECT if a doubt is left."""
    cells = _cells(search.found, said)
    proved = [f for f in search.found if f not in cells and (f.why not in LEAST or said.most(f.polygon) > LEAST[f.why])]
    both = _both(search, said)
    found = (*proved, *both, *_seen(search, said, both))
    return Found(found, (SUSPECT,) if _is_suspect(search, said, found) else ())


def _cells(found: Iterable[Finding], said: Likely) -> list[Finding]:
    """Coloured frames that are boxes of a printed plan: many of one size, in which the network sees no seal."""
    frames = [f for f in found if f.why == COLOURED_FRAME and said.most(f.polygon) < LIKELY]
    sides = np.array([sorted(cv2.minAreaRect(f.polygon)[1]) for f in frames], np.float32).reshape(-1, 2)
    alike = (np.abs(sides[:, None] - sides) < ALIKE * sides).all(axis=2).sum(axis=1) if frames else ()
    return [frame for frame, count in zip(frames, alike, strict=True) if count >= CELLS]


def _is_suspect(search: Search, said: Likely, found: Iterable[Finding]) -> bool:
    """Whether a seal may lie where nothing covers it."""
    whole = _mask(said, (*(f.polygon for f in found if f.why not in HALF_SHOWN), *search.codes))
    every = _mask(said, (*(f.polygon for f in found), *search.codes))
    scale = search.inks.scale
    doubts = [f.polygon for f in found if f.why == UNDER_A_PORTRAIT] + [place / scale for place in search.doubts]
    doubts += [place for large in search.large if said.most(place := large / scale) > LIKELY]
    doubts += [place for weak in search.weak if _shows(place := weak / scale, said, _widened(whole), WEAK)]
    least = TRACE if search.is_group else NOTHING
    doubts += [place for ink in search.beside if _shows(place := ink / scale, said, whole, least)]
    beside = [grown(f.polygon, AROUND_MM * said.mm / said.scale) for f in found if f.why == UNDER_A_SEAL]
    unsettled = any(not _settled(place, said, whole) for place in doubts)
    return unsettled or any(_shows(place, said, every) for place in beside)


def _both(search: Search, said: Likely) -> list[Finding]:
    """Weak doubts that the network shares, where nothing is found yet."""
    found: list[Finding] = []
    likely = np.asarray(said.share > LIKELY, np.uint8)
    for place in (weak / search.inks.scale for weak in search.weak):
        around = np.asarray(place * said.scale, np.float32)
        known = _mask(said, (f.polygon for f in (*search.found, *found)))
        if overlap(around, likely) > BOTH and overlap(around, known) < COVERED:
            found.append(
                Finding("seal", place, round(said.most(place), 2), FINDER, "doubtful shape seen by the network")
            )
    return found


def _seen(search: Search, said: Likely, both: Iterable[Finding]) -> list[Finding]:
    """What the network sees where no shape was proved, no code lies, and nothing was drawn or read."""
    drawings = (drawing / search.inks.scale for drawing in search.drawings)
    known = _widened(_mask(said, (*(finding.polygon for finding in (*search.found, *both)), *drawings)))
    codes, portraits = _mask(said, search.codes), _resized(search.photos, said)
    faces = _mask(said, search.faces)
    found = []
    for place, likely in said.places(known):
        around = place * said.scale
        if overlap(around, codes) > CODE or _is_read(place, search):
            continue
        beside = overlap(around, portraits) < PORTRAIT or overlap(around, faces) < ON_FACE
        if likely > ON_PORTRAIT or beside:
            found.append(Finding("seal", place, round(likely, 2), FINDER, "seen by the network"))
    return found


def _widened(mask: Ink) -> Ink:
    """By a cell: the network knows a rim no better."""
    return np.asarray(cv2.dilate(mask, np.ones((2 * CELL + 1, 2 * CELL + 1), np.uint8)), np.uint8)


def _resized(mask: Ink, said: Likely) -> Ink:
    return np.asarray(cv2.resize(mask, said.share.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def _is_read(place: Polygon, search: Search) -> bool:
    """Whether the place is a piece of a line of print that was well read, as of a headline."""
    size, lines = float(np.ptp(place, axis=0).max()), (line for line in search.lines if line.score > READ)
    low = place.min(axis=0) - 1
    mask = np.zeros(np.ceil(np.ptp(place, axis=0)).astype(int)[::-1] + 3, np.uint8)
    for line in (line for line in lines if line.length > 2 * size):
        fill(mask, np.asarray(line.polygon - low, np.float32))
    return overlap(np.asarray(place - low, np.float32), mask) > PRINT


def _settled(place: Polygon, said: Likely, covered: Ink) -> bool:
    """Whether all that is seen there is covered."""
    return overlap(np.asarray(place * said.scale, np.float32), covered) > COVERED and not _shows(place, said, covered)


def _shows(place: Polygon, said: Likely, covered: Ink, least: float = TRACE) -> bool:
    """Whether the network sees at least a seal's trace there that nothing covers."""
    bare = np.logical_and(_mask(said, [place]), covered == 0)
    return bool((said.share[bare] > least).any())


def _mask(said: Likely, places: Iterable[Polygon]) -> Ink:
    """255 inside the places, at the network's scale."""
    mask = np.zeros(said.share.shape, np.uint8)
    for place in places:
        fill(mask, np.asarray(place * said.scale, np.float32))
    return mask
