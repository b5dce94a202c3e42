"""Who brought a document: its applicant or their unit. When a return reached its applicant is told by its notification

Revision: 0018, after 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    by = sa.Column("by", sa.Text(), nullable=False, server_default="applicant")
    op.add_column("attachments", by, schema="review")
    op.create_check_constraint(op.f("ck_attachments_by"), "attachments", "by in ('applicant', 'unit')", schema="review")
    op.drop_column("applications", "received_at", schema="review")


def downgrade() -> None:
    received = sa.Column("received_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("applications", received, schema="review")
    op.drop_constraint(op.f("ck_attachments_by"), "attachments", schema="review", type_="check")
    op.drop_column("attachments", "by", schema="review")
