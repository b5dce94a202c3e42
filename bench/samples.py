"""Pages with truth: a folder of pictures and its truth.json, whatever kind of truth it is, as a list of `Sample`.

Two kinds of truth are read. *Form pages* know whose application they belong to (`identity`, polygons, near misses).
*Found pages* have no form behind them (axis-aligned `box`, sometimes `poly`; `optional` boxes and `ignore` areas are
free: neither demanded nor counted as over-masking); there everybody's name and unit must go.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
Json = dict[str, Any]
OWN = Path(__file__).parent / "results" / "pages"  # where our own generator's pages are kept between runs


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Something on a page: its class, its outline in the picture's pixels, and a text to name it in a report."""

    cls: str
    outline: Points
    text: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One page and what is true of it. `free` areas may be covered or not; `near` must stay readable."""

    file: str
    path: Path
    template: str
    identity: Json
    third_parties: bool
    turn: int  # degrees clockwise that make the picture upright
    clear: bool
    regions: tuple[Region, ...]
    near: tuple[Region, ...] = ()
    free: tuple[Points, ...] = field(default=())


def folders() -> dict[str, Path]:
    """The sample sets at hand: those under MANGPING_SAMPLES (or ../shared/samples), and our own generator's."""
    root = Path(os.environ.get("MANGPING_SAMPLES", Path(__file__).parents[2] / "shared" / "samples"))
    found = {kind: root / kind for kind in ("synthetic", "real")}
    return {kind: folder for kind, folder in (*found.items(), ("own", OWN)) if (folder / "truth.json").is_file()}


def load(folder: Path, only: frozenset[str] = frozenset()) -> list[Sample]:
    """The samples of a folder in file order; `only` keeps those whose name or stem is listed."""
    truth: dict[str, Json] = json.loads((folder / "truth.json").read_text("utf-8"))
    pictures = folder / "images" if (folder / "images").is_dir() else folder
    chosen = [name for name in sorted(truth) if not only or name in only or Path(name).stem in only]
    return [_sample(name, pictures / name, truth[name]) for name in chosen]


def _sample(name: str, path: Path, entry: Json) -> Sample:
    known = entry.get("identity")
    demanded = [box for box in entry["boxes"] if not box.get("optional")]
    free = [box for box in entry["boxes"] if box.get("optional")] + entry.get("ignore", [])
    return Sample(
        file=name,
        path=path,
        template=entry.get("template") or entry.get("kind", ""),
        identity=_identity(known) if known else {},
        third_parties=known is None,
        turn=entry.get("orientation_degrees", 0),
        clear=entry.get("is_clear", True),
        regions=tuple(map(_region, demanded)),
        near=tuple(map(_region, entry.get("near_misses", []))),
        free=tuple(_outline(box) for box in free),
    )


def _identity(known: Json) -> Json:
    """What the form knows, as the identities file wants it."""
    lists = {
        "names": [known.get("name"), *known.get("aliases", [])],
        "units": [known.get("unit"), *known.get("unit_aliases", [])],
        "id_numbers": [known.get("id_number")],
        "phones": [known.get("phone")],
    }
    return {key: [value for value in values if value] for key, values in lists.items()}


def _region(box: Json) -> Region:
    variant = box.get("variant") or box.get("kind") or box.get("role") or box.get("subtype") or ""
    return Region(box.get("class", "near"), _outline(box), box.get("text", ""), variant)


def _outline(box: Json) -> Points:
    """The true outline: `outline` before `poly` before the ellipse or rectangle of `box`."""
    points = box.get("outline") or box.get("poly")
    if points is None:
        x0, y0, x1, y1 = box["box"]
        points = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        if box.get("shape") == "ellipse":
            angles = [2 * math.pi * step / 48 for step in range(48)]
            cx, cy, rx, ry = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2
            points = [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]
    return np.array(points, dtype=np.float32)
