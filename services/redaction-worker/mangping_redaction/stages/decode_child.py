"""The decoder process: untrusted files in as descriptors, pixels out as sealed memory, until the parent hangs up.

Packets over the inherited socket, JSON, at most 4 KB: `{"open": true}` with the file's descriptor -> `{"pages": n}`;
`{"page": i}` -> `{"width", "height", "dpi", "ms"}` with a memfd of BGR bytes;
either may be answered `{"refused": code}`; `{"close": true}` lets go of the file, is not answered.
It imports no model and no project module beyond the decoding ones, so it is up in a quarter of a second.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import mmap
import os
import socket
import sys
import time
from typing import Any

from mangping.errors import Refused

from mangping_redaction.refusals import refused
from mangping_redaction.stages import decode_formats as formats
from mangping_redaction.stages.decode_jail import forbid_calls, limit_cpu, limit_resources
from mangping_redaction.stages.decode_limits import Limits

SEALS = 0x0001 | 0x0002 | 0x0004 | 0x0008  # no more sealing, shrinking, growing, writing
PACKET = 4096


def open_file(descriptor: int, limits: Limits) -> formats.Scan:
    """Raises Refused. The file is mapped privately: the original cannot be touched from here."""
    try:
        size = os.fstat(descriptor).st_size
        if size > limits.file_bytes:
            raise refused("SCAN_TOO_LARGE")
        data = mmap.mmap(descriptor, size, access=mmap.ACCESS_COPY) if size else b""
    finally:
        os.close(descriptor)
    return formats.open_scan(data, limits)


def seal(pixels: formats.Pixels) -> int:
    """A memfd that holds the pixels and that nobody, this process included, can change any more."""
    descriptor = os.memfd_create("page", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    rest = pixels.reshape(-1).data
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, SEALS)
    return descriptor


def give_back() -> None:
    """Hand a page's memory back to the system: this process waits for the next one far longer than it works."""
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def serve(peer: socket.socket, limits: Limits) -> None:
    scan: formats.Scan | None = None
    while True:
        packet, descriptors, _, _ = socket.recv_fds(peer, PACKET, 1)
        if not packet:
            return
        ask: dict[str, Any] = json.loads(packet)
        limit_cpu(limits.cpu_seconds)
        started = time.process_time()
        try:
            if "close" in ask:
                scan = None
                give_back()
                continue
            if descriptors:
                scan = None  # lets go of the last file before the next is opened
                scan = open_file(descriptors[0], limits)
                peer.send(json.dumps({"pages": scan.pages}).encode())
                continue
            assert scan is not None, "a page was asked for before a file was opened"
            pixels, dpi = formats.read_page(scan, ask["page"], limits)
        except Refused as refusal:
            peer.send(json.dumps({"refused": refusal.code}).encode())
            continue
        if ask["page"] == scan.pages:
            scan = None  # the last one: what a codec keeps for it is let go now, not when the next file comes
        height, width = pixels.shape[:2]
        descriptor = seal(pixels)
        del pixels
        give_back()
        about = {"width": width, "height": height, "dpi": dpi, "ms": (time.process_time() - started) * 1000}
        socket.send_fds(peer, [json.dumps(about).encode()], [descriptor])
        os.close(descriptor)


def main(arguments: list[str]) -> None:
    peer = socket.socket(fileno=int(arguments[0]))
    limits = Limits(**json.loads(arguments[1]))
    limit_resources(limits)
    peer.send(json.dumps({"jailed": forbid_calls()}).encode())
    serve(peer, limits)


if __name__ == "__main__":
    main(sys.argv[1:])
