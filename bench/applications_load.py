"""How many reads a second two processes of the api serve, beside two of a bare route, driven by the same bytes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from deploy.local.processes import answers
from deploy.local.servers import free_port

PROCESSES, CONNECTIONS, SECONDS = 2, 8, 10.0


def throughput(env: dict[str, str], token: str, application: str, seconds: float = SECONDS) -> dict[str, Any]:
    """Requests a second and CPU seconds a thousand requests; one after the other, twice, the better one counts."""
    path = f"/v1/applications/{application}"
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    bare = env["DATABASE_URL"].replace("postgresql+asyncpg", "postgresql")
    told: dict[str, Any] = {}
    commands: dict[str, Callable[[int], tuple[list[str], dict[str, str]]]] = {
        "api": lambda port: (["-m", "mangping_api"], {"MANGPING_BIND": f"127.0.0.1:{port}"}),
        "bare": lambda port: (["-m", "bench.bare_route", bare, str(port)], {}),
    }  # fmt: skip
    for name, command in [*commands.items()] * 2:
        with ExitStack() as running:
            ports = [free_port() for _ in range(PROCESSES)]
            processes = [running.enter_context(_process(*command(port), env)) for port in ports]
            for port in ports:
                while not answers(f"http://127.0.0.1:{port}/healthz"):
                    time.sleep(0.1)
            asyncio.run(_drive(ports, request, 1.0))
            cpu = sum(map(_cpu, processes))
            count = asyncio.run(_drive(ports, request, seconds))
            spent = sum(map(_cpu, processes)) - cpu
        if count / seconds > told.get(f"{name}_per_s", 0):
            told |= {f"{name}_per_s": round(count / seconds, 1), f"{name}_cpu_ms": round(1000 * spent / count, 3)}
    return told


@contextmanager
def _process(arguments: list[str], more: dict[str, str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(
        [sys.executable, *arguments], env={**os.environ, **env, **more}, stderr=subprocess.DEVNULL
    )  # fmt: skip
    try:
        yield started
    finally:
        started.terminate()
        started.wait()


def _cpu(process: subprocess.Popen[bytes]) -> float:
    """CPU seconds of a running process, user and system."""
    with open(f"/proc/{process.pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _drive(ports: list[int], request: bytes, seconds: float) -> int:
    end = time.monotonic() + seconds
    counts = await asyncio.gather(*(_ask(ports[n % len(ports)], request, end) for n in range(CONNECTIONS)))
    return sum(counts)


async def _ask(port: int, request: bytes, end: float) -> int:
    """One kept-alive connection, one request after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.monotonic() < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode("latin-1"))
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        count += 1
    writer.close()
    return count
