"""The health check of the workers' containers, against a real queue with and without a worker on it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from mangping.queue import serve

from deploy.local.stack import Stack

ALIVE = Path(__file__).resolve().parents[2] / "deploy/images/alive.py"


async def status(url: str) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ALIVE), env={**os.environ, "VALKEY_URL": url}, stderr=subprocess.PIPE
    )
    return await process.wait()


async def test_alive_while_a_worker_asks_for_work(own_stack: Stack) -> None:
    url, stop = own_stack.env["VALKEY_URL"], asyncio.Event()
    assert await status(url) == 1
    worker = asyncio.create_task(serve(url, "mangping:none", {"none": _nothing}, stop=stop))
    await asyncio.sleep(0.5)
    try:
        assert await status(url) == 0
    finally:
        stop.set()
        await worker


async def test_a_queue_that_is_down_does_not_condemn_the_worker() -> None:
    assert await status("redis://127.0.0.1:1/0") == 0


async def _nothing(body: object) -> None:
    """A consumer that is never given anything."""
