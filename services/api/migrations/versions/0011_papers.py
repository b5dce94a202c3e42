"""Printed forms and their watermarks

Revision: 0011, after 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = "'review_form', 'defect_notice', 'review_record', 'publicity', 'publicity_result'"


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"kind in ({KINDS})", name=op.f("ck_papers_kind")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_papers_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("code", name=op.f("uq_papers_code")),
        schema="review",
    )
    op.create_index(
        "ix_papers_application_newest", "papers", ["application_id", "kind", sa.text("issued_at desc")], schema="review"
    )


def downgrade() -> None:
    op.drop_table("papers", schema="review")
