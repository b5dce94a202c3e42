"""Papers handed in at an office, as they are sent and got."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from mangping_api.services.hand_ins import HandIn
from mangping_api.shapes.parts import Short
from mangping_api.wire import In, Out


class HandedPaperIn(In):
    """One paper as it lies there. `watermark`: the code printed on it."""

    copies: Annotated[int, Field(ge=1, le=20)] = 1
    original: bool | None = None
    duplex: bool | None = None
    watermark: Annotated[str | None, Field(max_length=40)] = None
    seals: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    signatures: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    parts: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    issued_on: date | None = None
    level: Short | None = None
    handwritten: bool | None = None


class WrittenIn(In):
    text: Annotated[str, Field(max_length=2000)]
    handwritten: bool | None = None
    fingerprint: bool | None = None


class HandInIn(In):
    """Papers by the keys of the notice's list, and the words written on them by the keys of its texts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "handed_by": "单位", "items": {"review_form": {"copies": 2, "seals": ["相关部门"], "duplex": True}},
        "texts": {"opinion": {"text": "本单位已对提供的申报材料逐一审核，真实准确，同意推荐", "handwritten": True}},
    }]})  # fmt: skip
    handed_by: Annotated[Literal["单位", "个人"], Field(description="报送人")]
    items: Annotated[dict[Annotated[str, Field(max_length=60)], HandedPaperIn], Field(max_length=40)]
    texts: Annotated[
        dict[Annotated[str, Field(max_length=60)], WrittenIn], Field(max_length=20, default_factory=dict)
    ]  # fmt: skip
    roster: Annotated[tuple[Short, ...], Field(max_length=500, description="申报人员花名册")] = ()
    web_equals_print: Annotated[bool, Field(description="网上填报与送审报表是否一致")] = False

    def handed(self) -> HandIn:
        items = {key: one.model_dump(mode="json", exclude_none=True) for key, one in self.items.items()}
        texts = {key: one.model_dump(mode="json", exclude_none=True) for key, one in self.texts.items()}
        return HandIn(self.handed_by, items, texts, self.roster, self.web_equals_print)


class HandedInOut(Out):
    id: UUID
    received_at: datetime
