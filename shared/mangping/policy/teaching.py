"""Parts of a pack about the teaching load: years in which it is waived, papers that count as hours, nothing twice."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mangping.policy.parts import Act, Cited, Part, Text


class Waiver(Cited):
    """Service that takes the load off a year: every year of it, or its first."""

    kind: Text
    years: Literal["each", "first"]


class Conversion(Cited):
    """Standard hours for a thousand characters of a paper in such a journal."""

    journal: Text
    hours: Annotated[int, Field(gt=0)]


class TeachingLoad(Part):
    """Judged on the facts `teaching.claims`: rows of kind, year, hours and evidence; of service its first year (`began`);
    of a paper its journal, title and characters. `thousands`: whether a begun thousand counts in part or not at all."""

    at: Annotated[tuple[Act, ...], Field(min_length=1)]
    taught: Text
    paper: Text
    once: Cited
    waivers: Annotated[tuple[Waiver, ...], Field(min_length=1)]
    conversions: Annotated[tuple[Conversion, ...], Field(min_length=1)]
    thousands: Literal["whole", "in_part"] = "in_part"
    leaves_research: Cited
