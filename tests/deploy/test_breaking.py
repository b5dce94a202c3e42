"""What would break an old client is named, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from deploy.breaking import breaking

IN, OUT = "components|schemas|ThingIn|properties", "components|schemas|Thing|properties"
OLD: dict[str, Any] = {
    "paths": {
        "/v1/things": {
            "post": {
                "operationId": "make_thing",
                "parameters": [{"in": "query", "name": "size", "schema": {"type": "integer"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingIn"}}}},
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "409": {"content": {}},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "ThingIn": {
                "type": "object", "required": ["name"], "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 60}, "kind": {"enum": ["a", "b"]},
                    "code": {"type": "string", "pattern": "^[a-z]+$"}, "free": {"type": "object"},
                    "note": {"anyOf": [{"type": "string", "maxLength": 60}, {"enum": [1, 2]}, {"type": "null"}]},
                    "size": {"type": "number", "minimum": 0, "maximum": 9},
                    "facts": {"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"maxLength": 9}},
                    "place": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]},
                    "part": {"oneOf": [{"$ref": "#/components/schemas/ThingIn"}, {"$ref": "#/components/schemas/Ref"}]},
                    "whole": {"allOf": [{"$ref": "#/components/schemas/Ref"}, {"required": ["id"]}]},
                },
            },
            "Ref": {"type": "object", "properties": {"id": {"type": "string"}}},
            "Thing": {
                "type": "object", "required": ["id"],
                "properties": {
                    "id": {"type": "string", "maxLength": 60},
                    "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                },
            },
        }
    },
}  # fmt: skip


def changed(place: str, value: Any) -> dict[str, Any]:
    """The old document with the value at `place` (keys parted by "|") set, or taken out where it is None."""
    made = deepcopy(OLD)
    *path, last = place.split("|")
    at: Any = made
    for key in path:
        at = at[int(key)] if isinstance(at, list) else at[key]
    end: Any = int(last) if isinstance(at, list) else last
    if value is None:
        del at[end]
    else:
        at[end] = value
    return made


@pytest.mark.parametrize(
    ("place", "value", "line"),
    [
        ("paths|/v1/things", None, "make_thing: the operation is gone"),
        ("paths|/v1/things|post|responses|201", None, "make_thing: does not answer 201 any more"),
        ("paths|/v1/things|post|parameters|0|required", True, "make_thing: parameter size is required now"),
        ("components|schemas|ThingIn|required", ["name", "kind"], "make_thing: body/kind is required now"),
        ("components|schemas|ThingIn|properties|kind", None, "make_thing: body/kind is not taken any more"),
        ("components|schemas|ThingIn|properties|kind|enum", ["a"], "make_thing: body/kind does not take b any more"),
        ("components|schemas|Thing|properties|id", None, "make_thing: 201/id is gone"),
        ("components|schemas|Thing|required", [], "make_thing: 201/id may be missing now"),
        ("components|schemas|Thing|properties|id|type", "integer", "make_thing: 201/id was string and is integer"),
        ("paths|/v1/things|post|parameters|0", None, "make_thing: parameter size is not taken any more"),
        ("paths|/v1/things|post|parameters|0|schema|maximum", 9, "make_thing: parameter size must be at most 9 now"),
        ("paths|/v1/things|post|requestBody|required", True, "make_thing: a body is required now"),
        (f"{IN}|name|maxLength", 59, "make_thing: body/name must have a length of at most 59 now"),
        (f"{IN}|name|minLength", 2, "make_thing: body/name must have a length of at least 2 now"),
        (f"{IN}|name|format", "uuid", "make_thing: body/name must keep to format uuid now"),
        (f"{IN}|code|pattern", "^[a-y]+$", "make_thing: body/code must keep to pattern ^[a-y]+$ now"),
        (f"{IN}|size|minimum", 1, "make_thing: body/size must be at least 1 now"),
        (f"{IN}|size|exclusiveMaximum", 9, "make_thing: body/size must be under 9 now"),
        (f"{IN}|size|type", "integer", "make_thing: body/size was number and is integer"),
        (f"{IN}|note|anyOf|2", None, "make_thing: body/note takes no null any more"),
        (f"{IN}|note|anyOf|1|enum", [1], "make_thing: body/note does not take 2 any more"),
        (f"{IN}|note|anyOf|0|maxLength", 9, "make_thing: body/note must have a length of at most 9 now"),
        (f"{IN}|note", {"type": "string"}, "make_thing: body/note takes no integer any more"),
        (f"{IN}|free|additionalProperties", False, "make_thing: body/free takes no other fields any more"),
        (f"{IN}|free|additionalProperties", {"type": "string"}, "make_thing: body/free/* was anything and is string"),
        (f"{IN}|free|maxProperties", 9, "make_thing: body/free must have a number of fields of at most 9 now"),
        (f"{IN}|facts|additionalProperties|enum", ["x"], "make_thing: body/facts/* takes only certain values now"),
        (f"{IN}|facts|propertyNames|maxLength", 8, "make_thing: body/facts/(name) must have a length of at most 8 now"),
        (f"{IN}|place|prefixItems|1|minimum", 0, "make_thing: body/place[1] must be at least 0 now"),
        (f"{IN}|place|maxItems", 2, "make_thing: body/place must have a count of at most 2 now"),
        (f"{IN}|part|oneOf|1", {"type": "string"}, "make_thing: body/part/name is required now"),
        (
            "components|schemas|Ref|properties|id|minLength",
            1,
            "make_thing: body/part/id must have a length of at least 1 now",
        ),
        (f"{IN}|whole|allOf|1|required", ["id", "of"], "make_thing: body/whole/of is required now"),
        (
            f"{OUT}|id",
            {"anyOf": [{"type": "string", "maxLength": 60}, {"type": "null"}]},
            "make_thing: 201/id may be null now",
        ),
        (f"{OUT}|id|maxLength", 61, "make_thing: 201/id need not have a length of at most 60 any more"),
        (f"{OUT}|at|anyOf|0|format", "date", "make_thing: 201/at need not keep to format date-time any more"),
        (f"{OUT}|at|anyOf|1", {"type": "integer"}, "make_thing: 201/at may be integer now"),
        (f"{OUT}|counts|additionalProperties|type", "number", "make_thing: 201/counts/* was integer and is number"),
    ],
)
def test_a_breaking_change_is_named(place: str, value: Any, line: str) -> None:
    assert breaking(OLD, changed(place, value))[0] == line


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("paths|/v1/others", {"get": {"operationId": "new", "responses": {}}}),
        ("components|schemas|ThingIn|properties|more", {"type": "string"}),
        ("components|schemas|ThingIn|properties|kind|enum", ["a", "b", "c"]),
        ("components|schemas|Thing|properties|more", {"type": "string"}),
        ("paths|/v1/things|post|responses|409", None),
        (f"{IN}|name|maxLength", 61),
        (f"{IN}|name|minLength", None),
        (f"{IN}|name", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (f"{IN}|code|pattern", None),
        (f"{IN}|note|anyOf|1", {"type": "integer"}),
        (f"{IN}|note", {}),
        (f"{IN}|facts|additionalProperties", True),
        (f"{IN}|whole|allOf|1|required", []),
        ("components|schemas|ThingIn|additionalProperties", True),
        (f"{OUT}|id|maxLength", 59),
        (f"{OUT}|id|enum", ["x", "y"]),
        (f"{OUT}|at", {"type": "string", "format": "date-time"}),
        (f"{OUT}|counts|additionalProperties|minimum", 0),
    ],
)
def test_what_only_adds_breaks_nobody(place: str, value: Any) -> None:
    assert breaking(OLD, changed(place, value)) == ()
