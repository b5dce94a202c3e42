"""Alembic's door: the schema `review`."""

from __future__ import annotations

from mangping import migrations
from mangping_api.tables import metadata

migrations.run(metadata, lock="mangping-api-migrations")
