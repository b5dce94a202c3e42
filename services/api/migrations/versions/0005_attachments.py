"""Attachments, and boxes drawn by hand

Revision: 0005, after 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("slot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("masks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision in ('undecided', 'yes', 'no')", name=op.f("ck_attachments_decision")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_attachments_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["review.redaction_jobs.id"], name=op.f("fk_attachments_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        schema="review",
    )
    op.create_index(
        op.f("ix_attachments_application_id_created_at"),
        "attachments",
        ["application_id", "created_at"],
        unique=False,
        schema="review",
    )
    op.create_index(op.f("ix_attachments_job_id"), "attachments", ["job_id"], unique=False, schema="review")
    op.add_column(
        "applications", sa.Column("masks_changed_at", sa.DateTime(timezone=True), nullable=True), schema="review"
    )
    op.add_column("applications", sa.Column("rechecked_at", sa.DateTime(timezone=True), nullable=True), schema="review")
    op.add_column(
        "redaction_jobs",
        sa.Column("masks", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        schema="review",
    )


def downgrade() -> None:
    op.drop_column("redaction_jobs", "masks", schema="review")
    op.drop_column("applications", "rechecked_at", schema="review")
    op.drop_column("applications", "masks_changed_at", schema="review")
    op.drop_index(op.f("ix_attachments_job_id"), table_name="attachments", schema="review")
    op.drop_index(op.f("ix_attachments_application_id_created_at"), table_name="attachments", schema="review")
    op.drop_table("attachments", schema="review")
