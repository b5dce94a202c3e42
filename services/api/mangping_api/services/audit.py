"""Whether the audit chains are whole."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.tables import ledger


@dataclass(frozen=True, slots=True)
class Audit:
    db: AsyncEngine

    async def broken(self) -> dict[str, int]:
        """{stream: number of its first bad entry}; empty when every chain is whole."""
        async with self.db.begin() as tx:
            found = {stream: await ledger.verify(tx, stream) for stream in await ledger.streams(tx)}
        return {stream: seq for stream, seq in found.items() if seq is not None}
