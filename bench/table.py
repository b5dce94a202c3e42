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


def speed(figures: Json) -> Table:
    """Speed, the two ratios and memory, each beside its aim."""
    fast, bare, lean = figures["speed"], figures["floor"], figures["memory"]
    machine = figures["machine"]
    table = Table(title=f"speed and memory, {machine['cores']} cores, {machine['memory_gb']} GB")
    for heading in ("figure", "measured", "aim"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    table.add_row("CPU s a page, verification included", f"{fast['cpu_s_per_page']:.2f}", "")
    table.add_row(f"pages a minute on {fast['cores']} cores", f"{fast['pages_per_minute']:.0f}", "")
    for stage, ms in fast["stage_ms"].items():
        table.add_row(f"  ms of {stage}", f"{ms:.0f}", "")
    table.add_section()
    table.add_row("bare inference of the same tensors, CPU s a page", f"{bare['bare_cpu_s']:.2f}", "")
    table.add_row("whole redaction / bare inference", f"{bare['ratio']:.2f}", "≤ 1.35")
    if reader := figures.get("reader"):
        table.add_row("RapidOCR merely reading, CPU s a page", f"{reader['reader_cpu_s']:.2f}", "")
        table.add_row("whole redaction / RapidOCR merely reading", f"{reader['ratio']:.2f}", "≤ 0.60")
    table.add_section()
    table.add_row(f"peak memory over {lean['pages']} pages, MB", f"{lean['peak_mb']:.0f}", "≤ 900")
    table.add_row("growth between the second tenth and the last, MB", f"{lean['growth_mb']:+.0f}", "flat")
    table.add_row("start-up, s CPU / s wall", f"{fast['startup_cpu_s']:.1f} / {fast['startup_wall_s']:.1f}", "")
    table.add_row("start to first page done, s wall", f"{fast['first_page_wall_s']:.1f}", "")
    return table
