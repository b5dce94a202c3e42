"""The services as real processes, for tests that talk to them or kill them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

API, API_WORKER = ("-m", "mangping_api"), ("-m", "mangping_api.worker")
PATIENCE = 40.0  # seconds; machines that run tests are busy


@contextlib.contextmanager
def running(command: tuple[str, ...], env: dict[str, str], **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process with this environment and MANGPING_… variables given as keywords; ended on the way out."""
    ours = {f"MANGPING_{name.upper()}": value for name, value in more.items()}
    process = subprocess.Popen([sys.executable, *command], env={**os.environ, **env, **ours}, cwd=_ROOT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def api(env: dict[str, str], **more: str) -> Iterator[str]:
    """The front door, answering; gives its base URL."""
    with running(API, env, **more) as process:
        base = f"http://{env['MANGPING_BIND']}"
        wait_for(lambda: _answers(base), "the api to answer", process)
        yield base


def wait_for(happened: Callable[[], object], what: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """AssertionError when it does not happen in PATIENCE seconds, or when `process` ends before."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"waited in vain for {what}"
        assert process is None or process.poll() is None, f"{what}: the process ended with {process.returncode}"
        time.sleep(0.05)


def _answers(base: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{base}/healthz", trust_env=False).status_code == 200
    return False


_ROOT = Path(__file__).resolve().parents[1]
