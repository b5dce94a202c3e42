"""The applicant's own identity in the lines that were read: exactly the matched characters, over line breaks and cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from mangping.identity import Hit, Identity, find
from mangping.identity.search import NEAR

from mangping_redaction.page import Ask, Finding, Found, Page
from mangping_redaction.readers.layout import Joint, joints
from mangping_redaction.readers.line import Line

# The short form that a page gives a unit right behind it, perhaps broken over a line; 甲方 and 我校 are no such.
_CALLED = re.compile(
    r"\s*[（(]\s*(?:以下)?(?:均)?简称\s*[:：]?\s*[“”\"'‘’「『《]?\s*([\u3400-\u9fff\n]{2,10}?)\s*[“”\"'‘’」』》]?\s*[)）]"
)
_ANYBODY = re.compile(r"[甲乙丙]方|[我本该贵]?(?:学校|校方|单位|校|园)|用人单位|聘用单位")
CLEAR = 0.95  # confidence of a name where nothing around it makes it part of another word
SURE = 0.8  # every character read at least this surely: the difference is real


@lru_cache(maxsize=4096)
def hits(joint: Joint, ask: Ask) -> tuple[Hit, ...]:
    """The hits in a joint: asked by reading, finding and verifying alike. `forget` when the page is done."""
    return find(ask.identity, joint.text, joint.candidates)


forget = hits.cache_clear


def find_identity(page: Page, ask: Ask) -> Found:
    """A finding for each piece of a hit on each line it touches.

    A near hit has been read twice by now: where the better reader is sure of it, it is somebody else; else it is covered.
    """
    findings: dict[tuple[int, int, int, str], Finding] = {}
    misread: dict[str, None] = {}
    called: dict[str, None] = {}
    if not ask.identity:
        return Found()
    for joint in tuple(joints(page.lines)):  # all kept: lines of single characters are told apart by their ids
        for hit in hits(joint, ask):
            pieces = list(joint.pieces(hit.start, hit.end))
            if hit.near and min(min(line.scores[start:end]) for line, start, end in pieces) > SURE:
                continue
            given = _CALLED.match(joint.text, hit.end) if hit.cls == "unit" else None
            if given and not _ANYBODY.fullmatch(given[1]):
                called[given[1].replace("\n", "")] = None
            if hit.cls == "name" and hit.why.endswith("misread"):
                misread[joint.text[hit.start : hit.end]] = None
            for line, start, end in pieces:
                key = (id(line), start, end, hit.cls)
                if key not in findings or findings[key].confidence < hit.confidence:
                    findings[key] = Finding(hit.cls, line.span(start, end), hit.confidence, "identity", hit.why)
    for line, start, end in _misread_again(page, tuple(misread)):
        again = Finding("name", line.span(start, end), NEAR, "identity", "name, misread alike elsewhere")
        findings.setdefault((id(line), start, end, "name"), again)
    for line, start, end in _called(page, tuple(called)):
        short = Finding("unit", line.span(start, end), CLEAR, "identity", "short form that the page gives the unit")
        findings.setdefault((id(line), start, end, "unit"), short)
    return Found(tuple(findings.values()))


def _called(page: Page, shorts: tuple[str, ...]) -> Iterator[tuple[Line, int, int]]:
    """Where the page calls the unit as it said it would: （以下简称“蔡祠小学”）."""
    for joint in tuple(joints(page.lines, 2)) if shorts else ():
        bare = joint.text.replace("\n", "")
        broken = joint.text.find("\n")
        for short in shorts:
            for found in re.finditer(re.escape(short), bare):
                start, end = found.start() + (0 <= broken <= found.start()), found.end() + (0 <= broken < found.end())
                yield from joint.pieces(start, end)


def _misread_again(page: Page, said: tuple[str, ...]) -> Iterator[tuple[Line, int, int]]:
    """Where the page says again, and surely, what stood for the name elsewhere: 赟 is read 赞 each time, doubted once."""
    for line in page.lines if said else ():
        for hit in find(Identity(names=said), line.text):
            if hit.confidence >= CLEAR and line.text[hit.start : hit.end] in said:
                yield line, hit.start, hit.end
