"""Scans, redaction jobs and their pages: vault ids and flags."""

from __future__ import annotations

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
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from mangping_api.domain.redaction_job import State
from mangping_api.tables.base import metadata

_STATES = ", ".join(f"'{state}'" for state in State)
# Jobs of an application belong to a person. Nobody lists them, and whoever replaces a document lets its job go: what
# looks for old jobs never walks over them. They are literals, so that any plan may use the indexes that carry them.
OUTSIDE = text("owner not like 'person:%'")
RETAINED = text(f"{OUTSIDE} and state not in ('erasing', 'erased')")
ERASING = text("state = 'erasing'")

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
    Index("ix_redaction_jobs_owner_newest", "owner", text("created_at desc"), text("id desc"),
          postgresql_where=OUTSIDE),
    Index(None, "batch_id", "state", postgresql_where=text("batch_id is not null")),
    Index("ix_redaction_jobs_lane", "owner", "batch_id", "created_at", postgresql_where=text("state = 'queued'")),
    Index(None, "due_at", postgresql_where=text("state = 'queued'")),
    Index("ix_redaction_jobs_retained", "finished_at", postgresql_where=RETAINED),
    Index("ix_redaction_jobs_erasing", "finished_at", postgresql_where=ERASING),
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
