"""The applicant's own identity in the lines that were read: exactly the matched characters, over line breaks and cells."""

from __future__ import annotations

from functools import lru_cache

from mangping.identity import Hit, find

from mangping_redaction.page import Ask, Finding, Found, Page
from mangping_redaction.readers.layout import Joint, joints

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
    if not ask.identity:
        return Found()
    for joint in joints(page.lines):
        for hit in hits(joint, ask):
            pieces = list(joint.pieces(hit.start, hit.end))
            if hit.near and min(min(line.scores[start:end]) for line, start, end in pieces) > SURE:
                continue
            for line, start, end in pieces:
                key = (id(line), start, end, hit.cls)
                if key not in findings or findings[key].confidence < hit.confidence:
                    findings[key] = Finding(hit.cls, line.span(start, end), hit.confidence, "identity", hit.why)
    return Found(tuple(findings.values()))
