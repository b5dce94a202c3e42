"""Posts (用岗计划): how many a unit asks for, which bodies approved them, how many are taken. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.errors import Refused
from mangping.policy.conditions import Unknown
from mangping.policy.findings import Asked


@dataclass(frozen=True, slots=True)
class Approval:
    body: str
    organisation: UUID
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """`used` are the posts that recommended applicants hold; `version` counts changes of the number from 1."""

    id: UUID
    unit: UUID
    programme: UUID
    posts: int
    version: int
    planned_at: datetime
    filed_at: datetime | None = None
    approvals: tuple[Approval, ...] = ()
    used: int = 0

    @property
    def left(self) -> int:
        return self.posts - self.used


def check_approval(plan: Plan, body: str, organisation: UUID) -> None:
    """Refused (409) when the same office would speak for two bodies, or a body twice."""
    if any(one.body == body or one.organisation == organisation for one in plan.approvals):
        message, remedy = "该部门已经核准，或同一单位不能代表两个部门。", "请由另一部门核准。"
        raise Refused("post_plan.approved", message, remedy, status=409)


def facts(plan: Plan | None, *, holds: bool) -> dict[str, Any]:
    """Facts of the group `unit`. A post that this applicant holds is not taken from them (`holds`)."""
    if plan is None:
        return {"posts_approved_by": [], "posts_left": 0, "plan_filed": False}
    return {
        "posts_approved_by": sorted(one.body for one in plan.approvals), "posts_left": plan.left + holds,
        "plan_filed": plan.filed_at is not None,
    }  # fmt: skip


def needs_post(asked: Asked) -> bool:
    """Whether the pack lets this applicant be recommended only onto a post: one of its duties asks for posts left."""
    for duty in asked.policy.pack.unit_duties:
        if "unit.posts_left" in duty.require and asked.act in duty.at:
            try:
                if asked.answers.holds(duty.when):
                    return True
            except Unknown:
                return True  # nobody said that they need none
    return False
