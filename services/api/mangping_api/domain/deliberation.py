"""Deliberation (审议): the group, its opinion aspect by aspect, its vote; the recommendation that follows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from mangping.errors import Refused

Level = Literal["员级", "初级", "中级", "副高级", "正高级"]
LEVELS: tuple[Level, ...] = ("员级", "初级", "中级", "副高级", "正高级")
Assessment = Literal["答辩", "说课"]


@dataclass(frozen=True, slots=True)
class Member:
    name: str = field(repr=False)
    technical: bool
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """审议推荐小组, set up by a document of the unit. Packs say how large and of whom it must be."""

    id: UUID
    unit: UUID
    programme: UUID
    document_number: str
    members: tuple[Member, ...] = field(repr=False)
    created_at: datetime

    @property
    def technical(self) -> int:
        return sum(member.technical for member in self.members)

    def below(self, level: str) -> int:
        """Technical members whose own level is lower, or unknown."""
        own = LEVELS.index(level) if level in LEVELS else 0
        return sum(
            member.technical and (member.level is None or LEVELS.index(member.level) < own) for member in self.members
        )


@dataclass(frozen=True, slots=True)
class Votes:
    yes: int
    no: int
    abstained: int


@dataclass(frozen=True, slots=True)
class Deliberation:
    """`opinion` is by aspect (思想品德 …); `assessed_on` is the day of the defence or trial lesson before it."""

    group: UUID
    since: date
    until: date
    votes: Votes
    passed: bool
    opinion: Mapping[str, str] = field(repr=False)
    assessed_on: date | None = None
    assessment: Assessment | None = None
    assessment_opinion: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`rank` among the unit's applicants; `tied`: no better than the one right after, `reason`: why it comes first all the same."""

    agrees: bool
    day: date
    rank: int | None = None
    tied: bool = False
    reason: str | None = field(default=None, repr=False)


def check(deliberation: Deliberation, group: Group, today: date) -> None:
    """Refused (422) for what cannot be: more votes than members, a majority against that passes, days to come."""
    votes = deliberation.votes
    if votes.yes + votes.no + votes.abstained > len(group.members) or votes.yes + votes.no + votes.abstained == 0:
        raise Refused("deliberation.votes", "票数与小组人数不符。", "请核对同意、不同意和弃权票数。")
    if deliberation.passed and votes.yes <= votes.no:
        raise Refused("deliberation.outvoted", "同意票没有多于不同意票，不能记为通过。", "请核对票数和审议结果。")
    if not deliberation.since <= deliberation.until <= today:
        raise Refused("deliberation.days", "审议的起止日期不对。", "请核对起止日期；不能晚于今天。")


def facts(deliberation: Deliberation | None, group: Group | None, level: str) -> dict[str, Any]:
    """The group `deliberation` of facts; what was not done stays out."""
    if deliberation is None or group is None:
        return {}
    return {
        "size": len(group.members), "technical": group.technical, "below_level": group.below(level),
        "document_number": group.document_number, "passed": deliberation.passed,
        "assessed": deliberation.assessed_on is not None and deliberation.assessed_on <= deliberation.since,
        "opinion": {key: words for key, words in deliberation.opinion.items() if words.strip()},
    }  # fmt: skip
