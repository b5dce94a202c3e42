"""The provider of SMS and e-mail as its starter sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from deploy.local.servers import free_port
from deploy.simulators.process import Simulator


@dataclass
class Sms(Simulator):
    """`Sms.start(folder, report_url=…)`; messages are handed over at `url`."""

    @classmethod
    def start(
        cls, folder: Path, *, token: str = "local-sms-token", report_url: str = "", report_token: str = ""
    ) -> Self:
        """Starts and waits until it is ready. `report_token` is a bearer token that the report route takes."""
        http = f"127.0.0.1:{free_port()}"
        env = {
            "SMS_FOLDER": str(folder), "SMS_HTTP": http,
            "SMS_SENDERS": json.dumps([{"token": token, "report_url": report_url, "report_token": report_token}]),
        }  # fmt: skip
        provider = cls("deploy.simulators.sms", env, f"http://{http}", token)
        provider.restart()
        return provider

    def messages(self) -> list[dict[str, Any]]:
        """Newest first: key, id, channel, address, text, status, reported."""
        return list(self.ask("GET", "messages"))
