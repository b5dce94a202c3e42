"""The schema this code was written for, and refusing any other."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from mangping.db import revision
from sqlalchemy.ext.asyncio import AsyncEngine

from mangping_api.tables import SCHEMA


class StaleSchema(RuntimeError):
    """The database stands at another revision: run `python -m mangping_api.migrate`."""


def alembic_config() -> Config:
    """Migrations lie inside an installed wheel, or beside the package in the source tree."""
    here = Path(__file__).parent
    folder = next(place for place in (here / "migrations", here.parent / "migrations") if place.is_dir())
    config = Config()
    config.set_main_option("script_location", str(folder))
    return config


@cache
def head() -> str:
    """The one head of our migrations."""
    found = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert found is not None
    return found


async def check(db: AsyncEngine) -> None:
    """Raises StaleSchema."""
    if (found := await revision(db, SCHEMA)) != head():
        raise StaleSchema(f"schema {SCHEMA} is at {found}, the code needs {head()}")
