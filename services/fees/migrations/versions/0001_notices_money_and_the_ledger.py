"""Notices, money and the ledger

Revision: 0001, after
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create sequence fees.bill_numbers")
    op.create_table(
        "audit",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name=op.f("pk_audit")),
        schema="fees",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency_keys")),
        schema="fees",
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False, schema="fees"
    )
    op.create_table(
        "inbox",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_inbox")),
        schema="fees",
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("bill_no", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("channels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payer", sa.Uuid(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pay_code", sa.Text(), nullable=True),
        sa.Column("pay_url", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_rule", sa.Text(), nullable=True),
        sa.Column("due_trace", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_code", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('draft', 'declined', 'issued', 'notified', 'paying', 'failed', 'expiring', 'expired', "
            "'voiding', 'voided', 'paid', 'reconciled', 'receipted', 'refunded')",
            name=op.f("ck_notices_state"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_notices_amount")),
        sa.ForeignKeyConstraint(["replaces"], ["fees.notices.id"], name=op.f("fk_notices_replaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("order_id", name=op.f("uq_notices_order_id")),
        sa.UniqueConstraint("region_code", "pay_code", name=op.f("uq_notices_region_code_pay_code")),
        sa.UniqueConstraint("region_code", "year", "bill_no", name=op.f("uq_notices_region_code_year_bill_no")),
        sa.UniqueConstraint("serial", name=op.f("uq_notices_serial")),
        schema="fees",
    )
    op.create_index(
        "ix_notices_applicant_newest",
        "notices",
        ["applicant", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="fees",
    )
    op.create_index(
        op.f("ix_notices_due_at"),
        "notices",
        ["due_at"],
        unique=False,
        schema="fees",
        postgresql_where=sa.text("state in ('issued', 'notified', 'paying', 'failed')"),
    )
    op.create_index(
        "ix_notices_newest",
        "notices",
        [sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="fees",
    )
    op.create_index(
        op.f("ix_notices_step_at"),
        "notices",
        ["step_at"],
        unique=False,
        schema="fees",
        postgresql_where=sa.text("step_at is not null"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
        schema="fees",
    )
    op.create_index(op.f("ix_outbox_not_before_id"), "outbox", ["not_before", "id"], unique=False, schema="fees")
    op.create_table(
        "statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("lines", sa.BigInteger(), nullable=True),
        sa.Column("sum_fen", sa.BigInteger(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.CheckConstraint("source in ('finance', 'agent')", name=op.f("ck_statements_source")),
        sa.CheckConstraint("state in ('received', 'taken', 'refused', 'superseded')", name=op.f("ck_statements_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("sha256", name=op.f("uq_statements_sha256")),
        schema="fees",
    )
    op.create_index(
        "uq_statements_one_taken",
        "statements",
        ["region_code", "day", "source"],
        unique=True,
        schema="fees",
        postgresql_where=sa.text("state = 'taken'"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("channel in ('sms', 'email')", name=op.f("ck_deliveries_channel")),
        sa.CheckConstraint(
            "purpose in ('issued', 'day_before', 'hours_before', 'failed')", name=op.f("ck_deliveries_purpose")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["fees.notices.id"], name=op.f("fk_deliveries_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        schema="fees",
    )
    op.create_index(
        op.f("ix_deliveries_next_at"),
        "deliveries",
        ["next_at"],
        unique=False,
        schema="fees",
        postgresql_where=sa.text("next_at is not null"),
    )
    op.create_index(op.f("ix_deliveries_notice_id"), "deliveries", ["notice_id"], unique=False, schema="fees")
    op.create_table(
        "notice_lines",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("project_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["fees.notices.id"], name=op.f("fk_notice_lines_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "position", name=op.f("pk_notice_lines")),
        sa.UniqueConstraint(
            "application_id", "item", "attempt", name=op.f("uq_notice_lines_application_id_item_attempt")
        ),
        schema="fees",
    )
    op.create_index(
        "uq_notice_lines_current",
        "notice_lines",
        ["application_id", "item"],
        unique=True,
        schema="fees",
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("bank_trans_no", sa.Text(), nullable=False),
        sa.Column("pay_code", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("doubt", sa.Text(), nullable=True),
        sa.Column("books_of", sa.Date(), nullable=True),
        sa.CheckConstraint("channel in ('counter', 'qr', 'mobile_bank', 'transfer')", name=op.f("ck_payments_channel")),
        sa.CheckConstraint(
            "doubt in ('unknown_code', 'channel', 'unit', 'short', 'over', 'void', 'late', 'second')",
            name=op.f("ck_payments_doubt"),
        ),
        sa.CheckConstraint("doubt is not null or notice_id is not null", name=op.f("ck_payments_credit_has_a_notice")),
        sa.ForeignKeyConstraint(["notice_id"], ["fees.notices.id"], name=op.f("fk_payments_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("region_code", "bank_trans_no", name=op.f("uq_payments_region_code_bank_trans_no")),
        schema="fees",
    )
    op.create_index(op.f("ix_payments_pay_code"), "payments", ["pay_code"], unique=False, schema="fees")
    op.create_index(
        op.f("ix_payments_region_code_paid_at"), "payments", ["region_code", "paid_at"], unique=False, schema="fees"
    )
    op.create_index(
        "ix_payments_suspense",
        "payments",
        [sa.literal_column("heard_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="fees",
        postgresql_where=sa.text("doubt is not null"),
    )
    op.create_index(
        "uq_payments_one_credit",
        "payments",
        ["notice_id"],
        unique=True,
        schema="fees",
        postgresql_where=sa.text("doubt is null"),
    )
    op.create_table(
        "receipts",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("check_code", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("object", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["fees.notices.id"], name=op.f("fk_receipts_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("code", "number", name=op.f("uq_receipts_code_number")),
        schema="fees",
    )
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("finance", sa.Uuid(), nullable=False),
        sa.Column("agent", sa.Uuid(), nullable=False),
        sa.Column("totals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("verdicts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent"], ["fees.statements.id"], name=op.f("fk_reconciliations_agent")),
        sa.ForeignKeyConstraint(["finance"], ["fees.statements.id"], name=op.f("fk_reconciliations_finance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
        sa.UniqueConstraint("finance", "agent", name=op.f("uq_reconciliations_finance_agent")),
        schema="fees",
    )
    op.create_index(
        op.f("ix_reconciliations_region_code_day"),
        "reconciliations",
        ["region_code", "day"],
        unique=False,
        schema="fees",
    )
    op.create_table(
        "statement_lines",
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("bank_trans_no", sa.Text(), nullable=False),
        sa.Column("pay_code", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status in ('paid', 'reversed')", name=op.f("ck_statement_lines_status")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["fees.statements.id"], name=op.f("fk_statement_lines_statement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("statement_id", "bank_trans_no", name=op.f("pk_statement_lines")),
        schema="fees",
    )
    op.create_table(
        "differences",
        sa.Column("reconciliation_id", sa.Uuid(), nullable=False),
        sa.Column("bank_trans_no", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("pay_codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("ours_fen", sa.BigInteger(), nullable=True),
        sa.Column("finance_fen", sa.BigInteger(), nullable=True),
        sa.Column("agent_fen", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "verdict in ('match', 'missing_here', 'missing_there', 'amount', 'status', 'cut_off')",
            name=op.f("ck_differences_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"], ["fees.reconciliations.id"], name=op.f("fk_differences_reconciliation_id")
        ),
        sa.PrimaryKeyConstraint("reconciliation_id", "bank_trans_no", name=op.f("pk_differences")),
        schema="fees",
    )
    op.create_index(
        op.f("ix_differences_verdict"),
        "differences",
        ["verdict"],
        unique=False,
        schema="fees",
        postgresql_where=sa.text("resolved_at is null"),
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approvers", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('requested', 'approved_once', 'approved', 'refunded', 'rejected')", name=op.f("ck_refunds_state")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["fees.payments.id"], name=op.f("fk_refunds_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        schema="fees",
    )
    op.create_index(
        "ix_refunds_newest",
        "refunds",
        [sa.literal_column("requested_at desc"), sa.literal_column("id desc")],
        unique=False,
        schema="fees",
    )
    op.create_index(
        "uq_refunds_one",
        "refunds",
        ["payment_id"],
        unique=True,
        schema="fees",
        postgresql_where=sa.text("state <> 'rejected'"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_refunds_one", table_name="refunds", schema="fees", postgresql_where=sa.text("state <> 'rejected'")
    )
    op.drop_index("ix_refunds_newest", table_name="refunds", schema="fees")
    op.drop_table("refunds", schema="fees")
    op.drop_index(
        op.f("ix_differences_verdict"),
        table_name="differences",
        schema="fees",
        postgresql_where=sa.text("resolved_at is null"),
    )
    op.drop_table("differences", schema="fees")
    op.drop_table("statement_lines", schema="fees")
    op.drop_index(op.f("ix_reconciliations_region_code_day"), table_name="reconciliations", schema="fees")
    op.drop_table("reconciliations", schema="fees")
    op.drop_table("receipts", schema="fees")
    op.drop_index(
        "uq_payments_one_credit", table_name="payments", schema="fees", postgresql_where=sa.text("doubt is null")
    )
    op.drop_index(
        "ix_payments_suspense", table_name="payments", schema="fees", postgresql_where=sa.text("doubt is not null")
    )
    op.drop_index(op.f("ix_payments_region_code_paid_at"), table_name="payments", schema="fees")
    op.drop_index(op.f("ix_payments_pay_code"), table_name="payments", schema="fees")
    op.drop_table("payments", schema="fees")
    op.drop_index(
        "uq_notice_lines_current", table_name="notice_lines", schema="fees", postgresql_where=sa.text("current")
    )
    op.drop_table("notice_lines", schema="fees")
    op.drop_index(op.f("ix_deliveries_notice_id"), table_name="deliveries", schema="fees")
    op.drop_index(
        op.f("ix_deliveries_next_at"),
        table_name="deliveries",
        schema="fees",
        postgresql_where=sa.text("next_at is not null"),
    )
    op.drop_table("deliveries", schema="fees")
    op.drop_index(
        "uq_statements_one_taken", table_name="statements", schema="fees", postgresql_where=sa.text("state = 'taken'")
    )
    op.drop_table("statements", schema="fees")
    op.drop_index(op.f("ix_outbox_not_before_id"), table_name="outbox", schema="fees")
    op.drop_table("outbox", schema="fees")
    op.drop_index(
        op.f("ix_notices_step_at"), table_name="notices", schema="fees", postgresql_where=sa.text("step_at is not null")
    )
    op.drop_index("ix_notices_newest", table_name="notices", schema="fees")
    op.drop_index(
        op.f("ix_notices_due_at"),
        table_name="notices",
        schema="fees",
        postgresql_where=sa.text("state in ('issued', 'notified', 'paying', 'failed')"),
    )
    op.drop_index("ix_notices_applicant_newest", table_name="notices", schema="fees")
    op.drop_table("notices", schema="fees")
    op.drop_table("inbox", schema="fees")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys", schema="fees")
    op.drop_table("idempotency_keys", schema="fees")
    op.drop_table("audit", schema="fees")
    op.execute("drop sequence fees.bill_numbers")
