"""First stage: untrusted bytes to pages. Decoding happens in a process of its own that may die; this one does not.

A decoder process is started at first need and kept; it serves one file at a time. It is killed when it breaks a limit
and replaced, and it is retired after so many pages, so that a codec's leak never adds up.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import mmap
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mangping_redaction.page import Page, Pixels
from mangping_redaction.refusals import refused
from mangping_redaction.stages.decode_limits import Limits

PACKET = 4096
KEPT = ("PYTHONPATH", "LD_LIBRARY_PATH", "PATH", "GLIBC_TUNABLES")  # of the environment; the last: large pages
START_SECONDS = 60.0
RETIRE_AFTER = 2000  # requests
SEALED = 0x0002 | 0x0008  # F_SEAL_SHRINK, F_SEAL_WRITE: mapping it is safe whatever the decoder does next


class _Died(Exception):
    """The decoder process is gone; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Decoder:
    """One decoder process. Not thread-safe; `decode` lends it to one caller at a time."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.requests, self.files = limits, 0, 0
        self.usable = True  # False while an answer is owed and after death: such a one never serves again
        self._peer, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", "mangping_redaction.stages.decode_child",
                 str(theirs.fileno()), json.dumps(asdict(limits))],
                pass_fds=[theirs.fileno()], cwd="/", env=_environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        try:
            self.jailed: bool = self._reply(START_SECONDS)[0]["jailed"]
        except _Died as death:
            raise RuntimeError("the decoder process does not start") from death

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(self, descriptor: int) -> int:
        """Number of pages of the file. Raises Refused, _Died."""
        self.files += 1
        pages: int = self._ask({"open": True}, [descriptor])[0]["pages"]
        return pages

    def page(self, number: int) -> tuple[Pixels, dict[str, float]]:
        """Pixels (height, width, 3) BGR, and {"dpi", "ms" of CPU}. Raises Refused, _Died."""
        answer, descriptors = self._ask({"page": number})
        if len(descriptors) != 1:
            raise self._lost("SCAN_DECODER_DIED")
        try:
            shape = (int(answer["height"]), int(answer["width"]), 3)
            whole = os.fstat(descriptors[0]).st_size == shape[0] * shape[1] * 3
            if not whole or fcntl.fcntl(descriptors[0], fcntl.F_GET_SEALS) & SEALED != SEALED:
                raise self._lost("SCAN_DECODER_DIED")
            memory = mmap.mmap(descriptors[0], 0, access=mmap.ACCESS_COPY)
        finally:
            os.close(descriptors[0])
        return np.ndarray(shape, np.uint8, memory), {"dpi": float(answer["dpi"]), "ms": float(answer["ms"])}

    def _ask(self, ask: dict[str, Any], descriptors: list[int] | None = None) -> tuple[dict[str, Any], list[int]]:
        self.requests += 1
        self.usable = False
        try:
            socket.send_fds(self._peer, [json.dumps(ask).encode()], descriptors or [])
        except OSError as error:
            raise self._lost("SCAN_DECODER_DIED") from error
        answer, received = self._reply(self.limits.wall_seconds)
        self.usable = True
        if "refused" in answer:
            raise refused(answer["refused"])
        return answer, received

    def _reply(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        self._peer.settimeout(seconds)
        try:
            packet, received, _, _ = socket.recv_fds(self._peer, PACKET, 1)
        except TimeoutError as error:
            raise self._lost("SCAN_DECODER_TIMEOUT") from error
        except OSError as error:
            raise self._lost("SCAN_DECODER_DIED") from error
        if not packet:
            raise self._lost("SCAN_DECODER_DIED")
        return json.loads(packet), received

    def _lost(self, code: str) -> _Died:
        """End the process. One that used up its CPU seconds ran out of time; any other death is a death."""
        self.usable = False
        return _Died("SCAN_DECODER_TIMEOUT" if self.close() == -signal.SIGXCPU else code)

    def let_go(self) -> bool:
        """Have the process forget the file it has open; False when it is gone."""
        try:
            self._peer.send(json.dumps({"close": True}).encode())
        except OSError:
            return False
        return True

    def close(self) -> int:
        """Hang up, end the process and reap it; its exit status."""
        self._peer.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)
        self._process.kill()
        return self._process.wait()


def _environment() -> dict[str, str]:
    """Of the parent's only how to run: its variables hold addresses and keys a decoder has no use for."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}


_idle: list[_Decoder] = []
os.register_at_fork(after_in_child=_idle.clear)


def decode(
    untrusted: bytes | Path, *, wanted: Callable[[int], bool] | None = None, limits: Limits | None = None
) -> Generator[Page, None, None]:
    """The pages of one file, in order, one in memory at a time: JPEG, PNG, TIFF, BMP, WebP or PDF, told by content.

    Pixels are as a viewer shows them: EXIF turn applied, alpha on white, CMYK, 16-bit and palettes as 8-bit BGR.
    Only pages whose number is `wanted` are decoded (all, if not given). Raises Refused, its code from `REFUSALS`.
    """
    limits = limits or Limits()
    with contextlib.ExitStack() as stack:
        descriptor = _descriptor(untrusted, limits)
        stack.callback(os.close, descriptor)
        decoder, pages = _opened(descriptor, limits)
        stack.callback(lambda: _give_back(decoder))
        for number in range(1, pages + 1):
            if wanted and not wanted(number):
                continue
            try:
                pixels, about = decoder.page(number)
            except _Died as death:
                if decoder.files == 1 or death.code != "SCAN_DECODER_DIED":
                    raise refused(death.code) from None
                # It may have died of an earlier file: a fresh one decides.
                decoder = _Decoder(limits)
                pixels, about = _retried(decoder, descriptor, number)
            yield Page(pixels, number=number, dpi=about["dpi"], of=pages, ms={"decode": about["ms"]})


def _descriptor(untrusted: bytes | Path, limits: Limits) -> int:
    """A read-only descriptor of the file, or of memory that holds the bytes. Raises Refused."""
    if isinstance(untrusted, Path):
        try:
            descriptor = os.open(untrusted, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise refused("SOURCE_UNREADABLE") from error
        about = os.fstat(descriptor)
        code = "SOURCE_NOT_A_FILE" if not stat.S_ISREG(about.st_mode) else _size_code(about.st_size, limits)
        if code:
            os.close(descriptor)
            raise refused(code)
        return descriptor
    if code := _size_code(len(untrusted), limits):
        raise refused(code)
    descriptor = os.memfd_create("scan", os.MFD_CLOEXEC)
    rest = memoryview(untrusted)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return descriptor


def _size_code(size: int, limits: Limits) -> str | None:
    return "SCAN_EMPTY" if size == 0 else "SCAN_TOO_LARGE" if size > limits.file_bytes else None


def _opened(descriptor: int, limits: Limits) -> tuple[_Decoder, int]:
    """A decoder that has the file open, and its number of pages. Raises Refused."""
    fits = next((index for index, idle in enumerate(_idle) if idle.limits == limits), None)
    decoder = _Decoder(limits) if fits is None else _idle.pop(fits)
    try:
        return decoder, decoder.open(descriptor)
    except _Died as death:
        if decoder.files == 1:
            raise refused(death.code) from None
    except BaseException:
        _give_back(decoder)
        raise
    return _opened(descriptor, limits)


def _retried(decoder: _Decoder, descriptor: int, number: int) -> tuple[Pixels, dict[str, float]]:
    try:
        decoder.open(descriptor)
        return decoder.page(number)
    except _Died as death:
        raise refused(death.code) from None


def _give_back(decoder: _Decoder) -> None:
    """For the next file, and nothing of this one stays in it, however it ended."""
    if decoder.usable and decoder.requests < RETIRE_AFTER and len(_idle) < 2 and decoder.let_go():
        _idle.append(decoder)
    else:
        decoder.close()


def stop_decoders() -> None:
    """End the idle decoder processes (they also end by themselves with this process)."""
    while _idle:
        _idle.pop().close()
