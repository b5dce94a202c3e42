"""Deliberation, publicity, objections and integrity

Revision: 0008, after 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

EFFECTS = (
    "'void', 'no_application', 'no_promotion', 'blacklist', 'revoke', 'archive', "
    "'disqualify', 'veto', 'sanction', 'investigation', 'aftermath', 'none'"
)


def upgrade() -> None:
    op.create_table(
        "review_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Uuid(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme"], ["review.programmes.id"], name=op.f("fk_review_groups_programme")),
        sa.ForeignKeyConstraint(["unit"], ["review.organisations.id"], name=op.f("fk_review_groups_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_groups")),
        schema="review",
    )
    op.create_index(
        op.f("ix_review_groups_unit_programme"), "review_groups", ["unit", "programme"], unique=False, schema="review"
    )
    op.create_table(
        "deliberations",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=True),
        sa.Column("yes", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("abstained", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_deliberations_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["group_id"], ["review.review_groups.id"], name=op.f("fk_deliberations_group_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["review.people.id"], name=op.f("fk_deliberations_recorded_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_deliberations")),
        schema="review",
    )
    op.create_table(
        "recommendations",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("tied", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rank > 0", name=op.f("ck_recommendations_rank")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_recommendations_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["review.people.id"], name=op.f("fk_recommendations_recorded_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_recommendations")),
        schema="review",
    )
    op.create_table(
        "postings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Uuid(), nullable=False),
        sa.Column("line", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("storage_place", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("contents", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("page", sa.LargeBinary(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("raw_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("trace", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certificate", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('first', 'supplement')", name=op.f("ck_postings_kind")),
        sa.ForeignKeyConstraint(["posted_by"], ["review.people.id"], name=op.f("fk_postings_posted_by")),
        sa.ForeignKeyConstraint(["programme"], ["review.programmes.id"], name=op.f("fk_postings_programme")),
        sa.ForeignKeyConstraint(["unit"], ["review.organisations.id"], name=op.f("fk_postings_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        schema="review",
    )
    op.create_index(
        op.f("ix_postings_unit_programme_posted_at"),
        "postings",
        ["unit", "programme", "posted_at"],
        unique=False,
        schema="review",
    )
    op.create_table(
        "posting_entries",
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_posting_entries_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["posting_id"], ["review.postings.id"], name=op.f("fk_posting_entries_posting_id")),
        sa.PrimaryKeyConstraint("posting_id", "application_id", name=op.f("pk_posting_entries")),
        schema="review",
    )
    op.create_index(
        op.f("ix_posting_entries_application_id"), "posting_entries", ["application_id"], unique=False, schema="review"
    )
    op.create_table(
        "posting_photos",
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["object_id"], ["review.objects.id"], name=op.f("fk_posting_photos_object_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["review.postings.id"], name=op.f("fk_posting_photos_posting_id")),
        sa.PrimaryKeyConstraint("posting_id", "object_id", name=op.f("pk_posting_photos")),
        schema="review",
    )
    op.create_table(
        "objections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("channel in ('phone', 'letter', 'visit')", name=op.f("ck_objections_channel")),
        sa.CheckConstraint("state in ('open', 'upheld', 'dismissed')", name=op.f("ck_objections_state")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_objections_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["posting_id"], ["review.postings.id"], name=op.f("fk_objections_posting_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["review.people.id"], name=op.f("fk_objections_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
        schema="review",
    )
    op.create_index(
        op.f("ix_objections_application_id"), "objections", ["application_id"], unique=False, schema="review"
    )
    op.create_index(op.f("ix_objections_posting_id"), "objections", ["posting_id"], unique=False, schema="review")
    op.create_table(
        "post_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Uuid(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("posts >= 0", name=op.f("ck_post_plans_posts")),
        sa.ForeignKeyConstraint(["programme"], ["review.programmes.id"], name=op.f("fk_post_plans_programme")),
        sa.ForeignKeyConstraint(["unit"], ["review.organisations.id"], name=op.f("fk_post_plans_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_plans")),
        sa.UniqueConstraint("unit", "programme", name=op.f("uq_post_plans_unit_programme")),
        schema="review",
    )
    op.create_table(
        "post_approvals",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["review.people.id"], name=op.f("fk_post_approvals_approved_by")),
        sa.ForeignKeyConstraint(
            ["organisation"], ["review.organisations.id"], name=op.f("fk_post_approvals_organisation")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["review.post_plans.id"], name=op.f("fk_post_approvals_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "body", name=op.f("pk_post_approvals")),
        sa.UniqueConstraint("plan_id", "organisation", name=op.f("uq_post_approvals_plan_id_organisation")),
        schema="review",
    )
    op.create_table(
        "post_uses",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_post_uses_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["review.post_plans.id"], name=op.f("fk_post_uses_plan_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_post_uses")),
        schema="review",
    )
    op.create_index(op.f("ix_post_uses_plan_id"), "post_uses", ["plan_id"], unique=False, schema="review")
    op.create_table(
        "unit_pledges",
        sa.Column("unit", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Uuid(), nullable=False),
        sa.Column("pledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pledged_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["pledged_by"], ["review.people.id"], name=op.f("fk_unit_pledges_pledged_by")),
        sa.ForeignKeyConstraint(["programme"], ["review.programmes.id"], name=op.f("fk_unit_pledges_programme")),
        sa.ForeignKeyConstraint(["unit"], ["review.organisations.id"], name=op.f("fk_unit_pledges_unit")),
        sa.PrimaryKeyConstraint("unit", "programme", name=op.f("pk_unit_pledges")),
        schema="review",
    )
    op.create_table(
        "unit_matters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('explanation', 'rectification', 'bulletin', 'suspension')", name=op.f("ck_unit_matters_kind")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"], ["review.organisations.id"], name=op.f("fk_unit_matters_organisation")
        ),
        sa.ForeignKeyConstraint(["programme"], ["review.programmes.id"], name=op.f("fk_unit_matters_programme")),
        sa.ForeignKeyConstraint(["recorded_by"], ["review.people.id"], name=op.f("fk_unit_matters_recorded_by")),
        sa.ForeignKeyConstraint(["unit"], ["review.organisations.id"], name=op.f("fk_unit_matters_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_matters")),
        schema="review",
    )
    op.create_index(
        op.f("ix_unit_matters_unit_kind_year"), "unit_matters", ["unit", "kind", "year"], unique=False, schema="review"
    )
    op.create_index(
        op.f("ix_unit_matters_unit_programme"), "unit_matters", ["unit", "programme"], unique=False, schema="review"
    )
    op.create_table(
        "teaching_loads",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_teaching_loads_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["review.people.id"], name=op.f("fk_teaching_loads_recorded_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_teaching_loads")),
        schema="review",
    )
    op.create_table(
        "hand_ins",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_hand_ins_application_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["organisation"], ["review.organisations.id"], name=op.f("fk_hand_ins_organisation")),
        sa.ForeignKeyConstraint(["received_by"], ["review.people.id"], name=op.f("fk_hand_ins_received_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_hand_ins")),
        schema="review",
    )
    op.create_table(
        "complaints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("line", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("basis", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "conclusion in ('属实', '部分属实', '不属实', '诬告陷害')", name=op.f("ck_complaints_conclusion")
        ),
        sa.CheckConstraint("state in ('open', 'decided')", name=op.f("ck_complaints_state")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["review.applications.id"],
            name=op.f("fk_complaints_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["review.people.id"], name=op.f("fk_complaints_decided_by")),
        sa.ForeignKeyConstraint(["received_by"], ["review.people.id"], name=op.f("fk_complaints_received_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        schema="review",
    )
    op.create_index(
        op.f("ix_complaints_application_id"), "complaints", ["application_id"], unique=False, schema="review"
    )
    op.create_index(
        op.f("ix_complaints_line"), "complaints", ["line"], unique=False, schema="review", postgresql_using="gin"
    )
    op.create_index(
        op.f("ix_complaints_received_at_id"), "complaints", ["received_at", "id"], unique=False, schema="review"
    )
    op.create_table(
        "integrity_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("id_number_digests", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("basis", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("ban", sa.Text(), nullable=True),
        sa.Column("programme", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("complaint_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", sa.Uuid(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("looked_back", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lifted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("appeal", sa.LargeBinary(), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal_answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"effect in ({EFFECTS})", name=op.f("ck_integrity_entries_effect")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_integrity_entries_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["review.complaints.id"], name=op.f("fk_integrity_entries_complaint_id")
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["review.people.id"], name=op.f("fk_integrity_entries_entered_by")),
        sa.ForeignKeyConstraint(
            ["organisation"], ["review.organisations.id"], name=op.f("fk_integrity_entries_organisation")
        ),
        sa.ForeignKeyConstraint(["programme"], ["review.programmes.id"], name=op.f("fk_integrity_entries_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_entries")),
        schema="review",
    )
    op.create_index(
        op.f("ix_integrity_entries_application_id"),
        "integrity_entries",
        ["application_id"],
        unique=False,
        schema="review",
    )
    op.create_index(
        op.f("ix_integrity_entries_id_number_digests"),
        "integrity_entries",
        ["id_number_digests"],
        unique=False,
        schema="review",
        postgresql_using="gin",
    )
    op.create_table(
        "journal_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("journals", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('risk', 'core')", name=op.f("ck_journal_lists_kind")),
        sa.ForeignKeyConstraint(["loaded_by"], ["review.people.id"], name=op.f("fk_journal_lists_loaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_lists")),
        sa.UniqueConstraint("kind", "name", "edition", name=op.f("uq_journal_lists_kind_name_edition")),
        schema="review",
    )
    op.create_table(
        "journals",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["review.journal_lists.id"], name=op.f("fk_journals_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "mark", name=op.f("pk_journals")),
        schema="review",
    )
    op.create_index(op.f("ix_journals_mark"), "journals", ["mark"], unique=False, schema="review")
    op.create_index(
        op.f("ix_applications_unit_programme"), "applications", ["unit", "programme"], unique=False, schema="review"
    )
    op.create_index(op.f("ix_organisations_name"), "organisations", ["name"], unique=False, schema="review")


def downgrade() -> None:
    op.drop_index(op.f("ix_organisations_name"), table_name="organisations", schema="review")
    op.drop_index(op.f("ix_applications_unit_programme"), table_name="applications", schema="review")
    op.drop_table("journals", schema="review")
    op.drop_table("journal_lists", schema="review")
    op.drop_table("integrity_entries", schema="review")
    op.drop_table("complaints", schema="review")
    op.drop_table("hand_ins", schema="review")
    op.drop_table("teaching_loads", schema="review")
    op.drop_table("unit_matters", schema="review")
    op.drop_table("unit_pledges", schema="review")
    op.drop_table("post_uses", schema="review")
    op.drop_table("post_approvals", schema="review")
    op.drop_table("post_plans", schema="review")
    op.drop_table("objections", schema="review")
    op.drop_table("posting_photos", schema="review")
    op.drop_table("posting_entries", schema="review")
    op.drop_table("postings", schema="review")
    op.drop_table("recommendations", schema="review")
    op.drop_table("deliberations", schema="review")
    op.drop_table("review_groups", schema="review")
