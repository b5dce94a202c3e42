"""The schema `review`, and its ledger: audit, outbox, inbox, idempotency keys."""

from __future__ import annotations

from mangping.db import metadata as new_metadata
from mangping.ledger import Ledger

SCHEMA = "review"
metadata = new_metadata(SCHEMA)
ledger = Ledger(metadata)
