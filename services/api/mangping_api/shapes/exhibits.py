"""What staff see online of the posted, as it is sent."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from mangping_api.domain.attachment import Format
from mangping_api.services.exhibits import Exhibit
from mangping_api.wire import Out


class ExhibitOut(Out):
    name: Annotated[str, Field(description="the applicant's, as the posting shows it")]
    column: Annotated[str, Field(description="title of the column")]
    item: Annotated[str, Field(description="title of the document")]
    side: str | None
    year: int | None
    part: str | None
    format: Format
    size: Annotated[int, Field(description="bytes")]
    original: Annotated[str, Field(description="where it may be seen while the posting stands")]


class ExhibitsOut(Out):
    items: tuple[ExhibitOut, ...]

    @classmethod
    def of(cls, posting: UUID, found: list[Exhibit]) -> ExhibitsOut:
        return cls(items=tuple(_one(posting, one) for one in found))


def _one(posting: UUID, one: Exhibit) -> ExhibitOut:
    held, slot = one.looked.attachment, one.looked.attachment.slot
    return ExhibitOut(
        name=one.name, column=one.column, item=one.item, side=slot.side, year=slot.year, part=slot.part,
        format=held.format, size=held.size, original=f"/v1/postings/{posting}/exhibits/{held.id}",
    )  # fmt: skip
