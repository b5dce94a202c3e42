"""Post plans and their approvals, as they are sent and got."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from mangping_api.domain.post_plan import Plan
from mangping_api.shapes.parts import ID, Short
from mangping_api.wire import In, Out


class PostPlanIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"programme": ID, "posts": 2}]})
    programme: UUID
    posts: Annotated[int, Field(ge=0, le=1000, description="拟评审用岗数")]


class PostPlanStateOut(Out):
    id: UUID
    posts: int
    version: int


class ApprovalIn(In):
    """`version` is that of the plan that was looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [
        {"body": "教育行政部门", "organisation": ID, "version": 1}
    ]})  # fmt: skip
    body: Short
    organisation: UUID
    version: Annotated[int, Field(ge=1, le=100_000)]


class ApprovedOut(Out):
    id: UUID
    body: str


class FiledOut(Out):
    id: UUID
    filed_at: datetime


class ApprovalOut(Out):
    body: str
    organisation: UUID
    approved_at: datetime


class PostPlanOut(PostPlanStateOut):
    unit: UUID
    programme: UUID
    planned_at: datetime
    filed_at: datetime | None
    approvals: tuple[ApprovalOut, ...]
    used: int
    left: int

    @classmethod
    def of(cls, plan: Plan) -> PostPlanOut:
        told = {name: getattr(plan, name) for name in cls.model_fields if name != "approvals"}
        return cls(**told, approvals=tuple(ApprovalOut(**asdict(one)) for one in plan.approvals))
