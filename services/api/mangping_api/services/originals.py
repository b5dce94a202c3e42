"""The document as it was uploaded, to draw boxes on and to check against, and the boxes themselves. Who looks at another's
original leaves a trace in the audit chain of the application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.db import Tx
from mangping.errors import Refused
from mangping.vault import Vault

from mangping_api.domain import overlay
from mangping_api.domain.access import Viewer
from mangping_api.domain.attachment import Attachment, Format
from mangping_api.services.applications import admitted
from mangping_api.services.attachments import Attachments
from mangping_api.services.bringing import known
from mangping_api.storage import applications as rooms
from mangping_api.tables import ledger

SEEN = "attachment.original_seen"
Original = tuple[Format, int, AsyncIterator[bytes]]  # format, bytes, the content as a stream


@dataclass(frozen=True, slots=True)
class Originals:
    vault: Vault
    attachments: Attachments

    async def open(self, viewer: Viewer, id: UUID, attachment: UUID) -> Original:
        """It names the person: it is for them and for the officers who check it, never for an expert (RULES A.3)."""
        async with self.attachments.db.begin() as tx:
            application, looked = await admitted(tx, viewer, id), await known(tx, id, attachment)
            if viewer.person != application.person:
                await seen(tx, viewer, looked.attachment, self.attachments.once.now(), {"as": "officer"})
        return looked.attachment.format, looked.attachment.size, self.vault.stream(looked.job.source)

    async def boxes(self, viewer: Viewer, id: UUID, attachment: UUID, page: int) -> str:
        """The boxes of one page (from 1) as SVG. Refused (404) when the page is not there (yet)."""
        looked = await self.attachments.find(viewer, id, attachment)
        found = next((one for one in looked.pages if one.page == page), None)
        if found is None:
            raise Refused("rendition.unknown", "该页没有遮盖件。", "请先查询附件的处理情况。", status=404)
        return overlay.drawing(found, looked.attachment.masks)


async def seen(tx: Tx, viewer: Viewer, attachment: Attachment, at: datetime, facts: Mapping[str, Any]) -> None:
    told = {"attachment": str(attachment.id), **facts}
    await ledger.record(tx, rooms.stream(attachment.application), SEEN, actor=viewer.actor, at=at, facts=told)
