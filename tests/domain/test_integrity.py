"""The register: what holds on a day, how long a ban lasts, and that nobody can be vouched out of it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.errors import Refused
from mangping_api.domain.integrity import EFFECTS, Entry, ban_of, harder, last_day, register_facts
from mangping_api.domain.packs import shipped

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CLEAN = {
    "barred_until": "", "archived_until": "", "blacklisted": False, "ethics_fault": False, "ethics_barred": False,
    "sanction_major": False, "investigated": False, "sanction_effective": False,
}  # fmt: skip


def entry(effect: str, until: date | None, *, cause: str = "弄虚作假", lifted: bool = False) -> Entry:
    return Entry(uuid4(), effect, cause, date(2024, 10, 17), until, lifted)  # type: ignore[arg-type]


def test_nothing_entered_is_nothing_so_and_what_ended_or_was_lifted_is_gone() -> None:
    day = date(2025, 1, 1)
    gone = [entry("no_application", date(2024, 12, 31)), entry("blacklist", None, lifted=True)]
    assert (register_facts([], day), register_facts(gone, day)) == (CLEAN, CLEAN)


@given(st.sampled_from(EFFECTS), DAYS, DAYS)
def test_an_entry_holds_through_its_last_day(effect: str, until: date, day: date) -> None:
    told = register_facts([entry(effect, until)], day)
    assert (told != CLEAN) is (day <= until and effect not in ("void", "revoke", "veto", "none"))


def test_the_longest_ban_counts_and_ethics_is_told_apart() -> None:
    held = [
        entry("no_application", date(2026, 1, 1)), entry("disqualify", date(2024, 12, 31)),
        entry("no_application", date(2025, 6, 1), cause="师德失范"), entry("archive", None),
    ]  # fmt: skip
    told = register_facts(held, date(2024, 11, 1))
    assert told == {
        **CLEAN, "barred_until": "2026-01-01", "archived_until": "9999-12-31", "ethics_fault": True, "ethics_barred": True
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pack", "ban", "decided", "until"),
    [
        ("korla-primary-2024", "pledge", date(2024, 10, 17), date(2027, 12, 31)),
        ("korla-primary-2024", "pledge", date(2026, 3, 1), date(2027, 12, 31)),
        ("korla-primary-2024", "disqualify", date(2024, 10, 17), date(2024, 12, 31)),
        ("korla-primary-2024", "blacklist", date(2024, 10, 17), None),
        ("guilin-vice-senior-2024", "ethics", date(2024, 2, 29), date(2026, 2, 28)),
        ("bazhou-technical-2024", "archive", date(2024, 10, 17), date(2027, 10, 17)),
    ],
)
def test_a_ban_lasts_as_the_notice_counts(pack: str, ban: str, decided: date, until: date | None) -> None:
    policy = shipped()[pack]
    assert last_day(policy, ban_of(policy, ban), decided, None) == until


@given(st.integers(-400, 400))
def test_an_officer_may_lengthen_a_ban_and_never_shorten_it(days: int) -> None:
    policy = shipped()["korla-primary-2024"]
    given_day, counted = date(2027, 12, 31) + timedelta(days=days), date(2027, 12, 31)
    if days < 0:
        with pytest.raises(Refused):
            last_day(policy, ban_of(policy, "pledge"), date(2024, 10, 17), given_day)
    else:
        assert last_day(policy, ban_of(policy, "pledge"), date(2024, 10, 17), given_day) == max(given_day, counted)


def test_vouching_makes_it_worse_or_changes_nothing() -> None:
    register = {**CLEAN, "barred_until": "2027-12-31", "blacklisted": True}
    vouched = {
        "barred_until": "",
        "blacklisted": False,
        "ethics_fault": True,
        "sanction_major": "否",
        "rural_now": True,
    }
    assert harder(vouched, register) == {**register, "ethics_fault": True}
