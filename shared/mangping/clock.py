"""Time is injected, and legal periods are counted as the Civil Code counts them (articles 200-204), in Beijing time.

Ends are exclusive instants: "24:00 of 10 September" is 2024-09-11T00:00+08:00. Every deadline carries the trace of how
it was counted, so that people can check it. A day in a year whose schedule is not published raises `Unscheduled`.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo

from mangping.errors import MangpingError

Now = Callable[[], datetime]
Roll = Literal["off_days", "statutory_only", "none"]
BEIJING = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
WEEKDAYS = "一二三四五六日"


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


class Unscheduled(MangpingError):
    """The nation's days off for a year are not published (or not loaded): nobody can say which days count."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no schedule of days off for {year}")
        self.year = year


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off and make-up days by region ("CN", "CN-GX", "CN-GX-GUILIN"); the narrowest region naming a day wins."""

    days: Mapping[tuple[str, date], tuple[str, str]]  # -> (kind "off" | "workday", name)
    version: str

    @classmethod
    def read(cls, lines: Iterable[str]) -> Calendar:
        """From CSV lines with the columns date, region, kind, name. Raises ValueError naming the line at fault."""
        days: dict[tuple[str, date], tuple[str, str]] = {}
        text = list(lines)
        for number, row in enumerate(csv.DictReader(text), start=2):
            try:
                key = row["region"], date.fromisoformat(row["date"])
                if row["kind"] not in ("off", "workday") or key in days:
                    raise ValueError("kind must be off or workday, and a day stands once a region")
                days[key] = row["kind"], row["name"]
            except (KeyError, TypeError, ValueError) as fault:
                raise ValueError(f"calendar line {number}: {fault}") from fault
        return cls(days, hashlib.sha256("".join(text).encode()).hexdigest()[:12])

    def named(self, day: date, region: str) -> tuple[str, str] | None:
        """(kind, name) of a day that some notice names, looked up from the region outwards. Raises Unscheduled."""
        if not any(where == "CN" and when.year == day.year for where, when in self.days):
            raise Unscheduled(day.year)
        while region:
            if (region, day) in self.days:
                return self.days[region, day]
            region = region.rpartition("-")[0]
        return None

    def unknown_feasts(self, days: Iterable[date], region: str) -> tuple[str, ...]:
        """A warning for each year of `days` of which the region's own days off are not known, though others' are."""
        own = {when.year for where, when in self.days if where != "CN" and f"{region}-".startswith(f"{where}-")}
        years = sorted({day.year for day in days} - own) if own else ()
        return tuple(f"注意：本地{year}年的少数民族节日放假安排尚未载入，如有放假须另行核对" for year in years)

    def why_off(self, day: date, region: str, roll: Roll = "off_days") -> str | None:
        """Why the day does not count, in Chinese; None for a working day. With `statutory_only` weekends count."""
        named = self.named(day, region)
        if named is not None:
            return named[1] if named[0] == "off" else None
        return "周末" if day.weekday() >= 5 and roll != "statutory_only" else None


@cache
def national() -> Calendar:
    """The calendar that ships with the kernel: the nation 2024-2026, with the regional days that are known."""
    return Calendar.read(files("mangping").joinpath("calendars/cn.csv").read_text("utf-8").splitlines(keepends=True))


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a period ends (exclusive instants), by which rule, since what, and how it was counted."""

    rule: str
    started_at: datetime
    raw_end: datetime
    end: datetime
    calendar: str
    trace: tuple[str, ...]

    def passed(self, instant: datetime) -> bool:
        return instant >= self.end


def after_hours(started_at: datetime, hours: int, *, rule: str) -> Deadline:
    """N 小时: from the instant itself, nights and holidays included, never rolled (article 201-2)."""
    start = started_at.astimezone(BEIJING)
    end = start + timedelta(hours=hours)
    return Deadline(
        rule, start, end, end, "", (f"自{_instant(start)}起连续计{hours}小时，至{_instant(end)}，节假日不顺延",)
    )


def after_days(
    started_at: datetime,
    days: int,
    *,
    rule: str,
    region: str = "CN",
    roll: Roll = "off_days",
    closes: time | None = None,
    calendar: Calendar | None = None,
) -> Deadline:
    """N 日: its first day is not counted; ends at `closes` or 24:00 of the last, put off past days off (201-1, 203)."""
    calendar = calendar or national()
    start = started_at.astimezone(BEIJING)
    last = start.date() + days * DAY
    trace = [f"{_day(start.date())}当日不计，第{days}日为{_day(last)}"]
    raw = last
    while roll != "none" and (why := calendar.why_off(last, region, roll)):
        trace.append(f"{_day(last)}为{why}，顺延一日")
        last += DAY
    trace += [f"截止{_end_text(last, closes)}", *calendar.unknown_feasts((last,), region)]
    return Deadline(rule, start, _end(raw, closes), _end(last, closes), calendar.version, tuple(trace))


def after_working_days(
    started_at: datetime,
    days: int,
    *,
    rule: str,
    region: str = "CN",
    count_first: bool = False,
    calendar: Calendar | None = None,
) -> Deadline:
    """N 工作日: only working days count, make-up days among them; ends at 24:00 of the N-th."""
    calendar = calendar or national()
    start = started_at.astimezone(BEIJING)
    day = start.date() - DAY if count_first else start.date()
    trace = [f"自{_day(start.date())}{'当日' if count_first else '次日'}起计{days}个工作日"]
    counted = 0
    while counted < days:
        day += DAY
        why = calendar.why_off(day, region)
        counted += not why
        trace.append(f"{_day(day)}{why}，不计" if why else f"{_day(day)}为第{counted}个工作日")
    trace += [f"截止{_end_text(day, None)}", *calendar.unknown_feasts((start.date(), day), region)]
    return Deadline(rule, start, _end(day, None), _end(day, None), calendar.version, tuple(trace))


def at(
    last_day: date, closes: time | None = None, *, rule: str, region: str = "CN", calendar: Calendar | None = None
) -> Deadline:
    """A printed end: its clock time, else 24:00; never rolled, but the trace warns when the day is off."""
    calendar = calendar or national()
    end = _end(last_day, closes)
    why = calendar.why_off(last_day, region)
    trace = (
        f"通知载明截止{_end_text(last_day, closes)}",
        *((f"注意：{_day(last_day)}为{why}，不顺延",) if why else ()),
    )
    return Deadline(rule, end, end, end, calendar.version, trace)


def until(end: datetime, *, whole: bool = False) -> str:
    """An exclusive end as people say it, in Beijing: midnight is the 24:00 of the day before. `whole` adds year and weekday."""
    local = end.astimezone(BEIJING)
    midnight = local.time() == time(0)
    day = local.date() - DAY if midnight else local.date()
    return (_day(day) if whole else f"{day.month}月{day.day}日") + ("24:00" if midnight else f"{local:%H:%M}")


def _end(day: date, closes: time | None) -> datetime:
    return datetime.combine(day, closes, BEIJING) if closes else datetime.combine(day + DAY, time(0), BEIJING)


def _end_text(day: date, closes: time | None) -> str:
    return f"{_day(day)}{closes:%H:%M}" if closes else f"{_day(day)}24:00"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（星期{WEEKDAYS[day.weekday()]}）"


def _instant(instant: datetime) -> str:
    return f"{_day(instant.date())}{instant:%H:%M}"
