"""How lean: resident memory of one worker over many pages, and whether it stays flat.

python -m bench.memory [--pages 1000]
"""

from __future__ import annotations

import argparse
from itertools import cycle, islice
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from threading import Event, Thread

from rich.console import Console
from rich.progress import track

from bench import lane, samples
from bench.blindness import OURS
from bench.samples import Sample
from bench.speed import plan

EVERY = 0.02  # seconds between two looks


def memory(pages: list[Sample], count: int) -> lane.Json:
    """Peak and growth in MB over `count` pages, going round the given ones, of the worker and its decoder together.

    Peak: the most that both held at one instant. Growth: the last tenth of the pages against the second tenth (the first
    one loads and warms up). Resident figures count a library that both processes have mapped twice: they are upper bounds;
    `late_pss_mb` counts every page once.
    """
    with TemporaryDirectory() as out:
        lines = lane.run(OURS, plan(list(islice(cycle(pages), count)), Path(out)))
        ready = next(lines)["ready"]
        resident, shared = [], []
        with Watch(ready["pid"]) as watch:
            for line in track(lines, "watching memory", total=count, console=Console(stderr=True)):
                resident.append(line["rss_mb"])
                shared.append(line["pss_mb"])
                for file in Path(out).iterdir():
                    file.unlink()
    tenth = max(1, count // 10)
    early, late = fmean(resident[tenth : 2 * tenth] or resident[:1]), fmean(resident[-tenth:])
    return {
        "pages": count,
        "start_mb": ready["rss_mb"],
        "peak_mb": watch.peak_mb,
        "early_mb": early,
        "late_mb": late,
        "growth_mb": late - early,
        "late_pss_mb": fmean(shared[-tenth:]),
    }


class Watch:
    """Looks at a process and its children from outside, some fifty times a second; `peak_mb` is the most they held at once."""

    def __init__(self, pid: int) -> None:
        self.peak_mb, self._pid, self._stop = 0.0, pid, Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            held = lane.resident_mb(self._pid) + sum(map(lane.resident_mb, lane.children(self._pid)))
            self.peak_mb = max(self.peak_mb, held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--samples", default="synthetic")
    ask = parser.parse_args()
    report = memory(samples.load(samples.folders()[ask.samples]), ask.pages)
    for key, value in report.items():
        print(f"{key:12} {value:.0f}")


if __name__ == "__main__":
    main()
