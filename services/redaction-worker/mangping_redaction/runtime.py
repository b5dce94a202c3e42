"""The one place that loads a network: OpenVINO on one thread, bfloat16 where the processor has it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from mangping_redaction import models

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


@cache
def _core() -> ov.Core:
    core = ov.Core()
    core.set_property(  # type: ignore[attr-defined]
        "CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}
    )
    return core


class Network:
    """A compiled model; call it with one float32 array, get its outputs as a list of arrays. Not thread-safe."""

    def __init__(self, file: Path, *, shape: tuple[int, ...] | None = None, precision: str = "fast") -> None:
        model = _core().read_model(file)
        if shape is not None:
            model.reshape(ov.PartialShape(list(shape)))
        hint = {} if precision == "fast" else {"INFERENCE_PRECISION_HINT": precision}
        self._request = _core().compile_model(model, "CPU", hint).create_infer_request()

    def __call__(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        outputs: Any = self._request.infer({0: np.ascontiguousarray(tensor)})
        return [np.array(value) for value in outputs.values()]


@cache
def network(name: str, *, shape: tuple[int, ...] | None = None, precision: str = "fast") -> Network:
    """The process-wide network of a model in `models.WEIGHTS`; -1 in `shape` stands for any size."""
    return Network(models.path(name), shape=shape, precision=precision)
