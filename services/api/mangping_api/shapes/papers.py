"""Papers, as they are asked for and got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from mangping_api.domain.paper import Kind, Paper
from mangping_api.services.papers import Verified
from mangping_api.wire import In, Out

Code = Annotated[str, Field(description="水印编号", examples=["K7QM-2XWD-9RTA-4HNE"])]


class PaperIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "review_form"}]})
    kind: Annotated[Kind, Field(description="材料种类")]


class PaperMadeOut(Out):
    id: UUID
    kind: Kind
    code: Code


class PaperOut(PaperMadeOut):
    title: str
    issued_at: datetime
    sha256: Annotated[str, Field(description="hexadecimal, of the PDF")]
    size: Annotated[int, Field(description="bytes")]

    @classmethod
    def of(cls, paper: Paper) -> PaperOut:
        return cls(
            id=paper.id, kind=paper.kind, code=paper.code, title=paper.title, issued_at=paper.issued_at,
            sha256=paper.sha256, size=paper.size,
        )  # fmt: skip


class PapersOut(Out):
    items: tuple[PaperOut, ...]


class VerifiedOut(Out):
    """What anybody may know of a print: what it is, when it was issued, and whether it is the newest."""

    code: Code
    title: str
    issued_at: datetime
    sha256: str
    newest: Annotated[bool, Field(description="false: 此后又生成了新的一份，以新的为准")]

    @classmethod
    def of(cls, found: Verified) -> VerifiedOut:
        paper = found.paper
        return cls(
            code=paper.code,
            title=paper.title,
            issued_at=paper.issued_at,
            sha256=paper.sha256,
            newest=found.newest,
        )
