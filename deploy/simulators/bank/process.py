"""The bank as its starter sees it, with the levers of its control interface."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from deploy.local.servers import free_port
from deploy.simulators.process import SaidNo, Simulator
from deploy.simulators.serving import address

BankSaidNo = SaidNo


@dataclass
class Bank(Simulator):
    """`Bank.start(folder, confirm_to=…)`."""

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
        """Starts and waits until it is ready. `confirm_to` is host:port; `webhook_secret` whsec_…, newest first."""
        http = f"127.0.0.1:{free_port()}"
        env = {
            "BANK_FOLDER": str(folder), "BANK_SOCKET": f"127.0.0.1:{free_port()}", "BANK_HTTP": http,
            "BANK_TOKEN": token, "BANK_CONTROL_KEY": control_key, "BANK_CONFIRM_TO": confirm_to,
            "BANK_WEBHOOK_URL": webhook_url, "BANK_WEBHOOK_SECRET": webhook_secret,
        }  # fmt: skip
        bank = cls("deploy.simulators.bank", env, f"http://{http}", control_key)
        bank.restart()
        return bank

    @property
    def socket(self) -> tuple[str, int]:
        """Host and port of the finance system's socket."""
        return address(self.env["BANK_SOCKET"])

    def pay(self, pay_code: str, channel: str = "counter", **more: Any) -> dict[str, Any]:
        """`more`: amount_fen, paid_at (ISO 8601), bank_trans_no, region, race. BankSaidNo when the bill is not payable."""
        return dict(self.ask("POST", "pay", {"pay_code": pay_code, "channel": channel, **more}))

    def fail(self, pay_code: str) -> None:
        self.ask("POST", "fail", {"pay_code": pay_code})

    def reverse(self, bank_trans_no: str) -> None:
        self.ask("POST", "reverse", {"bank_trans_no": bank_trans_no})

    def release(self, order: str = "fifo", apart_ms: int = 50) -> int:
        """Let go of held words; how many there were."""
        return int(self.ask("POST", "release", {"order": order, "apart_ms": apart_ms})["released"])

    def set_now(self, now: datetime) -> None:
        self.ask("POST", "clock", {"now": now.isoformat()})

    def edit(self, bank_trans_no: str, source: str, **more: Any) -> None:
        """Spoil one line of a daily file: omit, amount_fen, status, day."""
        self.ask("POST", "edit", {"bank_trans_no": bank_trans_no, "source": source, **more})

    def bills(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "bills"))

    def payments(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "payments"))

    def receipts(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "receipts"))

    def words(self) -> dict[str, int]:
        """How many words of money are owed, held, lost and told."""
        return dict(self.ask("GET", "words"))

    def file(self, source: str, day: date, region: str = "450300") -> str:
        """A daily file; `source` is finance or agent."""
        return self.raw("GET", f"files/{source}/{day.isoformat()}", region=region).raise_for_status().text
