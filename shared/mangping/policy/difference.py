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
    "arrival": "到达评委会期限", "tiers": "审核层级", "bodies": "审核单位", "needs": "须全部或任一同意",
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
}  # fmt: skip


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
            label = part.get("title") or part.get("place") or key
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
