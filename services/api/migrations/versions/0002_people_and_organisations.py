"""People, their organisations and their roles

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("former_names", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        schema="review",
    )
    op.create_index(
        op.f("ix_organisations_created_at_id"), "organisations", ["created_at", "id"], unique=False, schema="review"
    )
    op.create_index(
        op.f("ix_organisations_line"), "organisations", ["line"], unique=False, schema="review", postgresql_using="gin"
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("unit", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("former_names", sa.LargeBinary(), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_digest", sa.Text(), nullable=True),
        sa.Column("phone_digest", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["review.organisations.id"], name=op.f("fk_people_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("account", name=op.f("uq_people_account")),
        sa.UniqueConstraint("id_number_digest", name=op.f("uq_people_id_number_digest")),
        schema="review",
    )
    op.create_index(op.f("ix_people_phone_digest"), "people", ["phone_digest"], unique=False, schema="review")
    op.create_index(op.f("ix_people_unit"), "people", ["unit"], unique=False, schema="review")
    op.create_table(
        "role_grants",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role in ('administrator', 'office', 'authority', 'unit', 'expert')", name=op.f("ck_role_grants_role")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["review.organisations.id"], name=op.f("fk_role_grants_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["review.people.id"], name=op.f("fk_role_grants_person_id")),
        sa.PrimaryKeyConstraint("person_id", "role", "organisation_id", name=op.f("pk_role_grants")),
        schema="review",
    )


def downgrade() -> None:
    op.drop_table("role_grants", schema="review")
    op.drop_index(op.f("ix_people_unit"), table_name="people", schema="review")
    op.drop_index(op.f("ix_people_phone_digest"), table_name="people", schema="review")
    op.drop_table("people", schema="review")
    op.drop_index(op.f("ix_organisations_line"), table_name="organisations", schema="review", postgresql_using="gin")
    op.drop_index(op.f("ix_organisations_created_at_id"), table_name="organisations", schema="review")
    op.drop_table("organisations", schema="review")
