"""Webhooks to integrators

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('active', 'paused', 'gone')", name=op.f("ck_webhook_endpoints_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
        schema="fees",
    )
    op.create_index(
        "ix_webhook_endpoints_owner_newest",
        "webhook_endpoints",
        ["owner", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="fees",
    )
    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
        schema="fees",
    )
    op.create_index(
        op.f("ix_webhook_messages_created_at"), "webhook_messages", ["created_at"], unique=False, schema="fees"
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'owed') = (next_at is not null)", name=op.f("ck_webhook_deliveries_owed")),
        sa.CheckConstraint("state in ('owed', 'delivered', 'dead')", name=op.f("ck_webhook_deliveries_state")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["fees.webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["fees.webhook_messages.id"],
            name=op.f("fk_webhook_deliveries_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("message_id", "endpoint_id", name=op.f("uq_webhook_deliveries_message_id_endpoint_id")),
        schema="fees",
    )
    op.create_index(
        "ix_webhook_deliveries_newest",
        "webhook_deliveries",
        ["endpoint_id", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="fees",
    )
    op.create_index(
        "ix_webhook_deliveries_owed",
        "webhook_deliveries",
        ["endpoint_id", "next_at"],
        unique=False,
        schema="fees",
        postgresql_where=sa.text("state = 'owed'"),
    )
    op.create_table(
        "webhook_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["fees.webhook_endpoints.id"],
            name=op.f("fk_webhook_secrets_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secrets")),
        schema="fees",
    )
    op.create_index(
        "ix_webhook_secrets_newest",
        "webhook_secrets",
        ["endpoint_id", sa.literal_column("created_at desc")],
        unique=False,
        schema="fees",
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["fees.webhook_deliveries.id"],
            name=op.f("fk_webhook_attempts_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_webhook_attempts")),
        schema="fees",
    )


def downgrade() -> None:
    op.drop_table("webhook_attempts", schema="fees")
    op.drop_index("ix_webhook_secrets_newest", table_name="webhook_secrets", schema="fees")
    op.drop_table("webhook_secrets", schema="fees")
    op.drop_index(
        "ix_webhook_deliveries_owed",
        table_name="webhook_deliveries",
        schema="fees",
        postgresql_where=sa.text("state = 'owed'"),
    )
    op.drop_index("ix_webhook_deliveries_newest", table_name="webhook_deliveries", schema="fees")
    op.drop_table("webhook_deliveries", schema="fees")
    op.drop_index(op.f("ix_webhook_messages_created_at"), table_name="webhook_messages", schema="fees")
    op.drop_table("webhook_messages", schema="fees")
    op.drop_index("ix_webhook_endpoints_owner_newest", table_name="webhook_endpoints", schema="fees")
    op.drop_table("webhook_endpoints", schema="fees")
