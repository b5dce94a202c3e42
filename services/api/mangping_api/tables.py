"""The schema `review`. Scans and identities are vault ids here; what names a person is sealed, column by column."""

from __future__ import annotations

from mangping.db import metadata as new_metadata
from mangping.ledger import Ledger
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
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
    text,
)  # fmt: skip
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from mangping_api.domain.access import Role
from mangping_api.domain.application import State as ApplicationState
from mangping_api.domain.redaction_job import State

SCHEMA = "review"
metadata = new_metadata(SCHEMA)
ledger = Ledger(metadata)
_STATES = ", ".join(f"'{state}'" for state in State)
_APPLICATION_STATES = ", ".join(f"'{state}'" for state in ApplicationState)
_ROLES = ", ".join(f"'{role}'" for role in Role)

objects = Table(
    "objects", metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind in ('scan', 'identity')", name="kind"),
    CheckConstraint("state in ('receiving', 'stored', 'used', 'closed')", name="state"),
    Index(None, "created_at", postgresql_where=text("state <> 'used'")),
)  # fmt: skip

redaction_batches = Table(
    "redaction_batches", metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)  # fmt: skip

redaction_jobs = Table(
    "redaction_jobs", metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("batch_id", Uuid, ForeignKey(redaction_batches.c.id)),
    Column("state", Text, nullable=False),
    Column("source", Uuid, nullable=False),
    Column("identity", Uuid),
    Column("renditions", Uuid, nullable=False),
    Column("classes", ARRAY(Text), nullable=False),
    Column("third_parties", Boolean, nullable=False),
    Column("image_format", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("attempt_id", Uuid, nullable=False, unique=True),
    Column("due_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("verified", Boolean, nullable=False),
    Column("needs_human", ARRAY(Text), nullable=False),
    Column("refusal", JSONB(none_as_null=True)),
    Column("masks", JSONB(none_as_null=True)),  # boxes drawn and taken away by hand
    CheckConstraint(f"state in ({_STATES})", name="state"),
    Index("ix_redaction_jobs_owner_newest", "owner", text("created_at desc"), text("id desc")),
    Index(None, "batch_id", "state"),
    Index(None, "due_at", postgresql_where=text("state = 'queued'")),
    Index(None, "finished_at"),
    Index(None, "source"),
    Index(None, "identity"),
)  # fmt: skip

redaction_pages = Table(
    "redaction_pages", metadata,
    Column("job_id", Uuid, ForeignKey(redaction_jobs.c.id, ondelete="CASCADE"), primary_key=True),
    Column("page", Integer, primary_key=True),
    Column("rendition", Uuid, nullable=False, unique=True),
    Column("verified", Boolean, nullable=False),
    Column("record", JSON, nullable=False),  # not JSONB: stages stay in the order in which they ran
)  # fmt: skip

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

applications = Table(
    "applications", metadata,
    Column("id", Uuid, primary_key=True),
    Column("person", Uuid, ForeignKey(people.c.id), nullable=False),
    Column("unit", Uuid, ForeignKey(organisations.c.id), nullable=False),
    Column("line", postgresql.ARRAY(Uuid), nullable=False),  # the unit's, when the application was begun
    Column("programme", Uuid, ForeignKey(programmes.c.id), nullable=False),  # pins pack and version
    Column("year", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("stated", JSONB, nullable=False),  # specialty, path, committee, level held
    Column("state", Text, nullable=False),
    Column("submissions", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("submitted_at", DateTime(timezone=True)),
    Column("masks_changed_at", DateTime(timezone=True)),
    Column("rechecked_at", DateTime(timezone=True)),
    CheckConstraint(f"state in ({_APPLICATION_STATES})", name="state"),
    Index("ix_applications_person_newest", "person", text("created_at desc"), text("id desc")),
    Index("ix_applications_newest", text("created_at desc"), text("id desc")),
    Index(None, "line", postgresql_using="gin"),
    Index("uq_applications_live", "person", "programme", unique=True,
          postgresql_where=text("state in ('draft', 'submitted')")),
)  # fmt: skip

# A section is sealed whole: any field of it may name a person.
application_sections = Table(
    "application_sections", metadata,
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), primary_key=True),
    Column("section", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False),
)  # fmt: skip

# Ends are exclusive instants; `on_end` is the act the clock takes then, if any.
deadlines = Table(
    "deadlines", metadata,
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("raw_end", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("calendar", Text, nullable=False),
    Column("trace", ARRAY(Text), nullable=False),
    Column("on_end", Text),
    Column("state", Text, nullable=False),
    CheckConstraint("state in ('running', 'met', 'passed')", name="state"),
    Index(None, "ends_at", postgresql_where=text("state = 'running'")),
)  # fmt: skip

attachments = Table(
    "attachments", metadata,
    Column("id", Uuid, primary_key=True),
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), nullable=False),
    Column("slot", JSONB, nullable=False),  # column, item, and which side, year or part of it
    Column("format", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("job_id", Uuid, ForeignKey(redaction_jobs.c.id), nullable=False),
    Column("decision", Text, nullable=False),
    Column("masks", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("decision in ('undecided', 'yes', 'no')", name="decision"),
    Index(None, "application_id", "created_at"),
    Index(None, "job_id"),
)  # fmt: skip
