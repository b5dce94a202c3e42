"""What would break an old client is named, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from deploy.breaking import breaking

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
                "properties": {"name": {"type": "string"}, "kind": {"enum": ["a", "b"]}},
            },
            "Thing": {
                "type": "object", "required": ["id"],
                "properties": {
                    "id": {"type": "string"}, "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
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
    if value is None:
        del at[last]
    else:
        at[last] = value
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
    ],
)
def test_what_only_adds_breaks_nobody(place: str, value: Any) -> None:
    assert breaking(OLD, changed(place, value)) == ()
