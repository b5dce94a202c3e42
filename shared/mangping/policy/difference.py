"""What changed between two versions of a pack, in Chinese, line by line, each with the rules it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# Names of keys as people of the office call them; a key without one is shown as it is.
NAMES = {
    "title": "名称", "notice": "通知", "issuer": "发文单位", "issued": "发文日期", "version": "版本",
    "year": "年度", "valid": "适用日期",
    "first": "起", "last": "止", "region": "地区", "kinds": "申报类型和级别", "criteria": "评审条件",
    "windows": "时间窗口",
    "opens": "开始日期", "closes": "截止日期", "closes_at": "截止时刻", "announced": "是否已公布",
    "on_late": "逾期后果",
    "arrival": "到达期限", "tiers": "审核层级", "bodies": "审核单位", "needs": "须全部或任一同意",
    "submissions": "提交次数",
    "max": "次数上限", "counts": "计次范围", "correction": "补正", "period": "期限", "hours": "小时", "days": "日",
    "working_days": "工作日", "roll": "顺延办法", "on_lapse": "逾期后果", "not_after": "最迟不晚于",
    "publicity": "公示",
    "scope": "申报范围", "exclusions": "不得申报情形", "eligibility": "申报条件", "seniority": "资历",
    "cutoff": "资历截止日",
    "required": "要求", "years": "年数或年度", "deferrals": "顺延", "credits": "提前",
    "continuing_education": "继续教育",
    "amount": "数量", "unit": "单位", "exemption": "免学", "form": "申报表", "sections": "部分", "fields": "栏目",
    "blanks": "不得留空", "vague": "含糊词语", "words": "词语", "min_chars": "最少字数", "count": "数量",
    "materials": "材料",
    "columns": "材料栏目", "items": "材料", "need": "是否必需", "formats": "文件格式", "allowed": "允许",
    "sides": "正反面",
    "panel": "是否提供给评委", "masking": "信息遮盖", "classes": "遮盖事项", "texts": "规定文字", "text": "文字",
    "unit_duties": "单位职责", "review_duties": "审核职责", "attestations": "声明", "statement": "声明文字",
    "papers": "纸质材料",
    "copies": "份数", "seals": "印章", "fees": "评审费", "table": "收费标准", "fen": "金额（分）", "due": "缴款期限",
    "channels": "渠道", "defence": "答辩", "exempt": "免于答辩", "pass_rates": "通过率", "percent": "百分比",
    "rounding": "取整", "base": "基数", "bans": "违规后果", "published": "公布事项", "value": "内容",
    "elsewhere": "其他环节落实",
    "place": "位置", "require": "条件", "when": "适用情形", "message": "提示", "remedy": "处理办法",
    "cite": "规则", "at": "环节", "acts": "环节",
    "type": "填写类型", "role": "签署人", "kind": "申报类型", "level": "申报级别", "levels": "级别", "identity": "身份信息",
    "subject": "科目", "choices": "选项", "how": "办法", "effect": "后果", "starts": "起算", "before": "先于环节",
    "excluded_because": "不提供给评委的理由", "column": "栏目", "evidence": "须有附件", "parts": "组成部分",
    "reasons": "理由", "instead": "替代材料", "handwritten": "须手写", "signed": "须具名签署", "number": "编号",
    "blind": "不得出现身份信息", "state": "申报状态", "duplex": "双面打印", "year_inferred": "年份为推定",
    "format": "格式版本", "id": "政策包编号", "may_pass_window": "可否晚于申报截止", "no_objection": "公示无异议",
    "since": "起", "profile": "遮盖方式", "default": "默认", "blocking": "是否必须改正", "window": "时间窗口",
    "document": "材料", "contents": "内容", "printing": "打印", "withdrawal_counts": "撤回是否计次",
    "on_exhausted": "次数用尽后果", "places": "地点", "help": "填写说明", "upright": "正向放置", "clear": "清晰",
    "one_per_column": "不得一证多传", "at_least": "至少项数", "of": "可选项", "covers": "遮盖内容", "review": "推荐与审核",
    "certificate": "证明", "original": "原件", "scales": "等级次序", "choose": "选交材料", "gate": "缴费条件",
    "valid_on_submission": "提交时须在有效期内", "yes": "选择【是】", "no": "选择【否】", "recheck": "遮盖检查确认",
    "fingerprint": "按手印", "signatures": "签名", "months": "月数", "provisional": "拟定", "waived": "以承诺代替",
    "sharing": "数据共享", "pages_min": "最少页数", "rules": "规则目录",
    "continuous": "须连续", "ascending": "须由低到高", "whole": "须一次交清", "outside": "系统之外",
    "roster": "单位按花名册缴费", "by": "由谁提供", "online": "在线查看",
}  # fmt: skip
# What a part of a list is called by, the first that it has.
LABELS = ("title", "place", "subject", "statement")


def difference(old: Any, new: Any) -> tuple[str, ...]:
    """Lines of change between the plain values of two packs, in the order of the new one; none when they agree."""
    return tuple(_changes(old, new, (), ""))


def _changes(old: Any, new: Any, path: tuple[str, ...], rules: str) -> Iterator[str]:
    if old == new:
        return
    rules = _rules(new) or _rules(old) or rules
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*new, *(key for key in old if key not in new)):
            yield from _member(old.get(key), new.get(key), (*path, NAMES.get(key, key)), rules)
    elif isinstance(old, list) and isinstance(new, list) and _keys(old) and _keys(new):
        before, after = _keys(old), _keys(new)
        for key in (*after, *(key for key in before if key not in after)):
            part = after.get(key) or before[key]
            label = next((part[name] for name in LABELS if part.get(name)), key)
            yield from _member(before.get(key), after.get(key), (*path, f"“{label}”"), rules)
        if list(before) != list(after) and sorted(before) == sorted(after):
            yield _line(path, "次序改变", rules)
    else:
        yield _line(path, f"{_said(old)} → {_said(new)}", rules)


def _member(old: Any, new: Any, path: tuple[str, ...], rules: str) -> Iterator[str]:
    if old is None and new is not None:
        yield _line(path, f"新增 {_said(new)}", _rules(new) or rules)
    elif new is None and old is not None:
        yield _line(path, f"删除 {_said(old)}", _rules(old) or rules)
    else:
        yield from _changes(old, new, path, rules)


def _keys(parts: list[Any]) -> dict[str, Any]:
    """The members by key; nothing when they have none (or share one)."""
    keyed = {part["key"]: part for part in parts if isinstance(part, dict) and "key" in part}
    return keyed if len(keyed) == len(parts) else {}


def _rules(part: Any) -> str:
    cite = part.get("cite") if isinstance(part, dict) else None
    return cite if isinstance(cite, str) else " ".join(cite or ())


def _said(value: Any) -> str:
    if isinstance(value, dict):
        inner = (f"{NAMES.get(k, k)}：{_said(v)}" for k, v in value.items() if k not in ("key", "cite"))
        return f"（{'；'.join(inner)}）"
    if isinstance(value, list):
        return "、".join(map(_said, value))
    if value is None:
        return "未写明"
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


def _line(path: tuple[str, ...], what: str, rules: str) -> str:
    return f"{' › '.join(path)}：{what}{f'（{rules}）' if rules else ''}"
