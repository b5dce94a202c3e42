"""Organisations, people, roles and programmes. What names a person is sealed, column by column."""

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
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from mangping_api.domain.access import Role
from mangping_api.tables.base import metadata

_ROLES = ", ".join(f"'{role}'" for role in Role)

organisations = Table(
    "organisations", metadata,
    Column("id", Uuid, primary_key=True),
    Column("line", postgresql.ARRAY(Uuid), nullable=False),  # ids from the root down to this one
    Column("name", Text, nullable=False),
    Column("former_names", ARRAY(Text), nullable=False),
    Column("kind", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("facts", JSONB(none_as_null=True)),  # what packs ask of a unit: kind, sector, rural ...
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index(None, "line", postgresql_using="gin"),
    Index(None, "created_at", "id"),
    Index(None, "name"),
)  # fmt: skip

# What names a person is sealed; the digests find them again. An officer may stand here by account alone.
people = Table(
    "people", metadata,
    Column("id", Uuid, primary_key=True),
    Column("account", Text, nullable=False, unique=True),
    Column("unit", Uuid, ForeignKey(organisations.c.id), nullable=False),
    Column("name", LargeBinary),
    Column("former_names", LargeBinary),
    Column("id_number", LargeBinary),
    Column("phone", LargeBinary),
    Column("facts", LargeBinary),  # what packs ask of a person, as staff of the unit vouched for it
    Column("id_number_digest", Text, unique=True),
    Column("phone_digest", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index(None, "phone_digest"),
    Index(None, "unit"),
)  # fmt: skip

role_grants = Table(
    "role_grants", metadata,
    Column("person_id", Uuid, ForeignKey(people.c.id), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey(organisations.c.id), primary_key=True),
    Column("granted_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(f"role in ({_ROLES})", name="role"),
)  # fmt: skip

# A pack never changes: what is put right is a further version.
programmes = Table(
    "programmes", metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation", Uuid, ForeignKey(organisations.c.id), nullable=False),
    Column("pack", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("pack", "version"),
    Index(None, "created_at", "id"),
)  # fmt: skip
