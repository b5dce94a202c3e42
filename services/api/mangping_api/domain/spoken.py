"""Days, instants and values of a form in the words that papers and public pages use. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from mangping.clock import BEIJING
from mangping.policy.paper import Column, FormField


def day(of: date) -> str:
    """2024年10月8日"""
    return f"{of.year}年{of.month}月{of.day}日"


def instant(at: datetime) -> str:
    """2024年10月8日 10:05, Beijing time."""
    local = at.astimezone(BEIJING)
    return f"{day(local.date())} {local:%H:%M}"


def end(at: datetime) -> str:
    """The end of a period, exclusive: midnight is 24:00 of the day before, as notices write it."""
    local = at.astimezone(BEIJING)
    return f"{day(local.date() - timedelta(days=1))} 24:00" if local.time() == time(0) else instant(at)


def value(field: FormField | Column, held: Any) -> str:
    """What stands in a field; "" when nothing does."""
    if held is None or held == "":
        return ""
    if isinstance(held, bool):
        return "是" if held else "否"
    text = str(held)
    if field.type == "date" and len(text) == 10:
        return day(date.fromisoformat(text))
    if field.type == "month" and len(text) == 7:
        return f"{int(text[:4])}年{int(text[5:])}月"
    return text
