"""What `make run` tells the services about telling people: a provider of SMS and a mail server, both simulated."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.local.servers import free_port
from deploy.local.stack import Stack

_OURS = ("MANGPING_SMS_URL", "MANGPING_SMS_TOKEN", "MANGPING_SMTP_URL", "MANGPING_MAIL_FROM")
_REPORTS_S = 30 * 86_400  # life of the tokens with which the provider reports


def settings(folder: Path, stack: Stack, fees_bind: str, outside: Mapping[str, str]) -> dict[str, str]:
    """Everything that processes.MODULES names for the two simulators, and what the services are told of them.

    With MANGPING_SMS_URL or MANGPING_SMTP_URL in `outside`, those are used and nothing is simulated; without an issuer
    of our own nobody could report, so nothing is simulated either.
    """
    if stack.issuer is None or any(outside.get(name) for name in ("MANGPING_SMS_URL", "MANGPING_SMTP_URL")):
        return {name: outside[name] for name in _OURS if outside.get(name)}
    sms, smtp, mail = (f"127.0.0.1:{free_port()}" for _ in range(3))
    ends = int(time.time()) + _REPORTS_S
    senders = [
        _sender(f"http://{bind}/v1/delivery-reports", stack.token("sms-provider", scope, exp=ends))
        for bind, scope in ((stack.env["MANGPING_BIND"], "deliveries:write"), (fees_bind, "fees:deliver"))
    ]
    url, sender = f"smtp+plain://{smtp}", "notice@mangping.example"
    return {
        "SMS_FOLDER": _made(folder / "sms"), "SMS_HTTP": sms, "SMS_SENDERS": json.dumps(senders),
        "MAIL_FOLDER": _made(folder / "mail"), "MAIL_HTTP": mail, "MAIL_SMTP": smtp,
        "MAIL_TOKEN": secrets.token_urlsafe(24),
        "MANGPING_SMS_URL": f"http://{sms}/", "MANGPING_SMS_TOKEN": senders[0]["token"],
        "MANGPING_SMTP_URL": url, "MANGPING_MAIL_FROM": sender, "MANGPING_WEBHOOKS_LOCAL": "true",
        "MANGPING_FEES_COURIER_URL": f"http://{sms}/", "MANGPING_FEES_COURIER_TOKEN": senders[1]["token"],
        "MANGPING_FEES_SMTP_URL": url, "MANGPING_FEES_MAIL_FROM": sender, "MANGPING_FEES_WEBHOOKS_LOCAL": "true",
    }  # fmt: skip


def _sender(report_url: str, report_token: str) -> dict[str, str]:
    return {"token": secrets.token_urlsafe(24), "report_url": report_url, "report_token": report_token}


def _made(folder: Path) -> str:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(folder)
