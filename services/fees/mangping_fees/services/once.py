"""The kernel's `Once` on this service's ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mangping import once
from mangping.ledger import Ledger
from mangping.once import Answer

from mangping_fees.tables import ledger as ours

__all__ = ["Answer", "Once"]
_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Once(once.Once):
    ledger: Ledger = ours

    async def forget(self) -> int:
        """Drop answers that nobody can still be waiting for."""
        async with self.db.begin() as tx:
            return await self.ledger.forget_keys(tx, before=self.now() - _KEPT)
