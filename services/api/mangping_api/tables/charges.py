"""Charges: what was ordered of the fees service, and what it told. Payers are vault ids."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from mangping_api.domain.charge import State
from mangping_api.tables.applications import applications
from mangping_api.tables.base import metadata
from mangping_api.tables.register import organisations, programmes

_STATES = ", ".join(f"'{state}'" for state in State)

charges = Table(
    "charges", metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme", Uuid, ForeignKey(programmes.c.id), nullable=False),
    Column("unit", Uuid, ForeignKey(organisations.c.id)),
    Column("applicant", Text, nullable=False),
    Column("payer", Uuid, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ask_at", DateTime(timezone=True)),
    Column("asks", Integer, nullable=False),
    Column("notice_id", Uuid),
    Column("pay_url", Text),
    Column("received_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("due_rule", Text),
    Column("due_trace", ARRAY(Text), nullable=False),
    Column("paid_at", DateTime(timezone=True)),
    Column("channel", Text),
    Column("refusal", Text),
    CheckConstraint(f"state in ({_STATES})", name="state"),
    CheckConstraint("amount_fen > 0", name="amount"),
    Index(None, "ask_at", postgresql_where=text("ask_at is not null")),
    Index(None, "unit"),
)  # fmt: skip

charge_lines = Table(
    "charge_lines", metadata,
    Column("charge_id", Uuid, ForeignKey(charges.c.id), primary_key=True),
    Column("application_id", Uuid, ForeignKey(applications.c.id), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("fen", BigInteger, nullable=False),
    Column("lapsed_from", Text),
    UniqueConstraint("application_id"),
)  # fmt: skip
