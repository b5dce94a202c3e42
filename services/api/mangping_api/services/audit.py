"""Whether the audit chains are whole, and where they end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mangping.ledger import Last
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Audit:
    db: AsyncEngine

    async def broken(self, known: Mapping[str, Last] | None = None) -> dict[str, int]:
        """{stream: number of its first bad entry}; empty when every chain is whole. What was `known` of their ends
        tells besides which last entries, or whole streams, are gone."""
        ends = known or {}
        async with self.db.begin() as tx:
            streams = sorted({*await ledger.streams(tx), *ends})
            found = {stream: await ledger.verify(tx, stream, ends.get(stream)) for stream in streams}
        return {stream: seq for stream, seq in found.items() if seq is not None}

    async def ends(self) -> dict[str, Last]:
        async with self.db.begin() as tx:
            return await ledger.ends(tx)
