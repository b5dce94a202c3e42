"""Programmes, as they are sent and got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from mangping_api.domain.programme import Programme
from mangping_api.wire import In, Out

_ID = "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d"


class ProgrammeIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [
        {"organisation": _ID, "text": "format: 1\nid: some-primary-2024\nversion: 1\n"}
    ]})  # fmt: skip
    organisation: Annotated[UUID, Field(description="组织评审的单位")]
    text: Annotated[str, Field(max_length=400_000, description="政策包全文（YAML）")]


class Line(Out):
    """A place in a pack; `line` from 1."""

    line: int
    key: str
    message: str


class LoadedOut(Out):
    id: UUID
    pack: str
    version: int
    hints: Annotated[tuple[Line, ...], Field(description="allowed, but worth a look")]


class ProgrammeOut(Out):
    id: UUID
    organisation: UUID
    pack: str
    version: int
    title: str
    year: int
    digest: Annotated[str, Field(description="SHA-256 of the pack's text")]
    created_at: datetime

    @classmethod
    def of(cls, programme: Programme) -> ProgrammeOut:
        return cls.model_validate(programme, from_attributes=True)


class ProgrammesOut(Out):
    items: tuple[ProgrammeOut, ...]
    next: Annotated[str | None, Field(description="the cursor of the next page; null on the last one")]


class ChangesOut(Out):
    items: Annotated[
        tuple[str, ...],
        Field(
            description="一行一处改动，末尾括号内为所依据的规则编号",
            examples=[["版本：1 → 2", "继续教育 › 要求 › “合计” › 数量：18 → 24（KP-21）"]],
        ),
    ]
