"""Dying on purpose, so that tests can prove that nothing is lost. Idle unless MANGPING_CRASH_AT names the step."""

from __future__ import annotations

import os

VARIABLE = "MANGPING_CRASH_AT"


def crash_at(step: str) -> None:
    """End the process as `kill -9` would (status 137, nothing flushed) when it was told to die at this step."""
    if os.environ.get(VARIABLE) == step:
        os._exit(137)
