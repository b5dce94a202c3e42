"""What `make run` tells the fees service and the simulated bank behind it: one secret each way, all of it on loopback."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from mangping_fees.storage.tariffs import Tariffs

from deploy.local.servers import free_port, private_folder


def settings(folder: Path, outside: Mapping[str, str]) -> dict[str, str]:
    """Everything that processes.MODULES names for fees, its worker and the bank; ports and secrets are new each time.

    With MANGPING_FEES_GATEWAYS in `outside`, that finance system is used; then no bank is needed and none is told.
    """
    bind = outside.get("MANGPING_FEES_BIND") or f"127.0.0.1:{free_port()}"
    courier = {name: outside.get(name, "") for name in ("MANGPING_FEES_COURIER_URL", "MANGPING_FEES_COURIER_TOKEN")}
    if outside.get("MANGPING_FEES_GATEWAYS"):
        return courier | {
            "MANGPING_FEES_BIND": bind, "MANGPING_FEES_GATEWAYS": outside["MANGPING_FEES_GATEWAYS"],
            "MANGPING_FEES_WEBHOOK_SECRETS": outside.get("MANGPING_FEES_WEBHOOK_SECRETS") or "{}",
        }  # fmt: skip
    socket, listen, http = (f"127.0.0.1:{free_port()}" for _ in range(3))
    token, webhook = secrets.token_urlsafe(24), "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return courier | {
        "MANGPING_FEES_BIND": bind,
        "MANGPING_FEES_GATEWAYS": json.dumps(_lines(socket, listen, token)),
        "MANGPING_FEES_WEBHOOK_SECRETS": json.dumps({division: [webhook] for division in _divisions()}),
        "BANK_FOLDER": private_folder(folder / "bank"), "BANK_SOCKET": socket, "BANK_HTTP": http, "BANK_TOKEN": token,
        "BANK_CONTROL_KEY": secrets.token_urlsafe(24), "BANK_CONFIRM_TO": listen,
        "BANK_WEBHOOK_URL": f"http://{bind}/v1/gateway-events", "BANK_WEBHOOK_SECRET": webhook,
    }  # fmt: skip


def _lines(socket: str, listen: str, token: str) -> list[dict[str, object]]:
    """One line a division that a tariff names, all to the one bank; the first listens for the words of all of them."""
    host, _, port = socket.rpartition(":")
    return [
        {
            "region_code": division, "host": host, "port": int(port), "token": token,
            "source": "F450300", "target": "K450300", "listen": None if number else listen,
        }
        for number, division in enumerate(_divisions())
    ]  # fmt: skip


def _divisions() -> list[str]:
    return sorted({tariff.payee.division for tariff in Tariffs.shipped().by_programme.values()})
