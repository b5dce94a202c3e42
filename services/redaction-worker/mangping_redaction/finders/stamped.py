"""The applicant's unit where a seal hides part of it: enough of the name stands beside the ring to know the rest."""

from __future__ import annotations

from difflib import SequenceMatcher

from mangping_redaction.page import Ask, Finding, Found, Page
from mangping_redaction.readers.area import mask_of, share
from mangping_redaction.readers.line import ALONG, Line

LEAST = 4  # characters in a row, and half of the name


def find_stamped(page: Page, ask: Ask) -> Found:
    """Lines that run into a seal and hold a long piece of a unit's name, covered as far as the whole name would reach."""
    seals = [finding.polygon for finding in page.findings if finding.cls == "seal"]
    if not seals or not ask.identity.units:
        return Found()
    stamped = mask_of(page.size, seals)
    reach = [line for line in page.lines if share(stamped, line.stretch(-0.1, 1.1, line.height, 0.0)) > 0]
    return Found(tuple(f for line in reach for unit in ask.identity.units for f in _pieces(line, unit)))


def _pieces(line: Line, unit: str) -> list[Finding]:
    match = SequenceMatcher(None, line.text, unit, autojunk=False).find_longest_match()
    if match.size < max(LEAST, len(unit) / 2) or match.size == len(unit):
        return []
    begin, finish = float(line.cells[match.a, 0]), float(line.cells[match.a + match.size - 1, 1])
    character = (finish - begin) / match.size
    begin -= match.b * character
    finish += (len(unit) - match.b - match.size) * character
    polygon = line.stretch(begin, finish, ALONG * line.height, 0.05 * line.height)
    return [Finding("unit", polygon, 0.8, "identity", "unit cut short by a seal")]
