"""A charge is called back when its application is disqualified or void

Revision: 0019, after 0018
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_STATES = ("due", "ordered", "refused", "issued", "notified", "paid", "expired", "refunded")


def upgrade() -> None:
    _states((*_STATES, "cancelling", "cancelled"))


def downgrade() -> None:
    """The states of before know no calling back: what was paid stays paid, the rest was refused."""
    op.execute(
        "update review.charges set state = case when paid_at is null then 'refused' else 'paid' end"
        " where state in ('cancelling', 'cancelled')"
    )
    _states(_STATES)


def _states(names: tuple[str, ...]) -> None:
    told = ", ".join(f"'{name}'" for name in names)
    op.drop_constraint(op.f("ck_charges_state"), "charges", schema="review")
    op.create_check_constraint(op.f("ck_charges_state"), "charges", f"state in ({told})", schema="review")
