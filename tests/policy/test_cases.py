"""Every case of every programme finds exactly the rules it names, in order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from mangping.policy.cases import Case, run
from mangping_api.domain.packs import catalogue, shipped

from tests.policy.packs import NAMES, cases, programme

CASES = [
    pytest.param(name, case, id=f"{name}/{file}/{number}")
    for name in NAMES
    for file, some in cases(name).items()
    for number, case in enumerate(some, start=1)
]


def test_every_shipped_pack_has_its_folder_of_cases() -> None:
    assert sorted(shipped()) == [f"{name}-2024" for name in NAMES]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_case_finds_exactly_its_rules(name: str, case: Case) -> None:
    outcome = run(*programme(name), case)
    assert (outcome.expect, outcome.figures) == (case.expect, case.figures), case.title


@pytest.mark.parametrize("name", NAMES)
def test_a_programme_has_at_least_twelve_cases(name: str) -> None:
    assert sum(len(some) for some in cases(name).values()) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_says_where_what_and_what_to_do_in_the_words_of_its_own_notice(name: str) -> None:
    policy, base = programme(name)
    found = [one for some in cases(name).values() for case in some for one in run(policy, base, case).findings]
    assert [one for one in found if not (one.code and one.place and one.message and one.remedy)] == []
    assert {rule.notice for one in found for rule in one.rules} == {policy.pack.id}
    assert [one.code for one in found if not one.rules] == (["fee.none"] if policy.pack.fees is None else [])


@pytest.mark.parametrize("name", NAMES)
def test_every_window_is_tried_on_both_sides_of_each_edge(name: str) -> None:
    """An edge that acts are bound to needs a case at its last moment before and one at the moment itself."""
    policy, _ = programme(name)
    moments = {(case.act, case.now) for some in cases(name).values() for case in some}
    every = [moment for window in policy.pack.windows for act in window.acts for moment in _edges(act, window)]
    assert [moment for moment in every if moment not in moments] == []


def _edges(act: str, window: object) -> list[tuple[str, str]]:
    opens, closes, clock = (getattr(window, key) for key in ("opens", "closes", "closes_at"))
    day = timedelta(days=1)
    edges: list[tuple[str, str]] = []
    if opens and opens != "2024-07-01":  # the pack itself begins that day
        edges += [(act, f"{date.fromisoformat(opens) - day} 23:59:59"), (act, f"{opens} 00:00")]
    if closes and clock:
        end = datetime.fromisoformat(f"{closes} {clock}")
        edges += [(act, f"{end - timedelta(seconds=1)}"), (act, f"{closes} {clock}")]
    elif closes:
        edges += [(act, f"{closes} 23:59:59"), (act, f"{date.fromisoformat(closes) + day} 00:00")]
    return edges


def test_the_catalogue_holds_all_326_rules() -> None:
    assert len(catalogue().rules) == 326
