"""The bank as its starter sees it: a process that can be killed and started again, and the levers of its control."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

import httpx

from deploy.local.processes import _end_with_parent
from deploy.local.servers import free_port

_ROOT = Path(__file__).resolve().parents[3]


class BankSaidNo(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


@dataclass
class Bank:
    """`Bank.start(folder, confirm_to=…)`; the same ports and the same books after `restart()`."""

    env: Mapping[str, str]
    process: subprocess.Popen[str] | None = None
    _http: httpx.Client | None = field(default=None, repr=False)

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        token: str = "local-bank-token",
        control_key: str = "local-bank-control",
        confirm_to: str = "",
        webhook_url: str = "",
        webhook_secret: str = "",
    ) -> Self:
        """Starts and waits until it is ready. `confirm_to` is host:port."""
        env = {
            "BANK_FOLDER": str(folder), "BANK_SOCKET": f"127.0.0.1:{free_port()}",
            "BANK_HTTP": f"127.0.0.1:{free_port()}", "BANK_TOKEN": token, "BANK_CONTROL_KEY": control_key,
            "BANK_CONFIRM_TO": confirm_to, "BANK_WEBHOOK_URL": webhook_url, "BANK_WEBHOOK_SECRET": webhook_secret,
        }  # fmt: skip
        bank = cls(env)
        bank.restart()
        return bank

    @property
    def socket(self) -> tuple[str, int]:
        host, _, port = self.env["BANK_SOCKET"].rpartition(":")
        return host, int(port)

    @property
    def url(self) -> str:
        return f"http://{self.env['BANK_HTTP']}"

    def restart(self) -> None:
        """RuntimeError when it ends before it is ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.simulators.bank"], cwd=_ROOT, env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=_end_with_parent,
        )  # fmt: skip
        assert self.process.stdout is not None
        if not self.process.stdout.readline().startswith("ready "):
            raise RuntimeError(f"the bank ended with status {self.process.wait()} before it was ready")
        headers = {"Authorization": f"Bearer {self.env['BANK_CONTROL_KEY']}"}
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def kill(self) -> None:
        """kill -9."""
        self._end(lambda process: process.kill())

    def stop(self) -> None:
        self._end(lambda process: process.terminate())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # The levers

    def switch(self, **switches: Any) -> None:
        """Set these switches; every other one goes back to its rest. See `switches.Switches`."""
        self._ask("PUT", "switches", switches)

    def pay(self, pay_code: str, channel: str = "counter", **more: Any) -> dict[str, Any]:
        """`more`: amount_fen, paid_at (ISO 8601), bank_trans_no, race. BankSaidNo when the bill is not payable."""
        return dict(self._ask("POST", "pay", {"pay_code": pay_code, "channel": channel, **more}))

    def fail(self, pay_code: str) -> None:
        self._ask("POST", "fail", {"pay_code": pay_code})

    def reverse(self, bank_trans_no: str) -> None:
        self._ask("POST", "reverse", {"bank_trans_no": bank_trans_no})

    def release(self, order: str = "fifo", apart_ms: int = 50) -> int:
        return int(self._ask("POST", "release", {"order": order, "apart_ms": apart_ms})["released"])

    def set_now(self, now: datetime) -> None:
        self._ask("POST", "clock", {"now": now.isoformat()})

    def edit(self, bank_trans_no: str, source: str, **more: Any) -> None:
        """Spoil one line of a daily file: omit, amount_fen, status, day."""
        self._ask("POST", "edit", {"bank_trans_no": bank_trans_no, "source": source, **more})

    def bills(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "bills"))

    def payments(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "payments"))

    def receipts(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "receipts"))

    def words(self) -> dict[str, int]:
        return dict(self._ask("GET", "words"))

    def file(self, source: str, day: date, region: str = "450300") -> str:
        assert self._http is not None
        answer = self._http.get(f"/control/files/{source}/{day.isoformat()}", params={"region": region})
        answer.raise_for_status()
        return answer.text

    def _ask(self, method: str, path: str, told: object = None) -> Any:
        assert self._http is not None, "the bank does not run"
        answer = self._http.request(method, f"/control/{path}", json=told)
        if answer.is_error:
            raise BankSaidNo(answer.status_code, str(answer.json().get("code")))
        return answer.json()

    def _end(self, how: Any) -> None:
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
