"""What people are told, how it went, and webhooks to integrators. Addresses are not here: they are read when sending."""

from __future__ import annotations

from mangping.couriers.base import Way
from mangping.webhooks.store import Store
from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from mangping_api.domain.notification import Handling, Standing
from mangping_api.tables.applications import applications
from mangping_api.tables.base import metadata
from mangping_api.tables.register import people

hooks = Store(metadata)

_STANDINGS, _WAYS, _HANDLINGS = (", ".join(f"'{one}'" for one in kind) for kind in (Standing, Way, Handling))

# The inbox. `facts` are titles and times, never an identity; the words are made when they are shown or sent.
notifications = Table(
    "notifications", metadata,
    Column("id", Uuid, primary_key=True),
    Column("person", Uuid, ForeignKey(people.c.id), nullable=False),
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), nullable=False),
    Column("event", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("standing", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Column("handled_by", Uuid, ForeignKey(people.c.id)),
    Column("handled_at", DateTime(timezone=True)),
    Column("handling", Text),
    CheckConstraint(f"standing in ({_STANDINGS})", name="standing"),
    CheckConstraint(f"handling in ({_HANDLINGS})", name="handling"),
    Index("ix_notifications_person_newest", "person", text("created_at desc"), text("id desc")),
    Index(None, "application_id"),
    Index("ix_notifications_undelivered", "created_at", "id", postgresql_where=text("standing = 'undelivered'")),
)  # fmt: skip

# One message by one way. `next_at`: when it is (tried again to be) sent or, once sent, no longer waited for.
notification_deliveries = Table(
    "notification_deliveries", metadata,
    Column("id", Uuid, primary_key=True),  # also the key under which the courier knows it
    Column("notification_id", Uuid, ForeignKey(notifications.c.id, ondelete="CASCADE"), nullable=False),
    Column("way", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("next_at", DateTime(timezone=True)),
    Column("tries", SmallInteger, nullable=False),
    Column("provider_id", Text),
    Column("sent_at", DateTime(timezone=True)),
    Column("delivered_at", DateTime(timezone=True)),
    Column("error", Text),  # a stable code
    CheckConstraint(f"way in ({_WAYS})", name="way"),
    Index(None, "notification_id"),
    Index(None, "next_at", postgresql_where=text("next_at is not null")),
)  # fmt: skip

# Which deadlines people were reminded of, and how long before.
reminders = Table(
    "reminders", metadata,
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ends_at", DateTime(timezone=True), primary_key=True),
    Column("hours", SmallInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
)  # fmt: skip
