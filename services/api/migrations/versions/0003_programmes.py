"""Programmes: versions of policy packs

Revision: 0003, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "programmes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["review.organisations.id"], name=op.f("fk_programmes_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint("pack", "version", name=op.f("uq_programmes_pack_version")),
        schema="review",
    )
    op.create_index(
        op.f("ix_programmes_created_at_id"), "programmes", ["created_at", "id"], unique=False, schema="review"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_programmes_created_at_id"), table_name="programmes", schema="review")
    op.drop_table("programmes", schema="review")
