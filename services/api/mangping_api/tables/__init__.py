"""The schema `review`, by noun. Scans and identities are vault ids here; what names a person is sealed."""

from __future__ import annotations

from mangping_api.tables.applications import application_sections, applications, attachments, deadlines, transfers
from mangping_api.tables.base import SCHEMA, ledger, metadata
from mangping_api.tables.redaction import objects, redaction_batches, redaction_jobs, redaction_pages
from mangping_api.tables.register import organisations, people, programmes, role_grants

__all__ = [
    "SCHEMA",
    "application_sections",
    "applications",
    "attachments",
    "deadlines",
    "ledger",
    "metadata",
    "objects",
    "organisations",
    "people",
    "programmes",
    "redaction_batches",
    "redaction_jobs",
    "redaction_pages",
    "role_grants",
    "transfers",
]
