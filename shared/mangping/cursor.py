"""Where a keyset page ends, as text the caller hands back unread."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from mangping.errors import Refused

Place = tuple[datetime, UUID]


def write(place: Place) -> str:
    return urlsafe_b64encode(f"{place[0].isoformat()}|{place[1]}".encode()).decode().rstrip("=")


def read(cursor: str) -> Place:
    """Raises Refused for anything that `write` did not make."""
    try:
        moment, _, id = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        place = datetime.fromisoformat(moment), UUID(id)
        if place[0].tzinfo is None or not 1 < place[0].year < 9999 or write(place) != cursor:
            raise ValueError
    except ValueError as error:
        raise Refused("cursor.invalid", "分页游标无效。", "请使用上一页返回的 next，或从第一页重新开始。") from error
    return place
