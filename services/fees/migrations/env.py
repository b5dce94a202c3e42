"""Alembic's door: the schema `fees`."""

from __future__ import annotations

from mangping import migrations
from mangping_fees.tables import metadata

migrations.run(metadata, lock="mangping-fees-migrations")
