"""`python -m mangping_fees.migrate`: bring the schema `fees` to the head of its migrations."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from mangping import migrations


def config() -> Config:
    return migrations.config(Path(__file__).parent)


def main() -> None:
    migrations.to_head(config())


if __name__ == "__main__":
    main()
