"""Integrity: complaints, the register of findings, and lists of journals that administrators load."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from mangping_api.domain.integrity import CONCLUSIONS, EFFECTS
from mangping_api.tables.applications import applications
from mangping_api.tables.base import metadata
from mangping_api.tables.register import organisations, people, programmes


def _among(column: str, words: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(word) for word in words)})"


complaints = Table(
    "complaints", metadata,
    Column("id", Uuid, primary_key=True),
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), nullable=False),
    Column("line", postgresql.ARRAY(Uuid), nullable=False),
    Column("channel", Text, nullable=False),
    Column("subject", Text, nullable=False),  # whose conduct it is about
    Column("content", LargeBinary, nullable=False),  # who complains, how to reach them, of what
    Column("state", Text, nullable=False),
    Column("conclusion", Text),
    Column("basis", ARRAY(Text)),
    Column("decision", LargeBinary),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("received_by", Uuid, ForeignKey(people.c.id), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Uuid, ForeignKey(people.c.id)),
    CheckConstraint("state in ('open', 'decided')", name="state"),
    CheckConstraint(_among("conclusion", CONCLUSIONS), name="conclusion"),
    Index(None, "application_id"),
    Index(None, "received_at", "id"),
    Index(None, "line", postgresql_using="gin"),
)  # fmt: skip

# Known by digests of the ID number, one for each of our keys, so that it is found wherever and under whichever account
# the person applies.
integrity_entries = Table(
    "integrity_entries", metadata,
    Column("id", Uuid, primary_key=True),
    Column("id_number_digests", postgresql.ARRAY(Text), nullable=False),
    Column("who", LargeBinary, nullable=False),  # name and ID number
    Column("subject", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("basis", ARRAY(Text), nullable=False),
    Column("words", LargeBinary, nullable=False),  # what was found
    Column("effect", Text, nullable=False),
    Column("ban", Text),  # the pack's key of it
    Column("programme", Uuid, ForeignKey(programmes.c.id)),
    Column("application_id", Uuid, ForeignKey(applications.c.id)),
    Column("complaint_id", Uuid, ForeignKey(complaints.c.id)),
    Column("organisation", Uuid, ForeignKey(organisations.c.id), nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("until", Date),  # the last day; none: without end
    Column("looked_back", JSONB, nullable=False),  # tier by tier who passed it, and whether they agreed; no opinion
    Column("lifted", Boolean, nullable=False, server_default=text("false")),
    Column("appeal", LargeBinary),
    Column("appealed_at", DateTime(timezone=True)),
    Column("appeal_answer", LargeBinary),
    Column("answered_at", DateTime(timezone=True)),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("entered_by", Uuid, ForeignKey(people.c.id), nullable=False),
    CheckConstraint(_among("effect", EFFECTS), name="effect"),
    Index(None, "id_number_digests", postgresql_using="gin"),
    Index(None, "application_id"),
)  # fmt: skip

journal_lists = Table(
    "journal_lists", metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("edition", Text, nullable=False),
    Column("journals", Integer, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
    Column("loaded_by", Uuid, ForeignKey(people.c.id), nullable=False),
    CheckConstraint("kind in ('risk', 'core')", name="kind"),
    UniqueConstraint("kind", "name", "edition"),
)  # fmt: skip

# `mark` is one of a journal's own: "issn:12345679", "cn:111234", "title:某某学报".
journals = Table(
    "journals", metadata,
    Column("list_id", Uuid, ForeignKey(journal_lists.c.id, ondelete="CASCADE"), primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "mark"),
)  # fmt: skip
