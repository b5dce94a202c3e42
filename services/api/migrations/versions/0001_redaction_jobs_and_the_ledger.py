"""Redaction jobs and the ledger

Revision: 0001, after nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name=op.f("pk_audit")),
        schema="review",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency_keys")),
        schema="review",
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False, schema="review"
    )
    op.create_table(
        "inbox",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_inbox")),
        schema="review",
    )
    op.create_table(
        "objects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objects")),
        sa.CheckConstraint("kind in ('scan', 'identity')", name=op.f("ck_objects_kind")),
        sa.CheckConstraint("state in ('receiving', 'stored', 'used', 'closed')", name=op.f("ck_objects_state")),
        schema="review",
    )
    op.create_index(
        op.f("ix_objects_created_at"),
        "objects",
        ["created_at"],
        unique=False,
        schema="review",
        postgresql_where=sa.text("state <> 'used'"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
        schema="review",
    )
    op.create_index(op.f("ix_outbox_not_before_id"), "outbox", ["not_before", "id"], unique=False, schema="review")
    op.create_table(
        "redaction_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction_batches")),
        schema="review",
    )
    op.create_table(
        "redaction_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.Uuid(), nullable=True),
        sa.Column("renditions", sa.Uuid(), nullable=False),
        sa.Column("classes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("third_parties", sa.Boolean(), nullable=False),
        sa.Column("image_format", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("needs_human", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("refusal", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["review.redaction_batches.id"], name=op.f("fk_redaction_jobs_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction_jobs")),
        sa.CheckConstraint(
            "state in ('queued', 'done', 'refused', 'failed', 'erasing', 'erased')",
            name=op.f("ck_redaction_jobs_state"),
        ),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_redaction_jobs_attempt_id")),
        schema="review",
    )
    op.create_index(
        op.f("ix_redaction_jobs_batch_id_state"), "redaction_jobs", ["batch_id", "state"], unique=False, schema="review"
    )
    op.create_index(
        op.f("ix_redaction_jobs_due_at"),
        "redaction_jobs",
        ["due_at"],
        unique=False,
        schema="review",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        op.f("ix_redaction_jobs_finished_at"), "redaction_jobs", ["finished_at"], unique=False, schema="review"
    )
    op.create_index(op.f("ix_redaction_jobs_identity"), "redaction_jobs", ["identity"], unique=False, schema="review")
    op.create_index(
        "ix_redaction_jobs_owner_newest",
        "redaction_jobs",
        ["owner", sa.text("created_at desc"), sa.text("id desc")],
        unique=False,
        schema="review",
    )
    op.create_index(op.f("ix_redaction_jobs_source"), "redaction_jobs", ["source"], unique=False, schema="review")
    op.create_table(
        "redaction_pages",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("rendition", sa.Uuid(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["review.redaction_jobs.id"], name=op.f("fk_redaction_pages_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "page", name=op.f("pk_redaction_pages")),
        sa.UniqueConstraint("rendition", name=op.f("uq_redaction_pages_rendition")),
        schema="review",
    )


def downgrade() -> None:
    op.drop_table("redaction_pages", schema="review")
    op.drop_index(op.f("ix_redaction_jobs_source"), table_name="redaction_jobs", schema="review")
    op.drop_index("ix_redaction_jobs_owner_newest", table_name="redaction_jobs", schema="review")
    op.drop_index(op.f("ix_redaction_jobs_identity"), table_name="redaction_jobs", schema="review")
    op.drop_index(op.f("ix_redaction_jobs_finished_at"), table_name="redaction_jobs", schema="review")
    op.drop_index(
        op.f("ix_redaction_jobs_due_at"),
        table_name="redaction_jobs",
        schema="review",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.drop_index(op.f("ix_redaction_jobs_batch_id_state"), table_name="redaction_jobs", schema="review")
    op.drop_table("redaction_jobs", schema="review")
    op.drop_table("redaction_batches", schema="review")
    op.drop_index(op.f("ix_outbox_not_before_id"), table_name="outbox", schema="review")
    op.drop_table("outbox", schema="review")
    op.drop_index(op.f("ix_objects_created_at"), table_name="objects", schema="review")
    op.drop_table("objects", schema="review")
    op.drop_table("inbox", schema="review")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys", schema="review")
    op.drop_table("idempotency_keys", schema="review")
    op.drop_table("audit", schema="review")
