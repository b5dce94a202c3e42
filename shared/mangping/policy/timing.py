"""Parts of a pack about time: windows, correction, submissions, tiers, publicity, seniority, continuing education."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from mangping.policy.parts import (
    Act,
    Cited,
    Clock,
    Condition,
    Day,
    Ending,
    Key,
    Lapse,
    Part,
    Period,
    Refusal,
    Text,
    Year,
)


class Window(Cited):
    """A printed window. `announced: false` says the notice leaves it to a later announcement: nothing is late yet."""

    key: Key
    title: Text
    acts: tuple[Act, ...]
    opens: Day | None = None
    closes: Day | None = None
    closes_at: Clock | None = None
    when: Condition | None = None
    announced: bool = True
    provisional: bool = False
    year_inferred: bool = False
    roll: Literal["none", "off_days", "statutory_only"] = "none"
    on_late: Lapse

    @model_validator(mode="after")
    def _days(self) -> Window:
        if self.announced and self.opens is None and self.closes is None:
            raise ValueError("须写明opens或closes；通知未定的写announced: false")
        if not self.announced and (self.opens or self.closes):
            raise ValueError("announced: false时不得写日期")
        if self.opens and self.closes and self.opens > self.closes:
            raise ValueError("opens晚于closes")
        return self


class Arrival(Cited):
    """The deadline is for the first arrival at this tier, the one after that which receives (`before: receive`): all tiers
    before it passed, whatever the hour of the applicant's click. What arrived in time is judged there without haste."""

    tier: Key
    window: Key
    on_late: Ending


class Correction(Cited):
    """How long a returned applicant has, from the moment of the return; a notice that counts from its receipt is not known
    here. No period: the officer who returns it sets the end, or there is none."""

    period: Period | None = None
    set_by_officer: bool = False
    starts: Literal["returned_at"]
    on_lapse: Lapse
    may_pass_window: bool
    not_after: Key | None = None

    @model_validator(mode="after")
    def _one(self) -> Correction:
        if self.period is not None and self.set_by_officer:
            raise ValueError("period与set_by_officer只能写一项")
        return self


class Submissions(Cited):
    """How many times an application may be submitted, and which submissions count."""

    max: Annotated[int, Field(gt=0)]
    counts: Literal["all", "committee"]
    withdrawal_counts: bool = False
    on_exhausted: Refusal


class Passed(Cited):
    """How the notice calls an application that this tier has passed."""

    state: Text


class Tier(Cited):
    """Who reviews, in the order of the list. Each body must agree (`needs: all`) or one; `signed`: by a named person."""

    key: Key
    title: Text
    bodies: Annotated[tuple[Text, ...], Field(min_length=1)]
    needs: Literal["all", "any"] = "all"
    before: Act
    signed: Cited | None = None
    passed: Passed | None = None


class PublicityContents(Cited):
    items: Annotated[tuple[Text, ...], Field(min_length=1)]


class PublicityPlace(Cited):
    """Where or to whom: facts `publicity.<fact>` must be filled."""

    fact: Key
    title: Text


class ShownFields(Cited):
    """Form fields that are shown, in this order: on the public page, or where equals are compared."""

    fields: Annotated[tuple[Key, ...], Field(min_length=1)]


class Online(Cited):
    """Material columns that whoever works at the unit may see online, as they were uploaded, while it stands posted."""

    columns: Annotated[tuple[Key, ...], Field(min_length=1)]


class Publicity(Cited):
    """At the unit, before it sends up; `cite` is for the number of days."""

    period: Period
    contents: PublicityContents | None = None
    shows: ShownFields | None = None
    places: tuple[PublicityPlace, ...] = ()
    no_objection: Cited | None = None
    certificate: PublicityContents | None = None
    again_on_change: Cited | None = None
    online: Online | None = None


class Years(Cited):
    """Years wanted from those to whom `when` applies."""

    when: Condition
    years: int


class Deferrals(Cited):
    """Years added for each such result in the assessments of these years."""

    years: Annotated[tuple[Year, ...], Field(min_length=1)]
    add: Annotated[dict[Text, int], Field(min_length=1)]


class Seniority(Cited):
    """Full years from a form field to the cut-off day (the day of the act when the notice names none)."""

    since: Key
    cutoff: Day | None = None
    required: tuple[Years, ...] = ()
    from_criteria: bool = False
    deferrals: Deferrals | None = None
    credits: tuple[Years, ...] = ()
    on_unknown: Literal["officer"] = "officer"


class Education(Cited):
    """One line of continuing education: so much a year of a subject, in each of these years."""

    key: Key
    when: Condition | None = None
    subject: Literal["公需", "专业", "合计"]
    years: Annotated[tuple[Year, ...], Field(min_length=1)]
    amount: Annotated[int, Field(gt=0)]
    unit: Literal["学分", "课时", "学时"]
    reference_only: bool = False


class EducationSource(Cited):
    """Certificates of these years come from the named system, not from an upload."""

    subject: Literal["公需", "专业"]
    from_year: Year
    base_year_included: bool


class EducationReviewer(Cited):
    """Who approves the exemption of whom."""

    reasons: tuple[Text, ...]
    still_serving: bool
    bodies: Annotated[tuple[Text, ...], Field(min_length=1)]


class EducationExemption(Cited):
    """An approved form stands in for the certificates of the years it names."""

    document: Key
    reasons: Annotated[tuple[Text, ...], Field(min_length=1)]
    closed_list: Cited | None = None
    reviewers: tuple[EducationReviewer, ...] = ()


class ContinuingEducation(Part):
    required: tuple[Education, ...] = ()
    sources: tuple[EducationSource, ...] = ()
    exemption: EducationExemption | None = None
