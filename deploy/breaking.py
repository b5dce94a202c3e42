"""What of an OpenAPI document would break a client that was written for an older one. Pure.

`python -m deploy.breaking --release` makes the present description the one that clients may rely on.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PRESENT, RELEASED = ROOT / "docs/openapi/api.json", ROOT / "docs/openapi/released/api.json"
Json = Mapping[str, Any]


def breaking(old: Json, new: Json) -> tuple[str, ...]:
    """One line for each change that an old client would stumble over, naming operation and place."""
    return tuple(dict.fromkeys(_Comparison(old, new).lines()))


class _Comparison:
    """Two documents side by side; schemas are followed through their references, each pair once."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new

    def lines(self) -> Iterator[str]:
        was, now = (_operations(document) for document in (self._old, self._new))
        for name, (place, operation) in was.items():
            if name not in now:
                yield f"{name}: the operation is gone"
                continue
            if now[name][0] != place:
                yield f"{name}: moved from {place} to {now[name][0]}"
            yield from self._operation(name, operation, now[name][1])

    def _operation(self, name: str, was: Json, now: Json) -> Iterator[str]:
        known = {(one["in"], one["name"]): one for one in was.get("parameters", ())}
        for one in now.get("parameters", ()):
            before = known.get((one["in"], one["name"]))
            if one.get("required") and not (before and before.get("required")):
                yield f"{name}: parameter {one['name']} is required now"
            if before:
                yield from self._sent(f"{name}: parameter {one['name']}", before["schema"], one["schema"], set())
        for media, body in _bodies(was).items():
            if media not in _bodies(now):
                yield f"{name}: takes no {media} any more"
            else:
                yield from self._sent(f"{name}: body", body, _bodies(now)[media], set())
        if _bodies(now) and not _bodies(was) and now["requestBody"].get("required"):
            yield f"{name}: a body is required now"
        for status, answer in was["responses"].items():
            if status >= "300":
                continue
            if status not in now["responses"]:
                yield f"{name}: does not answer {status} any more"
                continue
            for media, schema in _media(answer).items():
                if media not in _media(now["responses"][status]):
                    yield f"{name}: {status} is no {media} any more"
                else:
                    there = _media(now["responses"][status])[media]
                    yield from self._got(f"{name}: {status}", schema, there, set())

    def _sent(self, place: str, was: Json, now: Json, seen: set[tuple[str, str]]) -> Iterator[str]:
        """What a client sends: everything that was taken must still be taken."""
        was, now = self._follow(self._old, was), self._follow(self._new, now)
        if _again(was, now, seen):
            return
        if gone := set(was.get("enum", ())) - set(now.get("enum", was.get("enum", ()))):
            yield f"{place} does not take {', '.join(sorted(map(str, gone)))} any more"
        if "enum" in now and "enum" not in was and "const" not in was:
            yield f"{place} takes only certain values now"
        yield from _type(place, was, now)
        for name in sorted(set(now.get("required", ())) - set(was.get("required", ()))):
            yield f"{place}/{name} is required now"
        for name, schema in was.get("properties", {}).items():
            if name in now.get("properties", {}):
                yield from self._sent(f"{place}/{name}", schema, now["properties"][name], seen)
            elif now.get("additionalProperties") is False:
                yield f"{place}/{name} is not taken any more"
        if "items" in was and "items" in now:
            yield from self._sent(f"{place}[]", was["items"], now["items"], seen)

    def _got(self, place: str, was: Json, now: Json, seen: set[tuple[str, str]]) -> Iterator[str]:
        """What a client gets: everything that was told must still be told."""
        was, now = self._follow(self._old, was), self._follow(self._new, now)
        if _again(was, now, seen):
            return
        yield from _type(place, was, now)
        for name in sorted(set(was.get("required", ())) - set(now.get("required", ()))):
            yield f"{place}/{name} may be missing now"
        for name, schema in was.get("properties", {}).items():
            if name not in now.get("properties", {}):
                yield f"{place}/{name} is gone"
            else:
                yield from self._got(f"{place}/{name}", schema, now["properties"][name], seen)
        if "items" in was and "items" in now:
            yield from self._got(f"{place}[]", was["items"], now["items"], seen)

    def _follow(self, document: Json, schema: Json) -> Json:
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = {"title": name, **document["components"]["schemas"][name]}
        return schema


def _again(was: Json, now: Json, seen: set[tuple[str, str]]) -> bool:
    pair = (str(was.get("title", id(was))), str(now.get("title", id(now))))
    if "properties" in was and pair in seen:
        return True
    seen.add(pair)
    return False


def _type(place: str, was: Json, now: Json) -> Iterator[str]:
    if "type" in was and "type" in now and was["type"] != now["type"]:
        yield f"{place} was {was['type']} and is {now['type']}"


def _operations(document: Json) -> dict[str, tuple[str, Json]]:
    return {
        operation["operationId"]: (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }  # fmt: skip


def _bodies(operation: Json) -> dict[str, Json]:
    return _media(operation.get("requestBody", {}))


def _media(place: Json) -> dict[str, Json]:
    return {media: told.get("schema", {}) for media, told in place.get("content", {}).items()}


def main() -> int:
    """Exit status 1 when something would break."""
    if "--release" in sys.argv:
        RELEASED.parent.mkdir(exist_ok=True)
        shutil.copy(PRESENT, RELEASED)
        return 0
    lines = breaking(*(json.loads(file.read_text("utf-8")) for file in (RELEASED, PRESENT)))
    print(*lines, sep="\n")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
