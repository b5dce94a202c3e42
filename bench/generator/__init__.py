"""Invented teacher-review pages with exact truth: drawn, then scanned, copied or photographed.

    python -m bench.generator OUT --count 6 --seed 1

Every identity is invented: ID numbers name counties that do not exist, phones use prefixes that no carrier was given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from bench import samples
from bench.generator.damage import CLEAN, Shot, shoot
from bench.generator.pages import PAGES
from bench.generator.people import invent

KINDS = tuple(PAGES)
DISTRACTORS = frozenset({"clean"})


def generate(
    out: Path, count: int, seed: int, *, kinds: Sequence[str] = KINDS, workers: int = 1, pristine: bool = False
) -> list[samples.Sample]:
    """Draw `count` pages into `out` (0001.jpg ... and truth.json), kinds in turn; the same seed draws the same pages.

    `pristine` leaves out every damage. Raises KeyError for an unknown kind.
    """
    for _ in drawn(out, count, seed, kinds=kinds, workers=workers, pristine=pristine):
        pass
    return samples.load(out)


def drawn(
    out: Path, count: int, seed: int, *, kinds: Sequence[str] = KINDS, workers: int = 1, pristine: bool = False
) -> Iterator[str]:
    """The same, giving each file's name as soon as it is drawn; truth.json is written at the end."""
    out.mkdir(parents=True, exist_ok=True)
    truth: dict[str, samples.Json] = {}
    draw = partial(_draw, out, seed, tuple(kinds), pristine)
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            for name, entry in pool.map(draw, range(count)):
                truth[name] = entry
                yield name
    else:
        for name, entry in map(draw, range(count)):
            truth[name] = entry
            yield name
    (out / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), "utf-8")


def _draw(out: Path, seed: int, kinds: tuple[str, ...], pristine: bool, index: int) -> tuple[str, samples.Json]:
    """One page: its own random stream, so that neither workers nor the number of pages change it."""
    dice = np.random.default_rng([seed, index])
    kind = kinds[index % len(kinds)]
    person = invent(dice)
    shot = CLEAN if pristine else Shot.chance(dice)
    canvas = PAGES[kind](person, dice, max(200.0, shot.dpi))
    encoded, entry = shoot(canvas, shot, dice)
    name = f"{index + 1:04d}{encoded.suffix}"
    (out / name).write_bytes(encoded.content)
    return name, {"template": kind, "distractor": kind in DISTRACTORS, "identity": person.truth(), **entry}
