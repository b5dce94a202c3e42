"""Nobody acts for their office on what concerns themselves, or on what they recused themselves from (KP-50)."""

from __future__ import annotations

from uuid import UUID

from mangping.db import Tx
from mangping.errors import Refused

from mangping_api.domain.access import Viewer
from mangping_api.storage import relations as storage


async def apart(tx: Tx, viewer: Viewer, *applications: UUID) -> None:
    """Refused (403) when the viewer is related to one of them."""
    if await storage.related_to(tx, viewer.person, applications):
        raise related()


def related() -> Refused:
    return Refused("review.related", "您与申报人有利害关系，不能办理。", "请由其他经办人办理。", status=403)
