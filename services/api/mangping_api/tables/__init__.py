"""The schema `review`, by noun. Scans and identities are vault ids here; what names a person is sealed."""

from __future__ import annotations

from mangping_api.tables.applications import application_sections, applications, attachments, deadlines, transfers
from mangping_api.tables.base import SCHEMA, ledger, metadata
from mangping_api.tables.charges import charge_lines, charges
from mangping_api.tables.duties import (
    deliberations,
    hand_ins,
    objections,
    post_approvals,
    post_plans,
    post_uses,
    posting_entries,
    posting_photos,
    postings,
    recommendations,
    review_groups,
    teaching_loads,
    unit_matters,
    unit_pledges,
)
from mangping_api.tables.integrity import complaints, integrity_entries, journal_lists, journals
from mangping_api.tables.messages import hooks, notification_deliveries, notifications, reminders
from mangping_api.tables.papers import papers
from mangping_api.tables.redaction import objects, redaction_batches, redaction_jobs, redaction_pages
from mangping_api.tables.register import organisations, people, programmes, role_grants
from mangping_api.tables.reviews import desks, recusals, returns, sign_offs, submissions, tier_bodies, verdicts

__all__ = [
    "SCHEMA",
    "application_sections",
    "applications",
    "attachments",
    "charge_lines",
    "charges",
    "complaints",
    "deadlines",
    "deliberations",
    "desks",
    "hand_ins",
    "hooks",
    "integrity_entries",
    "journal_lists",
    "journals",
    "ledger",
    "metadata",
    "notification_deliveries",
    "notifications",
    "objections",
    "objects",
    "organisations",
    "papers",
    "people",
    "post_approvals",
    "post_plans",
    "post_uses",
    "posting_entries",
    "posting_photos",
    "postings",
    "programmes",
    "recommendations",
    "recusals",
    "redaction_batches",
    "redaction_jobs",
    "redaction_pages",
    "reminders",
    "returns",
    "review_groups",
    "role_grants",
    "sign_offs",
    "submissions",
    "teaching_loads",
    "tier_bodies",
    "transfers",
    "unit_matters",
    "unit_pledges",
    "verdicts",
]
