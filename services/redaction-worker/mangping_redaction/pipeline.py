"""The recipe: bytes from outside become upright pages, are read, searched, covered and read again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from mangping import identity as whose

from mangping_redaction import models
from mangping_redaction.finders.text import identity, thirdparty
from mangping_redaction.page import Ask, Page, Rendition
from mangping_redaction.runtime import make_room
from mangping_redaction.stages.applicant import by_hand, respecting
from mangping_redaction.stages.clarity import judge
from mangping_redaction.stages.decode import decode
from mangping_redaction.stages.find import find, find_text
from mangping_redaction.stages.kind import kinds
from mangping_redaction.stages.likeness import likeness
from mangping_redaction.stages.read import read
from mangping_redaction.stages.straighten import straighten
from mangping_redaction.stages.verify import cover_and_verify

Stage = Callable[[Page, Ask], Page]
STAGES: tuple[tuple[str, Stage], ...] = (
    ("straighten", lambda page, ask: straighten(page)),
    ("read", read),
    ("clarity", lambda page, ask: replace(page, clarity=judge(page))),
    ("find", find),
    ("by_hand", by_hand),
)

COPIES = 3  # of its pixels that a page takes on its way


def redact(untrusted: bytes | Path, ask: Ask, *, image_format: str = "jpg") -> Iterator[Rendition]:
    """Each page of the file in turn. Raises Refused when the file cannot be used; pages already yielded stand."""
    for page in decode(untrusted):
        yield redact_page(page, ask, image_format)


def redact_page(page: Page, ask: Ask, image_format: str = "jpg") -> Rendition:
    """One decoded page through every stage; nothing of the identity stays in memory, however it ends."""
    try:
        return _through(page, ask, image_format)
    finally:
        identity.forget()
        thirdparty.forget()
        whose.forget()


def _through(page: Page, ask: Ask, image_format: str) -> Rendition:
    ms = dict(page.ms)
    make_room(COPIES * page.pixels.nbytes)
    for name, stage in STAGES:
        started = time.process_time()
        page = stage(page, ask)
        ms[name] = _ms(started)
    started = time.process_time()
    page, image = cover_and_verify(page, ask, image_format, respecting(find_text))
    ms["verify"] = _ms(started)
    return Rendition(page.number, image, record(replace(page, ms=ms)))


def record(page: Page) -> dict[str, Any]:
    """What is said about a page: measures, findings in source pixels, and what a human must look at. Never its text."""
    width, height = page.size if page.turn % 2 == 0 else page.size[::-1]
    doubts = list(dict.fromkeys((*page.doubts, *(() if page.clarity.clear else ("not_clear",)))))
    return {
        "width": width,
        "height": height,
        "orientation_degrees": -page.turn * 90 % 360,
        "skew_degrees": round(page.skew_degrees, 2),
        "clarity": {"clear": page.clarity.clear, "reasons": list(page.clarity.reasons), **page.clarity.measures},
        "likeness": likeness(page.copies.half),
        "kinds": list(kinds(page.lines)),
        "verified": not doubts,
        "needs_human": doubts,
        "findings": [
            {
                "class": finding.cls,
                "polygon": [[round(float(x), 1), round(float(y), 1)] for x, y in page.to_source(finding.polygon)],
                "confidence": round(finding.confidence, 3),
                "finder": finding.finder,
                "why": finding.why,
                "covered": finding.covered,
            }
            for finding in page.findings
        ],
        "ms": {stage: round(spent, 1) for stage, spent in page.ms.items()},
        "models": models.versions(
            "text-det-tiny", "text-rec-tiny", "text-rec-small", "orientation", "face", "face-landmarks", "seal"
        ),
    }


def _ms(started: float) -> float:
    return (time.process_time() - started) * 1000
