"""Forms that were issued for printing. The sealed PDF lies in the vault under the paper's id."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, Uuid, text

from mangping_api.domain.paper import Kind
from mangping_api.tables.applications import applications
from mangping_api.tables.base import metadata

_KINDS = ", ".join(f"'{kind}'" for kind in Kind)

papers = Table(
    "papers", metadata,
    Column("id", Uuid, primary_key=True),
    Column("application_id", Uuid, ForeignKey(applications.c.id, ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("content", Text, nullable=False),  # keyed digest of the facts it was set from
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    CheckConstraint(f"kind in ({_KINDS})", name="kind"),
    Index("ix_papers_application_newest", "application_id", "kind", text("issued_at desc")),
)  # fmt: skip
