"""The services as separate processes: started with exactly their own settings, watched, and ended in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

READY = "/readyz"
_ROOT = Path(__file__).resolve().parents[2]
# What each kind of process may know. The redaction worker holds no database credential and no issuer.
_QUEUE_AND_STORE = ("VALKEY_URL", "OBJECT_STORE_URL", "VAULT_KEYS")
_EVERYTHING = ("DATABASE_URL", *_QUEUE_AND_STORE, "OIDC_ISSUER", "OIDC_AUDIENCE", "MANGPING_BIND")
_FINANCE = (
    "MANGPING_FEES_GATEWAYS", "MANGPING_FEES_WEBHOOK_SECRETS", "MANGPING_FEES_COURIER_URL", "MANGPING_FEES_COURIER_TOKEN",
)  # fmt: skip
_FEES = ("DATABASE_URL", *_QUEUE_AND_STORE, "OIDC_ISSUER", "OIDC_AUDIENCE", "MANGPING_FEES_BIND", *_FINANCE)
_BANK = (
    "BANK_FOLDER", "BANK_SOCKET", "BANK_HTTP", "BANK_TOKEN", "BANK_CONTROL_KEY", "BANK_CONFIRM_TO", "BANK_WEBHOOK_URL",
    "BANK_WEBHOOK_SECRET",
)  # fmt: skip
_SMS, _MAIL = ("SMS_FOLDER", "SMS_HTTP", "SMS_SENDERS"), ("MAIL_FOLDER", "MAIL_HTTP", "MAIL_SMTP", "MAIL_TOKEN")
_TELLING = (
    "MANGPING_SMS_URL", "MANGPING_SMS_TOKEN", "MANGPING_SMTP_URL", "MANGPING_MAIL_FROM", "MANGPING_WEBHOOKS_LOCAL",
)  # fmt: skip
_FEES_TELLING = ("MANGPING_FEES_SMTP_URL", "MANGPING_FEES_MAIL_FROM", "MANGPING_FEES_WEBHOOKS_LOCAL")
_REHEARSAL = "MANGPING_REHEARSAL_CLOCK"  # the file by which a demonstration sets its services' clock
_FEES_REHEARSAL = "MANGPING_FEES_REHEARSAL_CLOCK"
_FEES_BACKOFF = "MANGPING_FEES_BACKOFF_SECONDS"  # nobody who watches waits for a step that is tried again in minutes
_OPTIONAL = {_REHEARSAL, _FEES_REHEARSAL, _FEES_BACKOFF, *_TELLING, *_FEES_TELLING}
MODULES: dict[str, tuple[str, tuple[str, ...]]] = {
    "migrate": ("mangping_api.migrate", ("DATABASE_URL",)),
    "api": ("mangping_api", (*_EVERYTHING, *_TELLING, _REHEARSAL)),
    "api-worker": ("mangping_api.worker", (*_EVERYTHING, *_TELLING, _REHEARSAL)),
    "redaction-worker": ("mangping_redaction.worker", _QUEUE_AND_STORE),
    "fees-migrate": ("mangping_fees.migrate", ("DATABASE_URL",)),
    "fees": ("mangping_fees", (*_FEES, *_FEES_TELLING, _FEES_REHEARSAL)),
    "fees-worker": ("mangping_fees.worker", (*_FEES, *_FEES_TELLING, _FEES_REHEARSAL, _FEES_BACKOFF)),
    "bank": ("deploy.simulators.bank", _BANK),
    "sms": ("deploy.simulators.sms", _SMS),
    "mail": ("deploy.simulators.mail", _MAIL),
}
_NAMES = {*_EVERYTHING, *_FEES, *_BANK, *_SMS, *_MAIL, *_OPTIONAL}
_ENDING_S = 15.0


class ServiceFailed(RuntimeError):
    """A service ended, or did not become ready in time; the message names it and shows the end of its log."""


@dataclass
class Services:
    """The processes of one stack. `logs` holds one file per process."""

    env: Mapping[str, str]
    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def migrate(self, kind: str = "migrate") -> None:
        """Bring the schema up to date and wait for it. ServiceFailed with the log when that fails."""
        if self._spawn(kind, kind).wait() != 0:
            raise ServiceFailed(self._failure(kind))
        del self.running[kind]

    def start(self, redaction_workers: int, *, within_s: float = 120.0) -> str:
        """Start api, its worker, the redaction workers and, where the settings tell of them, SMS and mail; wait until
        the api is ready. Returns the base URL."""
        for kind in (*(("sms", "mail") if "SMS_HTTP" in self.env else ()), "api", "api-worker"):
            self._spawn(kind, kind)
        for number in range(1, redaction_workers + 1):
            self._spawn(f"redaction-worker-{number}", "redaction-worker")
        return self._ready("api", f"http://{self.env['MANGPING_BIND']}", within_s)

    def start_fees(self, *, within_s: float = 60.0) -> str:
        """Migrate and start fees, its worker and, where the settings tell of one, the bank. Returns the base URL."""
        self.migrate("fees-migrate")
        for kind in ("bank", "fees", "fees-worker") if "BANK_HTTP" in self.env else ("fees", "fees-worker"):
            self._spawn(kind, kind)
        return self._ready("fees", f"http://{self.env['MANGPING_FEES_BIND']}", within_s)

    def _ready(self, name: str, url: str, within_s: float) -> str:
        deadline = time.monotonic() + within_s
        while not answers(url + READY):
            self.check()
            if time.monotonic() > deadline:
                raise ServiceFailed(f"{name} was not ready within {within_s:.0f} s\n{self._tail(name)}")
            time.sleep(0.2)
        return url

    def check(self) -> None:
        """ServiceFailed when any process has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise ServiceFailed(self._failure(name))

    def stop(self) -> None:
        """SIGTERM to all (they finish the step they are in), SIGKILL to what is left after 15 s."""
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + _ENDING_S
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _spawn(self, name: str, kind: str) -> subprocess.Popen[bytes]:
        module, settings = MODULES[kind]
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", module], cwd=_ROOT, env=self._told(module) | only(settings, self.env),
                stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_end_with_parent,
            )  # fmt: skip
        return self.running[name]

    def _told(self, module: str) -> dict[str, str]:
        """Where people reach the doors, for papers and links; the machine's environment may say otherwise."""
        if module == "mangping_redaction.worker":
            return {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # memory in large pages, as in its image
        doors = {"MANGPING_PUBLIC_URL": "MANGPING_BIND", "MANGPING_FEES_URL": "MANGPING_FEES_BIND"}
        of_api = module.startswith("mangping_api")
        return {name: f"http://{self.env[bind]}" for name, bind in doors.items() if of_api and bind in self.env}

    def _failure(self, name: str) -> str:
        return f"{name} ended with status {self.running[name].returncode}\n{self._tail(name)}"

    def _tail(self, name: str) -> str:
        file = self.logs / f"{name}.log"
        lines = file.read_text(errors="replace").splitlines()[-20:]
        return "\n".join([f"end of {file}:", *lines])


def only(settings: Sequence[str], env: Mapping[str, str]) -> dict[str, str]:
    """The machine's environment, with none of the services' settings but the named ones."""
    outside = {name: value for name, value in os.environ.items() if name not in _NAMES}
    return {**outside, **{name: env[name] for name in settings if name in env or name not in _OPTIONAL}}


def answers(url: str) -> bool:
    """Whether a GET gives 200 within two seconds. Never through a proxy of the machine: it is on loopback."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end_with_parent() -> None:
    """On Linux a child is told when its starter dies, however it dies (PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
