"""All that unit and authorities put on record of one application, and the facts it makes for a policy. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mangping.clock import BEIJING

from mangping_api.domain import deliberation, integrity, journal, post_plan, publicity
from mangping_api.domain.deliberation import Deliberation, Group, Recommendation
from mangping_api.domain.integrity import Entry
from mangping_api.domain.post_plan import Plan
from mangping_api.domain.publicity import Objection, Posting


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit stands in a programme: counts for the thresholds, and what was filed about it."""

    applicants: int = 0
    ineligible: int = 0
    passed_department: int = 0
    failed_at_panel: int = 0  # by their state, as of those not eligible
    pledged: bool = False
    explained: bool = False
    rectified: bool = False
    suspended: bool = False
    twins: int = 0  # other units of the same name; a unified credit code is taken once only

    def facts(self) -> dict[str, Any]:
        return {
            "applicants": self.applicants, "ineligible": self.ineligible, "failed_at_panel": self.failed_at_panel,
            "recommended_by_department": self.passed_department, "responsible_signed": self.pledged,
            "explained": self.explained, "rectification_filed": self.rectified, "suspended": self.suspended,
            "credit_code_unique": self.twins == 0,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Journals:
    """What the loaded lists say: marks of risky journals and of core journals among those asked about, and whether any
    catalogue of core journals was loaded at all."""

    risky: frozenset[str] = frozenset()
    core: frozenset[str] = frozenset()
    catalogued: bool = False


@dataclass(frozen=True, slots=True)
class Duties:
    level: str = ""
    changed_at: datetime | None = None  # last handed in with something changed
    group: Group | None = None
    deliberation: Deliberation | None = None
    recommendation: Recommendation | None = None
    postings: tuple[Posting, ...] = ()
    objections: tuple[Objection, ...] = ()
    plan: Plan | None = None
    holds_post: bool = False
    standing: Standing = Standing()
    complaints_open: int = 0
    entries: tuple[Entry, ...] = ()
    teaching: Mapping[str, Any] | None = field(default=None, repr=False)
    journals: Journals = Journals()


def as_of(told: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Facts with what is on record (`told["duties"]["held"]`) put in as it stands at this moment: the record goes before
    what anybody states."""
    facts = {group: known for group, known in told.items() if group != "duties"}
    held = told.get("duties", {}).get("held")
    if held is None:
        return facts
    record = _told(facts, held, at)
    return {**facts, **{group: {**facts.get(group, {}), **known} for group, known in record.items()}}


def _told(facts: Mapping[str, Any], duties: Duties, now: datetime) -> dict[str, Any]:
    today = now.astimezone(BEIJING).date()
    posted = publicity.facts(duties.postings, duties.objections, duties.changed_at)
    recommended = duties.recommendation
    held = deliberation.facts(duties.deliberation, duties.group, duties.level)
    if recommended is not None:
        held["recommends"] = "同意" if recommended.agrees else "不同意"
    complete = bool(recommended and duties.deliberation and posted.get("certificate") is not None)
    return {
        "deliberation": held,
        "publicity": posted,
        "person": integrity.harder(facts.get("person", {}), integrity.register_facts(duties.entries, today)),
        "unit": {
            **duties.standing.facts(), "section_complete": complete,
            **post_plan.facts(duties.plan, holds=duties.holds_post),
        },
        "record": {
            "steps": steps(duties.deliberation, duties.postings, recommended),
            "complaint_open": duties.complaints_open > 0, "fraud_found": _fraud(duties.entries, today),
            "tied": bool(recommended and recommended.tied),
            "rank_reason": (recommended.reason or "") if recommended else "",
            **_papers(facts, duties.journals),
        },
        "teaching": dict(duties.teaching or {}),
    }  # fmt: skip


def steps(
    held: Deliberation | None, postings: Sequence[Posting], recommended: Recommendation | None
) -> list[dict[str, str]]:
    """The steps of a recommendation that were taken, with their days, in the order in which they began."""
    found: list[tuple[date, int, str, date]] = []
    if held is not None:
        found.append((held.since, 0, "审议", held.until))
    standing = [one for one in postings if one.withdrawn_at is None]
    if standing:  # with its supplements it is one step
        first, last = min(one.first_day for one in standing), max(one.last_day for one in standing)
        found.append((first, 1, "公示", last))
    if recommended is not None:
        found.append((recommended.day, 2, "推荐", recommended.day))
    return [
        {"step": step, "since": since.isoformat(), "until": until.isoformat()}
        for since, _, step, until in sorted(found)
    ]


def _fraud(entries: Iterable[Entry], today: date) -> bool:
    ends = ("disqualify", "no_application", "blacklist", "archive")
    return any(one.effect in ends and one.cause != "师德失范" and one.holds(today) for one in entries)


def _papers(facts: Mapping[str, Any], journals: Journals) -> dict[str, Any]:
    """Papers in journals of the risk lists; each is verified by one document of the applicant's, in order. Papers said
    to be in core journals and in none of the catalogues; unknown while no catalogue is loaded."""
    papers = tuple(journal.papers(facts.get("form", {})))
    flagged = journal.named(papers, journals.risky)
    verifying = sum(
        one.get("item") == "verification" for some in facts.get("materials", {}).values() for one in some
    )  # fmt: skip
    told: dict[str, Any] = {"risk_flagged": flagged, "flagged_verified": flagged[:verifying]}
    core = [paper for paper in papers if paper.core]
    if not core:
        told["core_unlisted"] = []
    elif journals.catalogued:
        listed = set(journal.named(core, journals.core))
        told["core_unlisted"] = [paper.label for paper in core if paper.label not in listed]
    return told
