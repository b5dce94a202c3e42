"""What the demo's report calls things in Chinese, beside the worker's own words. A code that is not listed is shown as it is."""

from __future__ import annotations

from mangping_redaction.words import word as word

KINDS = {
    "certificate": "荣誉证书", "appraisal": "年度考核表", "summary": "工作总结", "card": "证件卡片",
    "clean": "无身份信息页", "training": "继续教育证明", "pledge": "承诺书", "bilingual": "双语证书",
}  # fmt: skip
STAGE_COLOURS = {
    "decode": "#91a7c4", "straighten": "#7fb3d5", "read": "#2f6db5", "clarity": "#b7c9a8", "find": "#e0a458",
    "by_hand": "#c9a0c9", "verify": "#5f8d6b",
}  # fmt: skip
STATES = {
    "draft": "填报中", "submitted": "审核中", "returned": "退回补正", "accepted": "已接收材料", "abandoned": "视为放弃",
    "lapsed": "逾期失效", "not_accepted": "不予受理", "disqualified": "取消资格", "void": "无效",
}  # fmt: skip
ACTS = {
    "submit": "提交", "resubmit": "补正提交", "withdraw": "撤回", "take_back": "撤回补正", "abandon": "放弃",
    "sign": "签署", "pass": "上报", "accept": "接收", "return": "退回", "exhaust": "次数用完", "refuse": "不予受理",
    "lapse": "逾期", "forfeit": "逾期放弃", "close": "逾期办结", "disqualify": "取消资格", "annul": "作废",
    "leave_unpaid": "逾期未缴费", "close_unpaid": "逾期未缴费", "pay_after_all": "补登缴费",
}  # fmt: skip
EVENTS = {
    "application.begun": "新建申报", "application.section_saved": "保存填报内容", "application.rechecked": "重新核对材料",
    "attachment.added": "上传材料", "attachment.removed": "删除材料", "attachment.decided": "确认遮盖",
    "attachment.stated": "填写材料信息", "attachment.turned": "转正页面", "attachment.original_seen": "查看原件",
    "application.submitted": "提交", "application.resubmitted": "补正后再次提交", "application.withdrawn": "撤回",
    "application.moved": "调整审核单位", "application.arrived": "到达下一层级", "application.returned": "退回修改",
    "application.signed": "签署审核意见", "application.passed": "上报", "application.papers_received": "收到纸质材料",
    "application.accepted": "接收材料", "application.accepted_again": "缴费及时，恢复有效",
    "application.not_accepted": "不予受理", "application.abandoned": "视为放弃", "application.lapsed": "逾期失效",
    "application.disqualified": "取消申报资格", "application.voided": "申报无效", "application.sanctioned": "记入诚信档案",
    "application.complained_of": "登记举报", "application.complaint_decided": "举报核查完毕",
    "application.reviewer_recused": "审核人回避", "application.sent_through_redaction": "重新遮盖材料",
    "application.deliberated": "单位审议", "application.recommended": "单位推荐", "application.not_recommended": "单位不予推荐",
    "application.posted": "单位公示", "application.posting_photographed": "公示照片",
    "application.posting_withdrawn": "撤下公示", "application.objected_to": "收到异议",
    "application.objection_upheld": "异议成立", "application.objection_dismissed": "异议不成立",
    "application.publicity_certified": "出具公示结果", "application.load_reckoned": "核算教学工作量",
    "application.charged": "通知缴费", "application.paid_while_closed": "办结后收到缴款", "paper.issued": "打印材料",
}  # fmt: skip
PARTIES = {"applicant": "申报人", "office": "审核单位", "clock": "系统"}
STANDINGS = {"running": "进行中", "met": "已办", "passed": "已过"}
