"""What every part of a pack is made of: strict values, rule ids, acts, conditions, periods."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

RULE_ID = r"^[A-Z]{2}-[0-9]{2,3}$"
RuleId = Annotated[str, Field(pattern=RULE_ID)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]
Cite = Annotated[
    tuple[RuleId, ...],
    BeforeValidator(lambda given: (given,) if isinstance(given, str) else tuple(given or ())),
    Field(min_length=1),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": RULE_ID},
                {"type": "array", "items": {"type": "string", "pattern": RULE_ID}, "minItems": 1},
            ]
        }
    ),
]
Condition = Annotated[str, Field(min_length=1, description="CEL expression that answers true or false")]


def _real(day: str) -> str:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise ValueError("没有这一天") from None
    return day


Day = Annotated[
    str, AfterValidator(_real), Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="day in Asia/Shanghai, YYYY-MM-DD")
]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM in Asia/Shanghai")]
Fen = Annotated[int, Field(ge=0, description="CNY fen")]
Year = Annotated[int, Field(ge=1990, le=2100)]
Role = Literal["applicant", "unit", "department", "authority", "committee", "operator"]
Act = Literal[
    "submit", "resubmit", "plan", "forward", "review", "return", "receive", "accept", "print", "paper", "pay", "defend",
    "panel", "announce", "confirm", "certify", "complain", "sanction",
]  # fmt: skip
ACTS: dict[str, str] = {
    "submit": "提交申报", "resubmit": "修改后再次提交", "plan": "报用岗计划", "forward": "单位审核上报",
    "review": "报送审核",
    "return": "退回", "receive": "接收材料", "accept": "审核通过", "print": "打印评审表", "paper": "接收纸质材料",
    "pay": "缴费",
    "defend": "安排答辩", "panel": "提交评审", "announce": "公示评审结果", "confirm": "确认结果", "certify": "核发证书",
    "complain": "受理举报", "sanction": "处理违规",
}  # fmt: skip
ROLES: dict[str, str] = {
    "applicant": "申报人", "unit": "所在单位", "department": "主管部门", "authority": "人社（职改）部门", "committee": "评委会",
    "operator": "平台管理员",
}  # fmt: skip
Lapse = Literal["refused", "abandoned", "not_accepted", "rejected_year", "own_risk"]
LAPSES: dict[str, str] = {
    "refused": "不予办理", "abandoned": "视为放弃申报", "not_accepted": "不予受理", "rejected_year": "本年度不再受理",
    "own_risk": "后果自行承担",
}  # fmt: skip
# What ends an application there: something must follow, and one's own risk alone is no end.
Ending = Literal["refused", "abandoned", "not_accepted", "rejected_year"]
Refusal = Literal["refused", "not_accepted", "rejected_year"]


class Part(BaseModel):
    """Strict and closed: an unknown key is a fault, never ignored."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Cited(Part):
    """A part that stands on rules of the notice."""

    cite: Cite


class Period(Part):
    """Exactly one of hours, days and working days."""

    hours: Annotated[int, Field(gt=0)] | None = None
    days: Annotated[int, Field(gt=0)] | None = None
    working_days: Annotated[int, Field(gt=0)] | None = None
    roll: Literal["off_days", "statutory_only", "none"] = "off_days"
    count_first: bool = False

    @model_validator(mode="after")
    def _one(self) -> Period:
        if sum(value is not None for value in (self.hours, self.days, self.working_days)) != 1:
            raise ValueError("hours、days、working_days须且只须写一项")
        return self


class Check(Cited):
    """A condition that must hold when one of the acts is done; `when` narrows whom it asks."""

    key: Key
    at: Annotated[tuple[Act, ...], Field(min_length=1)]
    when: Condition | None = None
    require: Condition
    place: Text
    message: Text
    remedy: Text = "请核对并更正后再办理"
    blocking: bool = True


class Attestation(Cited):
    """What no program can judge: a named role signs this exact statement before the act."""

    key: Key
    at: Annotated[tuple[Act, ...], Field(min_length=1)]
    when: Condition | None = None
    role: Role
    statement: Text
