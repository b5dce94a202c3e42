"""What the demo's report calls things in Chinese. A code that is not listed is shown as it is."""

from __future__ import annotations

CLASSES = {
    "name": "姓名", "unit": "单位", "id_number": "证件号码", "phone": "电话", "seal": "印章", "face": "人脸",
    "eyes": "眼部", "qrcode": "二维码", "barcode": "条形码", "signature": "签名",
    "fingerprint": "指印", "unreadable": "无法识读的文字",
}  # fmt: skip
FINDERS = {
    "identity": "申报信息比对", "labels": "栏目标签", "numbers": "号码规则", "seal": "印章检测", "face": "人脸检测",
    "code": "码制检测", "signature": "签字位置", "fingerprint": "指印检测",
    "thirdparty": "人名单位识别", "unreadable": "未读文字",
}  # fmt: skip
STAGES = {
    "decode": "解码",
    "straighten": "摆正",
    "read": "识读",
    "clarity": "清晰度",
    "find": "查找",
    "verify": "遮盖并复核",
}
DOUBTS = {
    "identity_still_readable": "遮盖后仍可读出身份信息", "orientation_unsure": "页面方向不能确定",
    "nothing_readable": "整页没有读出文字", "unreadable_text": "有文字无法识读",
    "photo_without_face": "照片中未找到人脸", "not_clear": "页面不清晰",
}  # fmt: skip
CLARITY = {
    "blur": "模糊", "motion": "抖动", "contrast": "对比度低", "low_contrast": "对比度低", "resolution": "文字太小",
    "glare": "反光", "cut_off": "页面不完整",
}  # fmt: skip
KINDS = {
    "certificate": "荣誉证书", "appraisal": "年度考核表", "summary": "工作总结", "card": "证件卡片",
    "clean": "无身份信息页", "training": "继续教育证明", "pledge": "承诺书", "bilingual": "双语证书",
}  # fmt: skip
COLOURS = {
    "name": "#d4380d", "unit": "#d46b08", "id_number": "#c41d7f", "phone": "#7c3aed", "seal": "#cf1322",
    "face": "#0958d9", "eyes": "#0958d9", "qrcode": "#08979c", "barcode": "#08979c", "signature": "#389e0d",
    "fingerprint": "#cf1322",
}  # fmt: skip
STAGE_COLOURS = {
    "decode": "#91a7c4", "straighten": "#7fb3d5", "read": "#2f6db5", "clarity": "#b7c9a8", "find": "#e0a458",
    "verify": "#5f8d6b",
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
    "application.begun": "新建申报", "application.submitted": "提交", "application.resubmitted": "补正后再次提交",
    "application.deliberated": "单位审议", "application.posted": "单位公示", "application.posting_photographed": "公示照片",
    "application.publicity_certified": "出具公示结果", "application.recommended": "单位推荐",
    "application.load_reckoned": "核算教学工作量", "application.returned": "退回修改", "application.signed": "签署审核意见",
    "application.passed": "上报", "application.accepted": "接收材料", "application.charged": "通知缴费",
}  # fmt: skip
PARTIES = {"applicant": "申报人", "office": "审核单位", "clock": "系统"}
STANDINGS = {"running": "进行中", "met": "已办", "passed": "已过"}


def word(table: dict[str, str], code: str) -> str:
    """The table's word, or the code itself."""
    return table.get(code, code)
