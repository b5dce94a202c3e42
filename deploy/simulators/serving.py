"""What every simulator does: listen, say that it is ready, and end when asked."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Coroutine, Generator
from typing import Any

import uvicorn
from starlette.applications import Starlette


def address(text: str) -> tuple[str, int]:
    """ "127.0.0.1:8000" -> ("127.0.0.1", 8000). ValueError otherwise."""
    host, _, port = text.rpartition(":")
    return host, int(port)


async def until_ended(app: Starlette, http: str, url: str, beside: Coroutine[Any, Any, None]) -> None:
    """Serve `app` on `http` (host:port) with `beside` running, print "ready URL", and return after SIGTERM or SIGINT.

    Raises what `beside` raised when that ended first.
    """
    door = _listening(*address(http))
    server = _Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    serving, working = asyncio.create_task(server.serve(sockets=[door])), asyncio.create_task(beside)
    waiting = asyncio.create_task(ended.wait())
    print(f"ready {url}", flush=True)
    await asyncio.wait({serving, working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    for task in (working, waiting):
        task.cancel()
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await working
    finally:
        await serving


def _listening(host: str, port: int) -> socket.socket:
    """Bound before anything is said. The protocol is named because asyncio sends at once (TCP_NODELAY) only then."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind((host, port))
    door.listen(128)
    return door


class _Server(uvicorn.Server):
    """Signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
