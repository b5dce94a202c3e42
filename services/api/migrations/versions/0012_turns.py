"""Whose scan is next

Revision: 0012, after 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_redaction_jobs_lane", "redaction_jobs", ["owner", "batch_id", "created_at"], schema="review",
        postgresql_where=sa.text("state = 'queued'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_redaction_jobs_lane", table_name="redaction_jobs", schema="review")
