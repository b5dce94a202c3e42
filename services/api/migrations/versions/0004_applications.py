"""Applications, their sections and deadlines

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Uuid(), nullable=False),
        sa.Column("line", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("programme", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("stated", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('draft', 'submitted', 'abandoned', 'lapsed')", name=op.f("ck_applications_state")
        ),
        sa.ForeignKeyConstraint(["person"], ["review.people.id"], name=op.f("fk_applications_person")),
        sa.ForeignKeyConstraint(["programme"], ["review.programmes.id"], name=op.f("fk_applications_programme")),
        sa.ForeignKeyConstraint(["unit"], ["review.organisations.id"], name=op.f("fk_applications_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        schema="review",
    )
    op.create_index(
        op.f("ix_applications_line"), "applications", ["line"], unique=False, schema="review", postgresql_using="gin"
    )
    op.create_index(
        "ix_applications_newest",
        "applications",
        [sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="review",
    )
    op.create_index(
        "ix_applications_person_newest",
        "applications",
        ["person", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="review",
    )
    op.create_index(
        "uq_applications_live",
        "applications",
        ["person", "programme"],
        unique=True,
        schema="review",
        postgresql_where=sa.text("state in ('draft', 'submitted')"),
    )
    op.create_table(
        "application_sections",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_application_sections_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "section", name=op.f("pk_application_sections")),
        schema="review",
    )
    op.create_table(
        "deadlines",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("trace", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("on_end", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('running', 'met', 'passed')", name=op.f("ck_deadlines_state")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_deadlines_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("application_id", "kind", name=op.f("pk_deadlines")),
        schema="review",
    )
    op.create_index(
        op.f("ix_deadlines_ends_at"),
        "deadlines",
        ["ends_at"],
        unique=False,
        schema="review",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.add_column(
        "organisations",
        sa.Column("facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        schema="review",
    )
    op.add_column("people", sa.Column("facts", sa.LargeBinary(), nullable=True), schema="review")


def downgrade() -> None:
    op.drop_column("people", "facts", schema="review")
    op.drop_column("organisations", "facts", schema="review")
    op.drop_index(
        op.f("ix_deadlines_ends_at"),
        table_name="deadlines",
        schema="review",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_table("deadlines", schema="review")
    op.drop_table("application_sections", schema="review")
    op.drop_index(
        "uq_applications_live",
        table_name="applications",
        schema="review",
        postgresql_where=sa.text("state in ('draft', 'submitted')"),
    )
    op.drop_index("ix_applications_person_newest", table_name="applications", schema="review")
    op.drop_index("ix_applications_newest", table_name="applications", schema="review")
    op.drop_index(op.f("ix_applications_line"), table_name="applications", schema="review", postgresql_using="gin")
    op.drop_table("applications", schema="review")
