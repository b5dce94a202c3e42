"""The unit's duties: the group that deliberates, postings and objections, recommendation, posts, matters.

What names or describes a person is sealed; days are of Asia/Shanghai."""

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
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from mangping_api.tables.applications import applications
from mangping_api.tables.base import metadata
from mangping_api.tables.redaction import objects
from mangping_api.tables.register import organisations, people, programmes


def _of_application() -> Column[object]:
    return Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), primary_key=True)


def _at(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _unit() -> tuple[Column[object], Column[object]]:
    return (
        Column("unit", Uuid, ForeignKey(organisations.c.id), nullable=False),
        Column("programme", Uuid, ForeignKey(programmes.c.id), nullable=False),
    )


def _by(name: str = "recorded_by") -> Column[object]:
    return Column(name, Uuid, ForeignKey(people.c.id), nullable=False)


# A group never changes: another document makes another group.
review_groups = Table(
    "review_groups", metadata,
    Column("id", Uuid, primary_key=True), *_unit(),
    Column("document_number", Text, nullable=False),
    Column("members", LargeBinary, nullable=False),  # name, whether technical, level
    _at("created_at"),
    Index(None, "unit", "programme"),
)  # fmt: skip

deliberations = Table(
    "deliberations", metadata, _of_application(),
    Column("group_id", Uuid, ForeignKey(review_groups.c.id), nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("assessed_on", Date),
    Column("yes", Integer, nullable=False),
    Column("no", Integer, nullable=False),
    Column("abstained", Integer, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),  # the opinion aspect by aspect; how it was assessed, and that opinion
    _at("recorded_at"), _by(),
)  # fmt: skip

recommendations = Table(
    "recommendations", metadata, _of_application(),
    Column("agrees", Boolean, nullable=False),
    Column("day", Date, nullable=False),
    Column("rank", Integer),
    Column("tied", Boolean, nullable=False),  # no better than the one ranked right after
    Column("reason", LargeBinary),  # why it comes first among equals
    _at("recorded_at"), _by(),
    CheckConstraint("rank > 0", name="rank"),
)  # fmt: skip

# What was posted is kept as it was posted: `page` is sealed and never changes.
postings = Table(
    "postings", metadata,
    Column("id", Uuid, primary_key=True), *_unit(),
    Column("line", postgresql.ARRAY(Uuid), nullable=False),
    Column("kind", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("storage_place", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("contact", LargeBinary, nullable=False),  # whom to turn to: often a name and a telephone
    Column("contents", ARRAY(Text), nullable=False),
    Column("page", LargeBinary, nullable=False),
    Column("posted_at", DateTime(timezone=True), nullable=False),
    Column("rule", Text, nullable=False),
    Column("raw_end", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("calendar", Text, nullable=False),
    Column("trace", ARRAY(Text), nullable=False),
    _at("withdrawn_at", nullable=True),
    Column("certificate", JSONB(none_as_null=True)),
    _at("certified_at", nullable=True),
    _by("posted_by"),
    CheckConstraint("kind in ('first', 'supplement')", name="kind"),
    Index(None, "unit", "programme", "posted_at"),
)  # fmt: skip

posting_entries = Table(
    "posting_entries", metadata,
    Column("posting_id", Uuid, ForeignKey(postings.c.id), primary_key=True),
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), primary_key=True),
    Index(None, "application_id"),
)  # fmt: skip

posting_photos = Table(
    "posting_photos", metadata,
    Column("posting_id", Uuid, ForeignKey(postings.c.id), primary_key=True),
    Column("object_id", Uuid, ForeignKey(objects.c.id), primary_key=True),
    _at("added_at"),
)  # fmt: skip

objections = Table(
    "objections", metadata,
    Column("id", Uuid, primary_key=True),
    Column("posting_id", Uuid, ForeignKey(postings.c.id), nullable=False),
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),  # who objects, how to reach them, what to, how it was handled
    _at("received_at"), _at("settled_at", nullable=True),
    Column("settled_by", Uuid, ForeignKey(people.c.id)),
    CheckConstraint("channel in ('phone', 'letter', 'visit')", name="channel"),
    CheckConstraint("state in ('open', 'upheld', 'dismissed')", name="state"),
    Index(None, "posting_id"),
    Index(None, "application_id"),
)  # fmt: skip

post_plans = Table(
    "post_plans", metadata,
    Column("id", Uuid, primary_key=True), *_unit(),
    Column("posts", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # another number of posts needs its approvals anew
    _at("planned_at"), _at("filed_at", nullable=True),
    CheckConstraint("posts >= 0", name="posts"),
    UniqueConstraint("unit", "programme"),
)  # fmt: skip

post_approvals = Table(
    "post_approvals", metadata,
    Column("plan_id", Uuid, ForeignKey(post_plans.c.id), primary_key=True),
    Column("body", Text, primary_key=True),
    Column("organisation", Uuid, ForeignKey(organisations.c.id), nullable=False),
    _at("approved_at"), _by("approved_by"),
    UniqueConstraint("plan_id", "organisation"),
)  # fmt: skip

post_uses = Table(
    "post_uses", metadata, _of_application(),
    Column("plan_id", Uuid, ForeignKey(post_plans.c.id), nullable=False),
    Index(None, "plan_id"),
)  # fmt: skip

unit_pledges = Table(
    "unit_pledges", metadata,
    Column("unit", Uuid, ForeignKey(organisations.c.id), primary_key=True),
    Column("programme", Uuid, ForeignKey(programmes.c.id), primary_key=True),
    _at("pledged_at"), _by("pledged_by"),
)  # fmt: skip

# Explanations and rectification plans of a unit; bulletins about it, and its suspension, by those above.
unit_matters = Table(
    "unit_matters", metadata,
    Column("id", Uuid, primary_key=True), *_unit(),
    Column("kind", Text, nullable=False),
    Column("year", Integer, nullable=False),  # of the programme; of a suspension the year it holds for
    Column("words", LargeBinary, nullable=False),
    Column("organisation", Uuid, ForeignKey(organisations.c.id), nullable=False),
    _at("recorded_at"), _by(),
    CheckConstraint("kind in ('explanation', 'rectification', 'bulletin', 'suspension')", name="kind"),
    Index(None, "unit", "programme"),
    Index(None, "unit", "kind", "year"),
)  # fmt: skip

teaching_loads = Table(
    "teaching_loads", metadata, _of_application(),
    Column("version", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),  # what is claimed for which year on which evidence
    _at("recorded_at"), _by(),
)  # fmt: skip

# Papers that were received: what lay on the desk and what was written on it.
hand_ins = Table(
    "hand_ins", metadata, _of_application(),
    Column("content", LargeBinary, nullable=False),
    Column("organisation", Uuid, ForeignKey(organisations.c.id), nullable=False),
    _at("received_at"), _by("received_by"),
)  # fmt: skip
