"""What was paid around midnight waits for the books of the neighbouring day

Revision: 0003, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What waits already: the nearest midnight to the instant that a book tells of it.
_WAITING = """
update fees.differences d
set waits_for = r.day + case when t.paid_at < (r.day + time '12:00') at time zone 'Asia/Shanghai' then -1 else 1 end
from fees.reconciliations r, (
    select p.region_code, p.bank_trans_no, p.paid_at from fees.payments p
    union all
    select s.region_code, l.bank_trans_no, l.paid_at from fees.statement_lines l
    join fees.statements s on s.id = l.statement_id
) t
where d.verdict = 'cut_off' and d.resolved_at is null and r.id = d.reconciliation_id
    and t.region_code = r.region_code and t.bank_trans_no = d.bank_trans_no
"""


def upgrade() -> None:
    op.add_column("reconciliations", sa.Column("next_run", sa.Uuid(), nullable=True), schema="fees")
    op.create_foreign_key(
        op.f("fk_reconciliations_next_run_reconciliations"), "reconciliations", "reconciliations", ["next_run"], ["id"],
        source_schema="fees", referent_schema="fees",
    )  # fmt: skip
    op.add_column("differences", sa.Column("waits_for", sa.Date(), nullable=True), schema="fees")
    op.add_column("differences", sa.Column("other_run", sa.Uuid(), nullable=True), schema="fees")
    op.create_foreign_key(
        op.f("fk_differences_other_run_reconciliations"), "differences", "reconciliations", ["other_run"], ["id"],
        source_schema="fees", referent_schema="fees",
    )  # fmt: skip
    op.create_index(
        op.f("ix_differences_other_run"), "differences", ["other_run"], schema="fees",
        postgresql_where=sa.text("other_run is not null"),
    )  # fmt: skip
    op.execute(_WAITING)


def downgrade() -> None:
    op.drop_column("differences", "other_run", schema="fees")
    op.drop_column("differences", "waits_for", schema="fees")
    op.drop_column("reconciliations", "next_run", schema="fees")
