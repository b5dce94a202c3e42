"""`python -m deploy.simulators.bank`: everything from the environment, ready when it says so on its first line.

BANK_FOLDER         where the books are kept
BANK_SOCKET         host:port of the finance system's socket
BANK_HTTP           host:port of the pay page and the control interface
BANK_PUBLIC_URL     what pay pages are reached under (default: http://BANK_HTTP)
BANK_TOKEN          shared with the fees service, for the trailers of frames
BANK_CONTROL_KEY    for the control interface
BANK_CONFIRM_TO     host:port where 5996 goes (optional)
BANK_WEBHOOK_URL    where callbacks go (optional), with
BANK_WEBHOOK_SECRET whsec_…, several parted by spaces, newest first
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Generator, Mapping
from pathlib import Path

import uvicorn
from mangping_fees.gateways.webhook import Secret

from deploy.simulators.bank import courier, finance, web
from deploy.simulators.bank.books import Books


def address(text: str) -> tuple[str, int]:
    """ "127.0.0.1:8000" -> ("127.0.0.1", 8000). ValueError otherwise."""
    host, _, port = text.rpartition(":")
    return host, int(port)


async def run(env: Mapping[str, str]) -> None:
    """Until a signal asks to end."""
    books = Books(Path(env["BANK_FOLDER"]))
    token, http = env["BANK_TOKEN"].encode(), address(env["BANK_HTTP"])
    public = env.get("BANK_PUBLIC_URL") or f"http://{http[0]}:{http[1]}"
    targets = courier.Targets(
        address(env["BANK_CONFIRM_TO"]) if env.get("BANK_CONFIRM_TO") else None, env.get("BANK_WEBHOOK_URL") or None,
        token, tuple(Secret.read(one) for one in env.get("BANK_WEBHOOK_SECRET", "").split()),
    )  # fmt: skip
    desk = finance.Desk(books, token, f"{public}/pay/")
    config = uvicorn.Config(
        web.build(books, env["BANK_CONTROL_KEY"]), host=http[0], port=http[1], log_level="warning", access_log=False,
        lifespan="off",
    )  # fmt: skip
    server = _Server(config)
    door = socket.create_server(http, reuse_port=False)
    finance_door = await finance.serve(desk, *address(env["BANK_SOCKET"]))
    carrying = asyncio.create_task(courier.run(books, targets))
    serving = asyncio.create_task(server.serve(sockets=[door]))
    print(f"ready {public}", flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await asyncio.wait({carrying, serving, asyncio.create_task(ended.wait())}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    finance_door.close()
    if not carrying.done():
        carrying.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await carrying
    await serving
    books.close()


class _Server(uvicorn.Server):
    """Signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


if __name__ == "__main__":
    asyncio.run(run(os.environ))
