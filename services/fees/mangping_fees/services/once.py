"""What a caller asks for under an Idempotency-Key happens once; the same key again gets the same answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mangping.clock import Now
from mangping.db import Tx
from mangping.errors import Refused
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_fees.tables import ledger

_KEPT = timedelta(days=7)
Answer = tuple[int, dict[str, Any]]  # status and body


@dataclass(frozen=True, slots=True)
class Once:
    db: AsyncEngine
    keys: Keys
    now: Now

    async def do(self, actor: str, key: str | None, content: str, act: Callable[[Tx], Awaitable[Answer]]) -> Answer:
        """`content` says all that was asked for. Refused (409) when the key was used for anything else."""
        async with self.db.begin() as tx:
            if key is None:
                return await act(tx)
            told = content.encode()
            kept = await ledger.take_key(tx, actor, key, self.keys.digest(told), at=self.now())
            if kept is not None:
                if not self.keys.matches(kept.digest, told):
                    message, remedy = (
                        "同一个 Idempotency-Key 已用于另一份请求。",
                        "请为新的请求换一个新的 Idempotency-Key。",
                    )
                    raise Refused("idempotency_key.reused", message, remedy, status=409)
                return kept.status, kept.body
            status, body = await act(tx)
            await ledger.keep(tx, actor, key, status=status, body=body)
            return status, body

    async def forget(self) -> int:
        """Drop answers that nobody can still be waiting for."""
        async with self.db.begin() as tx:
            return await ledger.forget_keys(tx, before=self.now() - _KEPT)
