"""Tiers, sign-offs and returns

Revision: 0006, after 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATES = "'draft', 'submitted', 'returned', 'accepted', 'abandoned', 'lapsed', 'not_accepted', 'disqualified', 'void'"
LIVE = "'draft', 'submitted', 'returned', 'accepted'"


def upgrade() -> None:
    _restate(STATES, LIVE)
    op.create_table(
        "tier_bodies",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["review.organisations.id"], name=op.f("fk_tier_bodies_organisation_id")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["review.programmes.id"], name=op.f("fk_tier_bodies_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "tier", "body", "organisation_id", name=op.f("pk_tier_bodies")),
        schema="review",
    )
    op.create_table(
        "desks",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ranked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_desks_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["claimed_by"], ["review.people.id"], name=op.f("fk_desks_claimed_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["review.organisations.id"], name=op.f("fk_desks_organisation_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "tier", "body", name=op.f("pk_desks")),
        schema="review",
    )
    op.create_index(
        "ix_desks_queue",
        "desks",
        ["organisation_id", "ranked_at", "application_id"],
        unique=False,
        schema="review",
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "recusals",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_recusals_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["review.people.id"], name=op.f("fk_recusals_person_id")),
        sa.PrimaryKeyConstraint("application_id", "person_id", name=op.f("pk_recusals")),
        schema="review",
    )
    op.create_table(
        "returns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("correct_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("defects", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("outcome in ('returned', 'not_accepted')", name=op.f("ck_returns_outcome")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_returns_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by"], ["review.people.id"], name=op.f("fk_returns_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["review.organisations.id"], name=op.f("fk_returns_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        schema="review",
    )
    op.create_index(
        op.f("ix_returns_application_id_at"), "returns", ["application_id", "at"], unique=False, schema="review"
    )
    op.create_table(
        "sign_offs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("agree", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("texts", sa.LargeBinary(), nullable=False),
        sa.Column("attested", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_sign_offs_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by"], ["review.people.id"], name=op.f("fk_sign_offs_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["review.organisations.id"], name=op.f("fk_sign_offs_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_offs")),
        schema="review",
    )
    op.create_index(
        op.f("ix_sign_offs_application_id_at"), "sign_offs", ["application_id", "at"], unique=False, schema="review"
    )
    op.create_table(
        "submissions",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sections", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_submissions_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "revision", name=op.f("pk_submissions")),
        schema="review",
    )
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("defect", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_verdicts_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by"], ["review.people.id"], name=op.f("fk_verdicts_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["review.organisations.id"], name=op.f("fk_verdicts_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        schema="review",
    )
    op.create_index(
        op.f("ix_verdicts_application_id_at"), "verdicts", ["application_id", "at"], unique=False, schema="review"
    )
    op.add_column(
        "applications",
        sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="review",
    )
    op.add_column(
        "applications", sa.Column("tier", sa.Text(), server_default=sa.text("''"), nullable=False), schema="review"
    )
    op.add_column(
        "applications",
        sa.Column("reviewers", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        schema="review",
    )
    op.add_column(
        "applications",
        sa.Column("passed", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        schema="review",
    )
    op.add_column(
        "applications",
        sa.Column("committee_submissions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="review",
    )
    op.add_column("applications", sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True), schema="review")
    op.add_column("applications", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True), schema="review")
    op.add_column("applications", sa.Column("received_at", sa.DateTime(timezone=True), nullable=True), schema="review")
    op.add_column(
        "applications", sa.Column("correct_until", sa.DateTime(timezone=True), nullable=True), schema="review"
    )
    op.add_column("applications", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True), schema="review")
    op.add_column("applications", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True), schema="review")
    op.create_index(
        op.f("ix_applications_reviewers"),
        "applications",
        ["reviewers"],
        unique=False,
        schema="review",
        postgresql_using="gin",
    )
    op.alter_column("applications", "revision", server_default=None, schema="review")
    op.alter_column("applications", "tier", server_default=None, schema="review")
    op.alter_column("applications", "reviewers", server_default=None, schema="review")
    op.alter_column("applications", "passed", server_default=None, schema="review")
    op.alter_column("applications", "committee_submissions", server_default=None, schema="review")


def downgrade() -> None:
    op.drop_index(op.f("ix_applications_reviewers"), table_name="applications", schema="review", postgresql_using="gin")
    op.drop_column("applications", "suspended_at", schema="review")
    op.drop_column("applications", "changed_at", schema="review")
    op.drop_column("applications", "correct_until", schema="review")
    op.drop_column("applications", "received_at", schema="review")
    op.drop_column("applications", "returned_at", schema="review")
    op.drop_column("applications", "arrived_at", schema="review")
    op.drop_column("applications", "committee_submissions", schema="review")
    op.drop_column("applications", "passed", schema="review")
    op.drop_column("applications", "reviewers", schema="review")
    op.drop_column("applications", "tier", schema="review")
    op.drop_column("applications", "revision", schema="review")
    op.drop_index(op.f("ix_verdicts_application_id_at"), table_name="verdicts", schema="review")
    op.drop_table("verdicts", schema="review")
    op.drop_table("submissions", schema="review")
    op.drop_index(op.f("ix_sign_offs_application_id_at"), table_name="sign_offs", schema="review")
    op.drop_table("sign_offs", schema="review")
    op.drop_index(op.f("ix_returns_application_id_at"), table_name="returns", schema="review")
    op.drop_table("returns", schema="review")
    op.drop_table("recusals", schema="review")
    op.drop_index("ix_desks_queue", table_name="desks", schema="review", postgresql_where=sa.text("closed_at is null"))
    op.drop_table("desks", schema="review")
    op.drop_table("tier_bodies", schema="review")
    _restate("'draft', 'submitted', 'abandoned', 'lapsed'", "'draft', 'submitted'")


def _restate(states: str, live: str) -> None:
    op.drop_constraint(op.f("ck_applications_state"), "applications", schema="review", type_="check")
    op.create_check_constraint(op.f("ck_applications_state"), "applications", f"state in ({states})", schema="review")
    op.drop_index("uq_applications_live", table_name="applications", schema="review")
    op.create_index(
        "uq_applications_live",
        "applications",
        ["person", "programme"],
        unique=True,
        schema="review",
        postgresql_where=sa.text(f"state in ({live})"),
    )
