"""A programme (评审批次): one version of one policy pack, and how two versions differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mangping.policy.lines import Document


@dataclass(frozen=True, slots=True)
class Programme:
    """`pack` and `version` name it for people; `digest` pins its very text."""

    id: UUID
    organisation: UUID
    pack: str
    version: int
    title: str
    year: int
    digest: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One key of a pack that was added (no `before`), dropped (no `after`) or changed."""

    key: str
    before: str | None
    after: str | None


def changes(before: Document, after: Document) -> list[Change]:
    """What a reader with both texts in hand would mark, in the order of the keys of the old text, then the new."""
    old, new = dict(_leaves(before.value, "")), dict(_leaves(after.value, ""))
    keys = dict.fromkeys([*old, *new])
    return [Change(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Entries of a list go by their own key where they have one, so that an insertion moves nothing."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            name = inner.get("key", at) if isinstance(inner, dict) else at
            yield from _leaves(inner, f"{path}[{name}]")
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)
