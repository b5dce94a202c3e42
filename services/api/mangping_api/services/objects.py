"""Scans come in: sealed while they arrive, so that no clear byte touches a disk."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.clock import Now
from mangping.db import Tx
from mangping.errors import Refused
from mangping.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.services.once import Answer, Once
from mangping_api.storage import objects as storage


@dataclass(frozen=True, slots=True)
class Upload:
    id: UUID
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Objects:
    db: AsyncEngine
    vault: Vault
    now: Now

    async def receive(self, owner: str, chunks: AsyncIterable[bytes]) -> Upload:
        """Seal a stream under a fresh id. Refused when it is empty; one that breaks off leaves only a reservation."""
        id, seen, size = uuid4(), hashlib.sha256(), 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                seen.update(chunk)
                size += len(chunk)
                yield chunk
            if size == 0:
                raise Refused("object.empty", "上传的文件是空的。", "请重新选择文件上传。")

        async with self.db.begin() as tx:
            await storage.reserve(tx, [id], owner, "scan", self.now())
        await self.vault.put_stream(id, counted())
        async with self.db.begin() as tx:
            await storage.mark_stored(tx, id, size)
        return Upload(id, size, seen.hexdigest())

    async def named(
        self, once: Once, owner: str, key: str | None, stored: Upload, view: Callable[[Upload], dict[str, Any]]
    ) -> Answer:
        """The answer to an upload. Repeated with its key it names what came first; the second is swept out unused."""

        async def act(tx: Tx, at: datetime) -> Answer:
            return 201, view(stored)

        return await once.run(owner, key, ("upload_object", stored.sha256, stored.size), act)
