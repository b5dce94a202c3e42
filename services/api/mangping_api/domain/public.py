"""What integrators may hear of: the public events of this service, and what each tells."""

from __future__ import annotations

from collections.abc import Mapping

PUBLIC: Mapping[str, str] = {
    "application.submitted": "申报首次提交",
    "application.resubmitted": "补正后重新提交",
    "application.withdrawn": "申报人撤回",
    "application.arrived": "到达一个层级（tier）",
    "application.returned": "被退回补正；due_at 为补正截止",
    "application.accepted": "已接收材料",
    "application.accepted_again": "缴费及时，恢复有效",
    "application.not_accepted": "不予受理或本年度不再受理",
    "application.abandoned": "放弃或视为放弃",
    "application.lapsed": "逾期未提交",
    "application.disqualified": "取消申报资格",
    "application.voided": "申报无效",
}
