"""What the fees service tells of a payment

Revision: 0010, after 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATES = "'due', 'ordered', 'refused', 'issued', 'notified', 'paid', 'expired', 'refunded', 'replaced'"


def upgrade() -> None:
    op.create_table(
        "charges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Uuid(), nullable=True),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("payer", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("pay_url", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_rule", sa.Text(), nullable=True),
        sa.Column("due_trace", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_charges_amount")),
        sa.CheckConstraint(f"state in ({_STATES})", name=op.f("ck_charges_state")),
        sa.ForeignKeyConstraint(["programme"], ["review.programmes.id"], name=op.f("fk_charges_programme")),
        sa.ForeignKeyConstraint(["unit"], ["review.organisations.id"], name=op.f("fk_charges_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
        sa.UniqueConstraint("payer", name=op.f("uq_charges_payer")),
        schema="review",
    )
    op.create_index(
        op.f("ix_charges_ask_at"),
        "charges",
        ["ask_at"],
        unique=False,
        schema="review",
        postgresql_where=sa.text("ask_at is not null"),
    )
    op.create_index(op.f("ix_charges_unit"), "charges", ["unit"], unique=False, schema="review")
    op.create_table(
        "charge_lines",
        sa.Column("charge_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("lapsed_from", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["review.applications.id"], name=op.f("fk_charge_lines_application_id")
        ),
        sa.ForeignKeyConstraint(["charge_id"], ["review.charges.id"], name=op.f("fk_charge_lines_charge_id")),
        sa.PrimaryKeyConstraint("charge_id", "application_id", name=op.f("pk_charge_lines")),
        sa.UniqueConstraint("application_id", "attempt", name=op.f("uq_charge_lines_application_id_attempt")),
        schema="review",
    )
    op.create_index(
        "uq_charge_lines_current",
        "charge_lines",
        ["application_id"],
        unique=True,
        schema="review",
        postgresql_where=sa.text("current"),
    )


def downgrade() -> None:
    op.drop_table("charge_lines", schema="review")
    op.drop_table("charges", schema="review")
