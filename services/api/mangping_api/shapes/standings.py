"""How a unit stands: pledges, statements, measures, numbers and its ranking, as they are sent and got."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from mangping_api.domain.application import State
from mangping_api.services.standings import Place
from mangping_api.shapes.parts import ID, Words
from mangping_api.storage.standings import Counted, Kind, Matter
from mangping_api.wire import In, Out


class PledgeIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"programme": ID}]})
    programme: UUID


class PledgedOut(Out):
    unit: UUID
    programme: UUID


class StatementIn(In):
    """What a unit files of itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"programme": ID, "kind": "explanation", "words": "一名申报人学历不符，今后逐项核对。"}
    ]})  # fmt: skip
    programme: UUID
    kind: Literal["explanation", "rectification"]
    words: Words


class MeasureIn(In):
    """What an office above does about a unit; a suspension holds for the following year."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"programme": ID, "kind": "bulletin", "words": "对该单位审核质量予以通报。"}
    ]})  # fmt: skip
    programme: UUID
    kind: Literal["bulletin", "suspension"]
    words: Words


class MatterMadeOut(Out):
    id: UUID
    kind: Kind
    year: int


class MatterOut(MatterMadeOut):
    words: str
    organisation: UUID
    recorded_at: datetime

    @classmethod
    def of(cls, matter: Matter) -> MatterOut:
        return cls(**{name: getattr(matter, name) for name in cls.model_fields})


class MattersOut(Out):
    items: tuple[MatterOut, ...]


class UnitCountedOut(Out):
    unit: UUID
    name: str
    applicants: int
    ineligible: int
    percent: Annotated[int, Field(description="whole percent of those not eligible, rounded down")]
    returned: Annotated[int, Field(description="returns of all of them together")]
    states: dict[str, int]
    tiers: Annotated[dict[str, int], Field(description="where those under review lie now")]

    @classmethod
    def of(cls, counted: Counted) -> UnitCountedOut:
        return cls(**{name: getattr(counted, name) for name in cls.model_fields})


class StatisticsOut(Out):
    items: tuple[UnitCountedOut, ...]


class ShownFieldOut(Out):
    title: str
    value: str


class PlaceOut(Out):
    application: UUID
    name: str
    kind: str
    level: str
    state: State
    agrees: bool | None
    rank: int | None
    tied: bool | None
    reason: str | None
    compared: Annotated[tuple[ShownFieldOut, ...], Field(description="what the notice compares equals by")]

    @classmethod
    def of(cls, place: Place) -> PlaceOut:
        compared = tuple(ShownFieldOut(title=title, value=value) for title, value in place.shown)
        told = {name: getattr(place.ranked, name) for name in cls.model_fields if name not in ("name", "compared")}
        return cls(**told, name=place.name, compared=compared)


class RankingOut(Out):
    items: tuple[PlaceOut, ...]
