"""The facts the system itself can state, by group: a closed list, so that a misspelt name is found when a pack loads.

What the applicant fills in is `form.<field>`, declared by the pack's own form section.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["bool", "int", "str", "date", "instant", "list", "map"]
SAMPLES: dict[str, object] = {
    "bool": False, "int": 0, "str": "", "date": "2024-01-01", "instant": "2024-01-01T00:00:00+08:00", "list": [],
    "map": {},
}  # fmt: skip

FACTS: dict[str, dict[str, tuple[Kind, str]]] = {
    "application": {
        "kind": ("str", "申报类型"), "level": ("str", "申报级别"), "specialty": ("str", "申报专业"),
        "path": ("str", "申报方式"), "committee": ("str", "拟报评委会"),
        "exam_based": ("bool", "是否国家以考代评专业"),
        "same_level_same_year": ("int", "同年度其他同级别申报数"), "held_level": ("str", "现有职称级别"),
    },
    "person": {
        "name": ("str", "姓名"), "former_names": ("list", "曾用名"), "id_number": ("str", "身份证号"),
        "retired": ("bool", "是否已离退休"), "past_retirement_age": ("bool", "是否已达法定退休年龄"),
        "retirement_extended": ("bool", "是否已办理延长退休手续"), "civil_servant": ("bool", "是否公务员或参公人员"),
        "leaving_civil_service": ("bool", "是否处于退出参公管理过渡期"), "on_post": ("bool", "是否在职在岗"),
        "sanction_major": ("bool", "是否受记过以上处分且在处分期内"), "investigated": ("bool", "是否被立案审查调查"),
        "sanction_effective": ("bool", "是否在违纪违法处分处罚影响期内"),
        "ethics_barred": ("bool", "是否在师德处分取消资格期内"), "ethics_fault": ("bool", "是否存在师德问题"),
        "barred_until": ("date", "不得申报期限止日"), "archived_until": ("date", "诚信档案记录期限止日"),
        "blacklisted": ("bool", "是否列入黑名单"), "title_abroad": ("bool", "职称是否在区外取得"),
        "title_reconfirmed": ("bool", "区外职称是否已重新确认"),
        "title_verified_by_unit": ("bool", "单位是否已核实原职称"),
        "insured_months": ("int", "在申报单位连续缴纳养老保险月数"),
        "unit_changed_in_6_months": ("bool", "6个月内是否变动单位"),
        "rural_years": ("int", "累计乡村学校任教年数"), "township_years": ("int", "乡镇从事专业技术工作年数"),
        "rural_now": ("bool", "现是否在乡村学校任教"), "helped_years": ("int", "组团式帮扶年数"),
        "names_differ": ("bool", "证明材料与姓名或身份证号是否不一致"),
    },
    "unit": {
        "name": ("str", "单位名称"), "former_names": ("list", "曾用单位名称"),
        "region": ("str", "单位所在地"), "county": ("str", "单位所在县市"),
        "kind": ("str", "单位类别"), "sector": ("str", "单位性质"), "level": ("str", "单位层级"),
        "private": ("bool", "是否民办或非在编"), "rural": ("bool", "是否农村或艰苦边远地区"),
        "below_county": ("bool", "是否县级以下基层单位"), "licence_region": ("str", "营业执照注册地"),
        "receiving_region": ("str", "材料接收部门所在地"), "employs": ("bool", "是否为人事劳动关系所在单位"),
        "responsible_signed": ("bool", "职称工作负责人是否已签署承诺书"),
        "credit_code": ("str", "统一社会信用代码"), "credit_code_unique": ("bool", "单位账户是否唯一"),
        "posts_needed": ("bool", "是否须核定岗位"), "posts_approved_by": ("list", "已核准用岗数的部门"),
        "posts_left": ("int", "剩余用岗数"), "plan_filed": ("bool", "是否已报用岗计划表"),
        "ineligible": ("int", "不符合条件人数"), "applicants": ("int", "申报总人数"),
        "explained": ("bool", "是否已作出说明"), "failed_at_panel": ("int", "评审中不符合条件人数"),
        "recommended_by_department": ("int", "主管部门审核推荐人数"),
        "rectification_filed": ("bool", "是否已报书面整改方案"),
        "section_complete": ("bool", "单位填写部分是否完成"),
        "suspended": ("bool", "本年度是否被暂停推荐申报权限"),
    },
    "criteria": {"years_required": ("int", "评审条件规定的任职年限")},
    "record": {
        "state": ("str", "申报状态"), "submissions": ("int", "已提交次数"),
        "committee_submissions": ("int", "已提交评委会次数"),
        "returned_at": ("instant", "退回时刻"),
        "correct_until": ("instant", "审核人规定的补正截止时刻"), "arrived_at": ("instant", "首次到达时刻"),
        "return_reasons": ("list", "退回理由"), "late_defects": ("list", "首次告知时已存在而未告知的问题"),
        "demands": ("list", "要求补充的清单以外材料"), "verdicts": ("list", "各层级审核意见"),
        "unreviewed": ("list", "尚未逐项审查的栏目"),
        "failed_before": ("bool", "上一次参评是否未获通过"), "last_failed_on": ("date", "上一次未获通过日期"),
        "passed_before": ("list", "此前已通过的审核环节"), "complaint_open": ("bool", "是否有未核查完的举报"),
        "held_since": ("instant", "上一次核查开始时刻"), "held_until": ("instant", "上一次核查结束时刻"),
        "reviewer_related": ("bool", "审核人与申报人是否有利害关系"),
        "confirmed": ("bool", "申报人是否确认无误"), "self_checked": ("bool", "申报人是否已自查"),
        "shared": ("list", "已通过数据共享获取的材料"), "web_equals_print": ("bool", "网上填报与送审报表是否一致"),
        "platform": ("bool", "是否全流程在平台办理"), "risk_flagged": ("list", "被标记的风险刊物"),
        "flagged_verified": ("list", "已核验的风险刊物"), "fraud_found": ("bool", "是否认定弄虚作假"),
        "steps": ("list", "推荐程序各步骤起止日期"), "defence_scored": ("bool", "现场答辩是否量化赋分"),
        "objector_named": ("bool", "举报材料是否署真实姓名和联系方式"),
        "tied": ("bool", "与排在后一名者是否条件相同"), "rank_reason": ("str", "同等条件下优先的理由"),
        "core_unlisted": ("list", "不在核心期刊目录内的国家级核心期刊论文"),
    },
    "teaching": {
        "claims": ("list", "教学工作量逐项核算"), "research": ("list", "计入科研成果的论文"),
    },
    "case": {
        "kind": ("str", "案件种类"), "subject": ("str", "违规主体类别"), "cause": ("str", "案由"),
        "basis": ("list", "处理依据"), "conclusion": ("str", "举报核查结论"), "looked_back": ("list", "已倒查的层级"),
    },
    "deliberation": {
        "size": ("int", "审议推荐小组人数"), "technical": ("int", "其中专业技术人员数"),
        "below_level": ("int", "级别低于申报级别的成员数"), "document_number": ("str", "成立小组文件号"),
        "passed": ("bool", "审议是否通过"), "assessed": ("bool", "审议前是否已答辩或说课"),
        "opinion": ("map", "审议推荐意见各方面"),
        "recommends": ("str", "单位是否同意推荐"),
    },
    "publicity": {
        "posted_at": ("instant", "公示起始时刻"), "contents": ("list", "公示内容"), "place": ("str", "公示地点"),
        "objections": ("bool", "是否有异议"), "changed_at": ("instant", "公示后材料变更时刻"),
        "supplement_posted_at": ("instant", "补充公示起始时刻"), "certificate": ("map", "公示结果证明载明事项"),
        "audience": ("str", "公示对象"), "storage_place": ("str", "申报材料存放位置"),
        "photos": ("int", "公示照片数"),
        "channels": ("list", "结果公示渠道"), "contact": ("str", "异议受理方式"),
    },
    "masking": {
        "rechecked_at": ("instant", "遮盖检查确认时刻"), "changed_at": ("instant", "附件或遮盖最后变更时刻"),
        "field_hits": ("list", "填写内容中出现的身份信息"), "secret_declared": ("bool", "是否已声明不含涉密内容"),
        "secret_marks": ("list", "带密级标志的附件"),
    },
    "payment": {
        "amount_fen": ("int", "缴款金额（分）"), "channel": ("str", "缴款渠道"), "part": ("bool", "是否部分缴款"),
        "notified_at": ("instant", "缴款通知收到时刻"), "failed": ("bool", "扣款是否不成功"),
        "payee": ("str", "收款单位"),
        "roster": ("list", "单位缴费花名册"),
    },
    "materials": {}, "paper": {}, "texts": {},
}  # fmt: skip
# One list each, not a group of facts.
LISTS: dict[str, str] = {"attested": "已签署的声明"}


# What people state of one uploaded file or one paper.
FILES: dict[str, tuple[Kind, str]] = {
    "issuer": ("str", "出具单位"), "months": ("int", "月数"), "handed_by": ("str", "报送人"), "level": ("str", "等级"),
    "handwritten": ("bool", "是否手写"), "step": ("str", "步骤"), "since": ("date", "起"), "until": ("date", "止"),
    "reason": ("str", "免学理由"), "approved": ("bool", "是否审核合格"), "still_serving": ("bool", "是否仍在服务期"),
    "looked_over": ("bool", "已查看无误"),
}  # fmt: skip


def title(name: str) -> str:
    """The Chinese title of "group.fact" or of a row's key; 材料登记事项 where the pack has a name of its own."""
    group, _, fact = name.rpartition(".")
    known = FACTS.get(group, {}).get(fact) or FILES.get(fact)
    return known[1] if known else "材料种类" if fact == "item" else "材料登记事项"
