"""What was sent back, with every defect, as the applicant and the officers read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mangping.policy import Policy
from mangping.vault import Keys
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.domain.access import Viewer
from mangping_api.domain.review import Returned
from mangping_api.services.gathering import opened
from mangping_api.services.once import Once
from mangping_api.storage import notifications


@dataclass(frozen=True, slots=True)
class Returns:
    db: AsyncEngine
    keys: Keys
    once: Once

    async def of(self, viewer: Viewer, id: UUID) -> tuple[tuple[tuple[Returned, datetime | None], ...], Policy]:
        """Oldest first, each with the moment at which its notice reached the applicant."""
        async with self.db.begin() as tx:
            file = await opened(tx, self.keys, viewer, id)
            reached = await notifications.reached(tx, id)
        return tuple((one, reached.get(one.signed.at)) for one in file.dossier.returns), file.policy
