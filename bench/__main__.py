"""python -m bench: everything, one table, bench/results/*.json. See README.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console

from bench import samples, table
from bench.blindness import OURS, judged
from bench.generator import drawn
from bench.memory import memory
from bench.peers import presidio
from bench.samples import Json, Sample
from bench.speed import against_reader, floor, speed
from bench.tally import tally

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PEERS = HERE / "peers" / ".venv" / "bin" / "python"


def main() -> None:
    parser = argparse.ArgumentParser(description="Blindness, peers, speed, memory: one table, bench/results/*.json.")
    parser.add_argument("--pages", type=int, default=200, help="pages of the memory run (1000 for the full one)")
    parser.add_argument("--own", type=int, default=40, help="pages our own generator draws")
    parser.add_argument("--most", type=int, default=0, help="at most so many pages of a sample set (0: all)")
    parser.add_argument("--timed", type=int, default=12, help="pages of the timed runs")
    parser.add_argument("--seed", type=int, default=20)
    ask = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    for _ in drawn(samples.OWN, ask.own, ask.seed):
        pass
    sets = {name: samples.load(folder)[: ask.most or None] for name, folder in samples.folders().items()}
    console = Console()
    for name, pages in sets.items():
        console.print(
            table.blindness(_write(f"blindness-{name}", _blindness(name, pages)), f"{name}: {len(pages)} pages")
        )
    chosen = next(iter(sets.values()))
    legible = [page for page in chosen if page.clear][: ask.timed]
    figures = {
        "machine": _machine(),
        "speed": speed(legible),
        "floor": floor(legible),
        "memory": memory(chosen, ask.pages),
    }
    if PEERS.is_file():
        figures["reader"] = against_reader(legible, str(PEERS))
    console.print(table.speed(_write("speed", figures)))


def _blindness(name: str, pages: list[Sample]) -> Json:
    """Every contestant's report on one sample set; those not installed are named and left out."""
    contestants = {"mangping": (OURS, sys.executable)}
    if PEERS.is_file():
        contestants["afternoon script"] = ("bench.peers.afternoon", str(PEERS))
        if presidio.present():
            contestants["Presidio"] = ("bench.peers.presidio", str(PEERS))
        else:
            print("Presidio left out: no Tesseract with chi_sim on this machine", file=sys.stderr)
    else:
        print("peers left out: make bench-peers installs them", file=sys.stderr)
    return {
        who: tally(judged(pages, module, python=python, label=f"{name}: {who}")[0])
        for who, (module, python) in contestants.items()
    }


def _machine() -> Json:
    """Cores and memory, and nothing else about the machine."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
    }


def _write(name: str, report: Json) -> Json:
    (RESULTS / f"{name}.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
    return report


if __name__ == "__main__":
    main()
