"""A programme (评审批次): one version of one policy pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Programme:
    """`pack` and `version` name it for people; `digest` pins its very text."""

    id: UUID
    organisation: UUID
    pack: str
    version: int
    title: str
    year: int
    digest: str
    created_at: datetime
