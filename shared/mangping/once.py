"""A request that is repeated with its Idempotency-Key gets its first answer again; with another body it is refused."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from mangping.clock import Now
from mangping.db import Tx
from mangping.errors import Refused
from mangping.faults import crash_at
from mangping.ledger import Ledger
from mangping.vault import Keys

Answer = tuple[int, dict[str, Any]]  # status and body; the body is kept, so it holds no identity and no secret
Act = Callable[[Tx, datetime], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Once:
    db: AsyncEngine
    keys: Keys
    now: Now
    ledger: Ledger

    async def run(self, actor: str, key: str | None, request: tuple[Any, ...], act: Act) -> Answer:
        """`act` in one transaction with its key. `request` is what makes the request the same: route, ids, body."""
        content = json.dumps(request, ensure_ascii=False, sort_keys=True, default=str).encode()
        async with self.db.begin() as tx:
            at = self.now()
            if key and (kept := await self.ledger.take_key(tx, actor, key, self.keys.digest(content), at=at)):
                if not self.keys.matches(kept.digest, content):
                    raise reused()
                return kept.status, kept.body
            status, body = await act(tx, at)
            if key:
                await self.ledger.keep(tx, actor, key, status=status, body=body)
            crash_at("once.acted")
        crash_at("once.committed")
        return status, body


def reused() -> Refused:
    message, remedy = "同一个 Idempotency-Key 已用于另一份请求。", "请为新的请求换一个新的 Idempotency-Key。"
    return Refused("idempotency_key.reused", message, remedy, status=409)
