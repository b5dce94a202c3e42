"""The mail server as its starter sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from deploy.local.servers import free_port
from deploy.simulators.process import Simulator


@dataclass
class Mail(Simulator):
    """`Mail.start(folder)`; mail is taken at `smtp`."""

    @classmethod
    def start(cls, folder: Path, *, token: str = "local-mail-token") -> Self:
        """Starts and waits until it is ready."""
        http = f"127.0.0.1:{free_port()}"
        env = {
            "MAIL_FOLDER": str(folder), "MAIL_HTTP": http, "MAIL_SMTP": f"127.0.0.1:{free_port()}", "MAIL_TOKEN": token,
        }  # fmt: skip
        server = cls("deploy.simulators.mail", env, f"http://{http}", token)
        server.restart()
        return server

    @property
    def smtp(self) -> str:
        """As the services are told."""
        return f"smtp+plain://{self.env['MAIL_SMTP']}"

    def messages(self) -> list[dict[str, Any]]:
        """Newest first: message_id, sender, address, title, text, accepted_at, times."""
        return list(self.ask("GET", "messages"))
