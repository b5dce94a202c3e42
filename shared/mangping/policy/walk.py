"""Walking the plain value of a pack: every citation and every condition, with its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mangping.policy.lines import Path

CONDITIONS = {"when", "require", "required"}


def parts(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every part with its path, parents first, in the order of the file."""
    yield path, value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from parts(part, (*path, key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from parts(part, (*path, at))


def cites(value: Any) -> Iterator[tuple[Path, tuple[str, ...]]]:
    for path, part in parts(value):
        if path and path[-1] == "cite":
            yield path, (part,) if isinstance(part, str) else tuple(part)


def conditions(value: Any) -> Iterator[tuple[Path, str]]:
    for path, part in parts(value):
        if path and isinstance(part, str) and path[-1] in CONDITIONS:
            yield path, part
        elif path and path[-1] == "need" and isinstance(part, str) and part.startswith("when "):
            yield path, part.removeprefix("when ")


def named(value: Any, path: Path) -> str:
    """A dotted path that calls the members of lists by their keys where they have one."""
    words: list[str] = []
    for part in path:
        value = value[part]
        words.append(str(value["key"]) if isinstance(part, int) and _keyed(value) else str(part))
    return ".".join(words)


def _keyed(value: Any) -> bool:
    return isinstance(value, dict) and "key" in value
