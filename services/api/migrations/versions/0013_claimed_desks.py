"""Who holds which files of a queue

Revision: 0013, after 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_desks_claimed", "desks", ["organisation_id", "claimed_by"], schema="review",
        postgresql_where=sa.text("closed_at is null and claimed_by is not null"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_desks_claimed", table_name="desks", schema="review")
