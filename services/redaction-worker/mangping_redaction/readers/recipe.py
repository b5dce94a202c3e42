"""What PaddleOCR knows about its models besides their weights: how boxes are decoded, and what the characters are.

Importing paddleocr takes 190 MB that never come back (pandas, clients of model hubs, spreadsheets), and what is needed of it
is a few numbers and two lists. So it is asked once, in a process of its own that ends:
`python -m mangping_redaction.readers.recipe` builds PaddleOCR's predictors over our verified weights and prints their
settings as JSON. This is the only module that imports paddleocr.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mangping.errors import Transient

from mangping_redaction import models

DETECTOR = "text-det-tiny"
READERS = ("text-rec-tiny", "text-rec-small")
SECONDS = 60.0  # ten times what it takes on a busy machine
KEPT = ("PYTHONPATH", "LD_LIBRARY_PATH", "PATH", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Recipe:
    """`threshold` (0..1) is what a pixel of the detector's map needs to be text, `unclip` how far a box is grown, as a
    multiple of its area over its perimeter, `most` how many boxes a page may have; `characters` are a reader's classes."""

    threshold: float
    unclip: float
    most: int
    characters: Mapping[str, Sequence[str]]


@cache
def recipe() -> Recipe:
    """PaddleOCR's word on the detector and the readers. Raises Transient when it cannot be had now: asked again next time."""
    try:
        return Recipe(**json.loads(_asked()))
    except (OSError, ValueError, TypeError, subprocess.SubprocessError) as error:
        raise Transient("reader.unavailable") from error


def _asked() -> bytes:
    """What the other process answers. It has a session and a home of its own: neither its end nor its files touch us."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="mangping-") as home:
        done = subprocess.run(
            [sys.executable, "-P", "-s", "-m", __name__],
            env=environment
            | {"HOME": home, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            start_new_session=True,
        )
    return done.stdout


def _predictor(name: str) -> Any:
    """PaddleOCR's own predictor of one of our models."""
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    import paddleocr

    weights = models.path(name)
    kind = {"det": paddleocr.TextDetection, "rec": paddleocr.TextRecognition}[weights.stem]
    with tempfile.TemporaryDirectory(prefix="mangping-") as folder:
        Path(folder, "inference.onnx").symlink_to(weights)
        Path(folder, "inference.yml").symlink_to(weights.with_name("inference.yml"))
        model_name = f"PP-OCRv6_{weights.parent.parent.name}_{weights.stem}"
        return kind(model_name=model_name, model_dir=folder, engine="onnxruntime").paddlex_predictor


def ask_paddle() -> Recipe:
    """Imports paddleocr: in a process that ends, or in a test."""
    boxes = _predictor(DETECTOR).post_op
    characters = {name: tuple(_predictor(name).post_op.character) for name in READERS}
    return Recipe(boxes.thresh, boxes.unclip_ratio, boxes.max_candidates, characters)


def main() -> None:
    answer = os.dup(1)
    os.dup2(2, 1)  # what libraries print must not mix with the answer
    told = json.dumps(asdict(ask_paddle()), ensure_ascii=True)
    with os.fdopen(answer, "w") as out:
        out.write(told)


if __name__ == "__main__":
    main()
