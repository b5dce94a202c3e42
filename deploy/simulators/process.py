"""A simulator as its starter sees it: a process that can be killed and started again, and its control interface."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from deploy.local.processes import _end_with_parent

_ROOT = Path(__file__).resolve().parents[2]


class SaidNo(Exception):
    """The control interface refused; `code` is stable."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


@dataclass
class Simulator:
    """`python -m {module}` with this environment; the same ports and memory after `restart()`."""

    module: str
    env: Mapping[str, str] = field(repr=False)
    url: str
    key: str = field(repr=False)
    process: subprocess.Popen[str] | None = field(default=None, repr=False)
    _http: httpx.Client | None = field(default=None, repr=False)

    def restart(self) -> None:
        """Start and wait until it is ready. RuntimeError when it ends before."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.module], cwd=_ROOT, env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=_end_with_parent,
        )  # fmt: skip
        assert self.process.stdout is not None
        if not self.process.stdout.readline().startswith("ready "):
            raise RuntimeError(f"{self.module} ended with status {self.process.wait()} before it was ready")
        headers = {"Authorization": f"Bearer {self.key}"}
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def kill(self) -> None:
        """kill -9."""
        self._end(subprocess.Popen.kill)

    def stop(self) -> None:
        self._end(subprocess.Popen.terminate)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def switch(self, **switches: Any) -> None:
        """Set these switches; every other one goes back to its rest."""
        self.ask("PUT", "switches", switches)

    def ask(self, method: str, path: str, told: object = None) -> Any:
        """One call of the control interface, as JSON. SaidNo when it refuses."""
        answer = self.raw(method, path, told)
        if answer.is_error:
            raise SaidNo(answer.status_code, str(answer.json().get("code")))
        return answer.json()

    def raw(self, method: str, path: str, told: object = None, **params: str) -> httpx.Response:
        assert self._http is not None, "it does not run"
        return self._http.request(method, f"/control/{path}", json=told, params=params)

    def _end(self, how: Callable[[subprocess.Popen[str]], None]) -> None:
        if self.process is None:
            return
        if self._http is not None:
            self._http.close()
        how(self.process)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process, self._http = None, None
