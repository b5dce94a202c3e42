"""The schema `fees`. Payers are vault ids here; no column can hold a name, a number of a person or an address."""

from __future__ import annotations

from collections.abc import Iterable

from mangping.db import metadata as new_metadata
from mangping.ledger import Ledger
from mangping.webhooks.store import Store
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB

from mangping_fees.domain import refund
from mangping_fees.domain.notice import Doubt, State
from mangping_fees.domain.payment import Channel
from mangping_fees.domain.reconciliation import Verdict
from mangping_fees.domain.statement import LineStatus, Source

SCHEMA = "fees"
metadata = new_metadata(SCHEMA)
ledger = Ledger(metadata)
hooks = Store(metadata)


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    named = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({named})", name=column)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


notices = Table(
    "notices", metadata,
    Column("id", Uuid, primary_key=True),
    Column("serial", BigInteger, nullable=False, unique=True),
    Column("order_id", Uuid, nullable=False, unique=True),
    Column("programme", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("bill_no", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_name", Text, nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("payer", Uuid, nullable=False),
    Column("applicant", Text, nullable=False),
    _moment("created_at"),
    _moment("step_at", nullable=True),
    Column("tries", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("replaces", Uuid, ForeignKey("fees.notices.id")),
    _moment("asked_at", nullable=True),
    Column("pay_code", Text),
    Column("pay_url", Text),
    _moment("issued_at", nullable=True),
    _moment("received_at", nullable=True),
    _moment("due_at", nullable=True),
    Column("due_rule", Text),
    Column("due_trace", ARRAY(Text), nullable=False),
    _moment("paid_at", nullable=True),
    Column("decline_code", Text),
    _one_of("state", State),
    CheckConstraint("amount_fen > 0", name="amount"),
    UniqueConstraint("region_code", "pay_code"),
    UniqueConstraint("region_code", "year", "bill_no"),
    Index(None, "step_at", postgresql_where=text("step_at is not null")),
    Index(None, "due_at", postgresql_where=text("state in ('issued', 'notified', 'paying', 'failed')")),
    Index("ix_notices_newest", text("created_at desc"), text("id desc")),
    Index("ix_notices_applicant_newest", "applicant", text("created_at desc"), text("id desc")),
)  # fmt: skip

notice_lines = Table(
    "notice_lines", metadata,
    Column("notice_id", Uuid, ForeignKey(notices.c.id), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("application_id", Uuid, nullable=False),
    Column("item", Text, nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("current", Boolean, nullable=False),  # False once a later attempt took its place
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("project_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    UniqueConstraint("application_id", "item", "attempt"),
    Index("uq_notice_lines_current", "application_id", "item", unique=True, postgresql_where=text("current")),
)  # fmt: skip

payments = Table(
    "payments", metadata,
    Column("id", Uuid, primary_key=True),
    Column("region_code", Text, nullable=False),
    Column("bank_trans_no", Text, nullable=False),
    Column("pay_code", Text, nullable=False),
    Column("notice_id", Uuid, ForeignKey(notices.c.id)),
    Column("amount_fen", BigInteger, nullable=False),
    Column("channel", Text, nullable=False),
    _moment("paid_at"),
    _moment("heard_at"),
    Column("doubt", Text),  # null: credit; else why it lies in suspense
    Column("books_of", Date),  # the day whose three books agree about it
    UniqueConstraint("region_code", "bank_trans_no"),
    CheckConstraint("doubt is not null or notice_id is not null", name="credit_has_a_notice"),
    _one_of("channel", Channel),
    _one_of("doubt", Doubt),
    Index("uq_payments_one_credit", "notice_id", unique=True, postgresql_where=text("doubt is null")),
    Index(None, "pay_code"),
    Index(None, "region_code", "paid_at"),
    Index("ix_payments_suspense", text("heard_at desc"), text("id desc"), postgresql_where=text("doubt is not null")),
)  # fmt: skip

deliveries = Table(
    "deliveries", metadata,
    Column("id", Uuid, primary_key=True),  # also the key under which the courier knows it
    Column("notice_id", Uuid, ForeignKey(notices.c.id), nullable=False),
    Column("channel", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    _moment("created_at"),
    _moment("next_at", nullable=True),  # null: nothing more to do
    Column("tries", Integer, nullable=False),
    Column("provider_id", Text),
    _moment("sent_at", nullable=True),
    _moment("delivered_at", nullable=True),
    _moment("opened_at", nullable=True),
    Column("error", Text),
    _one_of("channel", ("sms", "email")),
    _one_of("purpose", ("issued", "day_before", "hours_before", "failed")),
    Index(None, "notice_id"),
    Index(None, "next_at", postgresql_where=text("next_at is not null")),
)  # fmt: skip

receipts = Table(
    "receipts", metadata,
    Column("notice_id", Uuid, ForeignKey(notices.c.id), primary_key=True),
    Column("code", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("check_code", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("object", Uuid, nullable=False),  # where the file lies in the vault, once `stored_at` is set
    _moment("issued_at"),
    _moment("stored_at", nullable=True),
    UniqueConstraint("code", "number"),
)  # fmt: skip

refunds = Table(
    "refunds", metadata,
    Column("id", Uuid, primary_key=True),
    Column("payment_id", Uuid, ForeignKey(payments.c.id), nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    _moment("requested_at"),
    Column("approvers", ARRAY(Text), nullable=False),
    Column("reference", Text),
    Column("version", Integer, nullable=False),
    _one_of("state", refund.State),
    CheckConstraint("amount_fen > 0", name="amount"),
    Index("uq_refunds_one", "payment_id", unique=True, postgresql_where=text("state <> 'rejected'")),
    Index("ix_refunds_newest", text("requested_at desc"), text("id desc")),
)  # fmt: skip

statements = Table(
    "statements", metadata,
    Column("id", Uuid, primary_key=True),  # where the file lies in the vault, too
    Column("owner", Text, nullable=False),
    _moment("received_at"),
    Column("state", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("region_code", Text),
    Column("day", Date),
    Column("source", Text),
    Column("lines", BigInteger),
    Column("sum_fen", BigInteger),
    Column("refusal", Text),  # the stable code
    _one_of("state", ("received", "taken", "refused", "superseded")),
    _one_of("source", Source),
    UniqueConstraint("sha256"),
    Index(
        "uq_statements_one_taken", "region_code", "day", "source", unique=True, postgresql_where=text("state = 'taken'")
    ),
)  # fmt: skip

statement_lines = Table(
    "statement_lines", metadata,
    Column("statement_id", Uuid, ForeignKey(statements.c.id, ondelete="CASCADE"), primary_key=True),
    Column("bank_trans_no", Text, primary_key=True),
    Column("pay_code", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    _moment("paid_at"),
    Column("channel", Text, nullable=False),
    Column("status", Text, nullable=False),
    _one_of("status", LineStatus),
)  # fmt: skip

reconciliations = Table(
    "reconciliations", metadata,
    Column("id", Uuid, primary_key=True),
    Column("region_code", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("finance", Uuid, ForeignKey(statements.c.id), nullable=False),
    Column("agent", Uuid, ForeignKey(statements.c.id), nullable=False),
    Column("totals", JSONB, nullable=False),
    Column("verdicts", JSONB, nullable=False),
    _moment("started_at"),
    _moment("closed_at", nullable=True),
    # The run of the day after with which all that was paid around midnight has been settled.
    Column("next_run", Uuid, ForeignKey("fees.reconciliations.id")),
    UniqueConstraint("finance", "agent"),
    Index(None, "region_code", "day"),
)  # fmt: skip

differences = Table(
    "differences", metadata,
    Column("reconciliation_id", Uuid, ForeignKey(reconciliations.c.id), primary_key=True),
    Column("bank_trans_no", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("pay_codes", ARRAY(Text), nullable=False),
    Column("ours_fen", BigInteger),
    Column("finance_fen", BigInteger),
    Column("agent_fen", BigInteger),
    Column("resolved_by", Text),
    _moment("resolved_at", nullable=True),
    Column("resolution", Text),
    Column("waits_for", Date),  # the neighbouring day in whose books the rest of it may stand
    Column("other_run", Uuid, ForeignKey(reconciliations.c.id)),  # where the clock found the rest of it, or what followed
    _one_of("verdict", Verdict),
    Index(None, "verdict", postgresql_where=text("resolved_at is null")),
    Index(None, "other_run", postgresql_where=text("other_run is not null")),
)  # fmt: skip
