"""Inbox, deliveries and webhooks

Revision: 0009, after 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
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
        schema="review",
    )
    op.create_index(
        "ix_webhook_endpoints_owner_newest",
        "webhook_endpoints",
        ["owner", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="review",
    )
    op.create_table(
        "webhook_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
        schema="review",
    )
    op.create_index(
        op.f("ix_webhook_messages_created_at"), "webhook_messages", ["created_at"], unique=False, schema="review"
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
            ["review.webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["review.webhook_messages.id"],
            name=op.f("fk_webhook_deliveries_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("message_id", "endpoint_id", name=op.f("uq_webhook_deliveries_message_id_endpoint_id")),
        schema="review",
    )
    op.create_index(
        "ix_webhook_deliveries_newest",
        "webhook_deliveries",
        ["endpoint_id", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="review",
    )
    op.create_index(
        "ix_webhook_deliveries_owed",
        "webhook_deliveries",
        ["endpoint_id", "next_at"],
        unique=False,
        schema="review",
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
            ["review.webhook_endpoints.id"],
            name=op.f("fk_webhook_secrets_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secrets")),
        schema="review",
    )
    op.create_index(
        "ix_webhook_secrets_newest",
        "webhook_secrets",
        ["endpoint_id", sa.literal_column("created_at desc")],
        unique=False,
        schema="review",
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
            ["review.webhook_deliveries.id"],
            name=op.f("fk_webhook_attempts_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_webhook_attempts")),
        schema="review",
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.Uuid(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handling", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "handling in ('phoned', 'in_person', 'by_unit', 'not_needed')", name=op.f("ck_notifications_handling")
        ),
        sa.CheckConstraint(
            "standing in ('owed', 'settled', 'undelivered', 'handled')", name=op.f("ck_notifications_standing")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_notifications_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["handled_by"], ["review.people.id"], name=op.f("fk_notifications_handled_by")),
        sa.ForeignKeyConstraint(["person"], ["review.people.id"], name=op.f("fk_notifications_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        schema="review",
    )
    op.create_index(
        op.f("ix_notifications_application_id"), "notifications", ["application_id"], unique=False, schema="review"
    )
    op.create_index(
        "ix_notifications_person_newest",
        "notifications",
        ["person", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="review",
    )
    op.create_index(
        "ix_notifications_undelivered",
        "notifications",
        ["created_at", "id"],
        unique=False,
        schema="review",
        postgresql_where=sa.text("standing = 'undelivered'"),
    )
    op.create_table(
        "reminders",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hours", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_reminders_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", "kind", "ends_at", "hours", name=op.f("pk_reminders")),
        schema="review",
    )
    op.create_table(
        "notification_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("way in ('sms', 'email')", name=op.f("ck_notification_deliveries_way")),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["review.notifications.id"],
            name=op.f("fk_notification_deliveries_notification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_deliveries")),
        schema="review",
    )
    op.create_index(
        op.f("ix_notification_deliveries_next_at"),
        "notification_deliveries",
        ["next_at"],
        unique=False,
        schema="review",
        postgresql_where=sa.text("next_at is not null"),
    )
    op.create_index(
        op.f("ix_notification_deliveries_notification_id"),
        "notification_deliveries",
        ["notification_id"],
        unique=False,
        schema="review",
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_notification_deliveries_notification_id"), table_name="notification_deliveries", schema="review"
    )
    op.drop_index(
        op.f("ix_notification_deliveries_next_at"),
        table_name="notification_deliveries",
        schema="review",
        postgresql_where=sa.text("next_at is not null"),
    )
    op.drop_table("notification_deliveries", schema="review")
    op.drop_table("reminders", schema="review")
    op.drop_index(
        "ix_notifications_undelivered",
        table_name="notifications",
        schema="review",
        postgresql_where=sa.text("standing = 'undelivered'"),
    )
    op.drop_index("ix_notifications_person_newest", table_name="notifications", schema="review")
    op.drop_index(op.f("ix_notifications_application_id"), table_name="notifications", schema="review")
    op.drop_table("notifications", schema="review")
    op.drop_table("webhook_attempts", schema="review")
    op.drop_index("ix_webhook_secrets_newest", table_name="webhook_secrets", schema="review")
    op.drop_table("webhook_secrets", schema="review")
    op.drop_index(
        "ix_webhook_deliveries_owed",
        table_name="webhook_deliveries",
        schema="review",
        postgresql_where=sa.text("state = 'owed'"),
    )
    op.drop_index("ix_webhook_deliveries_newest", table_name="webhook_deliveries", schema="review")
    op.drop_table("webhook_deliveries", schema="review")
    op.drop_index(op.f("ix_webhook_messages_created_at"), table_name="webhook_messages", schema="review")
    op.drop_table("webhook_messages", schema="review")
    op.drop_index("ix_webhook_endpoints_owner_newest", table_name="webhook_endpoints", schema="review")
    op.drop_table("webhook_endpoints", schema="review")
