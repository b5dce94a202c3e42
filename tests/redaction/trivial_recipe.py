"""A recipe for the batch's tests: the file itself says what happens. No model, no decoder, spawned quickly.

Content: JSON `{"pages": 1, "sleep": 0, "die": "always" | "once" | "", "refuse": "", "fault": false, "gate": false}`;
`at` names the page where it dies, fails, or waits until the file named by the variable GATE is there.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mangping_redaction.page import Ask, Rendition
from mangping_redaction.refusals import refused


def recipe(
    untrusted: bytes | Path, ask: Ask, image_format: str, done: frozenset[int]
) -> Iterator[tuple[int, Rendition]]:
    content = untrusted.read_bytes() if isinstance(untrusted, Path) else untrusted
    told: dict[str, Any] = json.loads(content)
    if told.get("refuse"):
        raise refused(told["refuse"])
    for page in range(1, told.get("pages", 1) + 1):
        if page in done:
            continue
        if log := os.environ.get("WORK_LOG"):
            with open(log, "a") as file:
                file.write(f"{told.get('name', '')} {page}\n")
        if page == told.get("at", page):
            _misbehave(told, untrusted)
        time.sleep(told.get("sleep", 0))
        yield told.get("pages", 1), Rendition(page, b"rendition", _record(ask, image_format))


def _misbehave(told: dict[str, Any], untrusted: bytes | Path) -> None:
    while told.get("gate") and not Path(os.environ["GATE"]).exists():
        time.sleep(0.02)
    if told.get("fault"):
        raise ValueError("a secret that was read on the page")
    if told.get("die") == "always":
        os.kill(os.getpid(), signal.SIGKILL)
    if told.get("die") == "once":
        marker = Path(os.environ["MARKERS"]) / Path(untrusted).name if isinstance(untrusted, Path) else None
        if marker and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def _record(ask: Ask, image_format: str) -> dict[str, Any]:
    return {
        "width": 100,
        "height": 80,
        "orientation_degrees": 0,
        "skew_degrees": 0.0,
        "clarity": {"clear": True, "reasons": []},
        "verified": True,
        "needs_human": [],
        "ms": {"find": 1.0},
        "models": {},
        "findings": [{"class": "name", "why": f"{len(ask.identity.names)} names, {image_format}"}],
    }
