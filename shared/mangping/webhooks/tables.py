"""Five tables that a service with webhooks keeps in its own schema."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)


def endpoints(metadata: MetaData) -> Table:
    return Table(
        "webhook_endpoints", metadata,
        Column("id", Uuid, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("url", Text, nullable=False),
        Column("events", ARRAY(Text), nullable=False),
        Column("state", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        CheckConstraint("state in ('active', 'paused', 'gone')", name="state"),
        Index("ix_webhook_endpoints_owner_newest", "owner", text("created_at desc"), text("id desc")),
    )  # fmt: skip


def secrets(metadata: MetaData, endpoints: Table) -> Table:
    """Sealed; the newest signs for good, an older one beside it until it ends."""
    return Table(
        "webhook_secrets", metadata,
        Column("id", Uuid, primary_key=True),
        Column("endpoint_id", Uuid, ForeignKey(endpoints.c.id, ondelete="CASCADE"), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True)),
        Index("ix_webhook_secrets_newest", "endpoint_id", text("created_at desc")),
    )  # fmt: skip


def messages(metadata: MetaData) -> Table:
    """What is said, byte for byte: every attempt signs and sends the same body."""
    return Table(
        "webhook_messages", metadata,
        Column("id", Uuid, primary_key=True),
        Column("type", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Index(None, "created_at"),
    )  # fmt: skip


def deliveries(metadata: MetaData, endpoints: Table, messages: Table) -> Table:
    """One message to one endpoint. `next_at` while it is owed; `tries` counts from the last (re)start."""
    return Table(
        "webhook_deliveries", metadata,
        Column("id", Uuid, primary_key=True),
        Column("endpoint_id", Uuid, ForeignKey(endpoints.c.id, ondelete="CASCADE"), nullable=False),
        Column("message_id", Uuid, ForeignKey(messages.c.id, ondelete="CASCADE"), nullable=False),
        Column("state", Text, nullable=False),
        Column("tries", SmallInteger, nullable=False),
        Column("next_at", DateTime(timezone=True)),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("finished_at", DateTime(timezone=True)),
        CheckConstraint("state in ('owed', 'delivered', 'dead')", name="state"),
        CheckConstraint("(state = 'owed') = (next_at is not null)", name="owed"),
        UniqueConstraint("message_id", "endpoint_id"),
        Index("ix_webhook_deliveries_owed", "endpoint_id", "next_at", postgresql_where=text("state = 'owed'")),
        Index("ix_webhook_deliveries_newest", "endpoint_id", text("created_at desc"), text("id desc")),
    )  # fmt: skip


def attempts(metadata: MetaData, deliveries: Table) -> Table:
    return Table(
        "webhook_attempts", metadata,
        Column("delivery_id", Uuid, ForeignKey(deliveries.c.id, ondelete="CASCADE"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("status", SmallInteger),  # what the receiver answered, if it did
        Column("error", Text),  # a stable code, if it did not
        Column("ms", Integer, nullable=False),
    )  # fmt: skip
