"""`python -m mangping_api.migrate`: bring the schema `review` to the head of its migrations."""

from __future__ import annotations

from alembic import command
from mangping import logs

from mangping_api.schema import alembic_config


def main() -> None:
    logs.to_stderr()
    command.upgrade(alembic_config(), "head")


if __name__ == "__main__":
    main()
