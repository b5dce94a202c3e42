"""The kernel's `Once` on this service's ledger."""

from __future__ import annotations

from dataclasses import dataclass

from mangping import once
from mangping.ledger import Ledger
from mangping.once import Act, Answer

from mangping_api.tables import ledger as ours

__all__ = ["Act", "Answer", "Once"]


@dataclass(frozen=True, slots=True)
class Once(once.Once):
    ledger: Ledger = ours
