"""How the documents of an application stand, told again whenever it changes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import Viewer
from mangping_api.services import applications
from mangping_api.storage import attachments as storage

_LOOK, _BEAT = 0.5, 15.0  # seconds: between looks, between signs of life


@dataclass(frozen=True, slots=True)
class Event:
    """A whole picture, so that one that was missed is no loss; `id` is the picture's hash. None: a sign of life."""

    id: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    db: AsyncEngine
    life: float  # seconds of one stream

    async def now(self, viewer: Viewer, id: UUID) -> Event:
        """How it stands. Refused (404) when the viewer may not know the application."""
        async with self.db.begin() as tx:
            application = await applications.admitted(tx, viewer, id)
            standing = await storage.standing(tx, id)
        body = {
            "state": application.state.value, "pending": sum(one["state"] == "queued" for one in standing),
            "attachments": standing,
        }  # fmt: skip
        return Event(hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16], body)

    async def watch(self, viewer: Viewer, id: UUID, first: Event, seen: str | None) -> AsyncIterator[Event | None]:
        """Each picture that is not the one seen last; ends with its life, the client then asks again from there."""
        clock = asyncio.get_running_loop().time
        end, told, present = clock() + self.life, clock(), first
        while clock() < end:
            if present.id != seen:
                yield present
                seen, told = present.id, clock()
            elif clock() - told >= _BEAT:
                yield None
                told = clock()
            await asyncio.sleep(_LOOK)
            present = await self.now(viewer, id)
