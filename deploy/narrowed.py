"""Which JSON schemas take less, or tell other, than they did. Pure; what the two documents' references name is followed.

`Schemas.sent` asks for what a client sends: all that was taken must be taken. `Schemas.got` asks for what it gets: all that
comes must be of a kind that came. A client is to live with new fields, and with new values of an enum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
Path = frozenset[tuple[str, str]]  # the pairs of named schemas that the place lies in
ROOT: Path = frozenset()
_NAME = "x-name"
# A bound, which of two is the tighter, and what may be said of the one who must keep to it.
_BOUNDS: tuple[tuple[str, Callable[[Any, Any], Any], str], ...] = (
    ("minimum", max, "be at least"), ("exclusiveMinimum", max, "be over"), ("minLength", max, "have a length of at least"),
    ("minItems", max, "have a count of at least"), ("minProperties", max, "have a number of fields of at least"),
    ("maximum", min, "be at most"), ("exclusiveMaximum", min, "be under"), ("maxLength", min, "have a length of at most"),
    ("maxItems", min, "have a count of at most"), ("maxProperties", min, "have a number of fields of at most"),
)  # fmt: skip
# Of these nobody can say which of two is the narrower: only their going is a widening.
_SHAPES = ("pattern", "format", "multipleOf", "uniqueItems")


@dataclass(frozen=True, slots=True)
class Schemas:
    """`old` and `new` are whole OpenAPI documents."""

    old: Json
    new: Json

    def sent(self, place: str, was: Json, now: Json, path: Path = ROOT) -> Iterator[str]:
        """One line for each thing that was taken and is not taken any more."""
        olds, news = alternatives(self.old, was), alternatives(self.new, now)
        for one in olds:
            trials = [[*self._sent_one(place, one, other, path)] for other in news if _alike(one, other)]
            if trials:
                yield from min(trials, key=len)
            elif len(olds) == len(news) == 1:
                yield f"{place} was {_kind(one)} and is {_kind(news[0])}"
            else:
                yield f"{place} takes no {_kind(one)} any more"

    def got(self, place: str, was: Json, now: Json, path: Path = ROOT) -> Iterator[str]:
        """One line for each thing that is told otherwise than it was."""
        olds, news = alternatives(self.old, was), alternatives(self.new, now)
        for one in news:
            trials = [[*self._got_one(place, other, one, path)] for other in olds if _alike(one, other)]
            if trials:
                yield from min(trials, key=len)
            elif len(olds) == len(news) == 1:
                yield f"{place} was {_kind(olds[0])} and is {_kind(one)}"
            else:
                yield f"{place} may be {_kind(one)} now"

    def _sent_one(self, place: str, was: Json, now: Json, path: Path) -> Iterator[str]:
        if (inner := _inside(path, was, now)) is None or not _says(now):
            return
        if gone := [value for value in was.get("enum", ()) if value not in now.get("enum", was.get("enum", ()))]:
            yield f"{place} does not take {', '.join(sorted(map(str, gone)))} any more"
        if "enum" in now and "enum" not in was:
            yield f"{place} takes only certain values now"
        yield from (f"{place} must {words} now" for words in _tighter(was, now))
        for name in sorted(set(now.get("required", ())) - set(was.get("required", ()))):
            yield f"{place}/{name} is required now"
        for name, schema in was.get("properties", {}).items():
            if (there := _field(now, name)) is False:
                yield f"{place}/{name} is not taken any more"
            else:
                yield from self.sent(f"{place}/{name}", schema, there, inner)
        if (others := _others(now)) is False and _others(was) is not False:
            yield f"{place} takes no other fields any more"
        elif others is not False and _others(was) is not False:
            yield from self.sent(f"{place}/*", _others(was), others, inner)
        if "propertyNames" in now:
            yield from self.sent(f"{place}/(name)", _named(was), _named(now), inner)
        yield from self._items(self.sent, place, was, now, inner)

    def _got_one(self, place: str, was: Json, now: Json, path: Path) -> Iterator[str]:
        if (inner := _inside(path, was, now)) is None or not _says(was):
            return
        yield from (f"{place} need not {words} any more" for words in _tighter(now, was))
        for name in sorted(set(was.get("required", ())) - set(now.get("required", ()))):
            yield f"{place}/{name} may be missing now"
        for name, schema in was.get("properties", {}).items():
            if name not in now.get("properties", {}):
                yield f"{place}/{name} is gone"
            else:
                yield from self.got(f"{place}/{name}", schema, now["properties"][name], inner)
        if "properties" not in was and _others(was) is not False and _others(now) is not False:
            yield from self.got(f"{place}/*", _others(was), _others(now), inner)
        yield from self._items(self.got, place, was, now, inner)

    def _items(
        self, compare: Callable[[str, Json, Json, Path], Iterator[str]], place: str, was: Json, now: Json, path: Path
    ) -> Iterator[str]:
        first, there = was.get("prefixItems", ()), now.get("prefixItems", ())
        for number in range(max(len(first), len(there))):
            before, after = (list_[number] if number < len(list_) else schema.get("items", {})
                             for list_, schema in ((first, was), (there, now)))  # fmt: skip
            yield from compare(f"{place}[{number}]", before, after, path)
        if "items" in was or "items" in now:
            yield from compare(f"{place}[]", was.get("items", {}), now.get("items", {}), path)


def alternatives(document: Json, schema: Json | bool) -> list[Json]:
    """What a value may be: one schema each, of one type at most, without references, anyOf, oneOf or allOf."""
    if isinstance(schema, bool):
        return [{}] if schema else []
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return [
            _both({_NAME: name, **found}, beside)
            for found in alternatives(document, document["components"]["schemas"][name])
        ]
    if "const" in schema:
        schema = {**{key: value for key, value in schema.items() if key != "const"}, "enum": [schema["const"]]}
    for words in ("anyOf", "oneOf"):
        if words in schema:
            beside = {key: value for key, value in schema.items() if key != words}
            return [
                _both(one, other)
                for option in schema[words] for one in alternatives(document, option)
                for other in alternatives(document, beside)
            ]  # fmt: skip
    if "allOf" in schema:
        found: list[Json] = [{key: value for key, value in schema.items() if key != "allOf"}]
        for part in schema["allOf"]:
            found = [_both(one, other) for one in found for other in alternatives(document, part)]
        return found
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": one} for one in schema["type"]]
    return [schema]


def _both(one: Json, other: Json) -> Json:
    """A value that must be right by both."""
    made = {**one, **other}
    for name, tighter, _ in _BOUNDS:
        if name in one and name in other:
            made[name] = tighter(one[name], other[name])
    if "properties" in one and "properties" in other:
        made["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one or "required" in other:
        made["required"] = [*one.get("required", ()), *other.get("required", ())]
    if "enum" in one and "enum" in other:
        made["enum"] = [value for value in one["enum"] if value in other["enum"]]
    return made


def _says(schema: Json) -> bool:
    """Whether it asks anything of a value."""
    return not schema.keys() <= {_NAME, "title", "description", "default", "examples"}


def _alike(one: Json, other: Json) -> bool:
    """Whether values of the first may be values of the second, by type."""
    kinds = _kind(one), _kind(other)
    return kinds[0] == kinds[1] or kinds[1] == "anything" or kinds == ("integer", "number")


def _kind(schema: Json) -> str:
    if "type" in schema:
        return str(schema["type"])
    types = {type(value).__name__ for value in schema.get("enum", ())}
    return {"str": "string", "int": "integer", "bool": "boolean"}.get(",".join(types), "anything")


def _tighter(was: Json, now: Json) -> Iterator[str]:
    """What the second asks of a value beyond what the first does."""
    for name, tighter, words in _BOUNDS:
        if name in now and (name not in was or tighter(was[name], now[name]) != was[name]):
            yield f"{words} {now[name]}"
    for name in _SHAPES:
        if now.get(name) and now[name] != was.get(name):
            yield f"keep to {name} {now[name]}"


def _others(schema: Json) -> Any:
    """What fields beside the named ones may be; False where there may be none."""
    told = schema.get("additionalProperties", {})
    patterns = list(schema.get("patternProperties", {}).values())
    if told is False and patterns:
        return {"anyOf": patterns}
    return {} if told is True else told


def _field(schema: Json, name: str) -> Any:
    return schema["properties"][name] if name in schema.get("properties", {}) else _others(schema)


def _named(schema: Json) -> Json:
    return {"type": "string", **schema.get("propertyNames", {})}


def _inside(path: Path, was: Json, now: Json) -> Path | None:
    """The path one step further; None where this pair is being compared already."""
    if _NAME not in was or _NAME not in now:
        return path
    pair = (was[_NAME], now[_NAME])
    return None if pair in path else path | {pair}
