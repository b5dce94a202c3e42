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
    door = socket.create_server(address(http))
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


class _Server(uvicorn.Server):
    """Signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
