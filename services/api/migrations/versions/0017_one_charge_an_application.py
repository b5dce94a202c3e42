"""An application is charged once: no charge takes the place of another

Revision: 0017, after 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STATES = ("due", "ordered", "refused", "issued", "notified", "paid", "expired", "refunded")


def upgrade() -> None:
    _states(_STATES)
    op.drop_index("uq_charge_lines_current", table_name="charge_lines", schema="review")
    op.drop_constraint("uq_charge_lines_application_id_attempt", "charge_lines", schema="review")
    op.drop_column("charge_lines", "attempt", schema="review")
    op.drop_column("charge_lines", "current", schema="review")
    op.create_unique_constraint("uq_charge_lines_application_id", "charge_lines", ["application_id"], schema="review")


def downgrade() -> None:
    op.drop_constraint("uq_charge_lines_application_id", "charge_lines", schema="review")
    op.add_column(
        "charge_lines", sa.Column("attempt", sa.SmallInteger(), nullable=False, server_default="1"), schema="review"
    )
    op.add_column(
        "charge_lines", sa.Column("current", sa.Boolean(), nullable=False, server_default="true"), schema="review"
    )
    for name in ("attempt", "current"):
        op.alter_column("charge_lines", name, server_default=None, schema="review")
    op.create_unique_constraint(
        "uq_charge_lines_application_id_attempt", "charge_lines", ["application_id", "attempt"], schema="review"
    )
    op.create_index(
        "uq_charge_lines_current", "charge_lines", ["application_id"], unique=True, schema="review",
        postgresql_where=sa.text("current"),
    )  # fmt: skip
    _states((*_STATES, "replaced"))


def _states(known: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_charges_state"), "charges", schema="review")
    told = ", ".join(f"'{one}'" for one in known)
    op.create_check_constraint(op.f("ck_charges_state"), "charges", f"state in ({told})", schema="review")
