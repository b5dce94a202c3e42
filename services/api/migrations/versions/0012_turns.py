"""Whose scan is next, and who applied twice in a year

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
    op.create_index(
        "ix_applications_same_year", "applications", ["person", "year", "level"], schema="review",
        postgresql_where=sa.text("state in ('submitted', 'returned', 'accepted')"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_applications_same_year", table_name="applications", schema="review")
    op.drop_index("ix_redaction_jobs_lane", table_name="redaction_jobs", schema="review")
