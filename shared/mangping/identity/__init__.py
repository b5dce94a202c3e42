"""Whose strings to look for, and finding them in text. Pure: used by the redaction worker and by the api's text
fields."""

from __future__ import annotations

from mangping.identity.numbers import written
from mangping.identity.pinyin import spellings
from mangping.identity.search import find, plan
from mangping.identity.whose import Hit, Identity, Kind

__all__ = ["Hit", "Identity", "Kind", "find", "forget"]


def forget() -> None:
    """Let go of whatever was worked out from an identity: nobody's stays in memory beyond the job that needed it."""
    for worked_out in (plan, written, spellings):
        worked_out.cache_clear()
