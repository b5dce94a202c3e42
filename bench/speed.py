"""How fast: CPU seconds a page by stage, pages a minute on two cores, start-up, and what bare inference would cost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from bench import lane
from bench.blindness import OURS
from bench.samples import Sample

FLOOR = "bench.floor_pages"
READER = "bench.peers.rapidocr_bare"


def timed(pages: Sequence[Sample], module: str, **run: str) -> tuple[list[lane.Json], lane.Json]:
    """(a contestant's lines for the pages, its start-up). Raises RuntimeError when it fails on a page."""
    with TemporaryDirectory() as out:
        lines = lane.run(module, plan(pages, Path(out)), **run)
        ready = next(lines)["ready"]
        done = list(track(lines, f"timing {module}", total=len(pages), console=Console(stderr=True)))
    if broken := [line["error"] for line in done if line["error"]]:
        raise RuntimeError(f"{module}: {broken[0]}")
    return done, ready


def plan(pages: Sequence[Sample], out: Path) -> lane.Json:
    asks = [{"path": str(p.path), "identity": p.identity, "third_parties": p.third_parties} for p in pages]
    return {"out": str(out), "classes": [], "pages": asks}


def speed(pages: Sequence[Sample], *, cores: int = 2) -> lane.Json:
    """Ours alone on one core, then `cores` processes side by side. The first page warms up: it is told apart."""
    (first, *lines), ready = timed([pages[0], *pages], OURS)
    stages = Counter[str]()
    for line in lines:
        stages.update(line["record"]["ms"])
    shares = [pages[number::cores] for number in range(cores)]
    with ThreadPoolExecutor(cores) as pool:
        walls = list(pool.map(_wall, shares))
    return {
        "pages": len(pages),
        "cpu_s_per_page": fmean(line["cpu"] for line in lines),
        "wall_s_per_page": fmean(line["wall"] for line in lines),
        "stage_ms": {stage: total / len(lines) for stage, total in stages.most_common()},
        "cores": cores,
        "pages_per_minute": 60 * len(pages) / max(walls),
        "startup_cpu_s": ready["cpu"],
        "startup_wall_s": ready["wall"],
        "first_page_wall_s": ready["wall"] + first["wall"],
    }


def _wall(pages: Sequence[Sample]) -> float:
    """Seconds from a warm process to its last page."""
    with TemporaryDirectory() as out:
        lines = lane.run(OURS, plan([pages[0], *pages], Path(out)))
        next(lines), next(lines)
        started = time.perf_counter()
        for _ in lines:
            pass
        return time.perf_counter() - started


def floor(pages: Sequence[Sample]) -> lane.Json:
    """The whole redaction against its own inferences run bare; a first round of the pages builds the network of each size."""
    lines, _ = timed([*pages, *pages], FLOOR)
    records = [line["record"] for line in lines[len(pages) :]]
    whole, bare = (fmean(record[key] for record in records) for key in ("redact", "bare"))
    inferences = fmean(record["inferences"] for record in records)
    return {"pages": len(pages), "cpu_s": whole, "bare_cpu_s": bare, "ratio": whole / bare, "inferences": inferences}


def against_reader(pages: Sequence[Sample], python: str) -> lane.Json:
    """The whole redaction against RapidOCR merely reading the same pages, one after the other on one core."""
    ours, theirs = (
        fmean(line["cpu"] for line in timed([pages[0], *pages], module, **more)[0][1:])
        for module, more in ((OURS, {}), (READER, {"python": python}))
    )
    return {"pages": len(pages), "cpu_s": ours, "reader_cpu_s": theirs, "ratio": ours / theirs}
