"""What stands on the forms that people print, sign and keep: facts of an application in, facts of a template out. Pure.

A paper carries a code. Whoever holds a print asks for that code and learns whether such a paper was issued, of what and
when, and whether a newer one was issued since ("有水印方为有效", BZ-45, KI-30).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from mangping.policy import Policy
from mangping.policy.paper import Column, ExactText, FormField, Section

from mangping_api.domain import spoken
from mangping_api.domain.publicity import Line, Posting, in_part

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no letter that reads as another
_LONG = 60  # characters; a longer value takes a row of its own
_NONE = "无"


class Kind(StrEnum):
    REVIEW_FORM = "review_form"
    DEFECT_NOTICE = "defect_notice"
    REVIEW_RECORD = "review_record"
    PUBLICITY = "publicity"
    PUBLICITY_RESULT = "publicity_result"


TEMPLATES: dict[Kind, str] = {
    Kind.REVIEW_FORM: "review_form", Kind.DEFECT_NOTICE: "defects", Kind.REVIEW_RECORD: "review_record",
    Kind.PUBLICITY: "letter", Kind.PUBLICITY_RESULT: "letter",
}  # fmt: skip
TITLES: dict[Kind, str] = {
    Kind.REVIEW_FORM: "专业技术职务任职资格评审表", Kind.DEFECT_NOTICE: "申报材料退回修改通知书",
    Kind.REVIEW_RECORD: "职称材料审核记录表", Kind.PUBLICITY: "推荐单位公示", Kind.PUBLICITY_RESULT: "推荐单位公示结果",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """One issued paper. `content` digests the facts it was set from, `sha256` (hex) its bytes; `title` names nobody."""

    id: UUID
    application: UUID
    kind: Kind
    code: str
    title: str
    content: str
    issued_at: datetime
    sha256: str
    size: int


def code(random: bytes) -> str:
    """10 random bytes as 16 characters that people can read to one another: "K7QM-2XWD-9RTA-4HNE"."""
    number = int.from_bytes(random, "big")
    letters = "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def read_code(text: str) -> str:
    """A code as somebody typed it, however grouped and in whichever case; "" when it can be none."""
    plain = text.upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))
    if len(plain) != 16 or not set(plain) <= set(_ALPHABET):
        return ""
    return "-".join(plain[at : at + 4] for at in range(0, 16, 4))


def canonical(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()


def title(policy: Policy, kind: Kind) -> str:
    """What a paper is called to anybody who asks; never a person's name, which the heading of a letter may hold."""
    printing = policy.pack.papers.printing
    return printing.title if kind is Kind.REVIEW_FORM and printing is not None else TITLES[kind]


# ---- 评审表、呈报表 ----------------------------------------------------------------------------------------------


def review_form(policy: Policy, facts: Mapping[str, Any], submitted: date) -> dict[str, Any]:
    """The form of this programme with what was filled in; what the notice wants by hand stays blank (BZ-81)."""
    pack, form, person = policy.pack, facts["form"], facts["person"]
    application = facts["application"]
    held = str(form.get("held_title") or application.get("held_level") or _NONE)
    cover = [
        ("姓名", person["name"]), ("单位", facts["unit"]["name"]), ("现任专业技术职务", held),
        ("申报专业", application.get("specialty")), ("申报级别", f"{application['kind']}　{application['level']}"),
        ("填表日期", spoken.day(submitted)),
    ]  # fmt: skip
    item = next((one for one in pack.papers.items if one.key in ("review_form", "report_form")), None)
    return {
        "title": title(policy, Kind.REVIEW_FORM), "programme": pack.title, "cover": cover,
        "photo": item is not None and any("近照" in part for part in item.parts),
        "copies": item.copies if item else 1,
        "sections": [{"title": one.title, "parts": _parts(one, form)} for one in pack.form.sections],
        "statements": [*_pledges(policy), *_opinions(policy)],
    }  # fmt: skip


def _parts(section: Section, form: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Short fields two to a row, then lists as tables, long texts as boxes; in the order of the form."""
    parts: list[dict[str, Any]] = []
    for field in section.fields:
        if field.key not in form and field.when is not None:
            continue  # not asked of this applicant
        value = form.get(field.key)
        if field.type == "list":
            parts.append({"kind": "rows", "title": field.title, **_table(field, value)})
        elif field.type == "long_text":
            parts.append({"kind": "text", "title": field.title, "text": str(value or _NONE).splitlines()})
        else:
            if not parts or parts[-1]["kind"] != "fields":
                parts.append({"kind": "fields", "rows": []})
            _place(parts[-1]["rows"], (field.title, _told(field, value)))
    return parts


def _place(rows: list[list[tuple[str, str]]], cell: tuple[str, str]) -> None:
    wide = len(cell[1]) > _LONG // 2 or len(cell[0]) > 12
    if not wide and rows and len(rows[-1]) == 1 and len(rows[-1][0][1]) <= _LONG // 2 and len(rows[-1][0][0]) <= 12:
        rows[-1].append(cell)
    else:
        rows.append([cell])


def _table(field: FormField, value: Any) -> dict[str, Any]:
    rows = value if isinstance(value, list) else []
    return {
        "columns": [column.title for column in field.columns],
        "rows": [[_told(column, row.get(column.key)) for column in field.columns] for row in rows],
    }


def _told(field: FormField | Column, value: Any) -> str:
    return spoken.value(field, value) or _NONE


def _pledges(policy: Policy) -> list[dict[str, Any]]:
    """What the applicant signs on the form itself; a pledge that is a paper of its own stands there."""
    apart = {item.key for item in policy.pack.papers.items}
    own = [text for text in policy.pack.texts if text.role == "applicant" and text.text and text.key not in apart]
    printed = [text for text in own if "paper" in text.at] or own
    return [_statement(text, "承诺人签字：", "承诺人签字（按手印）：") for text in printed]


def _opinions(policy: Policy) -> list[dict[str, Any]]:
    """The unit's exact words where the notice has some (those for paper, where it has others), then a box for each tier
    that is not the unit, then the panel's where there is one."""
    own = [text for text in policy.pack.texts if text.role == "unit" and text.text]
    words = [text for text in own if "paper" in text.at] or own
    boxes = [{**_statement(text, "负责人签字：", "负责人签字："), "title": "推荐单位意见"} for text in words[:1]]
    for tier in policy.pack.tiers[1 if words else 0 :]:
        boxes += [
            {"title": f"{body}审核意见", "text": "", "places": ["审核人签字：", "（公章）："]} for body in tier.bodies
        ]
    for box in boxes[: 1 if words else 0]:
        box["places"] = [*box["places"], "单位（公章）："]
    if policy.pack.papers.printing is None or policy.pack.papers.printing.panel:
        boxes.append({"title": "评审委员会评审意见", "text": "", "places": ["主任委员签字：", "（公章）："]})
    return boxes


def _statement(text: ExactText, place: str, printed: str) -> dict[str, Any]:
    places = [printed if text.fingerprint else place]
    if text.handwritten:
        return {"title": text.title, "text": "", "hand": f"（手工填写：{text.text}）", "places": places}
    return {"title": text.title, "text": text.text, "places": places}


# ---- 公示、公示结果 ----------------------------------------------------------------------------------------------


def letter(
    policy: Policy, kind: Kind, facts: Mapping[str, Any], posting: Posting, told: Iterable[Line]
) -> dict[str, Any]:
    """In the words of the notice's annex where it has one, else plainly what its rules demand (KP-16, GL-41). Of the ID
    number only a part is shown (RULES A.3)."""
    known = next((one for one in policy.pack.papers.letters if one.key == kind), None)
    words = {
        "name": facts["person"]["name"], "unit": facts["unit"]["name"], "series": policy.pack.series or "教师",
        "specialty": facts["application"].get("specialty") or "", "level": facts["application"]["level"],
        "kind": facts["application"]["kind"], "since": spoken.day(posting.first_day), "until": spoken.day(posting.last_day),
        "days": str((posting.last_day - posting.first_day).days + 1), "contact": posting.contact,
        "id_number": in_part(facts["person"]["id_number"]),
    }  # fmt: skip
    body: list[str] = []
    for line in known.body if known else _PLAIN[kind]:
        body += [_paragraph(one) for one in told] if line == "{told}" else [line.format_map(words)]
    if known is None and kind is Kind.PUBLICITY:
        body += _where(policy, posting)
    signed = known.signed if known else ("{unit}（公章）", "　　年　　月　　日")
    return {
        "title": (known.title if known else TITLES[kind]).format_map(words), "body": body,
        "signed": [line.format_map(words) for line in signed],
    }  # fmt: skip


def _where(policy: Policy, posting: Posting) -> list[str]:
    """Where what was applied with may be seen (GL-43, GL-44), and who hears complaints (KP-52), as the public page says."""
    told = [f"申报材料存放在{posting.storage_place}，公示期间可供查阅。"] if posting.storage_place else []
    if policy.pack.publicity.online is not None:
        told.append("公示期间，本单位在岗教职员工登录平台后可以在线查看申报资料。")
    return told + [f"{one.title}：{one.value}" for one in policy.pack.published if one.key == "complaints"]


def _paragraph(line: Line) -> str:
    rows = "；".join("，".join(cell for cell in row if cell) for row in line.rows)
    return f"{line.title}：{line.text or rows or _NONE}"


_PLAIN: dict[Kind, tuple[str, ...]] = {
    Kind.PUBLICITY: (
        "根据职称评审工作要求，现对{name}同志申报{series}系列{level}职称的申报情况和申报材料进行公示。", "{told}",
        "公示时间：{since}至{until}。如有异议，请在公示期内以电话或书面形式反映至{contact}。",
    ),
    Kind.PUBLICITY_RESULT: (
        "{name}同志申报{series}系列{level}职称的材料，于{since}至{until}在本单位公示{days}天，公示期间没有收到异议。",
    ),
}  # fmt: skip
