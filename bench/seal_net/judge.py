"""What the network alone finds on pages with truth: seals covered to 90 % of their area, and area marked beside them.

python -m bench.seal_net.judge FOLDER... [--weights seal.onnx]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import mangping_redaction
import numpy as np
import openvino
from rich.console import Console
from rich.table import Table

from bench import samples
from bench.samples import Sample
from bench.score import fill, read
from bench.seal_net.pictures import Pixels
from bench.seal_net.stamping import Floats

SHIPPED = Path(mangping_redaction.__file__).parent / "weights" / "seal.onnx"
SHARES = (0.3, 0.5, 0.7)  # how likely is likely enough
COVERED = 0.9  # of a seal's area
LONGER, STEP = 640, 32  # pixels: the longer side that the network takes, and what both sides are multiples of
NEAR = 9  # pixels at that size: so much round a seal is neither demanded nor false
SPECK = 12  # pixels: smaller places are none
Looks = Callable[[Pixels], Floats]  # BGR (h, w, 3) -> how likely a seal lies at each pixel (h, w)


@dataclass(frozen=True, slots=True)
class Found:
    """On one page at one share: seals, how many of them are covered, and the share of the page that is false."""

    seals: int
    covered: int
    false: float


def network(weights: Path) -> Looks:
    """The network of an ONNX file, on one thread."""
    core = openvino.Core()
    core.set_property("CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1})
    net = core.compile_model(core.read_model(weights), "CPU")

    def look(pixels: Pixels) -> Floats:
        h, w = pixels.shape[:2]
        whole = cv2.copyMakeBorder(pixels, 0, -h % STEP, 0, -w % STEP, cv2.BORDER_REPLICATE)
        answer = net({0: whole.transpose(2, 0, 1)[None].astype(np.float32)})[0][0, 0]
        return np.asarray(cv2.resize(answer, whole.shape[1::-1], interpolation=cv2.INTER_LINEAR)[:h, :w], np.float32)

    return look


def judged(sample: Sample, look: Looks) -> list[Found]:
    """One for each of SHARES; the network sees the page upright. Raises ValueError for a file that is no picture."""
    pixels = read(sample.path)
    if pixels is None:
        raise ValueError(f"{sample.file} is not a picture")
    scale, turns = LONGER / max(pixels.shape[:2]), sample.turn // 90
    h, w = (max(STEP // 2, round(side * scale)) for side in pixels.shape[:2])
    small = cv2.resize(pixels, (w, h), interpolation=cv2.INTER_AREA)
    likely = np.rot90(look(np.ascontiguousarray(np.rot90(small, -turns), np.uint8)), turns)
    seals = [fill((h, w), [region.outline * scale]) > 0 for region in sample.regions if region.cls == "seal"]
    prints = [region.outline for region in sample.regions if region.cls == "fingerprint"]
    near = cv2.dilate(np.any([np.zeros((h, w)), *seals], 0).astype(np.uint8), np.ones((NEAR, NEAR), np.uint8))
    free = np.maximum(near, fill((h, w), [outline * scale for outline in (*sample.free, *prints)])).astype(np.uint8)
    marked = (cv2.dilate((likely > share).astype(np.uint8), np.ones((3, 3))) for share in SHARES)
    return [_found(np.asarray(places, np.uint8), seals, free) for places in marked]


def _found(marked: Pixels, seals: Sequence[np.ndarray], free: Pixels) -> Found:
    """`marked` where a seal is said to be; a place that touches what is free is not false."""
    covered = sum(marked[seal].mean() >= COVERED for seal in seals if seal.any())
    count, labels, stats, _ = cv2.connectedComponentsWithStats(marked)
    touching = set(np.unique(labels[free > 0]).tolist())
    areas = [int(stats[n, cv2.CC_STAT_AREA]) for n in range(1, count) if n not in touching]
    return Found(len(seals), int(covered), sum(area for area in areas if area > SPECK) / marked.size)


def report(sets: Iterable[tuple[str, Sequence[Sample]]], look: Looks) -> Table:
    """A line for each set: pages, seals, and at each of SHARES the seals covered and what is false a page, in percent."""
    table = Table("set", "pages", "seals", *(f"at {share}: covered, false" for share in SHARES))
    for name, pages in sets:
        found = [judged(sample, look) for sample in pages if sample.clear]
        cells = []
        for column in zip(*found, strict=True):
            seals = sum(one.seals for one in column)
            covered = f"{sum(one.covered for one in column) / seals:.1%}" if seals else "–"
            cells.append(f"{covered}, {sum(one.false for one in column) / len(column):.3%}")
        table.add_row(name, str(len(found)), str(sum(page[0].seals for page in found)), *cells)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="sample sets: pictures and a truth.json")
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="an ONNX file; without it the worker's")
    ask = parser.parse_args()
    sets = ((folder.name, samples.load(folder)) for folder in ask.folders)
    Console().print(report(sets, network(ask.weights)))


if __name__ == "__main__":
    main()
