"""The form of a programme as JSON Schema 2020-12, from which any frontend can draw it. Pure.

A field may always be 无. Conditions, masking and rules travel as `x-` members; what the notice demands beyond the
shape is told by the findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mangping.policy import Citation, Policy
from mangping.policy.paper import Column, FormField, MaterialColumn, Section

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NONE = "无"
_LONGEST = {"text": 500, "long_text": 20_000}
_TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "month": {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])(-\d{2})?$"},
    "phone": {"type": "string", "pattern": r"^1[3-9]\d{9}$"},
    "email": {"type": "string", "format": "email"},
    "id_number": {"type": "string", "pattern": r"^\d{17}[\dX]$"},
}


def schema(policy: Policy, at: str) -> dict[str, Any]:
    """`at` is the address the schema is served from; one property per section."""
    sections = policy.pack.form.sections
    return {
        "$schema": DIALECT, "$id": at, "title": policy.pack.title, "type": "object", "additionalProperties": False,
        "properties": {section.key: _section(policy, section) for section in sections},
        "required": [section.key for section in sections],
        "x-pack": {"id": policy.pack.id, "version": policy.pack.version, "digest": policy.digest},
        "x-blanks": _rules(policy.cited(policy.pack.form.blanks)),
        "x-vague": list(policy.pack.form.vague.words) if policy.pack.form.vague else [],
        "x-texts": [
            {"key": text.key, "title": text.title, "text": text.text, "x-rules": _rules(policy.cited(text))}
            for text in policy.pack.texts if text.role == "applicant"
        ],
        "x-attestations": [
            {"key": one.key, "statement": one.statement, "x-rules": _rules(policy.cited(one))}
            for one in policy.pack.attestations if one.role == "applicant"
        ],
        "x-columns": [_column(policy, column) for column in policy.pack.materials.columns],
    }  # fmt: skip


def _column(policy: Policy, column: MaterialColumn) -> dict[str, Any]:
    general = policy.pack.materials.formats
    items = [
        {
            "key": item.key, "title": item.title, "need": item.need, "sides": list(item.sides), "years": list(item.years),
            "parts": list(item.parts), "formats": list(item.formats or (general.allowed if general else ())),
            "by": item.bringer, "x-rules": _rules(policy.cited(item, item.by)),
        }
        for item in column.items
    ]  # fmt: skip
    return {
        "key": column.key, "title": column.title, "panel": column.panel, "when": column.when, "items": items,
        "max_mb": column.max_mb, "x-rules": _rules(policy.cited(column)),
    }  # fmt: skip


def _section(policy: Policy, section: Section) -> dict[str, Any]:
    return {
        "title": section.title, "type": "object", "additionalProperties": False,
        "properties": {field.key: _field(policy, field) for field in section.fields},
        "required": [field.key for field in section.fields if field.when is None],
        "x-rules": _rules(policy.cited(section)),
    }  # fmt: skip


def _field(policy: Policy, field: FormField) -> dict[str, Any]:
    cited = policy.cited(field)
    told: dict[str, Any] = {
        "title": field.title, "description": field.help or "；".join(str(one) for one in cited),
        **_shape(field.type, field.choices, field.columns), "x-rules": _rules(cited), "x-type": field.type,
    }  # fmt: skip
    if field.when is not None:
        told["x-when"] = field.when
    if field.identity:
        told["x-identity"] = True
    if field.min_chars is not None:
        told["x-min-chars"] = field.min_chars.count
    return told


def _shape(kind: str, choices: Sequence[str], columns: Sequence[Column]) -> dict[str, Any]:
    if kind == "list":
        row = {
            "type": "object", "additionalProperties": False, "required": [column.key for column in columns],
            "properties": {
                column.key: {"title": column.title, **_shape(column.type, column.choices, ())} for column in columns
            },
        }  # fmt: skip
        return {"anyOf": [{"type": "array", "items": row, "minItems": 1, "maxItems": 200}, {"const": NONE}]}
    if kind == "choice" or choices:
        return {"enum": [*choices, NONE]}
    if kind in _LONGEST:
        return {"type": "string", "minLength": 1, "maxLength": _LONGEST[kind]}
    return {"anyOf": [_TYPES[kind], {"const": NONE}]}


def _rules(cited: Sequence[Citation]) -> list[dict[str, str]]:
    return [{"rule": one.rule, "article": one.article, "quote": one.quote} for one in cited]
