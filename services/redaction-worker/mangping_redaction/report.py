"""report.html: a contact sheet of each page before and after, with what was found, for the office alone."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader
from mangping.errors import Refused

from mangping_redaction import words
from mangping_redaction.batch import findings
from mangping_redaction.batch.sources import Place, Source, bucket_source, local_path
from mangping_redaction.page import Pixels
from mangping_redaction.stages.decode import decode

SHEET_PAGES = 200  # pages on one sheet: a browser must still open it
THUMB_PIXELS = 420  # long side


@dataclass(frozen=True, slots=True)
class Row:
    """One page of the sheet. Pictures are data: URIs; `shapes` are polygons in source pixels over `before`."""

    line: dict[str, Any]
    before: str
    after: str
    shapes: list[tuple[str, str, bool]]  # (points, colour, covered)
    counts: list[tuple[str, str, int]]  # (label, colour, how many)
    total_ms: float


@dataclass(slots=True)
class Totals:
    pages: int = 0
    verified: int = 0
    needs_human: int = 0
    refused: int = 0
    ms: float = 0.0


def write_report(src: str, out: Path) -> Path:
    """Write DIR/report.html (and report-2.html … for more than 200 pages); the path of the first sheet.

    Originals are decoded again for their thumbnails, one page at a time.
    """
    totals = _totals(out)
    sheets = max(1, -(-totals.pages // SHEET_PAGES))
    names = ["report.html", *(f"report-{number}.html" for number in range(2, sheets + 1))]
    loader = PackageLoader("mangping_redaction")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["as_text"] = as_text
    template = environment.get_template("contact_sheet.html")
    lines = (line for line in findings.read(out) if "refused" not in line)
    for number, name in enumerate(names, 1):
        rows = (_row(line, src, out) for line in islice(lines, SHEET_PAGES))
        refusals = (line for line in findings.read(out) if "refused" in line) if number == 1 else iter(())
        sheet = template.stream(rows=rows, refusals=refusals, totals=totals, sheets=names, here=name, words=words)
        with open(out / (name + ".part"), "wb") as file:
            sheet.dump(file, encoding="utf-8")
        (out / (name + ".part")).replace(out / name)
    return out / names[0]


def _totals(out: Path) -> Totals:
    totals = Totals()
    for line in findings.read(out):
        if "refused" in line:
            totals.refused += 1
            continue
        totals.pages += 1
        totals.verified += bool(line.get("verified"))
        totals.needs_human += bool(line.get("needs_human"))
        totals.ms += sum(line.get("ms", {}).values())
    return totals


def _row(line: dict[str, Any], src: str, out: Path) -> Row:
    found: list[dict[str, Any]] = line.get("findings", [])
    kinds = list(dict.fromkeys(finding["class"] for finding in found))
    return Row(
        line,
        before=_before(line, src),
        after=thumbnail(cv2.imdecode(np.fromfile(out / line["rendition"], np.uint8), cv2.IMREAD_COLOR)),
        shapes=[(_points(finding), _colour(finding["class"]), finding.get("covered", True)) for finding in found],
        counts=[
            (words.word(words.CLASSES, kind), _colour(kind), sum(one["class"] == kind for one in found))
            for kind in kinds
        ],
        total_ms=sum(line.get("ms", {}).values()),
    )


def _points(finding: dict[str, Any]) -> str:
    return " ".join(f"{x},{y}" for x, y in finding["polygon"])


def as_text(name: str) -> str:
    """A file name that is no UTF-8 as the Chinese Windows that wrote it showed it."""
    raw = os.fsencode(name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _colour(kind: str) -> str:
    return words.word(words.COLOURS, kind)


def _before(line: dict[str, Any], src: str) -> str:
    """The original page, small; empty where it can no longer be read."""
    number = line["page"]
    try:
        for page in decode(_source(src, line["source"]).place.read(), wanted=lambda each: each == number):
            return thumbnail(page.pixels)
    except Refused:
        pass
    return ""


def _source(src: str, name: str) -> Source:
    local = local_path(src)
    if local is None:
        single = src.rpartition("/")[2] == name
        return bucket_source(src.rpartition("/")[0] if single else src, name, 0)
    return Source(name, Place(path=str(local / name if local.is_dir() else local)))


def thumbnail(pixels: Pixels | np.ndarray[Any, Any] | None) -> str:
    """A JPEG of at most 420 pixels a side as a data: URI; empty for None."""
    if pixels is None:
        return ""
    height, width = pixels.shape[:2]
    scale = min(1.0, THUMB_PIXELS / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 72])
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode()
