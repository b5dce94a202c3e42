"""The applicant's own identity in the lines that were read: exactly the matched characters, over line breaks and cells."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from mangping.identity import Hit, Identity, find
from mangping.identity.search import NEAR

from mangping_redaction.page import Ask, Finding, Found, Page
from mangping_redaction.readers.layout import Joint, joints
from mangping_redaction.readers.line import Line

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
    if not ask.identity:
        return Found()
    for joint in tuple(joints(page.lines)):  # all kept: lines of single characters are told apart by their ids
        for hit in hits(joint, ask):
            pieces = list(joint.pieces(hit.start, hit.end))
            if hit.near and min(min(line.scores[start:end]) for line, start, end in pieces) > SURE:
                continue
            if hit.cls == "name" and hit.why.endswith("misread"):
                misread[joint.text[hit.start : hit.end]] = None
            for line, start, end in pieces:
                key = (id(line), start, end, hit.cls)
                if key not in findings or findings[key].confidence < hit.confidence:
                    findings[key] = Finding(hit.cls, line.span(start, end), hit.confidence, "identity", hit.why)
    for line, start, end in _misread_again(page, tuple(misread)):
        again = Finding("name", line.span(start, end), NEAR, "identity", "name, misread alike elsewhere")
        findings.setdefault((id(line), start, end, "name"), again)
    return Found(tuple(findings.values()))


def _misread_again(page: Page, said: tuple[str, ...]) -> Iterator[tuple[Line, int, int]]:
    """Where the page says again, and surely, what stood for the name elsewhere: 赟 is read 赞 each time, doubted once."""
    for line in page.lines if said else ():
        for hit in find(Identity(names=said), line.text):
            if hit.confidence >= CLEAR and line.text[hit.start : hit.end] in said:
                yield line, hit.start, hit.end
