"""Jobs of applications are neither listed nor let go by age: the indexes for that are of the other jobs

Revision: 0014, after 0013
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLE = "redaction_jobs"
_OUTSIDE = "owner not like 'person:%'"
_NEWEST: tuple[str | sa.TextClause, ...] = ("owner", sa.text("created_at desc"), sa.text("id desc"))


def upgrade() -> None:
    _drop("ix_redaction_jobs_owner_newest", "ix_redaction_jobs_batch_id_state", "ix_redaction_jobs_finished_at")
    _create("ix_redaction_jobs_owner_newest", _NEWEST, _OUTSIDE)
    _create("ix_redaction_jobs_batch_id_state", ["batch_id", "state"], "batch_id is not null")
    _create("ix_redaction_jobs_retained", ["finished_at"], f"{_OUTSIDE} and state not in ('erasing', 'erased')")
    _create("ix_redaction_jobs_erasing", ["finished_at"], "state = 'erasing'")


def downgrade() -> None:
    _drop(
        "ix_redaction_jobs_erasing", "ix_redaction_jobs_retained", "ix_redaction_jobs_batch_id_state",
        "ix_redaction_jobs_owner_newest",
    )  # fmt: skip
    _create("ix_redaction_jobs_finished_at", ["finished_at"], None)
    _create("ix_redaction_jobs_batch_id_state", ["batch_id", "state"], None)
    _create("ix_redaction_jobs_owner_newest", _NEWEST, None)


def _create(name: str, columns: Sequence[str | sa.TextClause], where: str | None) -> None:
    op.create_index(name, _TABLE, columns, schema="review", postgresql_where=sa.text(where) if where else None)


def _drop(*names: str) -> None:
    for name in names:
        op.drop_index(name, table_name=_TABLE, schema="review")
