"""Whose webhooks hear of what: an account hears of the applications of the organisations it was given to."""

from __future__ import annotations

from mangping.db import Tx
from mangping.errors import Refused

from mangping_api.storage import webhooks as storage


async def admit(tx: Tx, account: str) -> None:
    """Refused (403) while the account was given to no organisation: its endpoint would hear of nothing."""
    if not await storage.connected(tx, account):
        message, remedy = "该账号没有接入任何单位。", "请联系管理员或运维人员把该账号接入单位后再登记。"
        raise Refused("webhook.unconnected", message, remedy, status=403)
