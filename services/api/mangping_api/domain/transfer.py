"""A document on its way in, piece by piece, known by its content: a broken connection costs one piece. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mangping_api.domain.attachment import Slot


@dataclass(frozen=True, slots=True)
class Transfer:
    """`digest` is a keyed hash of the promised SHA-256, `parts` are the sealed pieces in order; sizes are in bytes."""

    id: UUID
    application: UUID
    slot: Slot
    digest: str
    size: int
    received: int
    parts: tuple[UUID, ...]
    created_at: datetime

    @property
    def whole(self) -> bool:
        return self.received == self.size
