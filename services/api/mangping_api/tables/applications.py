"""Applications: what was filled in, uploaded and counted."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
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
    Uuid,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from mangping_api.domain.application import State
from mangping_api.tables.base import metadata
from mangping_api.tables.redaction import redaction_jobs
from mangping_api.tables.register import organisations, people, programmes

_STATES = ", ".join(f"'{state}'" for state in State)

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
    Column("revision", Integer, nullable=False),
    Column("tier", Text, nullable=False),  # "" while it never lay at one, and in its applicant's hands
    Column("reviewers", postgresql.ARRAY(Uuid), nullable=False),  # beside the line
    Column("passed", postgresql.ARRAY(Text), nullable=False),
    Column("committee_submissions", Integer, nullable=False),
    Column("arrived_at", DateTime(timezone=True)),
    Column("returned_at", DateTime(timezone=True)),
    Column("correct_until", DateTime(timezone=True)),
    Column("changed_at", DateTime(timezone=True)),
    Column("suspended_at", DateTime(timezone=True)),
    Column("held_since", DateTime(timezone=True)),
    Column("held_until", DateTime(timezone=True)),
    CheckConstraint(f"state in ({_STATES})", name="state"),
    Index("ix_applications_person_newest", "person", text("created_at desc"), text("id desc")),
    Index("ix_applications_newest", text("created_at desc"), text("id desc")),
    Index(None, "line", postgresql_using="gin"),
    Index(None, "unit", "programme"),
    Index("ix_applications_same_year", "person", "year", "level",
          postgresql_where=text("state in ('submitted', 'returned', 'accepted')")),
    Index(None, "reviewers", postgresql_using="gin"),
    Index("uq_applications_live", "person", "programme", unique=True,
          postgresql_where=text("state in ('draft', 'submitted', 'returned', 'accepted')")),
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
    Column("stated", JSONB, nullable=False, server_default=text("'{}'")),  # issuer, months, dates: what people say of it
    Column("upright", Boolean, nullable=False, server_default=text("false")),  # the turned rendition was accepted
    Column("by", Text, nullable=False, server_default="applicant"),  # who brought it
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("decision in ('undecided', 'yes', 'no')", name="decision"),
    CheckConstraint("by in ('applicant', 'unit')", name="by"),
    Index(None, "application_id", "created_at"),
    Index(None, "job_id"),
)  # fmt: skip

# A document on its way in, piece by piece; the pieces are objects, swept out like any upload that nobody used.
transfers = Table(
    "transfers", metadata,
    Column("id", Uuid, primary_key=True),
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), nullable=False),
    Column("slot", JSONB, nullable=False),
    Column("digest", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("parts", ARRAY(Uuid), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index(None, "application_id"),
    Index(None, "created_at"),
)  # fmt: skip
