"""An example of every answer, made from its schema: clients see what comes back, and a mock can serve it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
_FORMATS: dict[str, str] = {
    "uuid": "0b7e3a52-9f0c-4c1e-8a2b-3d5f6a7b8c9d", "date-time": "2024-10-10T04:00:00Z", "date": "2024-10-10",
}  # fmt: skip
_ID = _FORMATS["uuid"]
_PAGE = f"/v1/applications/{_ID}/attachments/{_ID}"
# What a member of this name holds: the first of these that its schema takes.
_NAMED: dict[str, tuple[Any, ...]] = {
    "amount_fen": (38000,), "article": ("四(三)",), "basis": ("《职称评审管理暂行规定》第三十九条",), "blocking": (1,),
    "body": ("库尔勒市教育局",), "boxes": (f"{_PAGE}/boxes/1",), "cause": ("弄虚作假",), "channel": ("phone", "扫码"),
    "cls": ("name",), "code": ("form.blank",), "column": ("education_hours",), "contact": ("0996-2020000",),
    "digest": ("k1:0f",), "edition": ("2023年版",), "event": ("application.submitted",), "facts": ({"rural": False},),
    "field": ("form.summary",), "format": ("jpg",), "former_names": ([],), "id_number": ("620198199001010018",),
    "item": ("ce_certificate",), "key": ("education_hours",), "kind": ("评审",), "kinds": (["continuing_education"],),
    "level": ("初级",), "lifted": (False,), "looked_back": ([],), "message": ("“个人总结”没有填写",),
    "name": ("阿依古丽·买买提",), "needs_human": ([],), "on_end": ("lapse",), "orientation_degrees": (0,),
    "pack": ("korla-primary-2024",), "page": (1,), "phone": ("16400000000",), "place": ("工作业绩·个人总结",),
    "quote": ("不得留有空格",), "reason": ("not_identity", "单位名称没有遮盖",), "received": (65536,),
    "region": ("CN-XJ",), "remedy": ("请填写；没有内容的填“无”",), "removed": ([],),
    "rendition": (f"{_PAGE}/renditions/1",), "role": ("unit",), "rule": ("KP-14",), "section": ("achievements",),
    "seen": ("k1:0f",), "sha256": ("0" * 64,), "size": (204800,), "stands": (True,), "stated": ({"path": "正常"}, {}),
    "state": ("submitted", "done", "running", "open", "issued"), "subject": ("sub:someone",), "suspended": (False,),
    "text": ("本单位已对提供的申报材料逐一审核，真实准确，同意推荐",), "tier": ("city",), "tier_title": ("县市审核",),
    "title": ("继续教育",), "trace": (["通知载明截止2024年10月25日（星期五）24:00"],), "unclear_because": ([],),
    "until": ("2024-10-25",), "url": ("https://hooks.example.cn/mangping",), "value": ("2024-10-25 24:00",),
    "width": (1654,), "height": (2339,), "words": ("经查不实",), "year": (2024,),
}  # fmt: skip
_OF: dict[str, Json] = {
    "OrganisationOut": {"name": "某市第三中学", "kind": "unit"}, "JournalOut": {"name": "某某教育"},
    "AttachmentOut": {"refusal": None}, "DeadlineOut": {"kind": "window.application", "title": "个人网上申报时间"},
    "JobOut": {"refusal": None}, "ProgrammeOut": {"title": "2024年度库尔勒市教师初级职称评审"},
    "UnitCountedOut": {"name": "某市第三中学"},
}  # fmt: skip
_KINDS = {"string": str, "integer": int, "number": float, "boolean": bool, "object": dict, "array": list}
_CORNERS = ((10.0, 10.0), (60.0, 10.0), (60.0, 30.0), (10.0, 30.0))


def illustrate(told: Json) -> None:
    """Gives each JSON answer that has none an example beside its schema."""
    schemas = told["components"]["schemas"]
    for operation in (operation for path in told["paths"].values() for operation in path.values()):
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json")
            if status < "300" and content and "example" not in content:
                content["example"] = example(content["schema"], schemas)


def example(schema: Json, schemas: Mapping[str, Json], name: str = "") -> Any:
    """A value that this schema takes; `name` is the member that holds it. What may be null
    is so, unless it is an object."""
    if "$ref" in schema:
        model = schema["$ref"].rpartition("/")[2]
        told = example(schemas[model], schemas, name)
        return {**told, **_OF.get(model, {})} if isinstance(told, dict) else told
    if schema.get("examples"):
        return schema["examples"][0]
    if "anyOf" in schema:
        whole = (one for one in schema["anyOf"] if "$ref" in one or "$ref" in one.get("items", {}))
        inner = next(whole, {"type": "null"})
        plain = all(one.get("type") != "null" for one in schema["anyOf"])
        return example(schema["anyOf"][0] if plain else inner, schemas, name)
    kind = schema.get("type", "string")
    for known in _NAMED.get(name, ()):
        if type(known) is _KINDS.get(kind) and known in schema.get("enum", [known]):
            return known
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if kind == "object":
        return dict(_members(schema, schemas))
    if kind == "array":
        return _elements(schema, schemas, name)
    plainly = {"null": None, "boolean": True, "integer": 1, "number": 0.9}
    return plainly[kind] if kind in plainly else _FORMATS.get(schema.get("format", ""), "无")


def _members(schema: Json, schemas: Mapping[str, Json]) -> Iterator[tuple[str, Any]]:
    for name, one in schema.get("properties", {}).items():
        yield name, example(one, schemas, name)
    more = schema.get("additionalProperties")
    if isinstance(more, dict) and not schema.get("properties"):
        names = schema.get("propertyNames", {})
        yield example(names, schemas) if "$ref" in names else "summary", example(more, schemas)


def _elements(schema: Json, schemas: Mapping[str, Json], name: str) -> list[Any]:
    if name == "polygon":
        return [list(corner) for corner in _CORNERS]
    if "prefixItems" in schema:
        return [example(one, schemas, name) for one in schema["prefixItems"]]
    return [example(schema["items"], schemas, name)] if "items" in schema else []
