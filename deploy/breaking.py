"""What of an OpenAPI document would break a client that was written for an older one. Pure.

`python -m deploy.breaking --release` makes the present descriptions those that clients may rely on.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.narrowed import Json, Schemas

SERVICES = ("api", "fees")
_FOLDER = Path(__file__).resolve().parents[1] / "docs/openapi"


def present(service: str) -> Path:
    return _FOLDER / f"{service}.json"


def released(service: str) -> Path:
    """What clients may rely on."""
    return _FOLDER / "released" / f"{service}.json"


def breaking(old: Json, new: Json) -> tuple[str, ...]:
    """One line for each change that an old client would stumble over, naming operation and place."""
    schemas, now = Schemas(old, new), _operations(new)
    lines: list[str] = []
    for name, (place, operation) in _operations(old).items():
        if name not in now:
            lines.append(f"{name}: the operation is gone")
            continue
        if now[name][0] != place:
            lines.append(f"{name}: moved from {place} to {now[name][0]}")
        for compare in (_parameters, _sent, _answers):
            lines += compare(schemas, name, operation, now[name][1])
    return tuple(dict.fromkeys(lines))


def _parameters(schemas: Schemas, name: str, was: Json, now: Json) -> Iterator[str]:
    known, there = ({(one["in"], one["name"]): one for one in side.get("parameters", ())} for side in (was, now))
    for key, one in there.items():
        before = known.get(key)
        if one.get("required") and not (before and before.get("required")):
            yield f"{name}: parameter {one['name']} is required now"
        if before:
            yield from schemas.sent(f"{name}: parameter {one['name']}", before["schema"], one["schema"])
    for key, one in known.items():
        if key not in there:
            yield f"{name}: parameter {one['name']} is not taken any more"


def _sent(schemas: Schemas, name: str, was: Json, now: Json) -> Iterator[str]:
    for media, body in _bodies(was).items():
        if media not in _bodies(now):
            yield f"{name}: takes no {media} any more"
        else:
            yield from schemas.sent(f"{name}: body", body, _bodies(now)[media])
    if _bodies(now) and now["requestBody"].get("required") and not was.get("requestBody", {}).get("required"):
        yield f"{name}: a body is required now"


def _answers(schemas: Schemas, name: str, was: Json, now: Json) -> Iterator[str]:
    """Of what succeeds; refusals are known by their codes."""
    for status, answer in was["responses"].items():
        if status >= "300":
            continue
        if status not in now["responses"]:
            yield f"{name}: does not answer {status} any more"
            continue
        there = _media(now["responses"][status])
        for media, schema in _media(answer).items():
            if media not in there:
                yield f"{name}: {status} is no {media} any more"
            else:
                yield from schemas.got(f"{name}: {status}", schema, there[media])


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
    broken = False
    for service in SERVICES:
        if "--release" in sys.argv:
            released(service).parent.mkdir(exist_ok=True)
            shutil.copy(present(service), released(service))
            continue
        lines = breaking(*(json.loads(file.read_text("utf-8")) for file in (released(service), present(service))))
        print(*(f"{service} {line}" for line in lines), sep="\n", end="\n" if lines else "")
        broken |= bool(lines)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
