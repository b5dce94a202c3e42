"""A policy pack: one programme (one notice) as data, dated, every value with the rules it stands on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mangping.policy.paper import ExactText, Form, Masking, Materials, Papers
from mangping.policy.parts import Attestation, Check, Cited, Condition, Day, Ending, Fen, Key, Part, Period, Text, Year
from mangping.policy.teaching import TeachingLoad
from mangping.policy.timing import (
    Arrival,
    ContinuingEducation,
    Correction,
    Publicity,
    Seniority,
    ShownFields,
    Submissions,
    Tier,
    Window,
    Years,
)

ApplicationKind = Literal["评审", "初次确定", "授予"]
Level = Literal["初级", "中级", "副高级", "正高级"]


class Notice(Part):
    """The paper this pack is checked against."""

    title: Text
    issuer: Text
    issued: Day | None


class Valid(Part):
    """The days the pack answers for; another day is an error, never an answer."""

    first: Day
    last: Day


class KindLevel(Cited):
    kind: ApplicationKind
    level: Level


class CriteriaSet(Cited):
    """The review criteria that apply; number and version are stored with the application. `years` of service are what
    they demand of whom, the first that fits: notices only name the criteria, so an administrator adds them."""

    number: Text
    title: Text
    when: Condition | None = None
    years: tuple[Years, ...] = ()


class Fee(Cited):
    kind: ApplicationKind
    level: Level
    fen: Fen


class FeeWindow(Cited):
    """A printed window, or a period counted from the receipt of the payment notice."""

    window: Key | None = None
    period: Period | None = None
    starts: Literal["notified_at"] | None = None
    on_lapse: Ending


class FeeChannels(Cited):
    allowed: Annotated[tuple[Text, ...], Field(min_length=1)]
    refused: tuple[Text, ...] = ()


class FeeGate(Cited):
    state: Text


class Fees(Part):
    table: Annotated[tuple[Fee, ...], Field(min_length=1)]
    due: FeeWindow
    channels: FeeChannels | None = None
    gate: FeeGate | None = None
    whole: Cited | None = None
    retry: Cited | None = None
    roster: Cited | None = None  # the unit pays for a list, as one bill


class Exempt(Cited):
    when: Condition
    title: Text


class ExemptCounts(Cited):
    """How an exempt applicant is scored."""

    when: Condition | None = None
    counts_as: Literal["mean", "pass"]


class Defence(Cited):
    required: Condition
    exempt: tuple[Exempt, ...] = ()
    counts: tuple[ExemptCounts, ...] = ()


class PassRate(Cited):
    """`percent` null: no cap. Rounding and base are parameters, since the notice names neither."""

    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    percent: Annotated[int, Field(gt=0, le=100)] | None
    rounding: Literal["floor", "ceiling", "half_up"] = "floor"
    base: Literal["put_to_vote", "accepted", "present"] = "put_to_vote"


class Ban(Cited):
    """What a finding of fraud can bring; the officer decides, the default is the one proposed."""

    key: Key
    title: Text
    effect: Literal["void", "no_application", "no_promotion", "blacklist", "revoke", "archive", "disqualify"]
    years: Annotated[int, Field(gt=0)] | None = None
    months: Annotated[int, Field(gt=0)] | None = None
    starts: Literal["next_application_year", "finding", "decision"] | None = None
    default: bool = False


class Published(Cited):
    """What the platform shows to people for this programme."""

    key: Key
    title: Text
    value: Text


class Later(Cited):
    """Kept by another part of the system; `how` says by what."""

    how: Text


class Outside(Cited):
    """No software can keep it; `why`."""

    why: Text


class Elsewhere(Part):
    review: tuple[Later, ...] = ()
    panel: tuple[Later, ...] = ()
    fees: tuple[Later, ...] = ()
    outside: tuple[Outside, ...] = ()


class Rule(Part):
    """A rule that a pack for a new notice brings along: id, article and a verbatim quote."""

    id: Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9]{2,3}$")]
    article: Text
    quote: Text


class Pack(Part):
    """The whole of a programme. Lists keep their order: findings come in it."""

    format: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*-[0-9]{4}$")]
    version: Annotated[int, Field(gt=0)]
    title: Text
    notice: Notice
    year: Year
    valid: Valid
    region: Annotated[str, Field(pattern=r"^CN(-[A-Z0-9]+)*$")]
    series: Text | None = None
    rules: tuple[Rule, ...] = ()
    kinds: Annotated[tuple[KindLevel, ...], Field(min_length=1)]
    criteria: tuple[CriteriaSet, ...] = ()
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    arrival: Arrival | None = None
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    submissions: Submissions | None = None
    correction: Correction | None = None
    scales: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    scope: tuple[Check, ...] = ()
    exclusions: tuple[Check, ...] = ()
    eligibility: tuple[Check, ...] = ()
    seniority: Seniority | None = None
    form: Form
    continuing_education: ContinuingEducation = ContinuingEducation()
    materials: Materials
    masking: Masking
    texts: tuple[ExactText, ...] = ()
    publicity: Publicity
    unit_duties: tuple[Check, ...] = ()
    review_duties: tuple[Check, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    teaching_load: TeachingLoad | None = None
    ranking: ShownFields | None = None
    papers: Papers = Papers()
    fees: Fees | None = None
    defence: Defence | None = None
    pass_rates: tuple[PassRate, ...] = ()
    bans: tuple[Ban, ...] = ()
    published: tuple[Published, ...] = ()
    elsewhere: Elsewhere = Elsewhere()
