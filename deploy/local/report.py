"""out/demo/report.html: every page before and after, what was found on it, and how long it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mangping_redaction.words import CLARITY, CLASSES, COLOURS, DOUBTS, FINDERS, STAGES, reason, word
from markupsafe import Markup

from deploy.local import words
from deploy.local.templates import template

_WORDS = {"class": CLASSES, "finder": FINDERS, "stage": STAGES, "doubt": DOUBTS, "clarity": CLARITY}


@dataclass(frozen=True)
class Shown:
    """One page of the report. `before` and `after` are paths relative to the report; `record` is the api's page record.

    `before` may be None: a page of a PDF has no picture of its own. `refused` is (code, message) of a refused file.
    """

    title: str
    source: str
    before: str | None
    after: str | None
    record: dict[str, Any] | None
    refused: tuple[str, str] | None = None


def write(
    file: Path, pages: Sequence[Shown], *, seconds: float, workers: int, sections: Mapping[str, Markup] | None = None
) -> None:
    """Write the report and nothing else; `seconds` is from the first upload to the last rendition. `sections` are what
    other parts of the demo tell, as HTML by its title."""
    chinese = {f"{kind}_word": partial(word, table) for kind, table in _WORDS.items()}
    page = template("report.html.j2", reason=reason, points=points, **chinese)
    text = page.render(
        pages=[view(page) for page in pages], totals=totals(pages), seconds=seconds, workers=workers,
        sections=sections or {}, colours=COLOURS, stage_colours=words.STAGE_COLOURS,
    )  # fmt: skip
    file.write_text(text, "utf-8")


def view(page: Shown) -> dict[str, Any]:
    """What the template shows of a page: covered findings numbered, the same thing found twice told once."""
    record = page.record or {}
    findings = record.get("findings", [])
    ms = record.get("ms", {})
    whole = sum(ms.values()) or 1.0
    return {
        "page": page,
        "record": record,
        "covered": [finding for finding in findings if finding["covered"]],
        "counts": Counter(finding["class"] for finding in findings if finding["covered"]).most_common(),
        "seen": Counter(finding["class"] for finding in findings if not finding["covered"]).most_common(),
        "stages": [(stage, ms[stage], 100 * ms[stage] / whole) for stage in sorted(ms, key=stage_order)],
        "ms": sum(ms.values()),
    }


def stage_order(stage: str) -> tuple[int, str]:
    """As the recipe goes; the database does not keep the order of keys."""
    known = list(STAGES)
    return (known.index(stage) if stage in known else len(known), stage)


def totals(pages: Sequence[Shown]) -> dict[str, int]:
    """The numbers at the head of the report."""
    records = [page.record for page in pages if page.record]
    return {
        "pages": len(pages),
        "verified": sum(record["verified"] for record in records),
        "human": sum(not record["verified"] for record in records),
        "refused": sum(page.refused is not None for page in pages),
        "covered": sum(finding["covered"] for record in records for finding in record["findings"]),
    }


def points(polygon: Sequence[Sequence[float]]) -> str:
    """The `points` attribute of an SVG polygon."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in polygon)
