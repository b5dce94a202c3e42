"""`python -m mangping_fees.migrate`: bring the schema `fees` to the head of its migrations."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from mangping import logs


def config() -> Config:
    """Migrations lie inside an installed wheel, or beside the package in the source tree."""
    here = Path(__file__).parent
    folder = next(place for place in (here / "migrations", here.parent / "migrations") if place.is_dir())
    found = Config()
    found.set_main_option("script_location", str(folder))
    return found


def main() -> None:
    logs.to_stderr()
    command.upgrade(config(), "head")


if __name__ == "__main__":
    main()
