"""The schema `review`, by noun. Scans and identities are vault ids here; what names a person is sealed."""

from __future__ import annotations

from mangping_api.tables.applications import application_sections, applications, attachments, deadlines, transfers
from mangping_api.tables.base import SCHEMA, ledger, metadata
from mangping_api.tables.messages import hooks, notification_deliveries, notifications, reminders
from mangping_api.tables.redaction import objects, redaction_batches, redaction_jobs, redaction_pages
from mangping_api.tables.register import organisations, people, programmes, role_grants
from mangping_api.tables.reviews import desks, recusals, returns, sign_offs, submissions, tier_bodies, verdicts

__all__ = [
    "SCHEMA",
    "application_sections",
    "applications",
    "attachments",
    "deadlines",
    "desks",
    "hooks",
    "ledger",
    "metadata",
    "notification_deliveries",
    "notifications",
    "objects",
    "organisations",
    "people",
    "programmes",
    "recusals",
    "redaction_batches",
    "redaction_jobs",
    "redaction_pages",
    "reminders",
    "returns",
    "role_grants",
    "sign_offs",
    "submissions",
    "tier_bodies",
    "transfers",
    "verdicts",
]
