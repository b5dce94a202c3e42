"""Legal periods: the worked examples of the law, and a brute-force count of every day beside them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.clock import (
    BEIJING,
    Calendar,
    Unscheduled,
    after_days,
    after_hours,
    after_working_days,
    at,
    national,
    until,
)


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("posted", "ends"),
    [
        ("2024-09-27", "2024-10-11"),  # Thu 10-10 24:00: the make-up Sunday 09-29 counts
        ("2024-09-30", "2024-10-13"),  # a make-up Saturday is the last day
        ("2024-10-11", "2024-10-18"),
        ("2024-09-12", "2024-09-21"),
        ("2024-08-16", "2024-08-24"),
    ],
)
def test_five_working_days_of_publicity(posted: str, ends: str) -> None:
    assert after_working_days(beijing(posted + "T09:00"), 5, rule="KP-33").end == beijing(ends)


@pytest.mark.parametrize(
    ("start", "days", "raw", "ends"),
    [
        ("2024-09-12T10:00", 3, "2024-09-16", "2024-09-19"),  # Mid-Autumn: rolled to Wed 09-18 24:00
        ("2024-09-28T08:00", 3, "2024-10-02", "2024-10-09"),  # National Day
        ("2024-09-27T17:00", 2, "2024-09-30", "2024-09-30"),  # a make-up Sunday does not roll
        ("2024-09-13T09:00", 2, "2024-09-16", "2024-09-19"),
    ],
)
def test_days_skip_their_first_and_roll_past_days_off(start: str, days: int, raw: str, ends: str) -> None:
    deadline = after_days(beijing(start), days, rule="GL-86")
    assert (deadline.raw_end, deadline.end) == (beijing(raw), beijing(ends))


def test_hours_run_through_a_holiday() -> None:
    deadline = after_hours(beijing("2024-09-30T17:30"), 48, rule="BZ-54")
    assert (deadline.end, deadline.raw_end) == (beijing("2024-10-02T17:30"), beijing("2024-10-02T17:30"))
    assert deadline.passed(beijing("2024-10-02T17:30"))
    assert not deadline.passed(beijing("2024-10-02T17:29:59"))


def test_hours_given_in_another_zone_are_the_same_instant() -> None:
    assert after_hours(datetime.fromisoformat("2024-09-30T09:30+00:00"), 48, rule="BZ-54").end == beijing(
        "2024-10-02T17:30"
    )


def test_a_printed_end_is_not_rolled_but_warns() -> None:
    deadline = at(date(2024, 9, 15), rule="AK-09")
    assert deadline.end == beijing("2024-09-16")
    assert deadline.trace == (
        "通知载明截止2024年9月15日（星期日）24:00",
        "注意：2024年9月15日（星期日）为中秋节，不顺延",
    )
    assert at(date(2024, 9, 10), time(17), rule="GL-51").end == beijing("2024-09-10T17:00")


def test_the_trace_says_how_it_was_counted() -> None:
    assert after_days(beijing("2024-09-12T10:00"), 3, rule="GL-86").trace == (
        "2024年9月12日（星期四）当日不计，第3日为2024年9月15日（星期日）",
        "2024年9月15日（星期日）为中秋节，顺延一日",
        "2024年9月16日（星期一）为中秋节，顺延一日",
        "2024年9月17日（星期二）为中秋节，顺延一日",
        "截止2024年9月18日（星期三）24:00",
    )


def test_a_weekend_is_told_once() -> None:
    assert after_days(beijing("2024-11-07T10:00"), 2, rule="t").trace[1:3] == (
        "2024年11月9日（星期六）为周末，顺延一日", "2024年11月10日（星期日）为周末，顺延一日",
    )  # fmt: skip
    assert after_working_days(beijing("2024-11-08T10:00"), 1, rule="t").trace[1] == "2024年11月9日（星期六）周末，不计"
    assert at(date(2024, 8, 31), rule="t").trace[1] == "注意：2024年8月31日（星期六）为周末，不顺延"


def test_a_regional_holiday_counts_in_its_region_only() -> None:
    start = beijing("2024-04-09T10:00")  # 04-11 and 04-12 are 三月三 in Guangxi
    assert after_days(start, 2, rule="t", region="CN-GX-GUILIN").end == beijing("2024-04-16")
    assert after_days(start, 2, rule="t", region="CN-XJ").end == beijing("2024-04-12")


def test_the_feasts_of_2025_count_too_and_a_year_whose_feasts_are_unknown_is_told() -> None:
    feast = after_working_days(beijing("2025-06-05T10:00"), 2, rule="t", region="CN-XJ-KORLA")
    assert (feast.end, [line for line in feast.trace if line.startswith("注意")]) == (beijing("2025-06-13"), [])
    assert after_days(beijing("2025-03-30T10:00"), 1, rule="t", region="CN-GX").end == beijing("2025-04-03")
    unknown = "注意：本地2026年的少数民族节日放假安排尚未载入，如有放假须另行核对"
    for region, told in (("CN-XJ", [unknown]), ("CN-GX-GUILIN", [unknown]), ("CN-HB", []), ("CN", [])):
        for count in (after_days, after_working_days):
            trace = count(beijing("2026-06-01"), 3, rule="t", region=region).trace
            assert [line for line in trace if line.startswith("注意")] == told


def test_the_feasts_of_xinjiang_count_in_xinjiang_only() -> None:
    start = beijing("2024-06-14T10:00")  # a Friday; 古尔邦节 from Monday 06-17 to 06-19
    assert after_days(start, 3, rule="t", region="CN-XJ").end == beijing("2024-06-21")
    assert after_days(start, 3, rule="t", region="CN-GX").end == beijing("2024-06-18")
    feast = after_days(beijing("2024-04-09T10:00"), 1, rule="t", region="CN-XJ")
    assert (feast.end, feast.trace[1]) == (beijing("2024-04-12"), "2024年4月10日（星期三）为肉孜节，顺延一日")


def test_roll_policies_differ_on_an_ordinary_weekend() -> None:
    start = beijing("2024-11-07T10:00")  # third day: Sunday 11-10
    ends = {roll: after_days(start, 3, rule="t", roll=roll).end for roll in ("off_days", "statutory_only", "none")}
    assert ends == {
        "off_days": beijing("2024-11-12"),
        "statutory_only": beijing("2024-11-11"),
        "none": beijing("2024-11-11"),
    }


def test_a_year_without_a_schedule_is_refused() -> None:
    with pytest.raises(Unscheduled) as refused:
        after_days(beijing("2026-12-30T10:00"), 3, rule="t")
    assert refused.value.year == 2027
    assert after_hours(beijing("2026-12-31T23:00"), 48, rule="t").end == beijing("2027-01-02T23:00")


@pytest.mark.parametrize(
    "row", ["2024-13-01,CN,off,x,s", "2024-01-01,CN,holiday,x,s", "2024-01-02,CN,off,x,s\n2024-01-02,CN,off,x,s"]
)
def test_a_broken_calendar_names_its_line(row: str) -> None:
    with pytest.raises(ValueError, match=r"calendar line \d"):
        Calendar.read(("date,region,kind,name,source\n" + row).splitlines(keepends=True))


STARTS = st.datetimes(*map(datetime.fromisoformat, ("2024-01-01", "2026-10-01")), timezones=st.just(BEIJING))


def works(day: date) -> bool:
    named = national().days.get(("CN", day))
    return named[0] == "workday" if named else day.weekday() < 5


@given(STARTS, st.integers(1, 20))
def test_working_days_agree_with_counting_every_day(start: datetime, days: int) -> None:
    later = (start.date() + timedelta(days=n) for n in range(1, 200))
    expected = [day for day in later if works(day)][days - 1] + timedelta(days=1)
    assert after_working_days(start, days, rule="t").end == beijing(f"{expected}T00:00")


@given(STARTS, st.integers(1, 30))
def test_days_agree_with_counting_every_day(start: datetime, days: int) -> None:
    later = (start.date() + timedelta(days=n) for n in range(days, 200))
    expected = next(day for day in later if works(day)) + timedelta(days=1)
    assert after_days(start, days, rule="t").end == beijing(f"{expected}T00:00")


@pytest.mark.parametrize(
    ("end", "told", "whole"),
    [
        ("2024-10-12T00:00:00+08:00", "10月11日24:00", "2024年10月11日（星期五）24:00"),
        ("2024-12-31T16:00:00+00:00", "12月31日24:00", "2024年12月31日（星期二）24:00"),
        ("2024-10-12T10:00:00+00:00", "10月12日18:00", "2024年10月12日（星期六）18:00"),
    ],
)
def test_ends_read_as_notices_print_them(end: str, told: str, whole: str) -> None:
    instant = datetime.fromisoformat(end)
    assert (until(instant), until(instant, whole=True)) == (told, whole)
