"""Whose strings to look for, and finding them in text. Pure: used by the redaction worker and by the api's text
fields."""

from __future__ import annotations

from mangping.identity.search import find
from mangping.identity.whose import Hit, Identity, Kind

__all__ = ["Hit", "Identity", "Kind", "find"]
