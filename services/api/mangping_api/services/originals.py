"""The document as it was uploaded, to draw boxes on and to check against, and the boxes themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from mangping.errors import Refused
from mangping.vault import Vault

from mangping_api.domain import overlay
from mangping_api.domain.access import Viewer
from mangping_api.domain.attachment import Format
from mangping_api.services.attachments import Attachments


@dataclass(frozen=True, slots=True)
class Originals:
    vault: Vault
    attachments: Attachments

    async def open(self, viewer: Viewer, id: UUID, attachment: UUID) -> tuple[Format, int, AsyncIterator[bytes]]:
        """(format, bytes, the content as a stream). It names the person: it is for
        them and for the officers who check it, never for an expert (RULES A.3)."""
        looked = await self.attachments.find(viewer, id, attachment)
        return looked.attachment.format, looked.attachment.size, self.vault.stream(looked.job.source)

    async def boxes(self, viewer: Viewer, id: UUID, attachment: UUID, page: int) -> str:
        """The boxes of one page (from 1) as SVG. Refused (404) when the page is not there (yet)."""
        looked = await self.attachments.find(viewer, id, attachment)
        found = next((one for one in looked.pages if one.page == page), None)
        if found is None:
            raise Refused("rendition.unknown", "该页没有遮盖件。", "请先查询附件的处理情况。", status=404)
        return overlay.drawing(found, looked.attachment.masks)
