"""Reviews: whose desk an application lies on, and what was said there. Words are sealed: they may name a person."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from mangping_api.tables.applications import applications
from mangping_api.tables.base import metadata
from mangping_api.tables.register import organisations, people, programmes


def _application(*, primary_key: bool = False) -> Column[object]:
    key = ForeignKey(applications.c.id, ondelete="CASCADE")
    return Column("application_id", Uuid, key, primary_key=primary_key, nullable=False)


def _signed() -> tuple[Column[object], ...]:
    """Who, for which body of which tier, when, upon which hand-in."""
    return (
        Column("tier", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("organisation_id", Uuid, ForeignKey(organisations.c.id), nullable=False),
        Column("by", Uuid, ForeignKey(people.c.id), nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("seq", BigInteger, Identity(), nullable=False),  # orders what was said at the same instant
    )


# Which organisations are the bodies that a programme names. The first tier needs none: it is then the applicant's unit.
tier_bodies = Table(
    "tier_bodies", metadata,
    Column("programme_id", Uuid, ForeignKey(programmes.c.id), primary_key=True),
    Column("tier", Text, primary_key=True),
    Column("body", Text, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey(organisations.c.id), primary_key=True),
)  # fmt: skip

# What was handed in, each time: the sections sealed whole, the items with their digests.
submissions = Table(
    "submissions", metadata,
    _application(primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("items", JSONB, nullable=False),
    Column("sections", LargeBinary, nullable=False),
)  # fmt: skip

# One row for each body of a tier where it lies, or lay. `ranked_at` orders the queue: the end that the notice sets, or,
# where it sets none, long after its arrival.
desks = Table(
    "desks", metadata,
    _application(primary_key=True),
    Column("tier", Text, primary_key=True),
    Column("body", Text, primary_key=True),
    Column("organisation_id", Uuid, ForeignKey(organisations.c.id), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("ranked_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("claimed_by", Uuid, ForeignKey(people.c.id)),
    Column("claimed_until", DateTime(timezone=True)),
    Index("ix_desks_queue", "organisation_id", "ranked_at", "application_id",
          postgresql_where=text("closed_at is null")),
    Index("ix_desks_claimed", "organisation_id", "claimed_by",
          postgresql_where=text("closed_at is null and claimed_by is not null")),
)  # fmt: skip

verdicts = Table(
    "verdicts", metadata,
    Column("id", Uuid, primary_key=True),
    _application(),
    *_signed(),
    Column("item", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("defect", LargeBinary),
    Index(None, "application_id", "seq"),
)  # fmt: skip

sign_offs = Table(
    "sign_offs", metadata,
    Column("id", Uuid, primary_key=True),
    _application(),
    *_signed(),
    Column("agree", Boolean, nullable=False),
    Column("seen", Text, nullable=False),
    Column("texts", LargeBinary, nullable=False),
    Column("attested", ARRAY(Text), nullable=False),
    Index(None, "application_id", "seq"),
)  # fmt: skip

returns = Table(
    "returns", metadata,
    Column("id", Uuid, primary_key=True),
    _application(),
    *_signed(),
    Column("outcome", Text, nullable=False),
    Column("correct_until", DateTime(timezone=True)),
    Column("defects", LargeBinary, nullable=False),
    CheckConstraint("outcome in ('returned', 'not_accepted')", name="outcome"),
    Index(None, "application_id", "seq"),
)  # fmt: skip

recusals = Table(
    "recusals", metadata,
    _application(primary_key=True),
    Column("person_id", Uuid, ForeignKey(people.c.id), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
)  # fmt: skip
