"""What `make run` tells the services about telling people: a provider of SMS and a mail server, both simulated."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.servers import free_port, private_folder
from deploy.local.stack import Stack

_REPORTS_S = 30 * 86_400  # life of the tokens with which the provider reports


@dataclass(frozen=True, slots=True)
class _Teller:
    """A service that tells people: how its settings are called, and what lets a provider report back to it."""

    sms: str
    sms_token: str
    smtp: str
    mail_from: str
    webhooks_local: str
    scope: str

    @property
    def settings(self) -> tuple[str, ...]:
        return self.sms, self.sms_token, self.smtp, self.mail_from, self.webhooks_local


_API = _Teller(
    "MANGPING_SMS_URL", "MANGPING_SMS_TOKEN", "MANGPING_SMTP_URL", "MANGPING_MAIL_FROM", "MANGPING_WEBHOOKS_LOCAL",
    "deliveries:write",
)  # fmt: skip
_FEES = _Teller(
    "MANGPING_FEES_COURIER_URL", "MANGPING_FEES_COURIER_TOKEN", "MANGPING_FEES_SMTP_URL", "MANGPING_FEES_MAIL_FROM",
    "MANGPING_FEES_WEBHOOKS_LOCAL", "fees:deliver",
)  # fmt: skip


def settings(folder: Path, stack: Stack, fees_bind: str, outside: Mapping[str, str]) -> dict[str, str]:
    """Everything that processes.MODULES names for the two simulators, and what the services are told of them.

    What `outside` sets stays as it is. A service that has a provider or a mail server there uses nothing simulated;
    without an issuer of our own nobody could report, so then nothing is simulated at all. `fees_bind` is empty when
    there is no fees service.
    """
    given = {name: outside[name] for one in (_API, _FEES) for name in one.settings if outside.get(name)}
    doors = {_API: stack.env["MANGPING_BIND"], _FEES: fees_bind}
    ours = {one: door for one, door in doors.items() if door and one.sms not in given and one.smtp not in given}
    if stack.issuer is None or not ours:
        return given
    sms, smtp, mail = (f"127.0.0.1:{free_port()}" for _ in range(3))
    ends = int(time.time()) + _REPORTS_S
    senders = {
        one: {
            "token": secrets.token_urlsafe(24), "report_url": f"http://{door}/v1/delivery-reports",
            "report_token": stack.token("sms-provider", one.scope, exp=ends),
        }
        for one, door in ours.items()
    }  # fmt: skip
    told = {
        name: value
        for one, sender in senders.items()
        for name, value in (
            (one.sms, f"http://{sms}/"), (one.sms_token, sender["token"]), (one.smtp, f"smtp+plain://{smtp}"),
            (one.mail_from, "notice@mangping.example"), (one.webhooks_local, "true"),
        )
    }  # fmt: skip
    return {
        "SMS_FOLDER": private_folder(folder / "sms"), "SMS_HTTP": sms, "SMS_SENDERS": json.dumps([*senders.values()]),
        "MAIL_FOLDER": private_folder(folder / "mail"), "MAIL_HTTP": mail, "MAIL_SMTP": smtp,
        "MAIL_TOKEN": secrets.token_urlsafe(24), **told, **given,
    }  # fmt: skip
