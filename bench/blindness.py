"""How blind: run a contestant over sample pages, judge what came out.

python -m bench.blindness --samples synthetic [--only 0001.jpg,0007.jpg] [--misses 30] [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track

from bench import lane, samples, table
from bench.samples import Points, Sample
from bench.score import MARGIN, TOUCHED, fill, judge, read
from bench.tally import DEMANDED, Judged, tally

OURS = "bench.run_pages"
STRAY, SLIGHT = 0.5, 1e-3  # a cover is worth a line when half of it, or so much of the page, lies beside the truth


def judged(
    pages: Sequence[Sample],
    module: str = OURS,
    *,
    python: str = sys.executable,
    out: Path | None = None,
    classes: Iterable[str] = (),
    label: str = "",
) -> tuple[list[Judged], lane.Json]:
    """(every page judged, the contestant's start-up line). `out` keeps the renditions, one folder per call."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        asks = [{"path": str(p.path), "identity": p.identity, "third_parties": p.third_parties} for p in pages]
        lines = lane.run(module, {"out": str(folder), "classes": sorted(classes), "pages": asks}, python=python)
        ready = next(lines)["ready"]
        answers = zip(
            track(lines, label or module, total=len(pages), console=Console(stderr=True)), pages, strict=False
        )
        done = [_judge(sample, line) for line, sample in answers]
    if len(done) != len(pages):
        raise RuntimeError(f"{module} answered for {len(done)} of {len(pages)} pages")
    return done, ready


def _judge(sample: Sample, line: lane.Json) -> Judged:
    original = read(sample.path)
    if original is None:
        raise ValueError(f"{sample.file} is not a picture")
    rendition = read(Path(line["rendition"])) if line["rendition"] else None
    return Judged(sample, judge(original, rendition, sample), line["record"], line["cpu"], line["error"])


def misses(page: Judged) -> list[str]:
    """One line for each demanded region that still shows, with what was found there."""
    told = []
    for score in page.score.leaks(DEMANDED):
        region = score.region
        there = [
            f"{found['class']}/{found['finder']} {found['confidence']:.2f}"
            for found in page.record.get("findings", [])
            if _overlap(np.array(found["polygon"], np.float32), [region.outline]) > 0
        ]
        told.append(
            f"MISS {_place(page)}{'' if page.sample.clear else ' unclear'} {region.cls} {region.variant} "
            f"«{region.text}» area {score.area:.2f} ink {score.ink:.2f}; found there: {', '.join(there) or 'nothing'}"
        )
    return told


def strays(page: Judged) -> list[str]:
    """One line for each cover of ours that lies well beside the truth, or over what must stay readable."""
    truth = [r.outline for r in page.sample.regions if r.cls in (*DEMANDED, "face")] + list(page.sample.free)
    readable = [r for r in (*page.sample.near, *page.sample.regions) if r.cls in ("near", "third_party_name")]
    told = []
    for found in page.record.get("findings", []):
        polygon = np.array(found["polygon"], np.float32)
        share = 1 - _overlap(polygon, truth, grow=MARGIN)
        of_page = share * abs(_area(polygon)) / (page.record["width"] * page.record["height"])
        spared = [r.text for r in readable if _overlap(r.outline, [polygon]) > TOUCHED]
        if found.get("covered", True) and (share > STRAY or of_page > SLIGHT or spared):
            told.append(
                f"OVER {_place(page)} {found['class']}/{found['finder']} {found['confidence']:.2f} ({found['why']}) "
                f"{100 * of_page:.3f} % of the page at {polygon.mean(axis=0).round().astype(int).tolist()}"
                + (f" over «{'», «'.join(spared)}»" if spared else "")
            )
    return told


def _place(page: Judged) -> str:
    return f"{page.sample.file} [{page.sample.template}]"


def _overlap(polygon: Points, others: Iterable[Points], *, grow: int = 0) -> float:
    """Share of the polygon that lies in the others (grown by some pixels)."""
    low = np.floor(polygon.min(axis=0)).astype(int) - grow - 1
    width, height = (np.ceil(polygon.max(axis=0)).astype(int) + grow + 2 - low).tolist()
    offset = int(low[0]), int(low[1])
    inside = fill((height, width), [polygon], offset) > 0
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1))
    there = cv2.dilate(fill((height, width), others, offset), disc)
    return float(there[inside].mean()) if inside.any() else 0.0


def _area(polygon: Points) -> float:
    x, y = polygon[:, 0].astype(float), polygon[:, 1].astype(float)
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", default="synthetic", help="synthetic, real, own, or a folder with truth.json")
    parser.add_argument("--only", default="", help="comma-separated file names or stems")
    parser.add_argument("--misses", type=int, default=30, help="how many misses and how many stray covers to list")
    parser.add_argument("--classes", default="", help="comma-separated; default: what the library covers by default")
    parser.add_argument("--keep", type=Path, help="keep the renditions in this folder")
    parser.add_argument("--json", type=Path, help="write the report and every record here")
    chosen = parser.parse_args()
    folder = samples.folders().get(chosen.samples, Path(chosen.samples))
    pages = samples.load(folder, frozenset(filter(None, chosen.only.split(","))))
    done, ready = judged(pages, out=chosen.keep, classes=filter(None, chosen.classes.split(",")), label=chosen.samples)
    report = tally(done)
    _tell(done, report, chosen.misses)
    print(f"start-up {ready['cpu']:.2f} s CPU, {ready['wall']:.2f} s wall")
    if chosen.json:
        records = {page.sample.file: page.record for page in done}
        chosen.json.write_text(
            json.dumps({"report": report, "records": records}, ensure_ascii=False, indent=1), "utf-8"
        )


def _tell(done: Sequence[Judged], report: lane.Json, most: int) -> None:
    for tell in (misses, strays):
        lines = [line for page in done for line in tell(page)]
        print("\n".join(lines[:most]))
        if len(lines) > most:
            print(f"… and {len(lines) - most} more")
    for page in done:
        if page.error:
            print(f"FAILED {page.sample.file}: {page.error}")
        elif page.score.turn != page.sample.turn:
            print(f"TURN {page.sample.file}: made {page.score.turn}, upright is {page.sample.turn}")
        if page.silent:
            print(f"SILENT LEAK {page.sample.file}")
        said = page.record.get("clarity", {})
        if said and said["clear"] != page.sample.clear:
            print(f"CLARITY {page.sample.file}: said {said}, truth {page.sample.clear}")
    reasons = Counter(reason for page in done if page.sample.clear for reason in page.record.get("needs_human", []))
    print("doubts on legible pages:", dict(reasons.most_common()))
    stages = Counter[str]()
    for page in done:
        stages.update(page.record.get("ms", {}))
    print("ms per page:", {stage: round(total / len(done)) for stage, total in stages.most_common()})
    Console().print(table.blindness({"ours": report}))


if __name__ == "__main__":
    main()
