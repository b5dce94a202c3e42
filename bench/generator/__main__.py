"""python -m bench.generator OUT --count N --seed S"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bench.generator import KINDS, drawn


def main() -> None:
    parser = argparse.ArgumentParser(description="Invented review pages with truth.json.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS), help="comma-separated, drawn in turn")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--pristine", action="store_true", help="no scanner, no camera: as drawn")
    ask = parser.parse_args()
    kinds = ask.kinds.split(",")
    if unknown := sorted(set(kinds) - set(KINDS)):
        parser.error(f"unknown kind {', '.join(unknown)}; known: {', '.join(KINDS)}")
    names = drawn(ask.out, ask.count, ask.seed, kinds=kinds, workers=ask.workers, pristine=ask.pristine)
    for _ in track(names, "drawing pages", total=ask.count, console=Console(stderr=True)):
        pass
    print(ask.out)


if __name__ == "__main__":
    main()
