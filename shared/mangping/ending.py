"""How a process that runs until it is told otherwise is told."""

from __future__ import annotations

import asyncio
import signal


def told_to_end() -> asyncio.Event:
    """Set by SIGINT or SIGTERM: whoever waits for it finishes what is in hand. Called inside the running loop."""
    told = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, told.set)
    return told
