"""The schema this code was written for, and refusing any other."""

from __future__ import annotations

from mangping.db import revision
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.tables import SCHEMA

REVISION = "0020"  # the head of our migrations; a test holds the two together


class StaleSchema(RuntimeError):
    """The database stands at another revision: run `python -m mangping_api.migrate`."""


async def check(db: AsyncEngine) -> None:
    """Raises StaleSchema."""
    if (found := await revision(db, SCHEMA)) != REVISION:
        raise StaleSchema(f"schema {SCHEMA} is at {found}, the code needs {REVISION}")
