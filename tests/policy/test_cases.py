"""Every case of every programme finds exactly the rules it names, in order; every pack loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mangping.policy import Catalogue, Policy, load
from mangping.policy.cases import Case, facts, parse, run

from tests.conftest import ROOT

HERE = Path(__file__).parent
PACKS = ROOT / "services/api/policy"
CATALOGUE = Catalogue.parse((PACKS / "rules.json").read_text("utf-8"))


def _programmes() -> dict[str, tuple[Policy, dict[str, Any]]]:
    found = {}
    for folder in sorted(path for path in HERE.iterdir() if (path / "base.yaml").is_file()):
        file = PACKS / f"{folder.name}-2024.yaml"
        base = folder / "base.yaml"
        found[folder.name] = (
            load(file.read_text("utf-8"), file.name, CATALOGUE),
            facts(base.read_text("utf-8"), base.name),
        )
    return found


PROGRAMMES = _programmes()
CASES = [
    pytest.param(name, case, id=f"{name}/{file.stem}/{number}")
    for name in PROGRAMMES
    for file in sorted((HERE / name).glob("*.yaml"))
    if file.name != "base.yaml"
    for number, case in enumerate(parse(file.read_text("utf-8"), f"{name}/{file.name}"), start=1)
]


@pytest.mark.parametrize(("programme", "case"), CASES)
def test_the_case_finds_exactly_its_rules(programme: str, case: Case) -> None:
    policy, base = PROGRAMMES[programme]
    outcome = run(policy, base, case)
    assert (outcome.expect, outcome.figures) == (case.expect, case.figures), case.title


@pytest.mark.parametrize("programme", list(PROGRAMMES))
def test_a_programme_has_at_least_twelve_cases(programme: str) -> None:
    assert len([case for case in CASES if case.values[0] == programme]) >= 12


@pytest.mark.parametrize("programme", list(PROGRAMMES))
def test_every_finding_repeats_its_words_and_says_what_to_do(programme: str) -> None:
    policy, base = PROGRAMMES[programme]
    found = [
        finding
        for case in CASES
        if case.values[0] == programme and isinstance(case.values[1], Case)
        for finding in run(policy, base, case.values[1]).findings
    ]
    assert [finding for finding in found if not (finding.place and finding.message and finding.remedy)] == []
    quoted = {rule.quote for finding in found for rule in finding.rules}
    assert quoted <= {rule.quote for rule in CATALOGUE.of(policy.pack.id)}
