"""What a page says of its column, and fields that name their writer

Revision: 0007, after 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    stated = sa.Column(
        "stated", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
    )  # fmt: skip
    op.add_column("attachments", stated, schema="review")
    upright = sa.Column("upright", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("attachments", upright, schema="review")
    op.create_table(
        "transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("slot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("parts", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_transfers_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        schema="review",
    )
    for column in ("application_id", "created_at"):
        op.create_index(op.f(f"ix_transfers_{column}"), "transfers", [column], unique=False, schema="review")


def downgrade() -> None:
    op.drop_table("transfers", schema="review")
    op.drop_column("attachments", "upright", schema="review")
    op.drop_column("attachments", "stated", schema="review")
