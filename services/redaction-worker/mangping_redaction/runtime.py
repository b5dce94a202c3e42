"""The one place that loads a network: OpenVINO on one thread, bfloat16 where the processor has it."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino.preprocess import ColorFormat, PrePostProcessor

from mangping_redaction import models

Floats = NDArray[np.float32]
PAGE = os.sysconf("SC_PAGE_SIZE")
SIZES_KEPT = 5  # compiled detectors of fixed size: 20 MB each
# A process holds at most LIMIT bytes (900 MB with its decoder) and keeps what it freed as long as that leaves room: a page
# faulted in anew costs more than its work. Larger blocks than BLOCK are asked of the system and handed back one by one.
LIMIT, BLOCK, SPARE = 840e6, 4 << 20, 256 << 20
NEEDED = 61  # bytes that a network of whole pages takes for a pixel: the detector's
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt(3)
_alive: WeakSet[Network] = WeakSet()  # every network of this process


def make_room(need: float = 0) -> None:
    """Before `need` bytes are taken: where that would go beyond LIMIT, networks let go of what they keep for the next call,
    and freed memory goes back to the system, which would else stay with the allocator."""
    if sys.platform != "linux" or _resident() + need < LIMIT:
        return
    for network in _alive:
        network.rest()
    ctypes.CDLL(None).malloc_trim(0)


def _tell_allocator() -> None:
    """What to keep: left alone it raises both limits with every large block that is freed. One heap for all threads: only one
    works at a time."""
    if sys.platform == "linux":
        for option, value in ((_MMAP_THRESHOLD, BLOCK), (_TRIM_THRESHOLD, SPARE), (_ARENA_MAX, 1)):
            ctypes.CDLL(None).mallopt(option, value)


def _resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


@cache
def _core() -> ov.Core:
    _tell_allocator()
    core = ov.Core()
    core.set_property("CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False})
    # What a network prepared for a width is at hand when that comes again: a tenth of its time. All widths would take 30 MB.
    core.set_property("CPU", {"CPU_RUNTIME_CACHE_CAPACITY": 200})
    return core


def _take_pixels(model: ov.Model, mean: tuple[float, ...], scale: tuple[float, ...], rgb: bool) -> ov.Model:
    """The model with its normalisation built in, so that it takes (1, height, width, 3) uint8 BGR pixels as they are."""
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    if rgb:
        steps.input().tensor().set_color_format(ColorFormat.BGR)
        steps.input().preprocess().convert_color(ColorFormat.RGB)
    steps.input().preprocess().convert_element_type(ov.Type.f32).mean(list(mean)).scale(list(scale))
    return steps.build()


class Network:
    """A compiled model: call it with one array, get its outputs as a list of arrays; it keeps no memory until the next
    call. Not thread-safe."""

    def __init__(self, model: ov.Model, precision: str = "fast") -> None:
        hint = {} if precision == "fast" else {"INFERENCE_PRECISION_HINT": precision}
        self._compiled = _core().compile_model(model, "CPU", hint)
        self._request: ov.InferRequest | None = None
        shape = model.input().partial_shape
        self._needs = NEEDED * shape[1].get_length() * shape[2].get_length() if shape.is_static else 0
        _alive.add(self)

    def __call__(self, tensor: NDArray[Any]) -> list[Floats]:
        answer = [np.array(value) for value in self.look(tensor)]
        self.rest()
        return answer

    def look(self, tensor: NDArray[Any]) -> list[Floats]:
        """The same without a copy: the outputs are the network's own memory, good until it is called again or rests."""
        if self._request is None:
            make_room(self._needs)
            self._request = self._compiled.create_infer_request()
        return list(
            self._request.infer({0: np.ascontiguousarray(tensor)}, share_inputs=True, share_outputs=True).values()
        )

    def rest(self) -> None:
        """Let go of inputs, outputs and what lies between, 30 to 130 MB for a page, until the next call. Outputs looked at
        before are gone."""
        self._request = None
        self._compiled.release_memory()


def _read(name: str) -> ov.Model:
    return _core().read_model(models.path(name))


@cache
def _model(name: str) -> ov.Model:
    """A model of which several are compiled: what comes of its copies shares its weights."""
    return _read(name)


def _shaped(name: str, shape: tuple[int, ...]) -> ov.Model:
    """The model for inputs of one shape; -1 in it stands for any size."""
    model = _read(name) if -1 in shape else _model(name).clone()
    model.reshape(ov.PartialShape(list(shape)))
    return model


@cache
def network(name: str, *, precision: str = "fast") -> Network:
    """The process-wide network of a model in `models.WEIGHTS`, taking float32."""
    return Network(_read(name), precision)


@cache
def pixel_network(
    name: str,
    mean: tuple[float, ...] = (0.0,) * 3,
    scale: tuple[float, ...] = (1.0,) * 3,
    *,
    size: tuple[int, int] = (-1, -1),
    rgb: bool = False,
    precision: str = "fast",
) -> Network:
    """Like `network`, but taking uint8 BGR pixels (1, height, width, 3); mean and scale are in 0..255, -1 is any size."""
    return Network(_take_pixels(_shaped(name, (1, 3, *size)), mean, scale, rgb), precision)


@lru_cache(maxsize=SIZES_KEPT)
def sized_network(
    name: str, mean: tuple[float, ...], scale: tuple[float, ...], height: int, width: int, *, precision: str = "fast"
) -> Network:
    """Like `pixel_network`, for inputs of one size: a quarter faster and a third of the memory, but 0.2 s to compile."""
    return Network(_take_pixels(_shaped(name, (1, 3, height, width)), mean, scale, False), precision)
