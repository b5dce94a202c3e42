"""How long the last inquiry held an application up: the tiers' time goes on after it

Revision: 0020, after 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("held_since", "held_until"):
        op.add_column("applications", sa.Column(name, sa.DateTime(timezone=True)), schema="review")


def downgrade() -> None:
    for name in ("held_since", "held_until"):
        op.drop_column("applications", name, schema="review")
