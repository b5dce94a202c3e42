"""A unit that is known where a seal hides part of it: enough of the name stands beside the ring to know the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import numpy as np

from mangping_redaction.area import mask_of, share
from mangping_redaction.page import Finding, Found, Page
from mangping_redaction.readers.line import ALONG, Line

LEAST = 4  # characters in a row; with others in their order half of the name
ROOM = (0.8, 1.25)  # of the room the whole name takes at the size of its head's characters
SURE, OTHER = 0.9, 2  # the score, and number, of characters that tell another body
OWN = 0.7  # of a line within the seal: it is read from the ring, and all of it is covered
ODD = 3  # characters that stand where the unit has them
TINIEST = 1e-3  # of a line that a character takes
OFF = 0.5  # line heights by which its two parts may stand off one line


def find_stamped(page: Page, units: Sequence[str]) -> Found:
    """Lines that run into a seal and hold a long piece of a unit's name, covered as far as the whole name would reach."""
    seals = [finding.polygon for finding in page.findings if finding.cls == "seal"]
    if not seals or not units:
        return Found()
    stamped = mask_of(page.size, seals)
    reach = [line for line in page.lines if share(stamped, line.stretch(-0.1, 1.1, line.height, 0.0)) > 0]
    beside = [line for line in reach if share(stamped, line.polygon) < OWN]
    pieces = [f for line in beside for unit in units for f in _pieces(line, unit)]
    parted = [f for unit in units for f in _parted(reach, unit)]
    return Found((*pieces, *parted))


def _pieces(line: Line, unit: str) -> list[Finding]:
    blocks = SequenceMatcher(None, line.text, unit, autojunk=False).get_matching_blocks()
    match = max(blocks, key=lambda block: block.size)
    told, of = match.a + match.size, match.b + match.size  # how far the line, and the unit, are followed
    for block in blocks[blocks.index(match) + 1 :]:  # a ring swallows characters of a copied line (阿克塔市 勒镇 年)
        if block.size and block.a == told:
            told, of = block.a + block.size, block.b + block.size
    if match.size < LEAST or told - match.a < len(unit) / 2 or match.size == len(unit):
        return []
    if _goes_on_otherwise(line, told, unit[of:]):
        return []
    begin, finish = float(line.cells[match.a, 0]), float(line.cells[match.a + match.size - 1, 1])
    character = (finish - begin) / match.size
    begin -= match.b * character
    finish += (len(unit) - match.b - match.size) * character
    polygon = line.stretch(begin, finish, ALONG * line.height, 0.05 * line.height)
    return [Finding("unit", polygon, 0.8, "identity", "unit cut short by a seal")]


def _goes_on_otherwise(line: Line, at: int, rest: str) -> bool:
    """Whether what stands behind the piece was read surely and is not what is left of the unit: 松台市教育学会."""
    said, scores = line.text[at:], line.scores[at:]
    return len(said) >= OTHER and min(scores) >= SURE and 3 * len(set(said) & set(rest)) <= len(said)


def _parted(lines: Sequence[Line], unit: str) -> Iterator[Finding]:
    """The name of which a seal leaves little to read: a part of it before the seal, its end behind, and from its head to its
    end as much room as the whole takes."""
    heads = [(line, told) for line in lines if (told := _in_place(line.text, unit))]
    ends = [(line, size) for line in lines if (size := _end(line.text, unit))]
    for head, (first, last, offset) in heads:
        middles = head.cells.mean(axis=1)
        character = max(float(middles[last] - middles[first]) / (last - first), TINIEST)
        begin = float(middles[first]) - (first + offset + 0.5) * character
        for end, size in ends:
            finish, off = _seen_from(head, end, float(end.cells[size - 1, 1]))
            room = (finish - begin) / (character * len(unit))
            if end is not head and abs(off) < OFF and ROOM[0] < room < ROOM[1]:
                polygon = head.stretch(begin, finish, ALONG * head.height, 0.05 * head.height)
                yield Finding("unit", polygon, 0.8, "identity", "unit parted by a seal")


def _in_place(text: str, unit: str) -> tuple[int, int, int] | None:
    """(The first and last character of the text that stand where the unit has them, how much farther on it has them): two
    that begin it and end the text, or three where a ring made others of those between (昭本日实验: 昭布县实验小学)."""
    best: tuple[int, ...] = ()
    offset = 0
    for shift in range(1 - len(text), len(unit)):
        same = tuple(i for i, c in enumerate(text) if 0 <= i + shift < len(unit) and unit[i + shift] == c)
        begins = same == (len(text) - 2, len(text) - 1) and same[0] + shift == 0
        if len(same) > len(best) and (len(same) >= ODD or begins):
            best, offset = same, shift
    return (best[0], best[-1], offset) if best else None


def _end(text: str, unit: str) -> int:
    """With how many last characters of the unit the text begins; 0 for none."""
    return next((size for size in range(len(unit) - 2, 0, -1) if text.startswith(unit[-size:])), 0)


def _seen_from(line: Line, other: Line, at: float) -> tuple[float, float]:
    """Where a point of another line's middle lies: (fraction along this line, line heights off its middle)."""
    a, b, c, d = line.polygon.astype(float)
    e, f, g, h = other.polygon.astype(float)
    start, along, down = (a + d) / 2, (b + c - a - d) / 2, (d + c - a - b) / 2
    point = (e + h) / 2 + at * (f + g - e - h) / 2
    fraction, off = np.linalg.solve(np.stack([along, down], axis=1), point - start)
    return float(fraction), float(off)
