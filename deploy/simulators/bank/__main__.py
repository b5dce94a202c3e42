"""`python -m deploy.simulators.bank`: everything from the environment, ready when it says so on its first line.

BANK_FOLDER         where the books are kept
BANK_SOCKET         host:port of the finance system's socket
BANK_HTTP           host:port of the pay page and the control interface
BANK_PUBLIC_URL     what pay pages are reached under (default: http://BANK_HTTP)
BANK_TOKEN          shared with the fees service, for the trailers of frames
BANK_CONTROL_KEY    for the control interface
BANK_CONFIRM_TO     host:port where 5996 goes (optional)
BANK_WEBHOOK_URL    where callbacks go (optional), with
BANK_WEBHOOK_SECRET whsec_…, several parted by spaces, newest first
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from mangping.webhooks.signature import Secret

from deploy.simulators.bank import courier, finance, web
from deploy.simulators.bank.books import Books
from deploy.simulators.serving import address, until_ended


async def run(env: Mapping[str, str]) -> None:
    """Until a signal asks to end."""
    books, token = Books(Path(env["BANK_FOLDER"])), env["BANK_TOKEN"].encode()
    public = env.get("BANK_PUBLIC_URL") or f"http://{env['BANK_HTTP']}"
    targets = courier.Targets(
        address(env["BANK_CONFIRM_TO"]) if env.get("BANK_CONFIRM_TO") else None, env.get("BANK_WEBHOOK_URL") or None,
        token, tuple(Secret.read(one) for one in env.get("BANK_WEBHOOK_SECRET", "").split()),
    )  # fmt: skip
    door = await finance.serve(finance.Desk(books, token, f"{public}/pay/"), *address(env["BANK_SOCKET"]))
    app = web.build(books, env["BANK_CONTROL_KEY"])
    await until_ended(app, env["BANK_HTTP"], public, courier.run(books, targets))
    door.close()
    books.close()


if __name__ == "__main__":
    asyncio.run(run(os.environ))
