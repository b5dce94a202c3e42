"""The tables a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from bench.score import READABLE
from bench.tally import ORDER

Json = dict[str, Any]


def percent(value: float | None, digits: int = 1) -> str:
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def blindness(reports: Mapping[str, Json], title: str = "") -> Table:
    """One column per contestant, one row per figure. Classes are counted on legible pages."""
    table = Table(title=title or None)
    table.add_column("covered on legible pages (regions)")
    for name in reports:
        table.add_column(name, justify="right")
    for cls in ORDER:
        rows = [report["classes"].get(cls) for report in reports.values()]
        if any(rows):
            label = f"{cls} (must stay readable)" if cls in READABLE else cls
            count = max(row["regions_legible"] for row in rows if row)
            table.add_row(f"{label} ({count})", *(percent(row and row["covered_legible"]) for row in rows))
    table.add_section()
    for label, key, digits in (
        ("legible pages without a leak", "leak_free", 1),
        ("pages with nothing for a human", "automation", 1),
        ("orientation right", "orientation", 1),
        ("clarity right", "clarity", 1),
        ("page covered beside the truth", "over_masking", 2),
    ):
        table.add_row(label, *(percent(report[key], digits) for report in reports.values()))
    table.add_row("silent leaks", *(_count(report["silent_leaks"]) for report in reports.values()))
    table.add_row("near misses masked", *(f"{r['near_misses_masked']} of {r['near_misses']}" for r in reports.values()))
    table.add_row("pages without a rendition", *(f"{r['failed']} of {r['pages']}" for r in reports.values()))
    table.add_row("CPU s a page", *(f"{r['cpu_s_per_page']:.2f}" for r in reports.values()))
    return table


def _count(value: int | None) -> str:
    return "–" if value is None else str(value)
