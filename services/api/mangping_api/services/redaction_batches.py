"""How far a batch has come."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mangping.errors import Refused
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.storage import redaction_batches as storage
from mangping_api.storage.redaction_batches import Progress


@dataclass(frozen=True, slots=True)
class RedactionBatches:
    db: AsyncEngine

    async def progress(self, owner: str, id: UUID) -> Progress:
        """Refused (404) when this owner has no such batch."""
        async with self.db.begin() as tx:
            found = await storage.progress(tx, owner, id)
        if found is None:
            raise Refused("redaction_batch.unknown", "没有这个批次。", "请检查批次编号。", status=404)
        return found
